/** Bodies for users, groups and role assignments: every type in every member. A 400 names the member, and nothing is written. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { group, unifiedRoleAssignment, user } from '../../../src/model/directory.ts'
import { type EntityType, type Property, propertiesOf } from '../../../src/model/edm.ts'
import { ask } from '../../support/ask.ts'
import { bodyWith, everyJson, membersOf } from '../../support/hostile-bodies.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const server = await startServer()
const admin = await token(server, 'globaladmin', {
  scope: 'User.ReadWrite.All Group.ReadWrite.All Directory.ReadWrite.All RoleManagement.ReadWrite.Directory',
})
const newGroup = { displayName: 'Pets', mailEnabled: false, mailNickname: 'pets', securityEnabled: true, groupTypes: [] }
const made = await ask(server, 'POST /v1.0/groups', { token: admin, body: newGroup })
const newUser = {
  ...{ accountEnabled: true, displayName: 'Pat', mailNickname: 'pat', userPrincipalName: 'pat@contoso.com' },
  passwordProfile: { password: 'Correct.Horse.7' },
}
const readerRole = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451'

const operations: readonly { name: string; request: string; type: EntityType; good: Readonly<Record<string, unknown>>; list: string }[] = [
  { name: 'Adding a user', request: 'POST /v1.0/users', type: user, good: newUser, list: '/v1.0/users' },
  {
    name: 'Changing a user',
    request: `PATCH /v1.0/users/${personId('lee')}`,
    type: user,
    good: {},
    list: `/v1.0/users/${personId('lee')}`,
  },
  { name: 'Adding a group', request: 'POST /v1.0/groups', type: group, good: newGroup, list: '/v1.0/groups' },
  { name: 'Changing a group', request: `PATCH /v1.0/groups/${made.json.id}`, type: group, good: {}, list: '/v1.0/groups' },
  {
    name: 'Assigning a role',
    request: 'POST /v1.0/roleManagement/directory/roleAssignments',
    type: unifiedRoleAssignment,
    good: { principalId: personId('lee'), roleDefinitionId: readerRole, directoryScopeId: '/' },
    list: '/v1.0/roleManagement/directory/roleAssignments',
  },
]

/** By its declared type: what a member is not, and where in it. */
function wrongFor(
  name: string,
  { type, collection, maxLength, maxItems }: Property,
): readonly (readonly [path: string, values: readonly unknown[]])[] {
  if (collection === true) {
    const many = [Array((maxItems ?? 0) + 1).fill(type === 'Edm.String' ? 'text' : {})]
    const inside = type === 'Edm.String' ? [null, ...noText, ...noUnicode, 'x'.repeat((maxLength ?? 0) + 1)] : [null, true, 0, 'text', []]
    return [
      [name, [true, 0, 1.5, '', 'text', {}, ...many]],
      [`${name}/0`, inside],
    ]
  }
  if (type === 'Edm.String') return [[name, [...noText, ...noUnicode, 'x'.repeat((maxLength ?? 0) + 1)]]]
  if (type === 'Edm.Boolean') return [[name, [0, 1, 'true', '', [], {}]]]
  if (type === 'Edm.DateTimeOffset') return [[name, [true, 0, 1.5, '', 'yesterday', '2026-02-30T00:00:00Z', '2026-01-01', [], {}]]]
  if (typeof type === 'string' || type.kind === 'enum') return [[name, [true, 1.5, '', [], {}]]]
  const members = Object.entries(type.properties).flatMap(([member, property]) => wrongFor(`${name}/${member}`, property))
  return [[name, [true, 0, 'text', [], [{}]]], [`${name}/nope`, everyJson], ...members]
}

const noText = [true, 0, -1, 1.5, [], ['text'], {}, { a: 1 }]
const noUnicode = ['\ud800', 'a\udfffb', 'a\u0000b']

for (const { name, request, type, good, list } of operations) {
  describe(name, () => {
    const send = (body: unknown) => ask(server, request, { token: admin, body })
    const state = async () => (await ask(server, `GET ${list}`, { token: admin })).text
    const refuses = async (path: string, values: readonly unknown[]) => {
      const before = await state()
      for (const value of values) assertRefused(await send(bodyWith(good, path, value, {})), 400, 'Request_BadRequest', path)
      assert.equal(await state(), before)
    }

    for (const member of membersOf(type).settable) {
      const property = propertiesOf(type)[member]
      if (property === undefined) continue
      for (const [path, values] of wrongFor(member, property)) it(`refuses what is no ${path}, and names it`, () => refuses(path, values))
    }

    it('refuses members whose name is a trap, and names them', async () => {
      const before = await state()
      for (const trap of ['__proto__', 'constructor/', 'a b', '', ' displayName', '\ud800']) {
        const text = `{${JSON.stringify(trap)}:{"isAdmin":true}${Object.keys(good).length === 0 ? '}' : `,${JSON.stringify(good).slice(1)}`}`
        assertRefused(await send(text), 400, 'Request_BadRequest', trap.toWellFormed())
      }
      assert.equal(await state(), before)
    })
  })
}
