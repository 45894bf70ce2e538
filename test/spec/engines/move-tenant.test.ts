import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { bothDatabases, type FreshDatabase } from '../../support/databases.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { command, linesFile } from '../../support/terminal.ts'

const tenant = { tenantId: tenants.contoso }
const kim = { ...tenant, userId: personId('kim') }
/** Words that databases like to sort and compare each in their own way. */
const words = [
  'a',
  'B',
  'b',
  'Z',
  '_',
  '-',
  '~',
  'ä',
  'Ä',
  'a\u0308',
  'é',
  'ß',
  'ſ',
  'İ',
  'ı',
  'я',
  'Я',
  '中',
  '\ufb01',
  '𝒜',
  '😀',
  '1',
  '10',
  '9',
]
const people = words.map((word, n) => ({
  kind: 'user',
  ...tenant,
  id: `id-${word}`,
  userPrincipalName: `User.${n}@${n % 2 === 0 ? 'contoso.com' : 'xn--e1afmkfd.xn--p1ai'}`,
  displayName: `Tab\tnew line\nreturn\rback\\slash \\N "quoted" ${word}`,
}))
/** Two with one time, told apart by id; two whose times differ in the seventh digit; one with every member. */
const emails = words.map((word, n) => ({
  kind: 'email',
  ...kim,
  id: `email-${word}`,
  address: `${n}@пример.example`,
  displayName: `\\. ${word}`,
  createdDateTime: `2026-01-02T03:04:05.${['1234567', '1234568', '1', '12', '1234567'][n % 5]}Z`,
}))

const records: readonly object[] = [
  {
    kind: 'tenant',
    id: tenants.contoso,
    displayName: 'Contoso',
    federatedWith: [tenants.fabrikam],
    ...domainsOf('contoso.com', 'xn--e1afmkfd.xn--p1ai'),
  },
  { kind: 'tenant', id: tenants.fabrikam, displayName: 'Fabrikam', ...domainsOf('fabrikam.com') },
  {
    kind: 'user',
    ...tenant,
    id: personId('kim'),
    userPrincipalName: 'Kim@Contoso.com',
    extension_note: { any: ['thing', 1.5, null, true] },
  },
  { kind: 'user', tenantId: tenants.fabrikam, id: personId('jo'), userPrincipalName: 'jo@fabrikam.com' },
  ...people,
  { kind: 'administrativeUnit', ...tenant, id: 'unit', isMemberManagementRestricted: true },
  { kind: 'group', ...tenant, id: 'group', displayName: 'Admins', isAssignableToRole: true },
  { kind: 'groupMember', ...kim, groupId: 'group', relation: 'owner' },
  { kind: 'role', ...kim, role: 'Authentication Administrator' },
  { kind: 'relation', ...kim, relation: 'contacts', otherTenantId: tenants.fabrikam, otherUserId: personId('jo') },
  { kind: 'emailMethodPolicy', ...tenant, state: 'enabled' },
  ...emails,
  ...people.map(({ id }, n) => ({ kind: 'emailMethod', ...tenant, userId: id, emailAddress: `Back.${n}@example.org` })),
  { kind: 'emailMethod', ...kim, emailAddress: 'back@example.org', createdDateTime: '2026-03-04T05:06:07.0000001Z' },
  { kind: 'email', tenantId: tenants.fabrikam, userId: personId('jo'), address: 'jo@fabrikam.com' },
]

/** Exports Contoso; answers the file and what is in it. */
async function take({ folder, settings }: FreshDatabase) {
  const file = join(folder, 'contoso.ndjson')
  const { code, err } = await command(['export', file, '--tenant', tenants.contoso, '--force'], folder, { settings })
  assert.equal(code, 0, err)
  return { file, text: await readFile(file, 'utf8') }
}

async function bring(file: string, { folder, settings }: FreshDatabase, count: number): Promise<void> {
  assert.deepEqual(await command(['import', file], folder, { settings }), {
    code: 0,
    out: `${count} records written, 0 lines refused.\n`,
    err: '',
  })
}

const both = await bothDatabases()

