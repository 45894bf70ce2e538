/** HTTP that is right and odd: what it may not bring about, and that the connection serves the next request all the same. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startServer, token } from '../../support/server.ts'
import { open, sendOnce, type WireAnswer } from '../../support/wire.ts'

const emails = '/beta/me/profile/emails'
const server = await startServer()
const kim = `Authorization: Bearer ${await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All' })}\r\n`
const reader = `Authorization: Bearer ${await token(server, 'kim', { scope: 'User.Read' })}\r\n`
const host = 'Host: localhost\r\n'
const json = 'Content-Type: application/json\r\n'
const address = '{"address":"kim@contoso.com"}'

const get = (url: string, who = kim, headers = host) => `GET ${url} HTTP/1.1\r\n${headers}${who}\r\n`
const post = (body: string, { who = kim, headers = json, url = emails } = {}) =>
  `POST ${url} HTTP/1.1\r\n${host}${who}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

function assertGraphError({ status, headers, json: body, text }: WireAnswer, expected: number): void {
  assert.equal(status, expected, text)
  assert.equal(headers['content-type'], 'application/json')
  assert.match(body.error.code, /^\w+$/)
  assert.ok(body.error.innerError['request-id'])
}

describe('A method', () => {
  for (const method of ['TRACE', 'PURGE', 'PROPFIND', 'SEARCH', 'QUERY', 'LINK', 'M-SEARCH']) {
    it(`${method} is not allowed, whoever asks, and the answer says which are`, async () => {
      const wire = open(server.http)
      wire.send(`${method} /v1.0/me HTTP/1.1\r\n${host}${kim}\r\n`)
      const answer = await wire.answer()
      assertGraphError(answer, 405)
      assert.equal(answer.headers.allow, 'GET, HEAD, PATCH, DELETE')
      wire.send(`${method} /v1.0/me HTTP/1.1\r\n${host}\r\n`)
      assert.equal((await wire.answer()).status, 401)
      wire.end()
    })
  }

  it('cannot be smuggled in by a header', async () => {
    const created = await sendOnce(server.http, post(address))
    const item = `${emails}/${created.json.id}`
    const overridden = 'X-HTTP-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\nX-Method-Override: DELETE\r\n'
    assert.equal((await sendOnce(server.http, get(item, `${kim}${overridden}`))).status, 200)
    assert.equal((await sendOnce(server.http, get(item))).status, 200)
  })
})

describe('The name of the host', () => {
  const everywhere = ['/v1.0/me', '/v1.0/users?$top=1', '/v1.0/nothing', '/v1.0/me?$top=1']
  const lies = [
    'Host: evil.example',
    'Host: evil.example:8080\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Server: evil.example',
    'Host: localhost\r\nX-Forwarded-Host: evil.example\r\nForwarded: for=1.2.3.4;host=evil.example;proto=http\r\nX-Original-URL: /evil.example\r\nX-Rewrite-URL: /evil.example',
    'Host: localhost.evil.example',
    'Host: localhost@evil.example',
    'Host: localhost:80@evil.example',
    'Host: evil.example#localhost',
    'Host: 127.0.0.1.evil.example',
    'Host: localhost:123456evil.example',
  ]

  for (const lie of lies) {
    it(`is never taken from ${JSON.stringify(lie)}`, async () => {
      for (const url of everywhere) {
        const { text, headers } = await sendOnce(server.http, get(url, kim, `${lie}\r\n`))
        assert.doesNotMatch(text + JSON.stringify(headers), /evil\.example|gopher/)
      }
      const created = await sendOnce(server.http, post(address).replace(host, `${lie}\r\n`))
      assert.equal(created.status, 201)
      assert.doesNotMatch(created.text + JSON.stringify(created.headers), /evil\.example|gopher/)
      const challenged = await sendOnce(server.http, get('/v1.0/me', '', `${lie}\r\n`))
      assert.equal(challenged.status, 401)
      assert.doesNotMatch(challenged.text + JSON.stringify(challenged.headers), /evil\.example|gopher/)
    })
  }

  it('in links is the loopback name that was called, else the configured one', async () => {
    const { port } = new URL(server.http)
    const contextFor = async (name: string) =>
      (await sendOnce(server.http, get('/v1.0/me', kim, `Host: ${name}\r\n`))).json['@odata.context'].split('/v1.0')[0]
    assert.equal(await contextFor(`LOCALHOST:${port}`), `http://localhost:${port}`)
    assert.equal(await contextFor(`127.0.0.1:${port}`), `http://127.0.0.1:${port}`)
    assert.equal(await contextFor(`[::1]:${port}`), `http://[::1]:${port}`)
    assert.equal(await contextFor('evil.example'), `http://localhost:${port}`)
  })

  it('must be given, once: 400 that names the header', async () => {
    for (const headers of ['', 'Host: localhost\r\nHost: evil.example\r\n', 'Host: localhost\r\nHost: localhost\r\n']) {
      const answer = await sendOnce(server.http, get('/v1.0/me', kim, headers))
      assertGraphError(answer, 400)
      assert.equal(answer.json.error.target, 'Host')
    }
    const old = await sendOnce(server.http, `GET /v1.0/me HTTP/1.0\r\n${kim}\r\n`)
    assert.equal(old.status, 200, 'HTTP/1.0 had no such header')
  })

  it('in a URL in absolute form is passed over, and the rest of the URL is served', async () => {
    for (const origin of ['http://evil.example', 'https://evil.example:1', 'HTTP://localhost']) {
      const answer = await sendOnce(server.http, get(`${origin}/v1.0/me?$select=id`))
      assert.equal(answer.status, 200, answer.text)
      assert.doesNotMatch(answer.text, /evil\.example/)
      assertGraphError(await sendOnce(server.http, get(origin)), 400)
      assertGraphError(await sendOnce(server.http, get(`${origin}/v1.0/me`, '')), 401)
    }
  })
})

describe('A browser on another origin', () => {
  const origin = 'Origin: https://app.example\r\n'

  it('is told before its request that it may send it, with the headers that it asked for', async () => {
    const asks = 'Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization,content-type,sdkversion\r\n'
    for (const url of [emails, '/v1.0/nothing', '/v1.0', 'http://localhost/BETA?x']) {
      const { status, headers, text } = await sendOnce(server.http, `OPTIONS ${url} HTTP/1.1\r\n${host}${origin}${asks}\r\n`)
      assert.equal(status, 204)
      assert.equal(text, '')
      assert.equal(headers['access-control-allow-origin'], '*')
      assert.match(headers['access-control-allow-methods'] ?? '', /PATCH.*PUT.*DELETE/)
      assert.equal(headers['access-control-allow-headers'], 'authorization,content-type,sdkversion')
      assert.equal(headers['access-control-allow-credentials'], undefined)
    }
  })

  it('may read good answers and bad ones, and what Graph tells in their headers', async () => {
    const answers = [
      [200, get('/v1.0/me', `${kim}${origin}`)],
      [401, get('/v1.0/me', origin)],
      [404, get(`${emails}/nothing`, `${kim}${origin}`)],
      [415, post('{}', { headers: 'Content-Type: text/plain\r\n' })],
    ] as const
    for (const [status, octets] of answers) {
      const answer = await sendOnce(server.http, octets)
      assert.equal(answer.status, status)
      assert.equal(answer.headers['access-control-allow-origin'], '*')
      assert.match(answer.headers['access-control-expose-headers'] ?? '', /Location.*request-id.*WWW-Authenticate.*Retry-After/)
    }
  })
})

describe('A connection', () => {
  it('goes on after every kind of refusal', async () => {
    const refusals = [
      [400, get('/v1.0/nothing')],
      [401, get('/v1.0/me', '')],
      [403, post(address, { who: reader })],
      [404, get(`${emails}/nothing`)],
      [405, `DELETE /v1.0/users HTTP/1.1\r\n${host}${kim}\r\n`],
      [415, post('x', { headers: 'Content-Type: text/plain\r\n' })],
      [415, post('x', { headers: 'Content-Type: ,\r\n' })],
      [400, post('{"address"')],
      [400, post('{"address":"nowhere"}')],
      [400, post('not gzip', { headers: `${json}Content-Encoding: gzip\r\n` })],
      [414, get(`/v1.0/me?${'&'.repeat(20_000)}`)],
      [501, get('/v1.0/users?$apply=id')],
    ] as const
    const wire = open(server.http)
    for (const [status, octets] of refusals) {
      wire.send(octets)
      assertGraphError(await wire.answer(), status)
      wire.send(get('/v1.0/me'))
      assert.equal((await wire.answer()).status, 200, `after ${status}`)
    }
    wire.end()
  })

  it('answers requests that were sent without waiting, in their order', async () => {
    const wire = open(server.http)
    wire.send([post(address), get('/v1.0/nothing'), post('{', { who: reader }), get('/health/live'), get('/v1.0/me')].join(''))
    const statuses = []
    for (let n = 0; n < 5; n++) statuses.push((await wire.answer()).status)
    assert.deepEqual(statuses, [201, 400, 403, 200, 200])
    wire.end()
  })

  it('does not take the body of a refused request for the next one', async () => {
    const wire = open(server.http)
    wire.send(post(get('/v1.0/me'), { who: reader }) + get('/v1.0/users/lee@contoso.com'))
    assertGraphError(await wire.answer(), 403)
    assert.equal((await wire.answer()).json.userPrincipalName, 'lee@contoso.com')
    wire.end()
  })

  it('lets a client that is refused send on, so that it can read why, and then ends', async () => {
    for (const [status, who] of [
      [403, reader],
      [413, kim],
    ] as const) {
      const wire = open(server.http)
      wire.send(`POST ${emails} HTTP/1.1\r\n${host}${who}${json}Content-Length: 8000000\r\n\r\n`)
      const answer = await wire.answer()
      assertGraphError(answer, status)
      assert.equal(answer.headers.connection, 'close')
      for (let part = 0; part < 8; part++) assert.ok(await wire.send(Buffer.alloc(1_000_000, 'x')), `part ${part} of the body was let in`)
      await wire.closed()
    }
  })

  it('with a wish to speak another protocol is served as it is', async () => {
    for (const wish of ['websocket', 'h2c']) {
      const answer = await sendOnce(server.http, get('/v1.0/me', `${kim}Connection: Upgrade\r\nUpgrade: ${wish}\r\n`))
      assert.equal(answer.status, 200)
    }
  })

  it('with an expectation that nobody knows is served as it is', async () => {
    assert.equal((await sendOnce(server.http, get('/v1.0/me', `${kim}Expect: tea\r\n`))).status, 200)
  })
})
