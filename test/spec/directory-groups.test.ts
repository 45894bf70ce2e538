/** Groups over Graph: how they are made, listed, changed and removed. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask, type Json } from '../support/ask.ts'
import { addTo, groupScope, groupWriter, makeGroup, reference, securityGroup } from '../support/groups.ts'
import { putRecords } from '../support/records.ts'
import { assertRefused } from '../support/refusal.ts'
import { startServer, token } from '../support/server.ts'
import { personId, tenants } from '../support/tenants.ts'
import { untagged } from '../support/untagged.ts'

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
    assertRefused(await post({ 'members@odata.bind': [] }), 501, 'NotImplemented', 'members@odata.bind')
    assertRefused(await post({ isAssignableToRole: true, securityEnabled: false }), 400, 'Request_BadRequest', 'securityEnabled')
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
