/** Tokens of an organization's own OpenID issuer: whose they may speak for, and how often the issuer is asked for its keys. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ask } from '../../support/ask.ts'
import { assertChallenged } from '../../support/challenge.ts'
import { down, type Issuer, type IssuerKey, startIssuer } from '../../support/issuer.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command } from '../../support/terminal.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** A server that trusts these issuers, given as in the setting. */
const trusting = (issuers: string) => startServer({ settings: { SELFGRAPH_TRUSTED_ISSUERS: issuers, SELFGRAPH_HTTPS_PORT: '0' } })

/** A server that trusts a new issuer with one published key. */
async function pair(): Promise<{ issuer: Issuer; key: IssuerKey; server: TestServer }> {
  const issuer = await startIssuer()
  const key = await issuer.makeKey('first')
  issuer.keys.push(key.jwk)
  return { issuer, key, server: await trusting(issuer.url) }
}

const me = (server: TestServer, bearer: string) => ask(server, 'GET /v1.0/me', { token: bearer })
const statusOf = async (server: TestServer, bearer: string) => (await me(server, bearer)).status

/** Asks until the answer has this status: what happens behind the answers takes its time. */
async function until(status: number, server: TestServer, bearer: string): Promise<void> {
  const deadline = Date.now() + 5 * second
  while ((await statusOf(server, bearer)) !== status) {
    assert.ok(Date.now() < deadline, `${status} did not come`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('A trusted issuer', () => {
  it('is asked for its keys once, however many of its tokens come at once', async () => {
    const { issuer, key, server } = await pair()
    assert.deepEqual(issuer.asked, [], 'not before there is a token')
    const many = await Promise.all(Array.from({ length: 50 }, () => key.token(server, 'kim')))
    const answers = await Promise.all(many.map((each) => me(server, each)))
    for (const { status, json } of answers) assert.deepEqual([status, json.userPrincipalName], [200, 'kim@contoso.com'])
    for (const each of many) assert.equal(await statusOf(server, each), 200)
    assert.deepEqual(issuer.asked, ['/.well-known/openid-configuration', '/keys'])
  })

  it('may sign with any algorithm that needs no shared secret, and may publish keys for other purposes', async () => {
    const { issuer, server } = await pair()
    issuer.keys.push(
      { kty: 'oct', k: 'c2VjcmV0', kid: 'secret' },
      { kty: 'XYZ', kid: 'strange' },
      { kty: 'RSA', kid: 'broken', n: '!', e: '!' },
    )
    for (const algorithm of ['RS256', 'PS256', 'ES384', 'EdDSA', 'RS512']) {
      const key = await issuer.makeKey(algorithm, algorithm)
      issuer.keys.push(key.jwk)
      server.advance(31 * second)
      assert.equal(await statusOf(server, await key.token(server, 'kim')), 200, algorithm)
    }
    const broken = await issuer.makeKey('broken', 'RS256')
    const bad = await broken.token(server, 'kim')
    assertChallenged(await me(server, bad), bad)
  })

  it('is named where a token is missing, so that clients know where to get one', async () => {
    const { issuer, server } = await pair()
    const challenge = (await ask(server, 'GET /v1.0/me')).headers.get('www-authenticate') ?? ''
    assert.ok(challenge.includes(`authorization_uri="${issuer.url}/`), challenge)
  })

  it('cannot sign for another one, with the same key id or without', async () => {
    const [one, two] = [await startIssuer(), await startIssuer()]
    const [ofOne, ofTwo] = [await one.makeKey('same'), await two.makeKey('same')]
    one.keys.push(ofOne.jwk)
    two.keys.push(ofTwo.jwk)
    const server = await trusting(`${one.url},${two.url}`)
    assert.equal(await statusOf(server, await ofOne.token(server, 'kim')), 200)
    assert.equal(await statusOf(server, await ofTwo.token(server, 'kim')), 200)
    const forged = await ofOne.token(server, 'kim', { iss: two.url })
    assertChallenged(await me(server, forged), forged)
    const foreign = await startIssuer()
    const untrusted = await (await foreign.makeKey('same')).token(server, 'kim')
    assertChallenged(await me(server, untrusted), untrusted)
    assert.deepEqual(foreign.asked, [], 'whom nobody trusts is not asked either')
  })

  it("is trusted beside this server's own key in demo mode, and alone without it", async () => {
    const { issuer, key, server: demo } = await pair()
    const own = await token(demo, 'kim', { scope: 'User.Read' })
    assert.equal(await statusOf(demo, own), 200)
    await demo.stop()

    const settings = { SELFGRAPH_DEMO: '0', SELFGRAPH_TRUSTED_ISSUERS: issuer.url, SELFGRAPH_HTTPS_PORT: '0' }
    const people = fileURLToPath(new URL('../../../demo/tenants.ndjson', import.meta.url))
    const production = await startServer({ settings })
    await production.stop()
    assert.equal((await command(['import', people], production.folder, { settings })).code, 0)
    const server = await startServer({ settings, folder: production.folder })
    assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
    const refused = await token(server, 'kim', { scope: 'User.Read' })
    assertChallenged(await me(server, refused), refused)
    const made = await command(['token', '--user', 'kim@contoso.com', '--scope', 'User.Read'], server.folder, { settings })
    if (made.code === 0) assertChallenged(await me(server, made.out.trim()), made.out.trim())
  })
})

describe('A key that is not known', () => {
  it('makes the server ask again, but once in 30 seconds, however many there are', async () => {
    const { issuer, key, server } = await pair()
    const stranger = await issuer.makeKey('unknown')
    assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
    const flood = async () => {
      const tokens = await Promise.all(Array.from({ length: 100 }, () => stranger.token(server, 'kim')))
      const answers = await Promise.all(tokens.map((each) => me(server, each)))
      for (const [index, answer] of answers.entries()) assertChallenged(answer, tokens[index])
    }
    await flood()
    assert.equal(issuer.asked.length, 2, 'the keys were fetched just now')
    server.advance(31 * second)
    await flood()
    assert.equal(issuer.asked.length, 4)
    await flood()
    server.advance(20 * second)
    await flood()
    assert.equal(issuer.asked.length, 4)
    server.advance(11 * second)
    await flood()
    assert.equal(issuer.asked.length, 6)
    assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
  })

  it('is accepted once its issuer has published it, and the old one as long as it is', async () => {
    const { issuer, key, server } = await pair()
    const old = await key.token(server, 'kim')
    assert.equal(await statusOf(server, old), 200)
    const next = await issuer.makeKey('second')
    const fresh = await next.token(server, 'kim')
    server.advance(31 * second)
    assertChallenged(await me(server, fresh), fresh)
    issuer.keys.push(next.jwk)
    server.advance(31 * second)
    assert.equal(await statusOf(server, fresh), 200)
    assert.equal(await statusOf(server, old), 200)
    assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
  })
})

describe('A key that is published no more', () => {
  it('stops counting as soon as the keys are fetched again, for tokens that were accepted before too', async () => {
    const { issuer, key, server } = await pair()
    const accepted = await key.token(server, 'kim')
    assert.equal(await statusOf(server, accepted), 200)
    const next = await issuer.makeKey('second')
    issuer.keys.splice(0, 1, next.jwk)
    assert.equal(await statusOf(server, accepted), 200, 'nobody has looked yet')
    server.advance(31 * second)
    assert.equal(await statusOf(server, await next.token(server, 'kim')), 200)
    assertChallenged(await me(server, accepted), accepted)
  })

  it('stops counting after ten minutes even if no other token ever comes', async () => {
    const { issuer, key, server } = await pair()
    const accepted = await key.token(server, 'kim')
    assert.equal(await statusOf(server, accepted), 200)
    issuer.keys.length = 0
    server.advance(9 * minute)
    for (let n = 0; n < 3; n++) assert.equal(await statusOf(server, accepted), 200)
    assert.equal(issuer.asked.length, 2)
    server.advance(2 * minute)
    await until(401, server, accepted)
    assert.equal(issuer.asked.length, 4)
  })
})

describe('An issuer that is down', () => {
  it('for a while does no harm: its keys count for a day, and it is asked now and then', async () => {
    const { issuer, key, server } = await pair()
    const accepted = await key.token(server, 'kim')
    assert.equal(await statusOf(server, accepted), 200)
    issuer.answerWith(down)
    for (let hours = 0; hours < 23; hours++) {
      server.advance(hour)
      assert.equal(await statusOf(server, accepted), 200)
      assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
    }
    assert.ok(issuer.asked.length > 10 && issuer.asked.length <= 2 + 2 * 23, `${issuer.asked.length} requests`)
    assert.ok(server.log.some((line) => line.includes('issuerUnreachable') && line.includes(issuer.url)))

    server.advance(2 * hour)
    const late = await me(server, await key.token(server, 'kim'))
    assertRefused(late, 503, 'serviceNotAvailable')
    issuer.answerWith(undefined)
    server.advance(31 * second)
    assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
  })

  it('from the start is a 503 that says when to come again; then its tokens are accepted', async () => {
    const { issuer, key, server } = await pair()
    issuer.answerWith(down)
    const answers = await Promise.all(Array.from({ length: 50 }, async () => me(server, await key.token(server, 'kim'))))
    for (const answer of answers) {
      assertRefused(answer, 503, 'serviceNotAvailable')
      assert.equal(answer.headers.get('retry-after'), '30')
    }
    assert.equal(issuer.asked.length, 1, 'one attempt in 30 seconds')
    assert.equal(await statusOf(server, await token(server, 'kim', { scope: 'User.Read' })), 200, 'others are no worse off')
    issuer.answerWith(undefined)
    const waiting = await key.token(server, 'kim')
    assert.equal(await statusOf(server, waiting), 503)
    server.advance(31 * second)
    assert.equal(await statusOf(server, waiting), 200)
  })
})

describe('The tenant that an issuer speaks for', () => {
  it('is any that this server has, where nothing is said', async () => {
    const { key, server } = await pair()
    for (const user of ['kim', 'jo', 'ari'] as const) assert.equal(await statusOf(server, await key.token(server, user)), 200)
    for (const tid of [undefined, '11111111-1111-4111-8111-111111111111', tenants.fabrikam]) {
      const bad = await key.token(server, 'kim', { tid })
      assertChallenged(await me(server, bad), bad)
    }
  })

  for (const [how, path, setting] of [
    ['the one that the setting names', '', `|${tenants.contoso}`],
    ['the one that the setting names, in capitals', '', `|${tenants.contoso.toUpperCase()}`],
    ['the one in its URL', `/${tenants.contoso}/v2.0`, ''],
    ['the one that the setting names, not the one in its URL', `/${tenants.fabrikam}/v2.0`, `|${tenants.contoso}`],
  ] as const) {
    it(`is ${how}, and no other`, async () => {
      const issuer = await startIssuer(path)
      const key = await issuer.makeKey('key')
      issuer.keys.push(key.jwk)
      const server = await trusting(issuer.url + setting)
      assert.equal(await statusOf(server, await key.token(server, 'kim')), 200)
      assert.equal(await statusOf(server, await key.token(server, 'kim', { tid: undefined })), 200, 'it need not say so')
      for (const tid of [[tenants.fabrikam], [tenants.contoso], [], '', null, 5, {}]) {
        const bad = await key.token(server, 'kim', { tid })
        assertChallenged(await me(server, bad), bad)
      }
      for (const user of ['jo', 'ari', 'sam'] as const) {
        const bad = await key.token(server, user)
        assertChallenged(await me(server, bad), bad)
      }
    })
  }
})
