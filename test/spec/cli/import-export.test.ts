import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { emailToPut } from '../../../src/graph/profile-email-item.ts'
import type { ItemEmail } from '../../../src/model/profile.ts'
import { always } from '../../../src/store/database.ts'
import { addEmailMethod, dropEmailMethod } from '../../../src/store/tables/email-methods.ts'
import { putEmail } from '../../../src/store/tables/profile-emails.ts'
import { kinds } from '../../../src/transfer/records.ts'
import { ask } from '../../support/ask.ts'
import { freshFolder, launch, seen } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenant = { tenantId: tenants.contoso }
const kim = { ...tenant, userId: personId('kim') }
const unit = '00000000-0000-4000-8000-00000000aaaa'

/** At least one record of every kind, every member of each given at least once. */
const everyKind: readonly Readonly<Record<string, unknown>>[] = [
  {
    kind: 'tenant',
    id: tenants.contoso,
    displayName: 'Contoso',
    federatedWith: [tenants.fabrikam],
    ...domainsOf('contoso.com', 'contoso.example'),
  },
  { kind: 'tenant', id: tenants.fabrikam, ...domainsOf('fabrikam.com') },
  {
    kind: 'user',
    ...tenant,
    id: personId('kim'),
    userPrincipalName: 'Kim@Contoso.com',
    displayName: 'Kim Åkers “the first”',
    givenName: 'Kim',
    surname: 'Åkers',
    businessPhones: ['+49 30 1234'],
    accountEnabled: true,
    otherMails: ['kim@example.org'],
    identities: [{ issuer: 'contoso.com', issuerAssignedId: 'Kim@Contoso.com', signInType: 'userPrincipalName' }],
    createdDateTime: '2026-01-02T03:04:05.1234567Z',
    extension_note: { any: ['thing', 1, null] },
  },
  { kind: 'user', ...tenant, id: personId('lee'), userPrincipalName: 'lee_example.org#EXT#@contoso.com', accountEnabled: false },
  { kind: 'user', tenantId: tenants.fabrikam, id: personId('jo'), userPrincipalName: 'jo@fabrikam.com' },
  { kind: 'administrativeUnit', ...tenant, id: unit, displayName: 'Board', isMemberManagementRestricted: true },
  {
    kind: 'group',
    ...tenant,
    id: 'group-1',
    displayName: 'Admins',
    isAssignableToRole: true,
    description: 'Those who may',
    mailNickname: 'admins',
    createdDateTime: '2026-01-01T00:00:00Z',
  },
  { kind: 'group', ...tenant, id: 'group-2' },
  { kind: 'groupMember', ...kim, groupId: 'group-1' },
  { kind: 'groupMember', ...kim, groupId: 'group-2', relation: 'owner' },
  { kind: 'role', ...kim, role: 'global reader' },
  { kind: 'role', ...kim, role: 'c4e39bd9-1100-46d3-8c65-fb160da0071f', directoryScopeId: `/administrativeUnits/${unit}` },
  { kind: 'relation', ...kim, relation: 'family', otherUserId: personId('lee') },
  { kind: 'relation', ...kim, relation: 'contacts', otherTenantId: tenants.fabrikam, otherUserId: personId('jo') },
  { kind: 'emailMethodPolicy', ...tenant, state: 'disabled', excludeTargets: [{ id: 'group-1', targetType: 'group' }] },
  {
    kind: 'email',
    ...kim,
    id: 'email-1',
    address: 'kim@contoso.com',
    displayName: 'Work',
    type: 'work',
    allowedAudiences: 'family,contacts',
    inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true },
    createdDateTime: '2026-02-03T04:05:06.7Z',
    lastModifiedDateTime: '2026-02-04T00:00:00Z',
    createdBy: { application: null, device: null, user: { displayName: 'Kim', id: personId('kim') } },
    lastModifiedBy: { application: { displayName: 'An app', id: 'app-1' }, device: null, user: null },
    source: { type: ['User'] },
  },
  { kind: 'email', ...kim, address: 'привет@пример.рф' },
  { kind: 'emailMethod', ...kim, emailAddress: 'back@example.org', createdDateTime: '2026-03-04T05:06:07.0000001Z' },
  { kind: 'emailMethod', ...tenant, userId: personId('lee'), emailAddress: 'lee@example.org' },
]

