/** Every operation by those without a token, applications and personal accounts: who gets in, and what a refusal says. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accountRemedy,
  asksOf,
  assertDenied,
  codeFor,
  isPersonal,
  operationsServed,
  operationsWhere,
  ownerRemedy,
  permissionRemedy,
  roleRemedy,
  send,
  settingRemedy,
  stageOn,
  usualVersion,
} from '../../support/matrix.ts'
import { applicationToken, demo, tokenOf } from '../../support/matrix-people.ts'
import { permissions, table } from '../../support/matrix-table.ts'
import { startServer } from '../../support/server.ts'

const kim = demo('kim')
const lee = demo('lee')
const sam = demo('sam')
const others = `/users/${lee.id}`
const everything = permissions.join(' ')
const aboutPeople = operationsWhere(isPersonal)

describe('Who may do what', async () => {
  const server = await startServer()
  const call = stageOn(server)

  it('is written down for each operation that is served, and for no other', () => {
    assert.deepEqual(operationsServed().toSorted(), Object.keys(table).toSorted())
  })

  describe('without a token that counts', () => {
    for (const operation of operationsServed())
      it(`refuses ${operation} with 401 and the same words, whatever is asked for`, async () => {
        for (const path of ['/me', others, '/users/nobody@contoso.com']) {
          const without = await send(server, operation, { path })
          assert.equal(without.status, 401)
          assert.equal(without.json.error.code, 'InvalidAuthenticationToken')
          assert.match(without.headers.get('www-authenticate') ?? '', /^Bearer /)
          const expired = await tokenOf(server, kim, {
            scope: everything,
            mfa: true,
            claims: { exp: Math.floor(server.now() / 1000) - 60 },
          })
          const stranger = await tokenOf(server, { ...kim, id: lee.id.replace('0002', '9999') }, { scope: everything, mfa: true })
          for (const bad of ['x.y.z', expired, stranger]) {
            const answer = await send(server, operation, { path, token: bad })
            assert.equal(answer.status, 401)
            assert.equal(answer.json.error.code, 'InvalidAuthenticationToken')
          }
        }
      })
  })

  describe('as an application', () => {
    for (const operation of operationsServed()) {
      const asks = asksOf(operation)
      it(`${operation}: ${'always' in Object(asks.application) ? 'with its app permission, and no other' : 'refused'}`, async () => {
        for (const permission of permissions) {
          const answer = await call(operation, lee, { path: others, token: await applicationToken(server, [permission]) })
          if (asks.application === 'never') assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy], permission)
          else if ('withSetting' in asks.application)
            assertDenied(
              answer,
              operation,
              codeFor(asks, 'account'),
              [accountRemedy, settingRemedy('SELFGRAPH_ALLOW_APPLICATIONS')],
              permission,
            )
          else if (asks.application.always.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else
            assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(asks.application.always, 'roles')], permission)
        }
      })
    }

    for (const operation of aboutPeople)
      it(`${operation}: 400 on /me, whatever the application holds`, async () => {
        for (const roles of [[], permissions]) {
          const answer = await send(server, operation, { path: '/me', token: await applicationToken(server, roles) })
          assert.equal(answer.status, 400)
          assert.equal(answer.json.error.code, 'BadRequest')
          assert.equal(answer.json.error.message, '/me request is only valid with delegated authentication flow.')
        }
      })
  })

  describe('with a personal account', () => {
    for (const operation of operationsServed()) {
      const asks = asksOf(operation)
      const { personal } = asks
      it(`${operation}: ${typeof personal === 'object' && 'always' in personal ? 'on oneself only' : 'refused'}`, async () => {
        for (const permission of permissions)
          for (const path of permission === 'User.ReadWrite' ? ['/me', `/users/${sam.id}`, `/users/${sam.principalName}`] : ['/me']) {
            const holder = await tokenOf(server, sam, { scope: permission, mfa: true })
            const answer = await call(operation, sam, { path, token: holder })
            if (typeof personal === 'string') assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy], permission)
            else if ('withSetting' in personal)
              assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy, settingRemedy('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS')])
            else if (personal.always.includes(permission)) assert.equal(answer.status, asks.ok, answer.text)
            else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(personal.always)], permission)
          }
      })

      it(`${operation}: refused on anybody else`, async () => {
        const holder = await tokenOf(server, sam, { scope: everything, mfa: true, wids: ['Privileged Authentication Administrator'] })
        const answer = await call(operation, lee, { path: others, token: holder })
        if (asks.others === 'ownerOnly') assertDenied(answer, operation, 'ErrorAccessDeniedForRole', [ownerRemedy])
        else {
          const closed = typeof personal === 'object' && 'withSetting' in personal
          const setting = closed ? [settingRemedy('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS')] : []
          assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy, ...setting])
        }
      })
    }
  })
})

describe('A refusal', async () => {
  const server = await startServer()

  for (const operation of operationsWhere(({ body }) => body !== undefined))
    it(`comes before the body is read: ${operation}`, async () => {
      const asks = asksOf(operation)
      const without = await tokenOf(server, kim, { scope: 'openid', mfa: true })
      const answer = await send(server, operation, { path: '/me', token: without, body: '{"not": json' })
      assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(asks.self ?? [...Object(asks.others)])])
    })

  for (const operation of operationsWhere(({ roles }) => roles !== undefined))
    it(`names permissions first and roles next, never both at once: ${operation}`, async () => {
      const asks = asksOf(operation)
      const permitted = await tokenOf(server, kim, { scope: everything })
      const answer = await send(server, operation, { path: others, token: permitted })
      assertDenied(answer, operation, codeFor(asks, 'role'), [roleRemedy([...Object(asks.roles)])])
    })

  it('says the same under both versions', async () => {
    const without = await tokenOf(server, kim, { scope: 'openid', mfa: true })
    for (const operation of operationsServed()) {
      const asks = asksOf(operation)
      for (const version of usualVersion(asks) === 'beta' ? (['beta'] as const) : (['v1.0', 'beta'] as const)) {
        const answer = await send(server, operation, { path: '/me', token: without, version })
        assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(asks.self ?? [...Object(asks.others)])], version)
      }
    }
  })
})
