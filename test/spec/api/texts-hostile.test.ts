/** Texts that would take long to normalize, wherever one is compared or stored: refused or answered as any other. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ask } from '../../support/ask.ts'
import { makeGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true })
const admin = await token(server, 'useradmin', { scope: 'User.ReadWrite.All' })
const marks = (count: number) => '\u0301\u0323'.repeat(count / 2)
const email = (body: unknown) =>
  ask(server, 'POST /beta/me/profile/emails', {
    token: kim,
    body: gzipSync(JSON.stringify(body)),
    headers: { 'Content-Encoding': 'gzip' },
  })

describe('A text of combining marks', () => {
  it('is refused as an address by its length, in whatever member an address stands', async () => {
    const address = `a${marks(100_000)}@x.zz`
    assertRefused(await email({ address }), 400, 'badRequest', 'address')
    const method = { token: kim, body: { emailAddress: address } }
    assertRefused(await ask(server, 'POST /v1.0/me/authentication/emailMethods', method), 400, 'badRequest', 'emailAddress')
  })

  it('is refused as any other text by its length', async () => {
    assertRefused(await email({ address: 'a@x.zz', displayName: marks(258) }), 400, 'badRequest', 'displayName')
    assert.equal((await email({ address: 'a@x.zz', displayName: marks(256) })).status, 201)
    const user = { token: admin, body: { displayName: marks(100_000) } }
    assertRefused(await ask(server, 'PATCH /v1.0/users/lee@contoso.com', user), 400, 'Request_BadRequest', 'displayName')
  })

  it('is taken in a filter, a search, an order and a key as far as a URL goes', async () => {
    const long = encodeURIComponent(marks(2600))
    const headers = { ConsistencyLevel: 'eventual' }
    const get = (path: string) => ask(server, `GET ${path}`, { token: kim, headers })
    assert.deepEqual((await get(`/beta/users?$filter=displayName eq '${long}'`)).json.value, [])
    assert.deepEqual((await get(`/beta/users?$filter=contains(displayName,'${encodeURIComponent(marks(256))}')`)).json.value, [])
    assert.deepEqual((await get(`/beta/users?$search="displayName:${encodeURIComponent(marks(256))}"`)).json.value, [])
    assert.deepEqual(
      (await get(`/beta/me/profile/emails?$filter=startswith(displayName,'x${encodeURIComponent(marks(256))}')`)).json.value,
      [],
    )
    assert.equal((await get(`/v1.0/users/${long}`)).status, 404)
    assert.equal((await get(`/beta/users?$orderby=${long}`)).status, 400)
    assert.equal((await get(`/beta/users?$select=${long}`)).status, 400)
  })

  it('is refused as a name of a member, of an enumeration and of a type', async () => {
    assertRefused(await email({ address: 'a@x.zz', [marks(100_000)]: 1 }), 400, 'badRequest')
    assertRefused(await email({ address: 'a@x.zz', type: marks(100_000) }), 400, 'badRequest', 'type')
    assertRefused(await email({ address: 'a@x.zz', '@odata.type': marks(100_000) }), 400, 'badRequest', '@odata.type')
    const names = `me${',me'.repeat(100)}`
    const has = (text: string) => ask(server, `GET /beta/me/profile/emails?$filter=allowedAudiences has '${text}'`, { token: kim })
    assert.equal((await has(names.slice(0, 254))).status, 200)
    assertRefused(await has(names), 400, 'badRequest', '$filter')
  })
})

describe('A batch', () => {
  const send = (request: object) =>
    ask(server, 'POST /beta/$batch', { token: kim, body: { requests: [{ id: '1', method: 'GET', url: '/me', ...request }] } })

  it('has ids of at most 256 characters', async () => {
    const answered = await send({ id: 'x'.repeat(256) })
    assert.equal(answered.json.responses[0].status, 200)
    assertRefused(await send({ id: 'x'.repeat(257) }), 400, 'BadRequest', 'requests/0/id')
  })
})

describe('A reference', () => {
  it('has at most 2,048 characters', async () => {
    const { id } = await makeGroup(server, 'References')
    const members = `/v1.0/groups/${id}/members/$ref`
    const writer = await token(server, 'globaladmin', { scope: 'GroupMember.ReadWrite.All Group.ReadWrite.All' })
    const start = 'https://graph.microsoft.com/v1.0/users/'
    const add = (length: number) => ask(server, `POST ${members}`, { token: writer, body: { '@odata.id': start.padEnd(length, 'x') } })
    assert.equal((await add(2048)).status, 404)
    assertRefused(await add(2049), 400, 'Request_BadRequest', '@odata.id')
  })
})
