/** How a token comes in, how long it counts, and the hostile ones that `selfgraph token` makes for people to test with. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertChallenged } from '../../support/challenge.ts'
import { encode, takeApart } from '../../support/forge.ts'
import { withSecrets } from '../../support/secrets.ts'
import { startServer, token } from '../../support/server.ts'
import { command } from '../../support/terminal.ts'
import { sendOnce } from '../../support/wire.ts'

const server = await startServer()
const good = await token(server, 'kim', { scope: 'User.Read' })
const other = await token(server, 'lee', { scope: 'User.Read' })

describe('The Authorization header', () => {
  const sent = (headers: Readonly<Record<string, string>>, url = '/v1.0/me') => ask(server, `GET ${url}`, { headers })

  it('takes the scheme in any case, and spaces around the token', async () => {
    for (const scheme of ['Bearer ', 'bearer ', 'BEARER ', 'Bearer   '])
      assert.equal((await sent({ Authorization: `${scheme}${good}` })).status, 200, scheme)
  })

  for (const [what, authorization] of Object.entries({
    'another scheme': `Basic ${Buffer.from('kim:secret').toString('base64')}`,
    'another scheme with a good token': `Token ${good}`,
    'a proof-of-possession scheme': `DPoP ${good}`,
    'a good token without a scheme': good,
    'a good token after a colon': `Bearer: ${good}`,
    'a good token in quotes': `Bearer "${good}"`,
    'a good token and something more': `Bearer ${good} more`,
    'a good token twice': `Bearer ${good}, Bearer ${good}`,
    'two tokens': `Bearer ${good}, Bearer ${other}`,
    'two schemes, the good one first': `Bearer ${good}, Basic eDp5`,
    'two schemes, the good one last': `Basic eDp5, Bearer ${good}`,
    'the scheme twice': `Bearer Bearer ${good}`,
    'a token with a line break that was folded': `Bearer ${good.slice(0, 40)} ${good.slice(40)}`,
  })) {
    it(`with ${what} is refused`, async () => assertChallenged(await sent({ Authorization: authorization }), authorization))
  }

  it('that is empty, or not there at all, is refused as no token', async () => {
    for (const headers of [{}, { Authorization: '' }, { Authorization: 'Bearer' }, { Authorization: 'Bearer ' }]) {
      const answer = await sent(headers)
      assertChallenged(answer)
      assert.equal(answer.json.error.message, 'Access token is empty.')
    }
  })

  it('given twice is refused, whichever comes first', async () => {
    const twice = (first: string, second: string) =>
      `GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${first}\r\nAuthorization: Bearer ${second}\r\n\r\n`
    for (const [first, second] of [
      [good, other],
      [good, 'garbage'],
      ['garbage', good],
      [good, good],
    ] as const) {
      const answer = await sendOnce(server.http, twice(first, second))
      assert.equal(answer.status, 401, answer.text)
      assert.equal(answer.json.error.code, 'InvalidAuthenticationToken')
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer /)
    }
  })

  it('is the only place for a token: not the query, a cookie, another header or a form', async () => {
    for (const name of ['access_token', 'token', 'bearer', 'authorization', 'Authorization'])
      assertChallenged(await sent({}, `/v1.0/me?${name}=${good}`))
    assertChallenged(await sent({ Cookie: `access_token=${good}; Authorization=Bearer ${good}` }))
    assertChallenged(await sent({ 'X-Authorization': `Bearer ${good}`, 'X-Access-Token': good, 'Proxy-Authorization': `Bearer ${good}` }))
    const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `access_token=${good}` }
    assertChallenged(await ask(server, 'POST /beta/me/profile/emails', form))
  })
})

describe('A token that was accepted', () => {
  it('is refused once it has expired, though it was accepted a moment before', async () => {
    const short = await token(server, 'kim', { scope: 'User.Read', claims: { exp: Math.floor(server.now() / 1000) + 120 } })
    for (let n = 0; n < 3; n++) assert.equal((await ask(server, 'GET /v1.0/me', { token: short })).status, 200)
    server.advance(100_000)
    assert.equal((await ask(server, 'GET /v1.0/me', { token: short })).status, 200)
    server.advance(40_000)
    for (let n = 0; n < 3; n++) assertChallenged(await ask(server, 'GET /v1.0/me', { token: short }), short)
  })

  it('says nothing for one that differs from it by a letter, wherever that is', async () => {
    const whole = await token(server, 'kim', { scope: 'User.Read' })
    assert.equal((await ask(server, 'GET /v1.0/me', { token: whole })).status, 200)
    for (let at = 3; at < whole.length; at += 37) {
      const letter = whole[at] === 'A' ? 'B' : 'A'
      const changed = whole.slice(0, at) + letter + whole.slice(at + 1)
      assertChallenged(await ask(server, 'GET /v1.0/me', { token: changed }), changed)
    }
    const { header, claims, signature } = takeApart(whole)
    const raised = `${encode(header)}.${encode({ ...claims, scp: 'User.ReadWrite.All' })}.${signature}`
    assertChallenged(await ask(server, 'GET /v1.0/me', { token: raised }), raised)
    assert.equal((await ask(server, 'GET /v1.0/me', { token: whole })).status, 200)
  })
})

describe('selfgraph token', () => {
  const { databaseUrl } = server.app.config
  const make = async (...args: readonly string[]) => {
    const said = await command(['token', '--user', 'kim@contoso.com', '--scope', 'User.Read', ...args], server.folder, {
      settings: databaseUrl === undefined ? {} : withSecrets({ SELFGRAPH_DATABASE_URL: databaseUrl.reveal() }),
      terminal: { now: server.now },
    })
    assert.equal(said.code, 0, said.err)
    assert.match(said.out, /^\S+\n$/)
    return said.out.trim()
  }

  it('makes one that is accepted', async () => {
    const { status, json } = await ask(server, 'GET /v1.0/me', { token: await make() })
    assert.equal(status, 200)
    assert.equal(json.userPrincipalName, 'kim@contoso.com')
  })

  for (const option of ['--expired', '--not-yet-valid', '--wrong-audience', '--wrong-issuer', '--wrong-key', '--unsigned']) {
    it(`${option} makes one that is refused`, async () => {
      const made = await make(option)
      assertChallenged(await ask(server, 'GET /v1.0/me', { token: made }), made)
      const withMore = await make(option, '--mfa', '--role', 'Authentication Administrator')
      assertChallenged(await ask(server, 'GET /v1.0/me', { token: withMore }), withMore)
    })
  }

  it('makes one that is refused when it is for another audience, or when its time is over', async () => {
    const elsewhere = await make('--audience', 'https://evil.example')
    assertChallenged(await ask(server, 'GET /v1.0/me', { token: elsewhere }), elsewhere)
    const short = await make('--expires-in', '60')
    assert.equal((await ask(server, 'GET /v1.0/me', { token: short })).status, 200)
    server.advance(90_000)
    assertChallenged(await ask(server, 'GET /v1.0/me', { token: short }), short)
  })
})
