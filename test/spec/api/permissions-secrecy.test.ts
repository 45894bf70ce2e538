/** What a refusal gives away: nothing about whom it was about. And writing on another's profile, which nobody may. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { roleTemplates } from '../../../src/auth/roles.ts'
import { asksOf, assertDenied, isPersonal, operationsWhere, ownerRemedy, send } from '../../support/matrix.ts'
import { applicationToken, demo, tokenOf, userLine } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { putRecords } from '../../support/records.ts'
import { comparable } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const kim = demo('kim')
const lee = demo('lee')
const everything = permissions.join(' ')
const disabled = { ...lee, id: '00000000-0000-4000-8000-000000000777', principalName: 'gone@contoso.com' }

/** People who are there, protected, disabled, elsewhere, nowhere. */
const targets = [
  `/users/${lee.id}`,
  `/users/${lee.principalName}`,
  `/users/${demo('globaladmin').id}`,
  `/users/${disabled.id}`,
  `/users/${demo('jo').id}`,
  '/users/ari@litware.com',
  `/users/${demo('sam').id}`,
  '/users/00000000-0000-4000-8000-000000009999',
  '/users/nobody@contoso.com',
  "/users('nobody')",
]

describe('A refusal tells nothing about the person asked for', async () => {
  const server = await startServer()
  before(() => putRecords(server, [{ ...userLine(disabled), accountEnabled: false }]))
  const callers = {
    'without the permission': () => tokenOf(server, kim, { scope: 'openid', mfa: true }),
    'with the permission for oneself only': () =>
      tokenOf(server, kim, { scope: 'User.Read UserAuthenticationMethod.ReadWrite', mfa: true }),
    'with every permission and no role': () => tokenOf(server, kim, { scope: everything, mfa: true }),
    'with every permission and a role that does not count': () =>
      tokenOf(server, kim, { scope: everything, wids: ['Global Administrator'] }),
    'with a personal account': () => tokenOf(server, demo('sam'), { scope: everything, mfa: true }),
    'as an application without the permission': () => applicationToken(server, ['openid']),
    'as an application with every permission': () => applicationToken(server, permissions),
  }

  for (const operation of operationsWhere(isPersonal))
    for (const [kind, holder] of Object.entries(callers))
      it(`${operation}, ${kind}: refused alike whoever it is about, or refused to nobody`, async () => {
        const token = await holder()
        const answers = []
        for (const path of targets) {
          // Oneself is no somebody else, for a personal account.
          if (kind === 'with a personal account' && path.includes(demo('sam').id)) continue
          answers.push(await send(server, operation, { path, token }))
        }
        const refused = answers.filter(({ status }) => status === 403)
        assert.ok(refused.length === 0 || refused.length === answers.length, answers.map(({ status }) => status).join(' '))
        for (const answer of refused) assert.deepEqual(comparable(answer), comparable(refused[0] ?? answer))
      })
})

describe("Writing on another's profile", async () => {
  const server = await startServer()
  const profileWrites = operationsWhere(({ others }) => others === 'ownerOnly')
  const itemId = '018f2f5e-0000-7000-8000-00000000a001'
  before(() =>
    putRecords(server, [
      { kind: 'email', tenantId: lee.tenantId, userId: lee.id, id: itemId, address: 'lee@example.org', allowedAudiences: 'everyone' },
    ]),
  )

  it('is an operation on the profile, on its emails and on each of them', () => {
    assert.equal(profileWrites.length, 5)
  })

  for (const role of Object.keys(roleTemplates))
    it(`is refused to a ${role}, whatever the permission`, async () => {
      const template = roleTemplates[role as keyof typeof roleTemplates] // its own keys
      const token = await tokenOf(server, kim, { scope: everything, mfa: true, claims: { wids: [template] } })
      for (const operation of profileWrites)
        for (const path of targets)
          assertDenied(await send(server, operation, { path, token }), operation, 'ErrorAccessDeniedForRole', [ownerRemedy], path)
    })

  it('is refused to an application, whatever the permission', async () => {
    const token = await applicationToken(server, permissions)
    for (const operation of profileWrites)
      for (const path of targets) {
        const answer = await send(server, operation, { path, token })
        assert.deepEqual([answer.status, answer.json.error.code], [403, 'ErrorAccessDeniedForRole'])
      }
  })

  it('leaves everything as it was', async () => {
    const token = await tokenOf(server, lee, { scope: 'User.Read' })
    const listed = await send(server, 'GET /users/{user}/profile/emails', { path: '/me', token })
    assert.equal(listed.json.value.length, 1)
    assert.equal(listed.json.value[0].address, 'lee@example.org')
    assert.equal(listed.json.value[0].displayName, null)
    assert.equal(asksOf('GET /users/{user}/profile/emails').ok, listed.status)
  })
})
