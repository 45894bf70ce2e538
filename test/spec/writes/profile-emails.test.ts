import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused, comparable } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const emails = '/beta/me/profile/emails'

describe('Adding an email to a profile', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

  it('answers 201 with the whole itemEmail and its type, and the item is there afterwards', async () => {
    const created = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com', type: 'work' } })
    assert.equal(created.status, 201)
    assert.equal(created.json['@odata.type'], '#microsoft.graph.itemEmail')
    assert.equal(created.json.createdBy.user.id, personId('kim'))
    const listed = await ask(server, `GET ${emails}`, { token: kim })
    assert.deepEqual(
      listed.json.value.map((item: { id: string }) => item.id),
      [created.json.id],
    )
  })

  it('needs no more than an address: type is then unknown, allowedAudiences organization, everything else null', async () => {
    const { json } = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' } })
    const { type, allowedAudiences, inference, displayName, source } = json
    assert.deepEqual(
      { type, allowedAudiences, inference, displayName, source },
      { type: 'unknown', allowedAudiences: 'organization', inference: null, displayName: null, source: null },
    )
  })

  it('answers the same way at /$ref, and by own id and principal name', async () => {
    const paths = [
      '/beta/me/profile/emails/$ref',
      `/beta/users/${personId('kim')}/profile/emails`,
      '/beta/users/kim@contoso.com/profile/emails',
    ]
    for (const path of paths) {
      const { status, json } = await ask(server, `POST ${path}`, { token: kim, body: { address: 'kim@contoso.com' } })
      assert.equal(status, 201, path)
      assert.equal(json['@odata.type'], '#microsoft.graph.itemEmail')
    }
  })

  for (const body of [{ '@odata.id': 'https://graph.microsoft.com/beta/users/x/profile/emails/y' }, { '@id': 'users/x/profile/emails/y' }])
    it(`refuses a body of ${Object.keys(body)[0]} alone at /$ref with 400: there is nothing to refer to`, async () => {
      const answer = await ask(server, `POST ${emails}/$ref`, { token: kim, body })
      assertRefused(answer, 400, 'badRequest', '@odata.id')
      assert.match(answer.json.error.message, /nothing to refer to/)
    })

  it('takes @odata.id beside an address at /$ref, and requires the address in an empty body there', async () => {
    const body = { '@odata.id': 'users/x/profile/emails/y', address: 'kim@contoso.com' }
    assert.equal((await ask(server, `POST ${emails}/$ref`, { token: kim, body })).status, 201)
    assertRefused(await ask(server, `POST ${emails}/$ref`, { token: kim, body: {} }), 400, 'badRequest', 'address')
  })

  it('stops at 250: then 507 quotaLimitReached, until one is deleted', async () => {
    const lee = await token(server, 'lee', { scope: 'User.ReadWrite' })
    const add = () => ask(server, `POST ${emails}`, { token: lee, body: { address: 'lee@contoso.com' } })
    const answers = await Promise.all(Array.from({ length: 255 }, add))
    assert.equal(answers.filter(({ status }) => status === 201).length, 250)
    assertRefused(answers.find(({ status }) => status !== 201) ?? (await add()), 507, 'quotaLimitReached')
    assertRefused(await add(), 507, 'quotaLimitReached')
    assert.equal((await ask(server, `GET ${emails}/$count`, { token: lee })).text, '250')
    const id = answers.find(({ status }) => status === 201)?.json.id
    assert.equal((await ask(server, `DELETE ${emails}/${id}`, { token: lee })).status, 204)
    assert.equal((await add()).status, 201)
    assertRefused(await add(), 507, 'quotaLimitReached')
  })
})

