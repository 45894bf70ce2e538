/** Who is in a group, over Graph, and how soon it decides who sees what. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask, type Json } from '../../support/ask.ts'
import { addTo, groupWriter, makeGroup, reference, removeFrom } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

describe('The members of a group', async () => {
  const server = await startServer()
  const admin = await groupWriter(server)

  for (const relation of ['members', 'owners'])
    it(`are added and removed by reference, 204: ${relation}`, async () => {
      const { id } = await makeGroup(server, relation)
      const list = async () =>
        (await ask(server, `GET /v1.0/groups/${id}/${relation}`, { token: admin })).json.value.map((user: Json) => user.userPrincipalName)
      assert.deepEqual(await list(), [])
      for (const user of ['lee', 'kim'] as const) {
        const answer = await addTo(server, id, user, relation)
        assert.deepEqual([answer.status, answer.text], [204, ''])
      }
      assert.deepEqual(await list(), ['kim@contoso.com', 'lee@contoso.com'])
      const again = await addTo(server, id, 'kim', relation)
      assertRefused(again, 400, 'Request_BadRequest')
      const message = `One or more added object references already exist for the following modified properties: '${relation}'.`
      assert.equal(again.json.error.message, message)
      assert.equal((await removeFrom(server, id, 'kim', relation)).status, 204)
      assertRefused(await removeFrom(server, id, 'kim', relation), 404, 'Request_ResourceNotFound')
      assert.deepEqual(await list(), ['lee@contoso.com'])
    })

  it('are listed as directory objects that say their type, page by page', async () => {
    const { id } = await makeGroup(server, 'Listed')
    for (const user of ['kim', 'lee', 'reader'] as const) await addTo(server, id, user)
    const { json: first } = await ask(server, `GET /v1.0/groups/${id}/members?$top=2&$count=true&$select=id,displayName`, { token: admin })
    assert.match(first['@odata.context'], /\$metadata#directoryObjects/)
    assert.equal(first['@odata.count'], 3)
    assert.deepEqual(untagged(first.value[0]), { '@odata.type': '#microsoft.graph.user', id: personId('kim'), displayName: 'Kim Akers' })
    const { json: second } = await ask(server, `GET ${first['@odata.nextLink'].slice(server.http.length)}`, { token: admin })
    assert.deepEqual(
      second.value.map((user: Json) => user.id),
      [personId('reader')],
    )
  })

  it('are shown as to who they are only to those who may read people', async () => {
    const { id } = await makeGroup(server, 'Seen')
    await addTo(server, id, 'kim')
    const seen = async (permissions: string) => {
      const holder = await token(server, 'lee', { scope: permissions })
      const [user] = (await ask(server, `GET /v1.0/groups/${id}/members`, { token: holder })).json.value
      return [user['@odata.type'], user.id, user.displayName, user.jobTitle]
    }
    const kim = ['#microsoft.graph.user', personId('kim')]
    assert.deepEqual(await seen('GroupMember.Read.All'), [...kim, null, null])
    assert.deepEqual(await seen('GroupMember.Read.All User.ReadBasic.All'), [...kim, 'Kim Akers', null])
    assert.deepEqual(await seen('GroupMember.Read.All User.Read.All'), [...kim, 'Kim Akers', 'Product Manager'])
  })

  it('are referred to by a URL of any host, absolute or relative, by id, and as users by name too', async () => {
    const { id } = await makeGroup(server, 'Referred')
    const post = (text: unknown) => ask(server, `POST /v1.0/groups/${id}/members/$ref`, { token: admin, body: { '@odata.id': text } })
    for (const url of [
      `https://graph.microsoft.com/v1.0/directoryObjects/${personId('kim')}`,
      `https://graph.microsoft.com/beta/users/${personId('kim')}`,
      `https://graph.microsoft.com/v1.0/users('${personId('kim')}')`,
      'https://graph.microsoft.com/v1.0/users/KIM%40contoso.com',
      `${server.http}/v1.0/users/${personId('kim')}`,
      `https://elsewhere.example:8443/v1.0/users/${personId('kim')}`,
      `https://graph.microsoft.com/v1.0/${tenants.contoso}/directoryObjects/${personId('kim')}`,
      `https://graph.windows.net/${tenants.contoso}/directoryObjects/${personId('kim')}`,
      `https://graph.microsoft.com/v2/${tenants.contoso}/directoryObjects/${personId('kim')}/Microsoft.DirectoryServices.User`,
      `https://graph.microsoft.com/v1.0/directoryObjects('${personId('kim')}')/microsoft.graph.user`,
      `/v1.0/users/${personId('kim')}`,
      `v1.0/${tenants.contoso}/directoryObjects/${personId('kim')}`,
      `/users/${personId('kim')}`,
      `users/${personId('kim')}`,
      `directoryObjects('${personId('kim')}')`,
      "USERS('kim@contoso.com')",
    ]) {
      assert.equal((await post(url)).status, 204, url)
      assert.equal((await removeFrom(server, id, 'kim')).status, 204)
    }
    for (const url of [
      'users',
      'users/',
      'users//x',
      "users('')",
      `//elsewhere.example/v1.0/users/${personId('kim')}`,
      `urn:users/${personId('kim')}`,
      `https://graph.microsoft.com/v1.0/users/${personId('kim')}?x=1`,
      `https://graph.microsoft.com/v1.0/users/${personId('kim')}#x`,
      `https://graph.microsoft.com/v1.0/applications/${personId('kim')}`,
      `https://graph.microsoft.com/v1.0/x/y/users/${personId('kim')}`,
      `users/${'x'.repeat(2048)}`,
      `https://graph.microsoft.com/v1.0/users/${personId('kim')}/manager`,
      'https://graph.microsoft.com/v1.0/users/%ff',
      personId('kim'),
      42,
      null,
    ])
      assertRefused(await post(url), 400, 'Request_BadRequest', '@odata.id')
    for (const url of [
      `https://graph.microsoft.com/v1.0/groups/${id}`,
      `https://graph.microsoft.com/v2/${tenants.contoso}/directoryObjects/${personId('kim')}/Microsoft.DirectoryServices.Group`,
    ])
      assertRefused(await post(url), 501, 'NotImplemented', '@odata.id')
    assertRefused(
      await post(`https://graph.microsoft.com/v1.0/${tenants.fabrikam}/directoryObjects/${personId('kim')}`),
      404,
      'Request_ResourceNotFound',
    )
    for (const body of [
      { '@Odata.Id': `users/${personId('kim')}` },
      { '@ODATA.ID': `users/${personId('kim')}`, '@odata.context': 'x' },
      { '@Id': `users/${personId('kim')}` },
    ]) {
      assert.equal((await ask(server, `POST /v1.0/groups/${id}/members/$ref`, { token: admin, body })).status, 204)
      assert.equal((await removeFrom(server, id, 'kim')).status, 204)
    }
    for (const body of [
      { '@odata.id': 'users/x', '@ODATA.ID': 'users/x' },
      { '@odata.id': 'users/x', '@id': 'users/x' },
    ])
      assertRefused(await ask(server, `POST /v1.0/groups/${id}/members/$ref`, { token: admin, body }), 400, 'Request_BadRequest')
    for (const key of [personId('jo'), 'nobody', 'kim@contoso.com'])
      assertRefused(await post(`https://graph.microsoft.com/v1.0/directoryObjects/${key}`), 404, 'Request_ResourceNotFound')
    assertRefused(await post(`https://graph.microsoft.com/v1.0/directoryObjects/${id}`), 501, 'NotImplemented')
    const mixed = await ask(server, `POST /v1.0/groups/${id}/members/$ref`, {
      token: admin,
      body: { ...reference(personId('kim')), id: 'x' },
    })
    assertRefused(mixed, 400, 'Request_BadRequest', 'id')
    assertRefused(
      await ask(server, `POST /v1.0/groups/${id}/members/$ref`, { token: admin, body: {} }),
      400,
      'Request_BadRequest',
      '@odata.id',
    )
  })

  it('are counted, for those who say that they know what a count is', async () => {
    const { id } = await makeGroup(server, 'Counted')
    await addTo(server, id, 'kim')
    await addTo(server, id, 'lee')
    await addTo(server, id, 'lee', 'owners')
    const count = (path: string, headers = {}) => ask(server, `GET /v1.0/groups${path}/$count`, { token: admin, headers })
    for (const [path, text] of [
      [`/${id}/members`, '2'],
      [`/${id}/owners`, '1'],
    ] as const) {
      assert.equal((await count(path, { ConsistencyLevel: 'eventual' })).text, text)
      assertRefused(await count(path), 400, 'Request_BadRequest', 'ConsistencyLevel')
    }
    assertRefused(await count('/nothing/members', { ConsistencyLevel: 'eventual' }), 404, 'Request_ResourceNotFound')
    const { json } = await ask(server, 'GET /v1.0/groups?$count=true&$top=1', { token: admin })
    assert.equal((await count('', { ConsistencyLevel: 'eventual' })).text, String(json['@odata.count']))
    assertRefused(await ask(server, 'GET /v1.0/groups/$count?$filter=true', { token: admin }), 501, 'NotImplemented', '$filter')
  })

  it('can be looked up one by one, and by reference alone: 404 where somebody is none', async () => {
    const { id } = await makeGroup(server, 'Looked up')
    await addTo(server, id, 'kim')
    const get = (path: string, bearer = admin) => ask(server, `GET /v1.0/groups/${id}/${path}`, { token: bearer })
    const found = await get(`members/${personId('kim')}`)
    assert.deepEqual([found.status, found.json['@odata.type'], found.json.id], [200, '#microsoft.graph.user', personId('kim')])
    assert.equal(found.json['@odata.context'], `${server.http}/v1.0/$metadata#directoryObjects/$entity`)
    const { status, json } = await get(`members/${personId('kim')}/$ref`)
    assert.equal(status, 200)
    assert.deepEqual(json, {
      '@odata.context': `${server.http}/v1.0/$metadata#$ref`,
      '@odata.id': `${server.http}/v1.0/users('${personId('kim')}')`,
    })
    assert.equal((await ask(server, `GET ${json['@odata.id'].slice(server.http.length)}`, { token: admin })).json.id, personId('kim'))
    for (const path of [`members/${personId('lee')}`, `owners/${personId('kim')}`, 'members/nobody'])
      for (const further of ['', '/$ref']) assertRefused(await get(path + further), 404, 'Request_ResourceNotFound')
    const lee = await token(server, 'lee', { scope: 'User.Read.All' })
    for (const further of ['', '/$ref']) assert.equal((await get(`members/${personId('kim')}${further}`, lee)).status, 403)
  })

  it('are added once where several add one at once', async () => {
    const { id } = await makeGroup(server, 'Once')
    const answers = await Promise.all(Array.from({ length: 4 }, () => addTo(server, id, 'kim')))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400, 400, 400])
  })

  it('do not outlive their group', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await makeGroup(server, 'Brief')
      const [added] = await Promise.all([addTo(server, id, 'kim'), ask(server, `DELETE /v1.0/groups/${id}`, { token: admin })])
      assert.ok([204, 404].includes(added.status), added.text)
      assert.deepEqual(await server.app.database.read(sql`SELECT 1 FROM group_members WHERE group_id = ${id}`), [])
    }
  })

  it('decide at the next request who sees a groupMembers address', async () => {
    const { id } = await makeGroup(server, 'Audience')
    // These two share no other group.
    const owner = await token(server, 'helpdesk', { scope: 'User.ReadWrite' })
    const other = await token(server, 'useradmin', { scope: 'User.Read' })
    const body = { address: 'helpdesk@team.example', allowedAudiences: 'groupMembers' }
    assert.equal((await ask(server, 'POST /beta/me/profile/emails', { token: owner, body })).status, 201)
    const seen = async () => (await ask(server, 'GET /beta/users/helpdesk@contoso.com/profile/emails', { token: other })).json.value.length
    await addTo(server, id, 'helpdesk')
    assert.equal(await seen(), 0)
    await addTo(server, id, 'useradmin')
    assert.equal(await seen(), 1)
    await removeFrom(server, id, 'useradmin')
    assert.equal(await seen(), 0)
    await addTo(server, id, 'useradmin')
    assert.equal(await seen(), 1)
    await ask(server, `DELETE /v1.0/groups/${id}`, { token: admin })
    assert.equal(await seen(), 0)
  })
})
