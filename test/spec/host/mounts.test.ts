/** Which part of the program serves a path, and that its headers stay with its own answers: Graph's CORS with Graph's. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listen } from '../../../src/http/server.ts'
import { startServer, token } from '../../support/server.ts'
import { open, sendOnce, type WireAnswer } from '../../support/wire.ts'

const server = await startServer()
const bearer = await token(server, 'kim', { scope: 'User.ReadWrite' })
const kim = `Authorization: Bearer ${bearer}\r\n`
const host = 'Host: localhost\r\n'
const crossOrigin = 'Origin: https://app.example\r\n'
const asks = `${crossOrigin}Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization\r\n`

const send = (method: string, url: string, headers = '') => sendOnce(server.http, `${method} ${url} HTTP/1.1\r\n${host}${headers}\r\n`)

/** The names of an answer's headers that open it to web pages of other origins. */
function cors({ headers }: WireAnswer): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
}

const opened = ['access-control-allow-origin', 'access-control-expose-headers']

/** Paths below a version, in whatever spelling Graph's part takes. */
const ofGraph = [
  '/v1.0',
  '/v1.0/',
  '/V1.0/me',
  '/beta?$format=json',
  '/beta/openapi.json',
  '/v1.0/nothing',
  '/v1.0/health/live',
  '/v1.0//',
  'http://localhost/beta/me',
]
/** Paths that are near to Graph's or to health's, and lead nowhere. */
const elsewhere = [
  '/',
  '/?x',
  '//v1.0/me',
  '/v1.0evil',
  '/v1.0%2fme',
  '/%761.0/me',
  '/v1.0#/me',
  '/v2.0/me',
  '/betamax',
  '/openapi.json',
  '/$metadata',
  '/health',
  '/health/',
  '/health/other',
  '/health/live/',
  '/health/..%2fv1.0/me',
  '/account',
  '/favicon.ico',
  'http://localhost',
  'http://localhost/health',
]

describe('An answer below a version', () => {
  for (const url of ofGraph)
    it(`may be read by any web page: ${url}`, async () => {
      for (const headers of ['', kim]) assert.deepEqual(cors(await send('GET', url, headers + crossOrigin)), opened)
      const preflight = await send('OPTIONS', url, asks)
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers['access-control-allow-origin'], '*')
      assert.equal(preflight.headers['access-control-allow-headers'], 'authorization')
    })

  it('may be read by any web page where it refuses the request before Graph looks at it', async () => {
    const answer = await sendOnce(server.http, `GET /v1.0/me HTTP/1.1\r\n${kim}\r\n`)
    assert.equal(answer.status, 400)
    assert.deepEqual(cors(answer), opened)
  })
})

describe('A path that leads nowhere', () => {
  for (const url of elsewhere)
    it(`is open to no other origin, and refused as by Graph: ${url}`, async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        const wire = open(server.http)
        const ask = async (headers: string) => {
          wire.send(`${method} ${url} HTTP/1.1\r\n${host}${headers}${asks}\r\n`)
          return wire.answer({ bodiless: method === 'HEAD' })
        }
        const stranger = await ask('')
        assert.equal(stranger.status, 401, method)
        assert.ok(stranger.headers['www-authenticate'])
        const known = await ask(kim)
        assert.equal(known.status, 400, method)
        if (method !== 'HEAD') assert.equal(known.json.error.code, 'BadRequest')
        for (const answer of [stranger, known]) {
          assert.deepEqual(cors(answer), [], method)
          assert.equal(answer.headers['content-type'], 'application/json')
          assert.ok(answer.headers['request-id'])
        }
        wire.end()
      }
    })
})

describe('Health', () => {
  for (const path of ['/health/live', '/health/ready', '/health/live?x=1', 'http://localhost/health/live']) {
    it(`is answered to GET and HEAD without CORS: ${path}`, async () => {
      for (const headers of ['', crossOrigin, kim + crossOrigin]) {
        const answer = await send('GET', path, headers)
        assert.equal(answer.status, 200)
        assert.deepEqual(cors(answer), [])
        const wire = open(server.http)
        wire.send(`HEAD ${path} HTTP/1.1\r\n${host}${headers}\r\n`)
        const head = await wire.answer({ bodiless: true })
        assert.equal(head.status, 200)
        assert.deepEqual(cors(head), [])
        wire.end()
      }
    })

    it(`has no preflight, and no other method: ${path}`, async () => {
      for (const method of ['OPTIONS', 'POST', 'DELETE']) {
        const answer = await send(method, path, asks)
        assert.equal(answer.status, 401, method)
        assert.deepEqual(cors(answer), [], method)
      }
    })
  }

  it('is told to a probe that sends no Host', async () => {
    assert.equal((await sendOnce(server.http, 'GET /health/live HTTP/1.1\r\n\r\n')).status, 200)
    assert.equal((await sendOnce(server.http, 'GET / HTTP/1.1\r\n\r\n')).status, 400)
  })
})

describe('A defect of a route', () => {
  it('is a 500 that says nothing of it, without CORS, and stands in the log', async (test) => {
    const isReady = () => Promise.reject(new Error('the inside'))
    const database = Object.assign(Object.create(server.app.database), { isReady })
    const listening = await listen({ ...server.app, database }, [{ scheme: 'http', host: '127.0.0.1', port: 0 }], { accept: 10, idle: 0 })
    test.after(() => listening.stop())
    const answer = await sendOnce(listening.urls[0] ?? '', `GET /health/ready HTTP/1.1\r\n${host}\r\n`)
    assert.equal(answer.status, 500)
    assert.equal(answer.json.error.innerError['request-id'], answer.headers['request-id'])
    assert.doesNotMatch(answer.text, /inside/)
    assert.deepEqual(cors(answer), [])
    assert.ok(server.log.some((line) => line.includes('"kind":"failed"') && line.includes('the inside')))
  })
})

describe('A refusal before any path is known', () => {
  const refused = {
    'what is no HTTP': [400, 'nonsense\r\n\r\n'],
    'a bad header below a version': [400, `GET /v1.0/me HTTP/1.1\r\n${host}X\r\n\r\n`],
    'a bad header of health': [400, `GET /health/live HTTP/1.1\r\n${host}X\r\n\r\n`],
    'headers that are too large': [431, `GET /v1.0/me HTTP/1.1\r\n${host}X: ${'x'.repeat(170_000)}\r\n\r\n`],
    'a path that cannot be decoded': [400, `GET /health/%zz HTTP/1.1\r\n${host}\r\n`],
  } as const
  for (const [what, [status, octets]] of Object.entries(refused))
    it(`has no headers of a mount: ${what}`, async () => {
      const answer = await sendOnce(server.http, octets)
      assert.equal(answer.status, status)
      assert.deepEqual(cors(answer), [])
      assert.ok(answer.json.error.innerError['request-id'])
    })

  it('has none on a connection that Graph served before', async () => {
    const wire = open(server.http)
    wire.send(`GET /v1.0/me HTTP/1.1\r\n${host}${kim}\r\n`)
    assert.deepEqual(cors(await wire.answer()), opened)
    wire.send(`GET /health/live HTTP/1.1\r\n${host}\r\n`)
    assert.deepEqual(cors(await wire.answer()), [])
    wire.send(`GET /v1.0/me HTTP/1.1\r\n${host}${kim}\r\n`)
    assert.deepEqual(cors(await wire.answer()), opened)
    wire.send('nonsense\r\n\r\n')
    assert.deepEqual(cors(await wire.answer()), [])
    wire.end()
  })
})
