/** Groups over Graph: how they are made, listed, changed and removed. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask, type Json } from '../../support/ask.ts'
import { addTo, groupScope, groupWriter, makeGroup, reference, securityGroup } from '../../support/groups.ts'
import { putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

describe('A group', async () => {
  const server = await startServer()
  const admin = await groupWriter(server)

  for (const version of ['v1.0', 'beta'])
    it(`is made in ${version}: 201, the group and where it is`, async () => {
      const { status, json, headers } = await ask(server, `POST /${version}/groups`, {
        token: admin,
        body: securityGroup('Library Assist', { description: 'Self help', mailNickname: 'library', visibility: 'Private' }),
      })
      assert.equal(status, 201)
      const { '@odata.context': context, id, createdDateTime, ...members } = json
      assert.equal(context, `${server.http}/${version}/$metadata#groups/$entity`)
      assert.equal(headers.get('location'), `${server.http}/${version}/groups('${id}')`)
      assert.ok(Math.abs(Date.parse(createdDateTime) - server.now()) < 60_000)
      assert.deepEqual(untagged(members), {
        ...(version === 'beta' ? { deletedDateTime: null } : {}),
        description: 'Self help',
        displayName: 'Library Assist',
        groupTypes: [],
        isAssignableToRole: null,
        mail: null,
        mailEnabled: false,
        mailNickname: 'library',
        securityEnabled: true,
        visibility: 'Private',
      })
      const got = await ask(server, `GET /${version}/groups/${id}`, { token: admin })
      assert.deepEqual(got.json, json)
    })

  it('is one of a list of the tenant’s groups, page by page', async () => {
    for (let index = 0; index < 4; index++) await makeGroup(server, `Listed ${index}`)
    await putRecords(server, [{ kind: 'group', tenantId: tenants.fabrikam, id: 'bbbbbbbb-0000-4000-8000-00000000000b' }])
    const { json: whole } = await ask(server, 'GET /v1.0/groups?$count=true', { token: admin })
    assert.equal(whole['@odata.count'], whole.value.length)
    assert.ok(whole.value.every((group: Json) => group.id !== 'bbbbbbbb-0000-4000-8000-00000000000b'))
    const { json: first } = await ask(server, 'GET /v1.0/groups?$top=3&$select=displayName,id', { token: admin })
    const { json: second } = await ask(server, `GET ${first['@odata.nextLink'].slice(server.http.length)}`, { token: admin })
    assert.deepEqual(
      untagged([...first.value, ...second.value]),
      whole.value.slice(0, 6).map(({ displayName, id }: Json) => ({ displayName, id })),
    )
  })

  it('asks for displayName, mailEnabled, mailNickname and securityEnabled, and refuses what is not served', async () => {
    const post = (members: Readonly<Record<string, unknown>>) =>
      ask(server, 'POST /v1.0/groups', { token: admin, body: securityGroup('Refused', members) })
    for (const name of ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'])
      for (const value of [undefined, null]) assertRefused(await post({ [name]: value }), 400, 'Request_BadRequest', name)
    assertRefused(await post({ mailNickname: 'two words' }), 400, 'Request_BadRequest', 'mailNickname')
    assertRefused(await post({ groupTypes: ['Secret'] }), 400, 'Request_BadRequest', 'groupTypes')
    assertRefused(await post({ groupTypes: ['DynamicMembership'] }), 501, 'NotImplemented', 'groupTypes')
    assertRefused(await post({ membershipRule: 'all' }), 501, 'NotImplemented', 'membershipRule')
    assertRefused(await post({ 'acceptedSenders@odata.bind': [] }), 501, 'NotImplemented', 'acceptedSenders@odata.bind')
    assertRefused(await post({ members: [] }), 501, 'NotImplemented', 'members')
    assertRefused(await post({ isAssignableToRole: true, securityEnabled: false }), 400, 'Request_BadRequest', 'securityEnabled')
  })

  it('may be made with members and owners, in any spelling, all of them or none', async () => {
    const url = (user: 'kim' | 'lee') => `https://graph.microsoft.com/v1.0/users/${personId(user)}`
    const post = (members: Readonly<Record<string, unknown>>, bearer = admin) =>
      ask(server, 'POST /v1.0/groups', { token: bearer, body: securityGroup('Bound', members) })
    const made = await post({
      'members@odata.bind': [url('kim'), url('lee')],
      'Owners@Odata.Bind': [`directoryObjects/${personId('kim')}`],
    })
    assert.equal(made.status, 201, made.text)
    const idsOf = async (relation: string) =>
      (await ask(server, `GET /v1.0/groups/${made.json.id}/${relation}`, { token: admin })).json.value.map(({ id }: Json) => id)
    assert.deepEqual(await idsOf('members'), [personId('kim'), personId('lee')])
    assert.deepEqual(await idsOf('owners'), [personId('kim')])
    assert.equal((await post({ 'members@odata.bind': [], 'owners@bind': [] })).status, 201)

    const count = async () => (await ask(server, 'GET /v1.0/groups?$count=true&$top=1', { token: admin })).json['@odata.count']
    const before = await count()
    const bound = 'members@odata.bind'
    assertRefused(await post({ [bound]: [url('kim'), url('kim')] }), 400, 'Request_BadRequest', `${bound}/1`)
    assertRefused(await post({ [bound]: Array(21).fill(url('kim')) }), 400, 'Request_BadRequest', bound)
    assertRefused(
      await post({ [bound]: [url('kim')], 'owners@odata.bind': Array(20).fill(url('kim')) }),
      400,
      'Request_BadRequest',
      'owners@odata.bind',
    )
    for (const value of [null, url('kim'), {}]) assertRefused(await post({ [bound]: value }), 400, 'Request_BadRequest', bound)
    for (const value of [null, 1, 'x', {}])
      assertRefused(await post({ [bound]: [url('lee'), value] }), 400, 'Request_BadRequest', `${bound}/1`)
    assertRefused(await post({ [bound]: [], 'Members@odata.bind': [] }), 400, 'Request_BadRequest', 'Members@odata.bind')
    for (const user of [personId('jo'), 'nobody'])
      assertRefused(await post({ [bound]: [url('kim'), `users/${user}`] }), 404, 'Request_ResourceNotFound', `${bound}/1`)
    const creator = await token(server, 'kim', { roles: ['Group.Create'] })
    assertRefused(await post({ [bound]: [url('kim')] }, creator), 403, 'Authorization_RequestDenied')
    assert.equal(await count(), before)
    assert.equal((await post({}, creator)).status, 201)
    const { id } = made.json
    assertRefused(
      await ask(server, `PATCH /v1.0/groups/${id}`, { token: admin, body: { [bound]: [url('kim')] } }),
      501,
      'NotImplemented',
      bound,
    )
  })

  it('has its types in the declared spelling, however they were written', async () => {
    const { json } = await ask(server, 'POST /v1.0/groups', { token: admin, body: securityGroup('Typed', { groupTypes: ['UNIFIED'] }) })
    assert.deepEqual(json.groupTypes, ['Unified'])
    const same = { groupTypes: ['unified'] }
    assert.equal((await ask(server, `PATCH /v1.0/groups/${json.id}`, { token: admin, body: same })).status, 204)
  })

  it('is changed by PATCH, 204, but for whether roles can be assigned to it', async () => {
    const { id } = await makeGroup(server, 'Before', { description: 'kept' })
    const patch = (body: object) => ask(server, `PATCH /v1.0/groups/${id}`, { token: admin, body })
    assert.equal((await patch({ displayName: 'After' })).status, 204)
    const { json } = await ask(server, `GET /v1.0/groups/${id}`, { token: admin })
    assert.deepEqual([json.displayName, json.description, json.mailNickname], ['After', 'kept', 'somebody'])
    assertRefused(await patch({ isAssignableToRole: true }), 400, 'Request_BadRequest', 'isAssignableToRole')
    assertRefused(await patch({ displayName: null }), 400, 'Request_BadRequest', 'displayName')
    assert.equal((await patch({ isAssignableToRole: null })).status, 204)
  })

  it('loses nothing where several change it at once', async () => {
    const { id } = await makeGroup(server, 'Many')
    const changes = { displayName: 'new', description: 'new', mailNickname: 'new', visibility: 'Public' }
    await Promise.all(
      Object.entries(changes).map(([name, value]) => ask(server, `PATCH /v1.0/groups/${id}`, { token: admin, body: { [name]: value } })),
    )
    const { json } = await ask(server, `GET /v1.0/groups/${id}`, { token: admin })
    for (const [name, value] of Object.entries(changes)) assert.equal(json[name], value, name)
  })

  it('is removed by DELETE, 204, with its memberships', async () => {
    const { id } = await makeGroup(server, 'Gone')
    await addTo(server, id, 'kim')
    assert.equal((await ask(server, `DELETE /v1.0/groups/${id}`, { token: admin })).status, 204)
    for (const verb of ['GET', 'DELETE'])
      assertRefused(await ask(server, `${verb} /v1.0/groups/${id}`, { token: admin }), 404, 'Request_ResourceNotFound')
    assert.deepEqual(await server.app.database.read(sql`SELECT 1 FROM group_members WHERE group_id = ${id}`), [])
  })

  it('of another tenant is not there', async () => {
    const { id } = await makeGroup(server, 'Ours')
    const elsewhere = await token(server, 'jo', { roles: [groupScope] })
    for (const [request, body] of [
      [`GET /v1.0/groups/${id}`],
      [`DELETE /v1.0/groups/${id}`],
      [`GET /v1.0/groups/${id}/members`],
      [`PATCH /v1.0/groups/${id}`, {}],
      [`POST /v1.0/groups/${id}/members/$ref`, reference(personId('jo'))],
    ] as const)
      assertRefused(await ask(server, request, { token: elsewhere, body }), 404, 'Request_ResourceNotFound')
  })
})
