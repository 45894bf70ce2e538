/** Role assignments over Graph: who gives and takes them, and how soon they are felt. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { roleTemplates } from '../../../src/auth/roles.ts'
import { ask, type Json } from '../../support/ask.ts'
import { putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const collection = '/v1.0/roleManagement/directory/roleAssignments'
const scope = 'RoleManagement.ReadWrite.Directory'
const assign = (role: keyof typeof roleTemplates, principalId: string, directoryScopeId = '/') => ({
  '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
  roleDefinitionId: roleTemplates[role],
  principalId,
  directoryScopeId,
})

describe('The role assignments of a tenant', async () => {
  const server = await startServer()
  const admin = await token(server, 'globaladmin', { scope })

  it('are those of the tenant and no others, each with role, principal and scope', async () => {
    const { status, json } = await ask(server, `GET ${collection}?$count=true`, { token: admin })
    assert.equal(status, 200)
    assert.equal(json['@odata.context'], `${server.http}/v1.0/$metadata#roleManagement/directory/roleAssignments`)
    assert.equal(json['@odata.count'], 6)
    const [first] = json.value
    assert.deepEqual(Object.keys(untagged(first)).sort(), ['directoryScopeId', 'id', 'principalId', 'roleDefinitionId'])
    assert.deepEqual(
      [first.principalId, first.roleDefinitionId, first.directoryScopeId],
      [personId('authadmin'), roleTemplates['Authentication Administrator'], '/'],
    )
    const got = await ask(server, `GET ${collection}/${first.id}`, { token: admin })
    const { '@odata.context': context, ...assignment } = got.json
    assert.deepEqual(assignment, first)
    assert.equal(context, `${server.http}/v1.0/$metadata#roleManagement/directory/roleAssignments/$entity`)
    const elsewhere = await token(server, 'jo', { roles: [scope] })
    assert.deepEqual((await ask(server, `GET ${collection}`, { token: elsewhere })).json.value, [])
    assertRefused(await ask(server, `GET ${collection}/${first.id}`, { token: elsewhere }), 404, 'Request_ResourceNotFound')
  })

  it('come page by page, each of them once', async () => {
    const { json: whole } = await ask(server, `GET ${collection}`, { token: admin })
    const seen: Json[] = []
    let next = `${server.http}${collection}?$top=4`
    for (let pages = 0; next !== undefined && pages < 5; pages++) {
      const { json } = await ask(server, `GET ${next.slice(server.http.length)}`, { token: admin })
      seen.push(...json.value)
      next = json['@odata.nextLink']
    }
    assert.equal(next, undefined)
    assert.deepEqual(seen, whole.value)
  })

  it('are not filtered yet: 501 that names the option', async () => {
    const answer = await ask(server, `GET ${collection}?$filter=principalId eq '${personId('kim')}'`, { token: admin })
    assertRefused(answer, 501, 'NotImplemented', '$filter')
  })

  for (const version of ['v1.0', 'beta'])
    it(`grow by POST in ${version}: 201, the assignment and where it is; gone again with DELETE, 204`, async () => {
      const at = collection.replace('v1.0', version)
      const { status, json, headers } = await ask(server, `POST ${at}`, { token: admin, body: assign('Reports Reader', personId('kim')) })
      assert.equal(status, 201)
      const { id, '@odata.context': _, ...members } = json
      const { '@odata.type': __, ...given } = assign('Reports Reader', personId('kim'))
      assert.deepEqual(untagged(members), given)
      const location = headers.get('location') ?? ''
      assert.equal(location, `${server.http}${at}('${id}')`)
      assert.equal((await ask(server, `GET ${location.slice(server.http.length)}`, { token: admin })).json.id, id)
      const removed = await ask(server, `DELETE ${at}/${id}`, { token: admin })
      assert.deepEqual([removed.status, removed.text], [204, ''])
      assertRefused(await ask(server, `DELETE ${at}/${id}`, { token: admin }), 404, 'Request_ResourceNotFound')
      assertRefused(await ask(server, `GET ${at}/${id}`, { token: admin }), 404, 'Request_ResourceNotFound')
    })

  it('hold each role of each user over each scope once: the second time is 400, and of several at once one wins', async () => {
    const post = () => ask(server, `POST ${collection}`, { token: admin, body: assign('Guest Inviter', personId('kim')) })
    const answers = await Promise.all([post(), post(), post()])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400, 400])
    const again = await post()
    assertRefused(again, 400, 'Request_BadRequest')
    assert.equal(
      again.json.error.message,
      'A conflicting object with one or more of the specified property values is present in the directory.',
    )
  })

  it('are over the tenant or a unit that is there, and of a user who is there', async () => {
    const unit = 'cccccccc-0000-4000-8000-00000000000c'
    const group = 'cccccccc-0000-4000-8000-00000000000d'
    await putRecords(server, [
      { kind: 'administrativeUnit', tenantId: tenants.contoso, id: unit },
      { kind: 'group', tenantId: tenants.contoso, id: group, isAssignableToRole: true },
    ])
    const post = (body: object) => ask(server, `POST ${collection}`, { token: admin, body })
    assert.equal((await post(assign('Helpdesk Administrator', personId('lee'), `/administrativeUnits/${unit}`))).status, 201)
    const refusals: readonly (readonly [object, number, string, string])[] = [
      [assign('Reports Reader', personId('lee'), '/administrativeUnits/none'), 400, 'Request_BadRequest', 'directoryScopeId'],
      [assign('Reports Reader', personId('lee'), '/applications/x'), 400, 'Request_BadRequest', 'directoryScopeId'],
      [assign('Reports Reader', personId('jo')), 404, 'Request_ResourceNotFound', 'principalId'],
      [assign('Reports Reader', 'lee@contoso.com'), 404, 'Request_ResourceNotFound', 'principalId'],
      [assign('Reports Reader', group), 501, 'NotImplemented', 'principalId'],
      [{ ...assign('Reports Reader', personId('lee')), roleDefinitionId: 'Reports Reader' }, 400, 'Request_BadRequest', 'roleDefinitionId'],
      [{ ...assign('Reports Reader', personId('lee')), appScopeId: '/' }, 501, 'NotImplemented', 'appScopeId'],
    ]
    for (const [body, status, code, target] of refusals) assertRefused(await post(body), status, code, target)
    for (const name of ['roleDefinitionId', 'principalId', 'directoryScopeId'])
      assertRefused(await post({ ...assign('Reports Reader', personId('lee')), [name]: null }), 400, 'Request_BadRequest', name)
    for (const id of ['none', 'W10', Buffer.from('["x","y"]').toString('base64url')])
      assertRefused(await ask(server, `GET ${collection}/${id}`, { token: admin }), 404, 'Request_ResourceNotFound')
  })
})

describe('A role', async () => {
  const server = await startServer()
  const admin = await token(server, 'globaladmin', { scope })
  const method = 'POST /v1.0/users/lee@contoso.com/authentication/emailMethods'

  it('is felt by the very next request of its holder, given and taken', async () => {
    const kim = await token(server, 'kim', { scope: 'UserAuthenticationMethod.ReadWrite.All' })
    const read = () => ask(server, 'GET /v1.0/users/lee@contoso.com/authentication/emailMethods', { token: kim })
    for (let round = 0; round < 5; round++) {
      assertRefused(await read(), 403, 'accessDenied')
      const body = assign('Authentication Administrator', personId('kim'))
      const { json } = await ask(server, `POST ${collection}`, { token: admin, body })
      assert.equal((await read()).status, 200)
      assert.equal((await ask(server, `DELETE ${collection}/${json.id}`, { token: admin })).status, 204)
    }
    assertRefused(await read(), 403, 'accessDenied')
  })

  it('protects its holder from the very next request on', async () => {
    const authadmin = await token(server, 'authadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All' })
    const set = () => ask(server, method, { token: authadmin, body: { emailAddress: 'lee@example.org' } })
    const { json } = await ask(server, `POST ${collection}`, { token: admin, body: assign('Helpdesk Administrator', personId('lee')) })
    assertRefused(await set(), 403, 'accessDenied')
    await ask(server, `DELETE ${collection}/${json.id}`, { token: admin })
    assert.equal((await set()).status, 201)
  })

  it('does not outlive its holder: a role given to somebody who is removed at the same moment is gone or refused', async () => {
    const writer = await token(server, 'globaladmin', { scope: `${scope} User.ReadWrite.All` })
    for (let round = 0; round < 5; round++) {
      const id = `dddddddd-0000-4000-8000-00000000000${round}`
      await putRecords(server, [{ kind: 'user', tenantId: tenants.contoso, id, userPrincipalName: `brief${round}@contoso.com` }])
      const [given, removed] = await Promise.all([
        ask(server, `POST ${collection}`, { token: writer, body: assign('Reports Reader', id) }),
        ask(server, `DELETE /v1.0/users/${id}`, { token: writer }),
      ])
      assert.equal(removed.status, 204)
      assert.ok([201, 404].includes(given.status), given.text)
      const { json } = await ask(server, `GET ${collection}`, { token: writer })
      assert.ok(!json.value.some((assignment: Json) => assignment.principalId === id))
    }
  })

  it('is given by a Privileged Role Administrator too, and by an application', async () => {
    for (const holder of [
      await token(server, 'kim', { scope, wids: ['Privileged Role Administrator'] }),
      await token(server, 'kim', { roles: [scope] }),
    ]) {
      const { status, json } = await ask(server, `POST ${collection}`, {
        token: holder,
        body: assign('Message Center Reader', personId('kim')),
      })
      assert.equal(status, 201)
      assert.equal((await ask(server, `DELETE ${collection}/${json.id}`, { token: holder })).status, 204)
    }
    const privadmin = await token(server, 'privadmin', { scope })
    assertRefused(
      await ask(server, `POST ${collection}`, { token: privadmin, body: assign('Global Administrator', personId('privadmin')) }),
      403,
      'Authorization_RequestDenied',
    )
  })
})
