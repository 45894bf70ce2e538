/** What the host does with requests that are too large, too slow, or no HTTP: a JSON error in Graph's form, and the next one is served. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { listen } from '../../../src/http/server.ts'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'
import { open, sendOnce, type WireAnswer } from '../../support/wire.ts'

const emails = '/beta/me/profile/emails'
const server = await startServer()
const kimsToken = await token(server, 'kim', { scope: 'User.ReadWrite' })
const kim = `Authorization: Bearer ${kimsToken}\r\n`
const reader = `Authorization: Bearer ${await token(server, 'kim', { scope: 'User.Read' })}\r\n`
const host = 'Host: localhost\r\n'
const json = 'Content-Type: application/json\r\n'

function assertError(answer: WireAnswer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.json.error.code, code)
  assert.notEqual(answer.json.error.message, '')
  assert.equal(answer.json.error.innerError['request-id'], answer.headers['request-id'])
}

function post(who: string, body: string, headers = json): string {
  return `POST ${emails} HTTP/1.1\r\n${host}${who}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

describe('A request that is too large', () => {
  const get = (url: string, more = '') => `GET ${url} HTTP/1.1\r\n${host}${kim}${more}\r\n`

  it('has headers of up to 160 kB, and 431 beyond', async () => {
    assert.equal((await sendOnce(server.http, get('/v1.0/me', `X: ${'x'.repeat(150_000)}\r\n`))).status, 200)
    assertError(await sendOnce(server.http, get('/v1.0/me', `X: ${'x'.repeat(170_000)}\r\n`)), 431, 'RequestHeaderFieldsTooLarge')
    assertError(await sendOnce(server.http, get('/v1.0/me', 'X: 1234567890\r\n'.repeat(12_000))), 431, 'RequestHeaderFieldsTooLarge')
  })

  it('has a URL of up to 16 kB, and 414 beyond', async () => {
    const url = (length: number) => '/v1.0/me?'.padEnd(length, '&')
    assert.equal((await sendOnce(server.http, get(url(16 * 1024)))).status, 200)
    assertError(await sendOnce(server.http, get(url(16 * 1024 + 1))), 414, 'UriTooLong')
  })

  const padded = (length: number) => '{"address":"kim@contoso.com"}'.padEnd(length, ' ')

  it('has a body of up to 1 MB, and 413 beyond, whether its length was said or not', async () => {
    const megabyte = 1024 * 1024
    const chunked = (body: string) =>
      `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    assert.equal((await sendOnce(server.http, post(kim, padded(megabyte)))).status, 201)
    assert.equal((await sendOnce(server.http, chunked(padded(megabyte)))).status, 201)
    assertError(await sendOnce(server.http, post(kim, padded(megabyte + 1))), 413, 'RequestEntityTooLarge')
    assertError(await sendOnce(server.http, chunked(padded(megabyte + 1))), 413, 'RequestEntityTooLarge')
    assertError(await sendOnce(server.http, post(kim, padded(10 * megabyte))), 413, 'RequestEntityTooLarge')
    assertError(await sendOnce(server.http, chunked(padded(10 * megabyte))), 413, 'RequestEntityTooLarge')
  })

  it('is refused before it is sent where the client waits for 100 Continue', async () => {
    const announce = (who: string, length: number) =>
      `POST ${emails} HTTP/1.1\r\n${host}${who}${json}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`
    assertError(await sendOnce(server.http, announce(kim, 10_000_000)), 413, 'RequestEntityTooLarge')
    assertError(await sendOnce(server.http, announce(reader, 100)), 403, 'ErrorInsufficientPermissionsInAccessToken')
    const wire = open(server.http)
    wire.send(announce(kim, 100))
    assert.equal((await wire.answer()).status, 100)
    wire.send(padded(100))
    assert.equal((await wire.answer()).status, 201)
    wire.end()
  })
})

describe('A client that is too slow', async () => {
  const timeouts = { headers: 500, request: 1_000, keepAlive: 60_000, linger: 500, checks: 50, accept: 10, idle: 0 }
  const hasty = await listen(server.app, [{ scheme: 'http', host: '127.0.0.1', port: 0 }], timeouts)
  const origin = hasty.urls[0] ?? ''
  after(() => hasty.stop())

  it('with its headers gets 408, and the connection ends', async () => {
    const wire = open(origin)
    wire.send(`GET /v1.0/me HTTP/1.1\r\n${host}X-Slow: `)
    assertError(await wire.answer(), 408, 'RequestTimeout')
    await wire.closed()
  })

  it('with its body gets 408, and nothing is written', async () => {
    const before = await ask(server, `GET ${emails}`, { token: kimsToken })
    const wire = open(origin)
    wire.send(`POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Content-Length: 100\r\n\r\n{"address":"kim@contoso.com"}`)
    assertError(await wire.answer(), 408, 'RequestTimeout')
    await wire.closed()
    assert.equal((await ask(server, `GET ${emails}`, { token: kimsToken })).text, before.text)
  })

  it('with a body that nobody wants has its answer at once, and is not waited for', async () => {
    const wire = open(origin)
    wire.send(`POST ${emails} HTTP/1.1\r\n${host}${reader}${json}Content-Length: 100\r\n\r\n{`)
    assertError(await wire.answer(), 403, 'ErrorInsufficientPermissionsInAccessToken')
    await wire.closed()
  })

  it('is no trouble to others', async () => {
    const slow = Array.from({ length: 50 }, () => open(origin))
    for (const wire of slow) wire.send(`POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Content-Length: 100\r\n\r\n{`)
    assert.equal((await sendOnce(origin, post(kim, '{"address":"kim@contoso.com"}'))).status, 201)
    for (const wire of slow) assertError(await wire.answer(), 408, 'RequestTimeout')
  })
})

describe('What is no HTTP', () => {
  const malformed: Readonly<Record<string, string>> = {
    'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an HTTP/2 greeting': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a method that nobody knows': `FETCH /v1.0/me HTTP/1.1\r\n${host}\r\n`,
    'a request without a URL': `GET HTTP/1.1\r\n${host}\r\n`,
    'a URL with a space': `GET /v1.0/us ers HTTP/1.1\r\n${host}\r\n`,
    'a URL with raw UTF-8': `GET /v1.0/users/\u00e9 HTTP/1.1\r\n${host}\r\n`,
    'a header without a colon': `GET /v1.0/me HTTP/1.1\r\n${host}X\r\n\r\n`,
    'a header with a space before its colon': `GET /v1.0/me HTTP/1.1\r\n${host}X : 1\r\n\r\n`,
    'a header with a NUL': `GET /v1.0/me HTTP/1.1\r\n${host}X: \0\r\n\r\n`,
    'a length that is no number': `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Content-Length: 1e3\r\n\r\n`,
    'two lengths': `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    'a length beside chunks': `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a chunk whose length is no number': `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
  }

  for (const [what, octets] of Object.entries(malformed)) {
    it(`such as ${what}, gets 400 as JSON, and the connection ends`, async () => {
      const wire = open(server.http)
      wire.send(octets)
      assertError(await wire.answer(), 400, 'BadRequest')
      await wire.closed()
    })
  }

  it('does not take away the answers to the good requests before it', async () => {
    const wire = open(server.http)
    wire.send(`${post(kim, '{"address":"kim@contoso.com"}')}GET /v1.0/me HTTP/1.1\r\n${host}${kim}\r\nnonsense\r\n\r\n`)
    assert.equal((await wire.answer()).status, 201)
    assert.equal((await wire.answer()).status, 200)
    assertError(await wire.answer(), 400, 'BadRequest')
    await wire.closed()
  })

  it('and a transfer coding that is not understood gets 415', async () => {
    const octets = `POST ${emails} HTTP/1.1\r\n${host}${kim}${json}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`
    assertError(await sendOnce(server.http, octets), 415, 'UnsupportedMediaType')
  })
})
