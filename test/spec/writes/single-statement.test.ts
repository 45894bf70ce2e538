/** Writes that are one statement: it has the condition that whatever the permission was decided on is still so. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql, { type Sql } from 'sql-template-tag'
import { roleTemplates } from '../../../src/auth/roles.ts'
import type { Person } from '../../../src/model/directory.ts'
import { accountEnabled, accountUnchanged, personUnchanged, tenantUnchanged } from '../../../src/store/tables/people-unchanged.ts'
import { ask } from '../../support/ask.ts'
import { memberLine, person, roleLine, userLine } from '../../support/matrix-people.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { setScene, writes } from '../../support/stale.ts'

const server = await startServer()
const { database, directory } = server.app

const single = [
  'POST /users/{user}/authentication/emailMethods',
  'PATCH /users/{user}/authentication/emailMethods/{id}',
  'PUT /users/{user}/authentication/emailMethods/{id}',
  'DELETE /users/{user}/authentication/emailMethods/{id}',
  'POST /users/{user}/profile/emails',
  'POST /users/{user}/profile/emails/$ref',
  'PATCH /users/{user}/profile/emails/{id}',
  'DELETE /users/{user}/profile/emails/{id}',
]

/** How often each way to write is taken meanwhile. */
async function counted(work: () => Promise<void>): Promise<{ readonly change: number; readonly write: number }> {
  const own = { write: database.write, change: database.change }
  const taken = { change: 0, write: 0 }
  const change: typeof own.change = (...asked) => {
    taken.change++
    return own.change.apply(database, asked)
  }
  const write: typeof own.write = (...asked) => {
    taken.write++
    return (own.write as (...given: unknown[]) => Promise<never>).apply(database, asked) // the result's type is the caller's
  }
  Object.assign(database, { write, change })
  try {
    await work()
  } finally {
    Object.assign(database, own)
  }
  return taken
}

describe('A write that is one statement', () => {
  for (const key of single)
    for (const write of writes[key] ?? [])
      for (const ifMatch of key.startsWith('POST') ? [undefined] : [undefined, '*'])
        it(`crosses to the database once: ${key}, ${write.what}${ifMatch === undefined ? '' : ', with If-Match'}`, async () => {
          const scene = await setScene(server, write)
          const { caller } = scene
          const { scope, mfa = false, path, body } = write
          const bearer = await token(server, 'kim', { scope, mfa, claims: { oid: caller.id, upn: caller.principalName } })
          const taken = await counted(async () => {
            const headers: Record<string, string> = ifMatch === undefined ? {} : { 'If-Match': ifMatch }
            const answer = await ask(server, `${key.split(' ', 1)[0]} ${path(scene)}`, { token: bearer, body: body?.(scene), headers })
            assert.ok(answer.status < 300, answer.text)
          })
          assert.deepEqual(taken, { change: 1, write: 0 })
        })
})

const groupId = server.app.newId()
const unitId = server.app.newId()

/** What makes of a person somebody else to authorization. */
const changes: Readonly<Record<string, (who: ReturnType<typeof person>) => readonly Readonly<Record<string, unknown>>[]>> = {
  'is disabled': (who) => [{ ...userLine(who), accountEnabled: false }],
  'has another name': (who) => [{ ...userLine(who), userPrincipalName: `other-${who.principalName}` }],
  'gets a role': (who) => [roleLine(who, 'Global Reader')],
  'gets a role over a unit': (who) => [{ ...roleLine(who, 'Global Reader'), directoryScopeId: `/administrativeUnits/${unitId}` }],
  'joins a group that roles can be assigned to': (who) => [memberLine(who, groupId)],
}

let made = 0
async function someone(roles: readonly (keyof typeof roleTemplates)[]) {
  const who = person(`unchanged${++made}`)
  const { tenantId } = who
  await putRecords(server, [
    userLine(who),
    ...roles.map((role) => roleLine(who, role)),
    { kind: 'group', tenantId, id: groupId, displayName: 'Protected', isAssignableToRole: true },
    { kind: 'administrativeUnit', tenantId, id: unitId, displayName: 'Unit', isMemberManagementRestricted: true },
  ])
  const found: Person = (await directory.person(tenantId, who.id)) ?? assert.fail()
  return { who, found }
}

async function holds(condition: Sql | undefined): Promise<boolean> {
  return condition !== undefined && (await database.read(sql`SELECT 1 AS one WHERE ${condition}`)).length > 0
}

const held = { 'no role': [], 'one role': ['Directory Readers'], 'two roles': ['Directory Readers', 'User Administrator'] } as const

describe('The condition that a person is unchanged', () => {
  for (const [what, roles] of Object.entries(held)) {
    it(`holds as long as nothing changes, for somebody with ${what}`, async () => {
      const { who, found } = await someone(roles)
      await putRecords(server, [{ ...userLine(who), jobTitle: 'Other' }])
      assert.ok(await holds(personUnchanged(database.dialect, found)))
      assert.ok(await holds(accountUnchanged(found)))
      assert.ok(await holds(accountEnabled(found)))
    })

    for (const [how, records] of Object.entries(changes))
      it(`holds no more once the person ${how}, for somebody with ${what}`, async () => {
        const { who, found } = await someone(roles)
        await putRecords(server, records(who))
        assert.equal(await holds(personUnchanged(database.dialect, found)), false)
      })

    it(`holds no more once a role goes or gives way to another, or all of the person is gone, for somebody with ${what}`, async () => {
      const { who, found } = await someone(roles)
      const { tenantId, id } = who
      const mine = sql`tenant_id = ${tenantId} AND user_id = ${id}`
      if (roles.length > 0) {
        await database.change(
          { tenantId, id },
          sql`UPDATE role_assignments SET role_id = ${roleTemplates['Global Administrator']} WHERE ${mine} AND role_id = ${roleTemplates['Directory Readers']}`,
        )
        assert.equal(await holds(personUnchanged(database.dialect, found)), false)
        await database.change({ tenantId, id }, sql`DELETE FROM role_assignments WHERE ${mine}`)
        assert.equal(await holds(personUnchanged(database.dialect, found)), false)
      }
      await database.change({ tenantId, id }, sql`DELETE FROM users WHERE tenant_id = ${tenantId} AND id = ${id}`)
      assert.equal(await holds(personUnchanged(database.dialect, found)), false)
      assert.equal(await holds(accountUnchanged(found)), false)
      assert.equal(await holds(accountEnabled(found)), false)
    })
  }

  it('is not to be had for somebody with a role over a unit, about which a decision knows more than the person does', async () => {
    const { who } = await someone([])
    await putRecords(server, [{ ...roleLine(who, 'Global Reader'), directoryScopeId: `/administrativeUnits/${unitId}` }])
    const found = (await directory.person(who.tenantId, who.id)) ?? assert.fail()
    assert.equal(personUnchanged(database.dialect, found), undefined)
  })

  it('holds for a tenant that is there', async () => {
    const { who } = await someone([])
    assert.ok(await holds(tenantUnchanged(who.tenantId)))
    assert.equal(await holds(tenantUnchanged(server.app.newId())), false)
  })
})
