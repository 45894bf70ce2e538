/** People who are removed over Graph: by whom, and what goes with them. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { ask, type Json } from '../../support/ask.ts'
import { assertNamesRole, createUser, tokenFor, userWriter } from '../../support/newcomers.ts'
import { putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

describe('Removing a user', async () => {
  const server = await startServer()
  const admin = await userWriter(server)
  const remove = (key: string, by = admin) => ask(server, `DELETE /v1.0/users/${key}`, { token: by })

  it('takes everything with it that hangs on the user, and leaves what is others’', async () => {
    const { id } = await createUser(server, 'gone')
    const owner = { tenantId: tenants.contoso, userId: id }
    const kim = { tenantId: tenants.contoso, userId: personId('kim') }
    const jo = { tenantId: tenants.fabrikam, userId: personId('jo') }
    const group = 'aaaaaaaa-0000-4000-8000-00000000000a'
    const listed = (from: Json, to: Json) => ({
      kind: 'relation',
      ...from,
      relation: 'contacts',
      otherTenantId: to.tenantId,
      otherUserId: to.userId,
    })
    await putRecords(server, [
      { kind: 'group', tenantId: tenants.contoso, id: group },
      ...[owner, kim].map((who) => ({ kind: 'groupMember', ...who, groupId: group })),
      { kind: 'role', ...owner, role: 'Reports Reader' },
      { kind: 'email', ...owner, id: '018f2f5e-0000-7000-8000-00000000b001', address: 'gone@contoso.com' },
      { kind: 'emailMethod', ...owner, emailAddress: 'gone@example.org' },
      listed(owner, kim),
      listed(kim, owner),
      listed(jo, owner),
      listed(jo, kim),
    ])
    const answer = await remove(id)
    assert.deepEqual([answer.status, answer.text], [204, ''])
    const rows = async (table: string, column: string, key: string) =>
      (await server.app.database.read(sql`SELECT 1 FROM ${raw(table)} WHERE ${raw(column)} = ${key}`)).length
    const tables = ['role_assignments', 'group_members', 'profile_emails', 'email_methods', 'relations']
    assert.equal(await rows('users', 'id', id), 0)
    for (const table of tables) assert.equal(await rows(table, 'user_id', id), 0, table)
    assert.equal(await rows('relations', 'other_user_id', id), 0)
    assert.deepEqual([await rows('relations', 'other_user_id', personId('kim')), await rows('group_members', 'group_id', group)], [1, 1])
    assertRefused(await ask(server, `GET /v1.0/users/${id}`, { token: admin }), 404, 'Request_ResourceNotFound')
    assertRefused(await remove(id), 404, 'Request_ResourceNotFound')
    assert.notEqual((await createUser(server, 'gone')).id, id, 'the name is free again')
  })

  it('stops the user’s token at the next request', async () => {
    const person = await createUser(server, 'leaver')
    const own = await tokenFor(server, person, 'User.ReadWrite')
    const emails = 'POST /beta/me/profile/emails'
    assert.equal((await ask(server, emails, { token: own, body: { address: 'leaver@contoso.com' } })).status, 201)
    assert.equal((await remove('leaver@contoso.com')).status, 204)
    assertRefused(await ask(server, emails, { token: own, body: { address: 'leaver@contoso.com' } }), 401, 'InvalidAuthenticationToken')
  })

  it('has one winner where two remove the same user at once', async () => {
    const { id } = await createUser(server, 'once')
    const answers = await Promise.all([remove(id), remove(id), remove(id)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 404, 404])
  })

  for (const [what, request, body] of [
    ['email', 'POST /beta/me/profile/emails', { address: 'late@contoso.com' }],
    ['email method', 'POST /v1.0/me/authentication/emailMethods', { emailAddress: 'late@example.org' }],
  ] as const)
    it(`leaves no ${what} behind that its user was about to write`, async () => {
      const person = await createUser(server, 'late')
      const bearer = await tokenFor(server, person, 'User.ReadWrite UserAuthenticationMethod.ReadWrite', { mfa: true })
      const { database } = server.app
      const own = { write: database.write.bind(database), change: database.change.bind(database) }
      // The removal gets in between the permission and the write.
      const removeFirst = async () => {
        Object.assign(database, own)
        assert.equal((await remove(person.id)).status, 204)
      }
      const write: typeof own.write = async (touched, work) => {
        await removeFirst()
        return own.write(touched, work)
      }
      const change: typeof own.change = async (touched, statement) => {
        await removeFirst()
        return own.change(touched, statement)
      }
      Object.assign(database, { write, change })
      const answer = await ask(server, request, { token: bearer, body })
      assert.equal(answer.status, 401, answer.text)
      for (const table of ['profile_emails', 'email_methods'])
        assert.deepEqual(await database.read(sql`SELECT 1 FROM ${raw(table)} WHERE user_id = ${person.id}`), [], table)
    })

  it('is for the roles that reach the user, oneself included', async () => {
    const by = async (user: Parameters<typeof token>[1], options = { scope: 'User.ReadWrite.All' }) => token(server, user, options)
    const { id } = await createUser(server, 'target')
    for (const user of ['kim', 'authadmin', 'helpdesk', 'reader'] as const)
      assertNamesRole(await remove(id, await by(user)), 'User Administrator')
    for (const whom of ['authadmin', 'reader', 'globaladmin'])
      assertNamesRole(await remove(`${whom}@contoso.com`, await by('useradmin')), 'Global Administrator')
    assertNamesRole(await remove('kim@contoso.com', await by('kim')), 'User Administrator')
    assertNamesRole(await ask(server, 'DELETE /v1.0/me', { token: await by('kim') }), 'User Administrator')
    assert.equal((await remove(id, await by('useradmin'))).status, 204)
    assert.equal((await remove('helpdesk@contoso.com', await by('privadmin', { scope: 'User.DeleteRestore.All' }))).status, 204)
    assert.equal((await ask(server, 'DELETE /v1.0/me', { token: await by('useradmin') })).status, 204)
    assertRefused(
      await ask(server, 'GET /v1.0/me', { token: await by('useradmin', { scope: 'User.Read' }) }),
      401,
      'InvalidAuthenticationToken',
    )
  })

  it('is refused to an application without a role on an administrator, and open to it on others', async () => {
    const application = await token(server, 'kim', { roles: ['User.ReadWrite.All'] })
    const { id } = await createUser(server, 'plain')
    assert.equal((await remove(id, application)).status, 204)
    assertNamesRole(await remove('authadmin@contoso.com', application), 'Privileged Authentication Administrator')
    const powerful = await token(server, 'kim', { roles: ['User.ReadWrite.All'], wids: ['Privileged Authentication Administrator'] })
    assert.equal((await remove('authadmin@contoso.com', powerful)).status, 204)
  })
})
