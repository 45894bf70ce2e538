/** Groups that roles can be assigned to: who may touch them, and whom they protect. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { addTo, groupScope, groupWriter, makeGroup, reference, removeFrom, securityGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

describe('A group that roles can be assigned to', async () => {
  const server = await startServer()
  const role = 'RoleManagement.ReadWrite.Directory'
  const assignable = securityGroup('Tier 0', { isAssignableToRole: true })
  const post = (holder: string, body: object) => ask(server, 'POST /v1.0/groups', { token: holder, body })

  it('is made by a Privileged Role Administrator or Global Administrator with the permission for roles', async () => {
    for (const wids of [['Privileged Role Administrator'], ['Global Administrator']] as const) {
      const made = await post(await token(server, 'kim', { scope: `${groupScope} ${role}`, wids }), assignable)
      assert.deepEqual([made.status, made.json.isAssignableToRole], [201, true])
      assertRefused(await post(await token(server, 'kim', { scope: groupScope, wids }), assignable), 403, 'Authorization_RequestDenied')
    }
    for (const wids of [['Groups Administrator'], ['User Administrator']] as const)
      assertRefused(
        await post(await token(server, 'kim', { scope: `${groupScope} ${role}`, wids }), assignable),
        403,
        'Authorization_RequestDenied',
      )
    assert.equal((await post(await token(server, 'kim', { roles: [groupScope, role] }), assignable)).status, 201)
    assertRefused(await post(await token(server, 'kim', { roles: [groupScope] }), assignable), 403, 'Authorization_RequestDenied')
  })

  it('leaves ordinary groups to others than a Privileged Role Administrator', async () => {
    const holder = await token(server, 'kim', { scope: `${groupScope} ${role}`, wids: ['Privileged Role Administrator'] })
    assertRefused(await post(holder, securityGroup('Ordinary')), 403, 'Authorization_RequestDenied')
    const groups = await token(server, 'kim', { scope: groupScope, wids: ['Groups Administrator'] })
    assert.equal((await post(groups, securityGroup('Ordinary'))).status, 201)
  })

  it('is changed, removed, joined and left by the same few only', async () => {
    const { id } = await makeGroup(server, 'Tier 0', { isAssignableToRole: true })
    await addTo(server, id, 'lee')
    const groupsAdministrator = await token(server, 'kim', { scope: `${groupScope} ${role}`, wids: ['Groups Administrator'] })
    const application = await token(server, 'kim', { roles: [groupScope] })
    for (const holder of [groupsAdministrator, application])
      for (const [request, body] of [
        [`PATCH /v1.0/groups/${id}`, { displayName: 'Mine' }],
        [`POST /v1.0/groups/${id}/members/$ref`, reference(personId('kim'))],
        [`POST /v1.0/groups/${id}/owners/$ref`, reference(personId('kim'))],
        [`DELETE /v1.0/groups/${id}/members/${personId('lee')}/$ref`],
        [`DELETE /v1.0/groups/${id}`],
      ] as const)
        assertRefused(await ask(server, request, { token: holder, body }), 403, 'Authorization_RequestDenied')
    assert.equal((await removeFrom(server, id, 'lee')).status, 204)
  })

  it('takes its members and owners out of the reach of an Authentication Administrator at once, and gives them back', async () => {
    const authadmin = await token(server, 'authadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All' })
    const methods = '/v1.0/users/kim@contoso.com/authentication/emailMethods'
    const reached = async () => {
      const { status } = await ask(server, `DELETE ${methods}/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`, { token: authadmin })
      return { 403: false, 404: true }[status]
    }
    const { id } = await makeGroup(server, 'Tier 0', { isAssignableToRole: true })
    for (const relation of ['members', 'owners']) {
      assert.equal(await reached(), true)
      await addTo(server, id, 'kim', relation)
      assert.equal(await reached(), false)
      await removeFrom(server, id, 'kim', relation)
    }
    assert.equal(await reached(), true)
    await addTo(server, id, 'kim')
    assert.equal(await reached(), false)
    assert.equal((await ask(server, `DELETE /v1.0/groups/${id}`, { token: await groupWriter(server) })).status, 204)
    assert.equal(await reached(), true)
  })
})
