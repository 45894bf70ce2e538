/** Issuers that answer with something else than they should: it never becomes a key, and never takes away the keys that are known. */

import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertChallenged } from '../../support/challenge.ts'
import { discoveryPath, type Issuer, sendJson, startIssuer } from '../../support/issuer.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'

type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** What an issuer may do instead of answering as it should. `elsewhere` is another issuer, with good keys of its own. */
const moods: Readonly<Record<string, (issuer: Issuer, elsewhere: Issuer) => Answering>> = {
  'names another issuer': (issuer, elsewhere) => discovery(issuer, { issuer: elsewhere.url, jwks_uri: `${issuer.url}/keys` }),
  'names itself with something behind': (issuer) => discovery(issuer, { issuer: `${issuer.url}/x`, jwks_uri: `${issuer.url}/keys` }),
  'names several issuers': (issuer) => discovery(issuer, { issuer: [issuer.url], jwks_uri: `${issuer.url}/keys` }),
  'names no issuer': (issuer) => discovery(issuer, { jwks_uri: `${issuer.url}/keys` }),
  'says nowhere where its keys are': (issuer) => discovery(issuer, { issuer: issuer.url }),
  'says that its keys are in a file': (issuer) => discovery(issuer, { issuer: issuer.url, jwks_uri: 'file:///etc/passwd' }),
  'says that its keys are in its words': (issuer, { keys: good }) =>
    discovery(issuer, { issuer: issuer.url, jwks_uri: `data:application/json,${encodeURIComponent(JSON.stringify({ keys: good }))}` }),
  'says that its keys are at no URL': (issuer) => discovery(issuer, { issuer: issuer.url, jwks_uri: 'keys' }),
  'answers null': () => (_, response) => sendJson(response, null),
  'answers a list': () => (_, response) => sendJson(response, []),
  'answers a page': () => (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html></html>'),
  'answers nothing': () => (_, response) => response.writeHead(200).end(),
  'answers half of a document': () => (request, response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{"issuer":', () => request.socket.destroy())
  },
  'answers something that is no HTTP': () => (request) => void request.socket.end('hello\r\n\r\n'),
  'answers 404': () => (_, response) => response.writeHead(404).end(),
  'answers 500 with a good document': (issuer) => (request, response) => {
    response.statusCode = 500
    response.end(JSON.stringify(goodDocument(issuer, request)))
  },
  'leads to another issuer': (_, elsewhere) => (request, response) =>
    response.writeHead(302, { Location: elsewhere.url + (request.url ?? '') }).end(),
  'leads to itself for ever': () => (request, response) => response.writeHead(307, { Location: request.url }).end(),
  'leads away from its keys alone': (issuer, elsewhere) => (request, response) =>
    request.url === discoveryPath
      ? sendJson(response, goodDocument(issuer, request))
      : response.writeHead(301, { Location: `${elsewhere.url}/keys` }).end(),
  'has a document of 600 kB': (issuer) => (request, response) =>
    sendJson(response, { ...goodDocument(issuer, request), padding: 'x'.repeat(600_000) }),
  'has a document without end': () => (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  },
  'has keys that are no list': (issuer) => keys(issuer, { keys: {} }),
  'has keys that are no objects': (issuer) => keys(issuer, { keys: ['key', null, 5] }),
  'has no list of keys': (issuer) => keys(issuer, {}),
}

function goodDocument(issuer: Issuer, { url }: IncomingMessage): object {
  return url === discoveryPath ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` } : { keys: issuer.keys }
}

function discovery(issuer: Issuer, document: object): Answering {
  return (request, response) => sendJson(response, request.url === discoveryPath ? document : goodDocument(issuer, request))
}

function keys(issuer: Issuer, document: object): Answering {
  return (request, response) => sendJson(response, request.url === discoveryPath ? goodDocument(issuer, request) : document)
}

const me = (server: TestServer, bearer: string) => ask(server, 'GET /v1.0/me', { token: bearer })
const names = Object.keys(moods)

/** An issuer for each mood, its key published, and a server that trusts them all but `elsewhere`. */
async function crowd() {
  const elsewhere = await startIssuer()
  const foreign = await elsewhere.makeKey('key')
  elsewhere.keys.push(foreign.jwk)
  const issuers = await Promise.all(names.map(() => startIssuer()))
  const theirs = await Promise.all(issuers.map((issuer) => issuer.makeKey('key')))
  const members = names.map((name, index) => {
    const [issuer, key] = [issuers[index], theirs[index]]
    if (issuer === undefined || key === undefined) throw new Error('one for each mood')
    issuer.keys.push(key.jwk)
    return { name, issuer, key, spoil: () => issuer.answerWith(moods[name]?.(issuer, elsewhere)) }
  })
  const urls = issuers.map(({ url }) => url).join(',')
  return { elsewhere, foreign, members, server: await startServer({ settings: { SELFGRAPH_TRUSTED_ISSUERS: urls } }) }
}

describe('An issuer that from the start', async () => {
  const { elsewhere, foreign, members, server } = await crowd()
  for (const { name, issuer, key, spoil } of members) {
    it(`${name} is a 503 that says when to come again; once it answers as it should, its tokens are accepted`, async () => {
      spoil()
      const bearer = await key.token(server, 'kim')
      const answer = await me(server, bearer)
      assertRefused(answer, 503, 'serviceNotAvailable')
      assert.equal(answer.headers.get('retry-after'), '30')
      assert.ok(!answer.text.includes(issuer.url), 'the reason is for the operator')
      assert.ok(server.log.some((line) => line.includes('issuerUnreachable') && line.includes(`"${issuer.url}"`)))
      const borrowed = await foreign.token(server, 'kim', { iss: issuer.url })
      assert.equal((await me(server, borrowed)).status, 503)
      assert.deepEqual(elsewhere.asked, [], 'nobody is asked in its stead')

      issuer.answerWith(undefined)
      server.advance(31_000)
      assert.equal((await me(server, bearer)).status, 200)
      assertChallenged(await me(server, borrowed), borrowed)
    })
  }
})

describe('An issuer that after a good start', async () => {
  const { elsewhere, members, server } = await crowd()
  for (const { name, issuer, key, spoil } of members) {
    it(`${name} keeps the keys that were known, and gets no new ones`, async () => {
      assert.equal((await me(server, await key.token(server, 'kim'))).status, 200)
      const next = await issuer.makeKey('next')
      issuer.keys.push(next.jwk)
      spoil()
      server.advance(31_000)
      const before = issuer.asked.length
      const unknown = await next.token(server, 'kim')
      assertChallenged(await me(server, unknown), unknown)
      assert.ok(issuer.asked.length > before, 'it was asked')
      assert.equal((await me(server, await key.token(server, 'kim'))).status, 200)
      assert.deepEqual(elsewhere.asked, [])
    })
  }
})

describe('An issuer that never answers', async () => {
  const issuer = await startIssuer()
  const known = await issuer.makeKey('known')
  issuer.keys.push(known.jwk)
  const server = await startServer({ settings: { SELFGRAPH_TRUSTED_ISSUERS: issuer.url } })
  const silent: Answering = () => undefined

  it('is given up after five seconds, and in the meantime nobody else waits', async () => {
    issuer.answerWith(silent)
    let givenUp = false
    const waiting = known
      .token(server, 'kim')
      .then((bearer) => me(server, bearer))
      .finally(() => {
        givenUp = true
      })
    const own = await token(server, 'kim', { scope: 'User.Read' })
    for (let n = 0; n < 5; n++) assert.equal((await me(server, own)).status, 200)
    assert.ok(!givenUp)
    assertRefused(await waiting, 503, 'serviceNotAvailable')
  })

  it('does not hold up tokens whose keys are known', async () => {
    issuer.answerWith(undefined)
    server.advance(31_000)
    assert.equal((await me(server, await known.token(server, 'kim'))).status, 200)
    issuer.answerWith(silent)
    server.advance(11 * 60_000)
    const asked = issuer.asked.length
    const givenUp = () => server.log.filter((line) => line.includes('issuerUnreachable')).length
    const before = givenUp()
    for (let n = 0; n < 5; n++) assert.equal((await me(server, await known.token(server, 'kim'))).status, 200)
    assert.equal(givenUp(), before)
    assert.equal(issuer.asked.length, asked + 1, 'it was asked, behind the answers')
  })
})