describe('An email of a profile', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const lee = await token(server, 'lee', { scope: 'User.ReadWrite' })
  const add = async (body: object) =>
    (await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com', ...body } })).json

  it('is changed by PATCH: 200 with the whole item, only what was given is new', async () => {
    const before = await add({ displayName: 'Work', type: 'work', inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true } })
    server.advance(5_000)
    const { status, json } = await ask(server, `PATCH ${emails}/${before.id}`, { token: kim, body: { displayName: 'Office' } })
    assert.equal(status, 200)
    const { '@odata.type': _, ...rest } = before
    assert.deepEqual(untagged(json), untagged({ ...rest, displayName: 'Office', lastModifiedDateTime: json.lastModifiedDateTime }))
    assert.ok(Date.parse(json.lastModifiedDateTime) > Date.parse(before.lastModifiedDateTime))
    const { json: stored } = await ask(server, `GET ${emails}/${before.id}`, { token: kim })
    assert.deepEqual(stored, json)
  })

  it('keeps the members of its inference that a PATCH does not name, and loses it for null', async () => {
    const { id } = await add({ inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true } })
    const change = async (inference: unknown) =>
      (await ask(server, `PATCH ${emails}/${id}`, { token: kim, body: { inference } })).json.inference
    assert.deepEqual(await change({ confidenceScore: 0.25 }), { confidenceScore: 0.25, userHasVerifiedAccuracy: true })
    assert.deepEqual(await change({ userHasVerifiedAccuracy: null }), { confidenceScore: 0.25, userHasVerifiedAccuracy: null })
    assert.equal(await change(null), null)
    assert.deepEqual(await change({ confidenceScore: 1 }), { confidenceScore: 1, userHasVerifiedAccuracy: null })
  })

  it('cannot lose its address or its type, and falls back to organization without an audience', async () => {
    const { id } = await add({ allowedAudiences: 'everyone' })
    const change = (body: object) => ask(server, `PATCH ${emails}/${id}`, { token: kim, body })
    assertRefused(await change({ address: null }), 400, 'badRequest', 'address')
    assertRefused(await change({ type: null }), 400, 'badRequest', 'type')
    assert.equal((await change({ allowedAudiences: null })).json.allowedAudiences, 'organization')
  })

  it('is not written by PUT: 405', async () => {
    const { id } = await add({})
    const answer = await ask(server, `PUT ${emails}/${id}`, { token: kim, body: { address: 'kim@contoso.com' } })
    assertRefused(answer, 405, 'Request_BadRequest')
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, PATCH, DELETE')
  })

  it('is deleted with 204 and gone then', async () => {
    const { id } = await add({})
    const deleted = await ask(server, `DELETE ${emails}/${id}`, { token: kim })
    assert.deepEqual([deleted.status, deleted.text], [204, ''])
    for (const verb of ['GET', 'DELETE'])
      assertRefused(await ask(server, `${verb} ${emails}/${id}`, { token: kim }), 404, 'ErrorItemNotFound')
  })

  it('is the same 404 to somebody else by its id as an id that nobody has, for every verb', async () => {
    const { id } = await add({})
    for (const verb of ['GET', 'PATCH', 'DELETE']) {
      const body = verb === 'PATCH' ? { body: { displayName: 'Mine now' } } : {}
      const [foreign, nobodys] = await Promise.all(
        [id, id.replace(/.$/, (last: string) => (last === '0' ? '1' : '0'))].map((one) =>
          ask(server, `${verb} ${emails}/${one}`, { token: lee, ...body }),
        ),
      )
      assert.ok(foreign !== undefined && nobodys !== undefined)
      assertRefused(foreign, 404, 'ErrorItemNotFound')
      assert.deepEqual(comparable(foreign), comparable(nobodys))
    }
    assert.equal((await ask(server, `GET ${emails}/${id}`, { token: kim })).status, 200)
  })

  it('is written by its owner alone: anybody else gets 403 ErrorAccessDeniedForRole', async () => {
    const { id } = await add({})
    const all = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
    const theirs = '/beta/users/kim@contoso.com/profile/emails'
    const answers = [
      await ask(server, `POST ${theirs}`, { token: all, body: { address: 'kim@contoso.com' } }),
      await ask(server, `PATCH ${theirs}/${id}`, { token: all, body: { displayName: 'Mine now' } }),
      await ask(server, `DELETE ${theirs}/${id}`, { token: all }),
    ]
    for (const answer of answers) assertRefused(answer, 403, 'ErrorAccessDeniedForRole')
    assert.equal((await ask(server, `GET ${emails}/${id}`, { token: kim })).json.displayName, null)
  })
})

describe('The emails of a profile', async () => {
  const server = await startServer()
  const id = 'c0ffee00-0000-4000-8000-000000000001'
  const email = (name: string, createdDateTime: string) => ({
    kind: 'email',
    tenantId: tenants.contoso,
    userId: id,
    id: name,
    address: `${name}@contoso.com`,
    createdDateTime,
  })
  await putRecords(server, [
    contosoUser(id, 'pat@contoso.com'),
    email('d', '2026-03-01T12:00:00Z'),
    email('b', '2026-03-01T12:00:00.0000001Z'),
    email('c', '2026-03-01T12:00:00.0000001Z'),
    email('a', '2026-03-01T15:30:00.1697867+03:30'),
    email('e', '2026-02-28T23:59:59.9999999Z'),
  ])
  const pat = await token(server, 'kim', { scope: 'User.Read', claims: { oid: id, upn: 'pat@contoso.com' } })
  const listed = async () => (await ask(server, `GET ${emails}`, { token: pat })).json.value

  it('come in the order of createdDateTime, then of id', async () => {
    assert.deepEqual(
      (await listed()).map((item: Json) => item.id),
      ['e', 'd', 'b', 'c', 'a'],
    )
  })

  it('have times in UTC with Z and up to seven fraction digits', async () => {
    assert.deepEqual(
      (await listed()).map((item: Json) => item.createdDateTime),
      [
        '2026-02-28T23:59:59.9999999Z',
        '2026-03-01T12:00:00Z',
        '2026-03-01T12:00:00.0000001Z',
        '2026-03-01T12:00:00.0000001Z',
        '2026-03-01T12:00:00.1697867Z',
      ],
    )
  })

  it('are counted by /$count as a plain number', async () => {
    const { status, text } = await ask(server, `GET ${emails}/$count`, { token: pat })
    assert.deepEqual([status, text], [200, '5'])
  })
})
