/** How a body may be sent: its content type, charset and encoding. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const path = '/beta/me/profile/emails'

describe('A request body', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const text = JSON.stringify({ address: 'zoë@contoso.com' })
  const send = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    ask(server, `POST ${path}`, { token: kim, body, headers })
  const count = async () => (await ask(server, `GET ${path}/$count`, { token: kim })).text

  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON;odata.metadata=minimal',
  ])
    it(`may be of Content-Type ${type}`, async () => {
      const { status, json } = await send(text, { 'Content-Type': type })
      assert.deepEqual([status, json.address], [201, 'zoë@contoso.com'])
    })

  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/json; charset=iso-8859-1',
    'application/jsonx',
    'multipart/form-data',
  ])
    it(`may not be of Content-Type ${type}: 415, and nothing is written`, async () => {
      const before = await count()
      assertRefused(await send(text, { 'Content-Type': type }), 415, 'UnsupportedMediaType', 'Content-Type')
      assert.equal(await count(), before)
    })

  it('has to be there: 400', async () => {
    assertRefused(await ask(server, `POST ${path}`, { token: kim, headers: { 'Content-Type': 'application/json' } }), 400, 'BadRequest')
    assertRefused(await ask(server, `POST ${path}`, { token: kim }), 400, 'BadRequest')
    assertRefused(await send(''), 400, 'BadRequest')
  })

  it('has to have a Content-Type: 400 that names it', async () => {
    const untyped = await fetch(`${server.http}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${kim}` },
      body: new TextEncoder().encode(text),
    })
    assert.equal(untyped.status, 400)
    const { error } = (await untyped.json()) as { error: { code: string; target: string } } // an error, as asserted below
    assert.deepEqual([error.code, error.target], ['BadRequest', 'Content-Type'])
  })

  for (const encoding of ['gzip', 'GZIP'])
    it(`may come with Content-Encoding: ${encoding}`, async () => {
      const { status, json } = await send(gzipSync(text), { 'Content-Encoding': encoding })
      assert.deepEqual([status, json.address], [201, 'zoë@contoso.com'])
    })

  it('may come with Content-Encoding: identity', async () => {
    assert.equal((await send(text, { 'Content-Encoding': 'identity' })).status, 201)
  })

  it('may be gzip for every operation that takes one', async () => {
    const scope = 'UserAuthenticationMethod.ReadWrite'
    const own = await token(server, 'kim', { scope, mfa: true })
    const body = gzipSync(JSON.stringify({ emailAddress: 'kim@contoso.com' }))
    const headers = { 'Content-Encoding': 'gzip' }
    const methods = '/v1.0/me/authentication/emailMethods'
    assert.equal((await ask(server, `POST ${methods}`, { token: own, body, headers })).status, 201)
    const item = `${methods}/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`
    assert.equal((await ask(server, `PATCH ${item}`, { token: own, body, headers })).status, 204)
    assert.equal((await ask(server, `PUT ${item}`, { token: own, body, headers })).status, 200)
  })

  for (const [encoding, body] of [
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, gzip', gzipSync(gzipSync(text))],
    ['x', text],
  ] as const)
    it(`may not come with Content-Encoding: ${encoding}: 415, on which clients send it again uncompressed`, async () => {
      assertRefused(await send(body, { 'Content-Encoding': encoding }), 415, 'UnsupportedMediaType', 'Content-Encoding')
    })

  it('that is not the gzip it says it is, or only half of it, is a 400', async () => {
    for (const body of [new TextEncoder().encode(text), gzipSync(text).subarray(0, 20), new Uint8Array([0x1f, 0x8b])])
      assertRefused(await send(body, { 'Content-Encoding': 'gzip' }), 400, 'BadRequest')
  })

  it('is bounded as it is sent and as it inflates: 413', async () => {
    const large = JSON.stringify({ address: 'kim@contoso.com', displayName: 'x'.repeat(1024 * 1024) })
    assertRefused(await send(large), 413, 'RequestEntityTooLarge')
    assertRefused(await send(gzipSync(large), { 'Content-Encoding': 'gzip' }), 413, 'RequestEntityTooLarge')
  })

  it('is not looked at where the caller may not do the operation', async () => {
    const reader = await token(server, 'kim', { scope: 'User.Read' })
    const answer = await ask(server, `POST ${path}`, { token: reader, body: 'no JSON', headers: { 'Content-Type': 'text/plain' } })
    assert.equal(answer.status, 403)
  })
})
