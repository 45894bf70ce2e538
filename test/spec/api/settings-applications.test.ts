/** SELFGRAPH_ALLOW_APPLICATIONS: what it opens to applications without a user, and that it opens nothing else. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  accountRemedy,
  asksOf,
  assertDenied,
  codeFor,
  isPersonal,
  okStatus,
  operationsServed,
  operationsWhere,
  permissionRemedy,
  roleRemedy,
  send,
  settingRemedy,
  stageOn,
  usualVersion,
} from '../../support/matrix.ts'
import { applicationToken, demo, person, roleLine, tokenOf, userLine } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const lee = demo('lee')
const openedBySetting = operationsWhere(({ application }) => typeof application === 'object' && 'withSetting' in application)

describe('SELFGRAPH_ALLOW_APPLICATIONS=1', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '1' } })
  const call = stageOn(server)
  const highest = person('highest')
  before(() => putRecords(server, [userLine(highest), roleLine(highest, 'Global Administrator')]))

  for (const operation of operationsServed()) {
    const asks = asksOf(operation)
    const { application } = asks
    const sufficient = application === 'never' ? [] : 'always' in application ? application.always : application.withSetting

    it(`${operation}: ${application === 'never' ? 'still refused' : `one of ${sufficient.length} app permissions suffices, and no other`}`, async () => {
      for (const permission of permissions) {
        const answer = await call(operation, lee, { path: `/users/${lee.id}`, token: await applicationToken(server, [permission]) })
        if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
        else if (application === 'never') assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy], permission)
        else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient, 'roles')], permission)
      }
    })

    it(`${operation}: no user's token does it instead, though it carries app roles`, async () => {
      const token = await tokenOf(server, demo('kim'), { scope: 'openid', claims: { roles: permissions } })
      const answer = await send(server, operation, { path: `/users/${lee.id}`, token })
      assert.equal(answer.status, 403)
      assert.equal(answer.json.error.details[0].code, asks.others === 'ownerOnly' ? 'owner' : 'permission')
    })
  }

  for (const operation of openedBySetting) {
    const asks = asksOf(operation)

    it(`${operation}: asks neither for a role nor for MFA, whoever the target, by id or name, under each version`, async () => {
      const token = await applicationToken(server, permissions)
      for (const path of [`/users/${highest.id}`, `/users/${highest.principalName.toUpperCase()}`, `/users('${highest.id}')`])
        for (const version of usualVersion(asks) === 'beta' ? (['beta'] as const) : (['v1.0', 'beta'] as const)) {
          const answer = await call(operation, highest, { path, token, version })
          assert.equal(answer.status, okStatus(asks, version), answer.text)
        }
    })

    it(`${operation}: ends at the border of the tenant, and knows no unknown user`, async () => {
      const token = await applicationToken(server, permissions)
      for (const path of ['/users/nobody@contoso.com', `/users/${demo('ari').id}`, '/users/sam@outlook.example']) {
        const answer = await send(server, operation, { path, token })
        assert.deepEqual([answer.status, answer.json.error.code], [404, codeFor(asks, 'notFound')])
      }
    })
  }

  for (const operation of operationsWhere(isPersonal))
    it(`${operation}: /me stays a 400`, async () => {
      const answer = await send(server, operation, { path: '/me', token: await applicationToken(server, permissions) })
      assert.deepEqual([answer.status, answer.json.error.code], [400, 'BadRequest'])
    })

  for (const operation of operationsServed())
    it(`${operation}: refused to an application that claims the tenant of all personal accounts`, async () => {
      const asks = asksOf(operation)
      const token = await applicationToken(server, permissions, { tid: tenants.personal })
      const answer = await send(server, operation, { path: `/users/${demo('sam').id}`, token })
      assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy])
    })

  it('opens nothing to people: administrators still need their role, and owners their MFA', async () => {
    for (const operation of operationsWhere(({ roles }) => roles !== undefined)) {
      const token = await tokenOf(server, demo('kim'), { scope: permissions.join(' ') })
      const answer = await send(server, operation, { path: `/users/${lee.id}`, token })
      assertDenied(answer, operation, 'accessDenied', [roleRemedy(asksOf(operation).roles)])
    }
    for (const operation of operationsWhere(({ mfa }) => mfa !== undefined)) {
      const token = await tokenOf(server, demo('kim'), { scope: permissions.join(' ') })
      assertDenied(await send(server, operation, { path: '/me', token }), operation, 'accessDenied', [{ code: 'mfa', target: 'amr' }])
    }
  })

  it('opens nothing to personal accounts', async () => {
    const token = await tokenOf(server, demo('sam'), { scope: permissions.join(' '), mfa: true })
    for (const operation of openedBySetting) assert.equal((await send(server, operation, { path: '/me', token })).status, 403)
  })
})

describe('SELFGRAPH_ALLOW_APPLICATIONS=0', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '0' } })

  for (const operation of openedBySetting)
    it(`is the default: refuses ${operation}, and names the setting`, async () => {
      const token = await applicationToken(server, permissions)
      const answer = await send(server, operation, { path: `/users/${lee.id}`, token })
      assertDenied(answer, operation, codeFor(asksOf(operation), 'account'), [accountRemedy, settingRemedy('SELFGRAPH_ALLOW_APPLICATIONS')])
    })
})