describe('A tenant that moves', () => {
  it('from SQLite to PostgreSQL and back to SQLite is the same octet for octet, and brings nothing of another tenant', async () => {
    const [home, away, back] = [await both.embedded(), await both.postgres(), await both.embedded()]
    await bring(await linesFile(home.folder, records), home, records.length)
    const first = await take(home)
    const count = first.text.split('\n').length - 1
    assert.equal(count, records.length - 3, 'all but Fabrikam, its user and its email')
    await bring(first.file, away, count)
    const second = await take(away)
    assert.equal(second.text, first.text)
    await bring(second.file, back, count)
    assert.equal((await take(back)).text, first.text)
    for (const { folder, settings } of [away, back])
      assert.equal((await command(['export', '-'], folder, { settings })).out, first.text, 'there is nothing else')
  })

  it('is imported a second time without a change, on both', async () => {
    for (const place of [await both.embedded(), await both.postgres()]) {
      const file = await linesFile(place.folder, records)
      await bring(file, place, records.length)
      const { text } = await take(place)
      await bring(file, place, records.length)
      assert.equal((await take(place)).text, text)
    }
  })

  it('is answered alike by the servers on both: every list, page, count and item, octet for octet but for entity tags', async () => {
    const home = await both.embedded()
    const away = await both.postgres()
    await bring(await linesFile(home.folder, records), home, records.length)
    await bring((await take(home)).file, away, records.length - 3)
    const settings = { SELFGRAPH_PUBLIC_URL: 'https://graph.example', SELFGRAPH_PROFILE_IN_V1: '1' }
    const servers = [
      await startServer({ folder: home.folder, settings }),
      await startServer({ folder: away.folder, settings: { ...settings, ...away.settings } }),
    ]
    const answers = async (request: string) =>
      Promise.all(
        servers.map(async (server) => {
          const scope = 'User.Read.All User.ReadWrite UserAuthenticationMethod.ReadWrite.All Policy.Read.All'
          const headers = { ConsistencyLevel: 'eventual' }
          const { status, text, json } = await ask(server, request, { token: await token(server, 'kim', { scope, mfa: true }), headers })
          // An error tells its own time and number; what a tag is made with stays in its database.
          return { status, text: status === 200 ? text.replaceAll(/W\/\\"[\w-]{22}\\"/g, '{tag}') : json.error?.code }
        }),
      )
    const paths = [
      '/v1.0/users',
      '/v1.0/users/$count',
      '/v1.0/users?$top=7',
      '/v1.0/users?$select=id,displayName&$skip=5',
      '/beta/me/profile/emails',
      '/beta/me/profile/emails?$top=5',
      '/beta/me/profile/emails?$skip=3&$top=4&$count=true',
      '/beta/me/profile/emails/$count',
      '/beta/me/profile',
      '/v1.0/me/authentication/emailMethods',
      '/v1.0/me',
      ...emails.map(({ id }) => `/beta/me/profile/emails/${encodeURIComponent(id)}`),
      ...people.map(({ id }) => `/v1.0/users/${encodeURIComponent(id)}/authentication/emailMethods`),
      ...people.map(({ userPrincipalName }) => `/v1.0/users/${encodeURIComponent(userPrincipalName.toUpperCase())}`),
      ...people.map(({ userPrincipalName }) => `/v1.0/users/${encodeURIComponent(userPrincipalName.normalize('NFD').toLowerCase())}`),
    ]
    let found = 0
    for (const path of paths) {
      const [one, other] = await answers(`GET ${path}`)
      assert.deepEqual(other, one, path)
      if (one?.status === 200) found++
    }
    assert.ok(found > paths.length * 0.6, `${found} of ${paths.length} were found`)
    for (const server of servers) await server.stop()
  })

  it('is refused line for line alike where it is not whole', async () => {
    const wrong: readonly object[] = [
      { kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') },
      { kind: 'user', ...tenant, id: 'one', userPrincipalName: 'strasse@contoso.com' },
      { kind: 'user', ...tenant, id: 'two', userPrincipalName: 'STRASSE@contoso.com' },
      { kind: 'user', tenantId: tenants.litware, id: 'three', userPrincipalName: 'three@litware.com' },
      { kind: 'email', ...tenant, userId: 'nobody', address: 'a@example.org' },
      { kind: 'emailMethod', ...tenant, userId: 'ONE', emailAddress: 'a@example.org' },
      ...Array.from({ length: 252 }, (_, n) => ({ kind: 'email', ...tenant, userId: 'one', id: `e${n}`, address: 'a@example.org' })),
    ]
    const outcome = async ({ folder, settings }: FreshDatabase) => {
      const file = await linesFile(folder, wrong)
      const { code, out, err } = await command(['import', file], folder, { settings })
      return { code, out, err: err.replaceAll(file, 'FILE') }
    }
    const embedded = await outcome(await both.embedded())
    assert.equal(embedded.err.split('\n').length - 1, 6)
    assert.deepEqual(await outcome(await both.postgres()), embedded)
  })
})
