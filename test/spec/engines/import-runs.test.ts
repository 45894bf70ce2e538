import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import sql, { raw } from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import { GraphError } from '../../../src/errors.ts'
import type { Database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { putDomains } from '../../../src/store/tables/domains.ts'
import { KnownPersons } from '../../../src/store/tables/known-persons.ts'
import { kinds, readRecord } from '../../../src/transfer/records.ts'
import { bothDatabases, type FreshDatabase } from '../../support/databases.ts'

type Line = { readonly kind: 'user' | 'email' | 'emailMethod' } & Readonly<Record<string, unknown>>

// Few names, identities and ids, so that lines meet: the same user twice, a name or an identity that changes hands, a domain of
// another tenant or of none, a tenant that is not there.
const tenantId = fc.constantFrom('t1', 't2', 'nowhere')
const userId = fc.constantFrom('u1', 'u2', 'u3')
const time = fc.constantFrom(undefined, '2026-01-02T03:04:05.1234567Z', '2026-01-02T03:04:05Z')
const identity = (id: string) => ({ signInType: 'federated', issuer: 'issuer.example', issuerAssignedId: id })
const user = fc.record({
  kind: fc.constant('user' as const),
  tenantId,
  id: userId,
  userPrincipalName: fc.constantFrom('a@x.example', 'A@X.example', 'b@x.example', 'a@y.example', 'a@nobodys.example'),
  displayName: fc.constantFrom('plain', 'tab\tline\nreturn\rslash\\', '\\N', '\\.'),
  identities: fc.option(fc.array(fc.constantFrom(...'abB').map(identity), { maxLength: 3 }), { nil: undefined, freq: 2 }),
})
const email = fc.record({
  kind: fc.constant('email' as const),
  tenantId,
  userId,
  id: fc.constantFrom('e1', 'e2', 'e3'),
  address: fc.constantFrom('one@x.example', 'two@x.example'),
  createdDateTime: time,
})
const method = fc.record({
  kind: fc.constant('emailMethod' as const),
  tenantId,
  userId,
  emailAddress: fc.constantFrom('one@x.example', 'two@x.example'),
  createdDateTime: time,
})
const runsOf = (line: fc.Arbitrary<Line>) => fc.array(line, { maxLength: 12 })
/** What is there before; and a run of each kind. */
const story = fc.record({ before: runsOf(user), users: runsOf(user), emails: runsOf(email), methods: runsOf(method), again: runsOf(email) })

const tables = ['users', 'identities', 'profile_emails', 'email_methods']
const keys: Readonly<Record<string, string>> = {
  users: 'tenant_id, id',
  identities: 'tenant_id, identity',
  profile_emails: 'tenant_id, user_id, id',
  email_methods: 'tenant_id, user_id',
}
const undone = new GraphError('notFound')

async function open({ folder, settings }: FreshDatabase): Promise<Database> {
  const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
  await migrate(database)
  await database.write('everyone', async (transaction) => {
    for (const [id, name] of [
      ['t1', 'x.example'],
      ['t2', 'y.example'],
    ] as const) {
      await transaction.change(sql`INSERT INTO tenants (id) VALUES (${id})`)
      await putDomains(transaction, id, [{ name, isDefault: true, isInitial: true, type: 'Managed' }])
    }
  })
  return database
}

/** Puts runs of lines, and takes them back again; answers the refusals, and what the tables held. */
async function outcomeOf(database: Database, runs: readonly (readonly Line[])[]) {
  const told: unknown[] = []
  const maker = { now: () => Date.UTC(2026, 5, 6) + told.length, newItemId: () => 'unused' }
  const held: Record<string, unknown> = {}
  const work = database.write('everyone', async (transaction) => {
    told.length = 0
    const known = new KnownPersons()
    await known.begin(transaction)
    for (const run of runs.filter(({ length }) => length > 0)) {
      const [first] = run
      const records = run.map((line) => readRecord(JSON.parse(JSON.stringify(line))).record)
      const at = Date.UTC(2026, 5, 6)
      if (first !== undefined) told.push(...(await kinds[first.kind].put(transaction, records, { ...maker, now: () => at }, known)))
    }
    for (const table of tables) held[table] = await transaction.rows(sql`SELECT * FROM ${raw(table)} ORDER BY ${raw(keys[table] ?? '')}`)
    throw undone
  })
  await assert.rejects(work, (error) => error === undone)
  return JSON.parse(JSON.stringify({ told: told.map((refusal) => refusal ?? 'put'), held }))
}

const both = await bothDatabases()
const databases = [await open(await both.embedded()), await open(await both.postgres())] as const

describe('Lines that are imported together', () => {
  it('have the outcome that they have one by one, whatever they say of each other, on both databases', async () => {
    const [embedded, postgres] = databases
    await fc.assert(
      fc.asyncProperty(story, async ({ before, users, emails, methods, again }) => {
        const runs = [before, users, emails, methods, again]
        const expected = await outcomeOf(
          embedded,
          runs.flatMap((run) => run.map((line) => [line])),
        )
        assert.deepEqual(await outcomeOf(embedded, runs), expected)
        assert.deepEqual(await outcomeOf(postgres, runs), expected)
      }),
      { numRuns: 150 },
    )
  })

  it('may let two users change their names with each other by way of a third name', async () => {
    const named = (id: string, name: string): Line => ({ kind: 'user', tenantId: 't1', id, userPrincipalName: `${name}@x.example` })
    const before = [named('u1', 'a'), named('u2', 'b')]
    const swap = [named('u1', 'c'), named('u2', 'a'), named('u1', 'b')]
    for (const database of databases) {
      const { told, held } = await outcomeOf(database, [before, swap])
      assert.deepEqual(told, Array(5).fill('put'))
      assert.deepEqual(
        held.users.map((row: { principal_name: string }) => row.principal_name),
        ['b@x.example', 'a@x.example'],
      )
    }
    for (const database of databases) await database.close()
  })
})
