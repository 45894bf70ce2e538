/** What is written over Graph at any moment is the same after an export and an import, on both engines. */

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import { fillTimes } from '../../../src/store/fill-times.ts'
import { ask } from '../../support/ask.ts'
import { bothDatabases, type FreshDatabase } from '../../support/databases.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'
import { command } from '../../support/terminal.ts'

const both = await bothDatabases()
const globalReader = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451'
const policy = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const unset = { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration' }

interface Made {
  /** Of each thing that was written and has a tag. */
  readonly tags: (server: TestServer) => Promise<readonly unknown[]>
}

/** Writes a record of each kind that Graph can write, and changes those that can be changed. */
async function writeEverything(server: TestServer): Promise<Made> {
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
  const scope =
    'User.ReadWrite.All Group.ReadWrite.All GroupMember.ReadWrite.All RoleManagement.ReadWrite.Directory Policy.ReadWrite.AuthenticationMethod'
  const admin = await token(server, 'globaladmin', {
    scope,
    wids: ['Global Administrator', 'Authentication Policy Administrator'],
    mfa: true,
  })
  const write = async (method: string, path: string, asker: string, body: object) => {
    const { status, json } = await ask(server, `${method} ${path}`, { token: asker, body })
    assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(json)}`)
    return String(json.id)
  }
  const email = await write('POST', '/beta/me/profile/emails', kim, { address: 'kim@contoso.com' })
  const changed = await write('POST', '/beta/me/profile/emails', kim, { address: 'kim@example.org' })
  await write('PATCH', `/beta/me/profile/emails/${changed}`, kim, { displayName: 'Home' })
  await write('POST', '/v1.0/me/authentication/emailMethods', kim, { emailAddress: 'back@example.org' })
  const user = await write('POST', '/v1.0/users', admin, {
    displayName: 'New',
    mailNickname: 'new',
    userPrincipalName: 'new@contoso.com',
    accountEnabled: true,
    passwordProfile: { password: 'Correct-horse-7-battery' },
  })
  await write('PATCH', `/v1.0/users/${user}`, admin, { jobTitle: 'Tester' })
  const group = await write('POST', '/v1.0/groups', admin, {
    displayName: 'Testers',
    mailEnabled: false,
    mailNickname: 'testers',
    securityEnabled: true,
    'members@odata.bind': [`${server.http}/v1.0/users/${user}`],
  })
  await write('PATCH', `/v1.0/groups/${group}`, admin, { description: 'Those who test' })
  await write('POST', '/v1.0/roleManagement/directory/roleAssignments', admin, {
    principalId: user,
    roleDefinitionId: globalReader,
    directoryScopeId: '/',
  })
  await write('PATCH', `/v1.0${policy}`, admin, { ...unset, state: 'enabled' })
  const emails = [email, changed].map((id) => `/beta/users/${personId('kim')}/profile/emails/${id}`)
  const paths = [...emails, `/v1.0/users/${user}`, `/v1.0/groups/${group}`, `/v1.0${policy}`]
  const tags = async (from: TestServer) => {
    const reader = await token(from, 'kim', {
      scope: 'User.Read.All Group.Read.All Policy.Read.All',
      wids: ['Global Reader', 'Authentication Policy Administrator'],
    })
    const answers = paths.map(async (path) => {
      const { status, json } = await ask(from, `GET ${path}`, { token: reader })
      assert.equal(status, 200, `${path}: ${JSON.stringify(json)}`)
      return json['@odata.etag']
    })
    return Promise.all(answers)
  }
  return { tags }
}

async function exportOf({ folder, settings }: FreshDatabase, name: string): Promise<string> {
  const file = join(folder, name)
  const { code, err } = await command(['export', file], folder, { settings })
  assert.equal(code, 0, err)
  return file
}

async function importInto({ folder, settings }: FreshDatabase, file: string): Promise<void> {
  const { code, err } = await command(['import', file], folder, { settings })
  assert.equal(code, 0, err)
}

for (const engine of ['embedded', 'postgres'] as const)
  describe(`What is written over Graph (${engine})`, () => {
    for (const fraction of ['570', '500', '000', '123'])
      it(`at a moment that ends in .${fraction}Z keeps its tag when its export is imported, and exports the same from another database`, async () => {
        const place = await both[engine]()
        const time = () => Date.parse(`2026-05-06T07:08:09.${fraction}Z`)
        const first = await startServer({ ...place, time })
        const { tags } = await writeEverything(first)
        const before = await tags(first)
        await first.stop()
        const file = await exportOf(place, 'first.ndjson')
        await importInto(place, file)
        const other = await both[engine]()
        await importInto(other, file)
        for (const each of [place, other])
          assert.equal(await readFile(await exportOf(each, 'second.ndjson'), 'utf8'), await readFile(file, 'utf8'))
        const second = await startServer({ ...place, time })
        assert.deepEqual(await tags(second), before)
      })

    it('before times had one form has it after the upgrade: its old export is no change then', async () => {
      const place = await both[engine]()
      const server = await startServer({ ...place, time: () => Date.parse('2026-05-06T07:08:09.570Z') })
      const { tags } = await writeEverything(server)
      const written = await tags(server)
      await server.stop()
      const database = await openDatabase(readConfig({ SELFGRAPH_DATA: place.folder, ...place.settings }), { random: Math.random }, 'owner')
      const asBefore = ['users', 'groups', 'profile_emails']
      await database.write('everyone', async (transaction) => {
        for (const table of asBefore)
          await transaction.change(sql`UPDATE ${raw(table)} SET record = replace(record, ${'09.57Z'}, ${'09.570Z'})`)
      })
      await database.close()
      const old = await exportOf(place, 'old.ndjson')
      assert.ok((await readFile(old, 'utf8')).split('09.570Z').length > 5)

      const again = await openDatabase(readConfig({ SELFGRAPH_DATA: place.folder, ...place.settings }), { random: Math.random }, 'owner')
      await again.write('everyone', fillTimes)
      await again.close()
      const upgraded = await exportOf(place, 'upgraded.ndjson')
      assert.doesNotMatch(await readFile(upgraded, 'utf8'), /09\.570Z/)
      await importInto(place, old)
      assert.equal(await readFile(await exportOf(place, 'third.ndjson'), 'utf8'), await readFile(upgraded, 'utf8'))
      const after = await startServer(place)
      assert.deepEqual(await tags(after), written)
    })
  })
