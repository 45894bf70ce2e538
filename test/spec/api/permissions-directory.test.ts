/** The writes of the directory by each kind of caller: who gets in, and what a refusal says. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type RoleName, roleTemplates } from '../../../src/auth/roles.ts'
import { type Answer, ask } from '../../support/ask.ts'
import { type DirectoryAsks, directoryPermissions, directoryTable } from '../../support/directory-table.ts'
import { accountRemedy, allOperations, assertDenied, permissionRemedy, type Remedy, roleRemedy } from '../../support/matrix.ts'
import { applicationToken, demo, tokenOf } from '../../support/matrix-people.ts'
import { startServer } from '../../support/server.ts'

const everything = directoryPermissions.join(' ')
const kim = demo('kim')
const globaladmin = demo('globaladmin')
const roleNames = Object.keys(roleTemplates) as RoleName[] // its keys are what RoleName is

describe('Who may write to the directory', async () => {
  const server = await startServer()
  const send = ({ request, body }: DirectoryAsks, token: string, version = 'v1.0') =>
    ask(server, request.replace(' ', ` /${version}`), { token, ...(body === undefined ? {} : { body }) })
  const refused = (answer: Answer, operation: string, remedy: Remedy, note = '') =>
    assertDenied(answer, operation, 'Authorization_RequestDenied', [remedy], note)

  it('is written down for each operation of the directory that is served, and for no other', () => {
    for (const operation of Object.keys(directoryTable)) assert.ok(allOperations().includes(operation), operation)
  })

  for (const [operation, asks] of Object.entries(directoryTable)) {
    it(`${operation}: one of ${asks.delegated.length} permissions suffices a user, and no other`, async () => {
      for (const permission of directoryPermissions) {
        const answer = await send(asks, await tokenOf(server, globaladmin, { scope: permission }))
        if (asks.delegated.includes(permission)) assert.equal(answer.status, asks.passes, `${permission}: ${answer.text}`)
        else refused(answer, operation, permissionRemedy(asks.delegated), permission)
      }
    })

    it(`${operation}: one of ${asks.application.length} permissions suffices an application, and no other`, async () => {
      for (const permission of directoryPermissions) {
        const answer = await send(asks, await applicationToken(server, [permission]))
        if (asks.application.includes(permission)) assert.equal(answer.status, asks.passes, `${permission}: ${answer.text}`)
        else refused(answer, operation, permissionRemedy(asks.application, 'roles'), permission)
      }
    })

    it(`${operation}: refused to personal accounts, and to applications of their tenant`, async () => {
      const sam = demo('sam')
      refused(await send(asks, await tokenOf(server, sam, { scope: everything, wids: ['Global Administrator'] })), operation, accountRemedy)
      const application = await applicationToken(server, directoryPermissions, { tid: sam.tenantId })
      refused(await send(asks, application), operation, accountRemedy)
    })

    it(`${operation}: ${asks.roles === undefined ? 'asks for no role' : `asks for one of ${asks.roles.length} roles`}`, async () => {
      for (const role of [undefined, ...roleNames]) {
        const wids = role === undefined ? [] : [role]
        const answer = await send(asks, await tokenOf(server, kim, { scope: everything, wids }))
        const { notForBody = [] } = asks
        if (role !== undefined && notForBody.includes(role))
          refused(answer, operation, roleRemedy(asks.roles?.filter((other) => !notForBody.includes(other))), role)
        else if (asks.roles === undefined || (role !== undefined && asks.roles.includes(role)))
          assert.equal(answer.status, asks.passes, `${role}: ${answer.text}`)
        else refused(answer, operation, roleRemedy(asks.roles), role)
      }
    })

    it(`${operation}: says the same in beta, and 401 to strangers`, async () => {
      const answer = await send(asks, await tokenOf(server, kim, { scope: 'openid' }), 'beta')
      refused(answer, operation, permissionRemedy(asks.delegated))
      assert.equal((await send(asks, 'x.y.z')).status, 401)
    })
  }
})
