/** What every answer carries, whatever was asked: content type, version, caching, ids, CORS. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const jsonType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
const exposed =
  'ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After'

describe('An answer', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true })
  const email = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' } })
  const method = await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
  const methodPath = `/v1.0/me/authentication/emailMethods/${methodId}`

  const successes: readonly (readonly [what: string, answer: Answer, status: number])[] = [
    ['a created email', email, 201],
    ['a created method', method, 201],
    ['a list', await ask(server, 'GET /beta/me/profile/emails', { token: kim }), 200],
    ['an entity', await ask(server, 'GET /v1.0/me', { token: kim }), 200],
    ['a changed email', await ask(server, `PATCH /beta/me/profile/emails/${email.json.id}`, { token: kim, body: {} }), 200],
    ['a count', await ask(server, 'GET /beta/me/profile/emails/$count', { token: kim }), 200],
    ['a changed method', await ask(server, `PATCH ${methodPath}`, { token: kim, body: { emailAddress: 'kim@contoso.com' } }), 204],
    ['a deleted method', await ask(server, `DELETE ${methodPath}`, { token: kim }), 204],
  ]
  for (const [what, { status, headers, text }, expected] of successes)
    it(`with ${what} has OData-Version, no-cache and the content type of its kind`, () => {
      assert.equal(status, expected)
      assert.equal(headers.get('odata-version'), '4.0')
      assert.equal(headers.get('cache-control'), 'no-cache')
      assert.equal(headers.get('content-type'), expected === 204 ? null : what === 'a count' ? 'text/plain' : jsonType)
      if (expected === 204) assert.equal(text, '')
      else assert.equal(headers.get('content-length'), String(Buffer.byteLength(text)))
    })

  const refusals: readonly (readonly [status: number, answer: Answer])[] = [
    [400, await ask(server, 'GET /v1.0/nothing', { token: kim })],
    [400, await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: '{' })],
    [401, await ask(server, 'GET /v1.0/me')],
    [403, await ask(server, 'GET /v1.0/me/authentication/methods', { token: await token(server, 'kim', { scope: 'User.Read' }) })],
    [404, await ask(server, `GET ${methodPath}`, { token: kim })],
    [405, await ask(server, 'DELETE /v1.0/users', { token: kim })],
    [406, await ask(server, 'GET /v1.0/me', { token: kim, headers: { Accept: 'application/json;odata.metadata=x' } })],
    [415, await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: '<a/>', headers: { 'Content-Type': 'text/xml' } })],
    [501, await ask(server, 'GET /v1.0/users?$apply=x', { token: kim })],
  ]
  for (const [expected, { status, headers, json }] of refusals)
    it(`of ${expected} is plain application/json, not cached, with no OData-Version`, () => {
      assert.equal(status, expected)
      assert.equal(headers.get('content-type'), 'application/json')
      assert.equal(headers.get('cache-control'), 'no-cache')
      assert.equal(headers.get('odata-version'), null)
      assert.equal(typeof json.error.code, 'string')
    })

  const all = [...successes, ...refusals.map(([status, answer]) => [String(status), answer] as const)].map(([, answer]) => answer)

  it('has a request-id of its own, a GUID', async () => {
    const ids = all.map(({ headers }) => headers.get('request-id'))
    for (const id of ids) assert.match(id ?? '', uuid)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('repeats the client-request-id, also in an error', async () => {
    for (const given of ['8d644c9b-4c9b-8d64-9b4c-648d9b4c648d', 'any-word-of-128-characters-'.padEnd(128, 'x')]) {
      const headers = { 'client-request-id': given }
      assert.equal((await ask(server, 'GET /v1.0/me', { token: kim, headers })).headers.get('client-request-id'), given)
      const refused = await ask(server, 'GET /v1.0/nothing', { token: kim, headers })
      assert.equal(refused.headers.get('client-request-id'), given)
      assert.equal(refused.json.error.innerError['client-request-id'], given)
      assert.notEqual(refused.headers.get('request-id'), given)
    }
  })

  for (const [what, headers] of [
    ['absent', {}],
    ['empty', { 'client-request-id': '' }],
    ['with spaces', { 'client-request-id': 'two words' }],
    ['longer than 128 characters', { 'client-request-id': 'x'.repeat(129) }],
    ['with letters beyond ASCII', { 'client-request-id': 'zo\u00eb' }],
  ] as const)
    it(`has its own request-id as client-request-id where that is ${what}`, async () => {
      const answer = await ask(server, 'GET /v1.0/me', { token: kim, headers })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('client-request-id'), answer.headers.get('request-id'))
    })

  it('may be read by any web page, with Graph’s list of exposed headers, errors included', () => {
    for (const { headers } of all) {
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.equal(headers.get('access-control-expose-headers'), exposed)
    }
  })

  it('to a preflight is 204 without a token, and allows the headers and methods that are asked for', async () => {
    const { status, headers } = await ask(server, 'OPTIONS /beta/me/profile/emails', {
      headers: {
        Origin: 'https://app.example.org',
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'authorization,content-type,sdkversion',
      },
    })
    assert.equal(status, 204)
    assert.equal(headers.get('access-control-allow-origin'), '*')
    for (const name of ['authorization', 'content-type', 'sdkversion'])
      assert.ok(headers.get('access-control-allow-headers')?.toLowerCase().includes(name), name)
    for (const verb of ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'])
      assert.ok(headers.get('access-control-allow-methods')?.includes(verb), verb)
  })
})

describe('A /$count', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.Read UserAuthenticationMethod.Read User.Read.All' })

  for (const path of ['/beta/me/profile/emails/$count', '/v1.0/me/authentication/emailMethods/$count', '/v1.0/users/$count'])
    for (const accept of ['text/plain;q=0.9', 'application/json', 'application/json;odata.metadata=verbose', '*/*'])
      it(`answers GET ${path} with a plain number for Accept: ${accept}`, async () => {
        const { status, headers, text } = await ask(server, `GET ${path}`, {
          token: kim,
          headers: { Accept: accept, ConsistencyLevel: 'eventual' },
        })
        assert.equal(status, 200)
        assert.equal(headers.get('content-type'), 'text/plain')
        assert.match(text, /^\d+$/)
      })
})
