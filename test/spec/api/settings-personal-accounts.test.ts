/** SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: profile emails are opened to personal accounts; email methods stay refused. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
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
  send,
  settingRemedy,
  stageOn,
} from '../../support/matrix.ts'
import { demo, tokenOf } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'

const sam = demo('sam')
const lee = demo('lee')
const itemId = '018f2f5e-0000-7000-8000-00000000a001'
const openedBySetting = operationsWhere(({ personal }) => typeof personal === 'object' && 'withSetting' in personal)

describe('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS=1', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: '1' } })
  const call = stageOn(server)
  before(() =>
    putRecords(server, [
      { kind: 'email', tenantId: lee.tenantId, userId: lee.id, id: itemId, address: 'lee@example.org', allowedAudiences: 'everyone' },
    ]),
  )

  it('opens the nine operations on profiles', () => {
    assert.equal(openedBySetting.length, 9)
    for (const operation of openedBySetting) assert.match(operation, /\/profile/)
  })

  for (const operation of operationsServed()) {
    const asks = asksOf(operation)
    const { personal } = asks
    const sufficient = personal === 'never' ? [] : 'always' in personal ? personal.always : personal.withSetting

    it(`${operation}: ${personal === 'never' ? 'still refused' : `one of ${sufficient.length} permissions suffices on oneself, and no other`}`, async () => {
      for (const permission of permissions)
        for (const path of sufficient.includes(permission) ? ['/me', `/users/${sam.principalName.toUpperCase()}`] : ['/me']) {
          const answer = await call(operation, sam, { path, token: await tokenOf(server, sam, { scope: permission, mfa: true }) })
          if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else if (personal === 'never') assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy], permission)
          else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient)], permission)
        }
    })

    it(`${operation}: on somebody else ${openedBySetting.includes(operation) && asks.others !== 'ownerOnly' ? 'as far as they show something' : 'refused'}`, async () => {
      const token = await tokenOf(server, sam, {
        scope: permissions.join(' '),
        mfa: true,
        wids: ['Privileged Authentication Administrator'],
      })
      const answer = await send(server, operation, { path: `/users/${lee.id}`, token })
      if (asks.others === 'ownerOnly') assertDenied(answer, operation, 'ErrorAccessDeniedForRole', [ownerRemedy])
      else if (openedBySetting.includes(operation)) assert.equal(answer.status, 200, answer.text)
      else assertDenied(answer, operation, codeFor(asks, 'account'), [accountRemedy])
    })
  }

  it('asks a personal account for its permission on somebody else too', async () => {
    for (const operation of openedBySetting.filter((operation) => operation.startsWith('GET')))
      for (const scope of ['openid', 'User.Read.All', 'User.ReadBasic.All']) {
        const answer = await send(server, operation, { path: `/users/${lee.id}`, token: await tokenOf(server, sam, { scope }) })
        assertDenied(answer, operation, codeFor(asksOf(operation), 'permission'), [permissionRemedy(['User.Read', 'User.ReadWrite'])])
      }
  })

  it('opens nothing to applications', async () => {
    const token = await tokenOf(server, sam, { roles: permissions })
    for (const operation of operationsWhere(isPersonal))
      assert.equal((await send(server, operation, { path: `/users/${sam.id}`, token })).status, 403)
  })
})

describe('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS=0', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: '0' } })

  for (const operation of openedBySetting)
    it(`is the default: refuses ${operation}, and names the setting`, async () => {
      const token = await tokenOf(server, sam, { scope: permissions.join(' ') })
      const answer = await send(server, operation, { path: '/me', token })
      const remedies = [accountRemedy, settingRemedy('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS')]
      assertDenied(answer, operation, codeFor(asksOf(operation), 'account'), remedies)
    })
})
