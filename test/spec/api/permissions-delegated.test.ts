/** People of a tenant, on themselves, on others and on the tenant: which permission lets them do what. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  asksOf,
  assertDenied,
  codeFor,
  isPersonal,
  okStatus,
  operationsWhere,
  ownerRemedy,
  permissionRemedy,
  send,
  stageOn,
} from '../../support/matrix.ts'
import { demo, tokenOf } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { startServer } from '../../support/server.ts'

const kim = demo('kim')
const lee = demo('lee')
const others = `/users/${lee.id}`
const aboutPeople = operationsWhere(isPersonal)
const aboutTenants = operationsWhere((asks) => !isPersonal(asks))

describe('What people may do', async () => {
  const server = await startServer()
  const call = stageOn(server)

  describe('on oneself', () => {
    for (const operation of aboutPeople) {
      const asks = asksOf(operation)
      const sufficient = asks.self ?? []

      it(`${operation}: one of ${sufficient.length} permissions suffices, and no other`, async () => {
        for (const permission of permissions) {
          const holder = await tokenOf(server, kim, { scope: permission, mfa: true })
          const answer = await call(operation, kim, { path: '/me', token: holder })
          if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient)], permission)
        }
      })

      it(`${operation}: by /me, own id and own principal name in any case, under each version`, async () => {
        const holder = await tokenOf(server, kim, { scope: sufficient[0] ?? '', mfa: true })
        const names = [`/users/${kim.id}`, '/users/kim@contoso.com', '/users/KIM@Contoso.COM', "/users('Kim@contoso.com')"]
        for (const path of ['/me', '/users/me-token-to-replace', ...names])
          for (const version of asks.workload === 'profile' ? (['beta'] as const) : (['v1.0', 'beta'] as const)) {
            const answer = await call(operation, kim, { path, token: holder, version })
            assert.equal(answer.status, okStatus(asks, version), `${path}: ${answer.text}`)
          }
      })
    }
  })

  describe('on somebody else of the tenant', () => {
    for (const operation of aboutPeople) {
      const asks = asksOf(operation)
      const sufficient = asks.others === 'ownerOnly' ? [] : asks.others
      it(`${operation}: ${asks.others === 'ownerOnly' ? 'nobody' : `one of ${sufficient.length} permissions suffices, and no other`}`, async () => {
        for (const permission of permissions) {
          const holder = await tokenOf(server, asks.roles === undefined ? kim : demo('privadmin'), { scope: permission })
          const answer = await call(operation, lee, { path: others, token: holder })
          if (asks.others === 'ownerOnly') assertDenied(answer, operation, 'ErrorAccessDeniedForRole', [ownerRemedy], permission)
          else if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient)], permission)
        }
      })
    }
  })

  describe('on the tenant', () => {
    for (const operation of aboutTenants) {
      const asks = asksOf(operation)
      const sufficient = asks.others === 'ownerOnly' ? [] : asks.others
      it(`${operation}: one of ${sufficient.length} permissions suffices, and no other`, async () => {
        for (const permission of permissions) {
          const holder = await tokenOf(server, kim, { scope: permission, wids: ['Authentication Policy Administrator'] })
          const answer = await send(server, operation, { token: holder })
          if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient)], permission)
        }
      })
    }
  })
})