describe('Exporting and importing', () => {
  it('brings every kind of record over whole: an export of what was imported from an export is the same, octet for octet', async () => {
    assert.deepEqual([...new Set(everyKind.map(({ kind }) => kind))].sort(), Object.keys(kinds).sort(), 'every kind is in this test')
    const [first, second] = [await freshFolder(), await freshFolder()]
    const imported = await command(['import', await linesFile(first, everyKind)], first)
    assert.deepEqual(imported, { code: 0, out: `${everyKind.length} records written, 0 lines refused.\n`, err: '' })

    const files = [join(first, 'first.ndjson'), join(first, 'second.ndjson')] as const
    assert.deepEqual(await command(['export', files[0]], first), {
      code: 0,
      out: `${everyKind.length} records written to ${files[0]}\n`,
      err: '',
    })
    assert.equal((await command(['import', files[0]], second)).code, 0)
    assert.equal((await command(['export', files[1]], second)).code, 0)
    assert.equal(await readFile(files[1], 'utf8'), await readFile(files[0], 'utf8'))
  })

  it('keeps what a record says, and adds what it leaves out', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, everyKind)], folder, { terminal: { now: () => Date.UTC(2026, 4, 5) } })
    const records = await exported(folder)
    const one = (kind: string, match: Record<string, unknown>) =>
      records.find((record) => record.kind === kind && Object.entries(match).every(([name, value]) => record[name] === value))
    assert.deepEqual(one('user', { id: personId('kim') }), everyKind[2])
    assert.deepEqual(one('email', { id: 'email-1' }), everyKind[15])
    assert.equal(one('emailMethod', { userId: personId('kim') })?.createdDateTime, '2026-03-04T05:06:07.0000001Z')
    assert.equal(one('emailMethod', { userId: personId('lee') })?.createdDateTime, '2026-05-05T00:00:00.0000000Z')
    assert.equal(one('role', { directoryScopeId: '/' })?.role, 'f2ef992c-3afb-46b9-b7cf-a126ee74c451')
    const { address, allowedAudiences, createdDateTime, type, inference } = one('email', { address: 'привет@пример.рф' }) ?? {}
    assert.deepEqual(
      { address, allowedAudiences, createdDateTime, type, inference },
      {
        address: 'привет@пример.рф',
        allowedAudiences: 'organization',
        createdDateTime: '2026-05-05T00:00:00Z',
        type: 'unknown',
        inference: null,
      },
    )
  })

  it('lets the server serve what was imported', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, everyKind)], folder)
    const server = await startServer({ folder })
    const listed = await ask(server, 'GET /beta/me/profile/emails', { token: await token(server, 'kim', { scope: 'User.Read' }) })
    assert.deepEqual(
      listed.json.value.map(({ address }: { address: string }) => address),
      ['kim@contoso.com', 'привет@пример.рф'],
    )
  })

  it('exports one tenant with --tenant, in whatever case it is written, and refuses one that does not exist', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, everyKind)], folder)
    const { out } = await command(['export', '-', '--tenant', tenants.fabrikam.toUpperCase()], folder)
    const records = out.split('\n').filter((line) => line !== '')
    assert.deepEqual(
      records.map((line) => JSON.parse(line)).map(({ kind, id }) => ({ kind, id })),
      [
        { kind: 'tenant', id: tenants.fabrikam },
        { kind: 'user', id: personId('jo') },
      ],
    )
    const unknown = await command(['export', '-', '--tenant', tenants.litware], folder)
    assert.deepEqual(unknown, { code: 65, out: '', err: `selfgraph: there is no tenant ${tenants.litware}\n` })
  })

  it('writes to standard output with -, and nothing but records', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, everyKind)], folder)
    const file = join(folder, 'out.ndjson')
    await command(['export', file], folder)
    assert.deepEqual(await command(['export', '-'], folder), { code: 0, out: await readFile(file, 'utf8'), err: '' })
  })

  it('shows one view of the data, whatever a running server writes meanwhile', async () => {
    const server = await startServer()
    const person = { tenantId: tenants.contoso, id: personId('kim') }
    // The counter stands in an email and in an email method, always written together, with thousands of records between them.
    const filler = { tenantId: tenants.contoso, id: personId('useradmin') }
    const email = (id: string, displayName: string) =>
      emailToPut({ id, displayName, createdDateTime: '2026-01-01T00:00:00Z', inference: null } as ItemEmail) // the other members don't matter here
    const count = (n: number) =>
      server.app.database.write('everyone', async (transaction) => {
        await putEmail(transaction, person, email('counter', String(n)))
        await transaction.change(dropEmailMethod(always, person))
        const row = { email_address: `${n}@example.org`, created_at: '2026-01-01T00:00:00.0000000Z' }
        await transaction.change(addEmailMethod(always, person, row))
      })
    await server.app.database.write('everyone', async (transaction) => {
      await Promise.all(Array.from({ length: 20_000 }, (_, n) => putEmail(transaction, filler, email(`filler-${n}`, 'filler'))))
    })
    await count(0)
    let written = 0
    let exporting = true
    const writing = (async () => {
      while (exporting) await count(++written)
    })()
    const program = launch(['export', '-'], { settings: { SELFGRAPH_DATA: server.folder } })
    await seen(program, 'stdout', /\n/)
    const before = written
    const { code, stdout, stderr } = await program.ended
    const during = written - before
    exporting = false
    assert.equal(code, 0, stderr)
    const records: readonly Record<string, unknown>[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    await writing
    assert.ok(during > 1, 'the server wrote while the export ran')
    const counter = records.find(({ kind, id }) => kind === 'email' && id === 'counter')?.displayName
    assert.equal(records.find(({ kind, userId }) => kind === 'emailMethod' && userId === person.id)?.emailAddress, `${counter}@example.org`)
    const [now] = await server.app.database.read<{ email_address: string }>(sql`SELECT email_address FROM email_methods`)
    assert.equal(now?.email_address, `${written}@example.org`)
  })
})
