import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import { storedRecord } from '../../../src/odata/json/stored-record.ts'
import type { Database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { dropUser } from '../../../src/store/tables/people.ts'
import { putEmail } from '../../../src/store/tables/profile-emails.ts'
import type { Run } from '../../../src/transfer/read-block.ts'
import { readRecord } from '../../../src/transfer/records.ts'
import { writeRecords } from '../../../src/transfer/write-records.ts'
import { makeDatabase, startPostgres } from '../../support/postgres.ts'
import { freshFolder } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { testRun } from '../../support/run.ts'

const tenantId = 't1'
const personOf = (n: number) => `person-${n}`
const user = (n: number) => ({ kind: 'user', tenantId, id: personOf(n), userPrincipalName: `person${n}@x.example` })
const email = (n: number, id: string) => ({
  kind: 'email',
  tenantId,
  userId: personOf(n),
  id,
  address: `${id}@x.example`,
  createdDateTime: '2026-01-02T03:04:05Z',
})
const tenant = { kind: 'tenant', id: tenantId, ...domainsOf('x.example') }

/** A batch of an import, as it is read: a thousand records, and a run of each kind. */
function runsOf(records: readonly { readonly kind: string }[], firstLine: number): Run[] {
  const runs: Run[] = []
  for (const [index, line] of records.entries()) {
    const { kind, record } = readRecord(JSON.parse(JSON.stringify(line)))
    let run = runs.at(-1)
    if (run?.kind !== kind) {
      run = { kind, records: [], numbers: [], ends: [] }
      runs.push(run)
    }
    run.records.push(record)
    run.numbers.push(firstLine + index)
    run.ends.push(firstLine + index)
  }
  return runs
}

type Step = readonly { readonly kind: string }[] | (() => Promise<void>)

/** Imports batches of a thousand records; what stands between them is done when those before are written, and none after. */
async function importing(database: Database, steps: readonly Step[]) {
  let lines = 0
  let written = 0
  let wake: () => void = () => undefined
  const runs = async function* () {
    for (const step of steps) {
      if (typeof step === 'function') {
        while (written < lines)
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        await step()
        continue
      }
      assert.equal(step.length, 1000)
      const found = runsOf(step, lines + 1)
      lines += step.length
      yield* found
    }
  }
  const told: (readonly [number, string])[] = []
  const imported = await writeRecords({
    database,
    runs: runs(),
    fileHash: 'this file',
    report: (line, reason) => told.push([line, reason]),
    progress: {
      show: (end) => {
        written = end
        wake()
      },
      end: () => undefined,
    },
    maker: { now: () => Date.UTC(2026, 5, 6), newItemId: () => 'unused' },
    isStopped: () => false,
  })
  return { imported, told }
}

/** Of this file alone: what is asked is whether others write. */
const server = await startPostgres({ durable: false })
const ends: (() => Promise<void>)[] = []

async function open(folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Database> {
  const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
  ends.unshift(() => database.close())
  await migrate(database)
  return database
}

after(async () => {
  for (const end of ends) await end()
  await server.stop()
})

const engines = [
  [
    'the embedded database',
    async () => {
      const database = await open(await freshFolder())
      return { database, other: database }
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { url, drop } = await makeDatabase(server.url, `meanwhile_${process.pid}_${ends.length}`)
      ends.unshift(drop)
      const [folder, settings] = [await freshFolder(), { SELFGRAPH_DATABASE_URL: url }]
      return { database: await open(folder, settings), other: await open(folder, settings) }
    },
  ],
] as const

const hundred = (person: number, name: string) => Array.from({ length: 100 }, (_, n) => email(person, `${name}-${n}`))
const everybody = (name: string) => Array.from({ length: 10 }, (_, person) => hundred(person, name)).flat()
const people = [tenant, ...Array.from({ length: 999 }, (_, n) => user(n))]
const full = (person: number) => `the profile of ${personOf(person)} holds 250 emails already`
const gone = (person: number) => `there is no user ${personOf(person)} in tenant ${tenantId}: its record must come before`

async function emailsOf(database: Database, person: number): Promise<number> {
  const [row] = await database.read<{ n: number | string }>(
    sql`SELECT count(*) AS n FROM profile_emails WHERE user_id = ${personOf(person)}`,
  )
  return Number(row?.n)
}

for (const [name, engine] of engines)
  describe(`While an import goes on, on ${name}`, () => {
    it('a person gets 250 emails and no more, from however many batches, and those that are there may come again', async () => {
      const { database } = await engine()
      const { imported, told } = await importing(database, [people, everybody('a'), everybody('b'), everybody('c'), everybody('a')])
      const refused = Array.from({ length: 10 }, (_, person) =>
        Array.from({ length: 50 }, (_, n) => [3001 + person * 100 + 50 + n, full(person)] as const),
      ).flat()
      assert.deepEqual(told, refused)
      assert.deepEqual(imported, { written: 4500, refused: 500, skippedLines: 0, complete: true })
      for (const person of [0, 9]) assert.equal(await emailsOf(database, person), 250)
    })

    it('emails that somebody else adds count, and a person whom somebody else removes is missing', async () => {
      const { database, other } = await engine()
      const add = () =>
        other.write('everyone', async (transaction) => {
          for (let n = 0; n < 149; n++)
            await putEmail(
              transaction,
              { tenantId, id: personOf(3) },
              {
                id: `other-${n}`,
                createdAt: '2026-01-02T03:04:05.0000000Z',
                audiences: 1,
                record: storedRecord('{}'),
                compared: null,
              },
            )
        })
      const remove = () => other.write('everyone', async (transaction) => void (await dropUser(transaction, { tenantId, id: personOf(5) })))
      const { told } = await importing(database, [
        people,
        everybody('a'),
        add,
        [...people.slice(0, 998), email(3, 'one'), email(3, 'two')],
        remove,
        [...people.slice(100, 1000), ...hundred(5, 'b')],
      ])
      assert.deepEqual(told, [[3000, full(3)], ...Array.from({ length: 100 }, (_, n) => [3901 + n, gone(5)] as const)])
      assert.equal(await emailsOf(database, 3), 250)
      assert.equal(await emailsOf(database, 5), 0)
    })

    it('nothing is written after a batch that the database lost', async () => {
      const { database, other } = await engine()
      const lose = () =>
        other.write('everyone', async (transaction) => {
          await transaction.change(sql`DELETE FROM profile_emails`)
          await transaction.change(sql`UPDATE imports SET lines = 1000`)
        })
      const words = /^the database is not as the import left it: run the import again to go on$/
      const batches = [people, everybody('a'), everybody('b')] as const
      await assert.rejects(importing(database, [batches[0], batches[1], lose, batches[2]]), ({ message }: Error) => words.test(message))
      assert.equal(await emailsOf(database, 0), 0)
      assert.deepEqual((await importing(database, batches)).imported, { written: 2000, refused: 0, skippedLines: 1000, complete: true })
      assert.equal(await emailsOf(database, 0), 200)
    })

    it('a batch knows whether others wrote since the one before it, whether they came to their end or not', async () => {
      const { database, other } = await engine()
      const look = (mark: string | undefined, id?: string) =>
        database.write('everyone', async (transaction) => {
          const isUntouched = await transaction.isUntouchedSince(mark)
          if (id !== undefined) {
            const tenants = { table: 'tenants', columns: ['id', 'display_name'], key: ['id'] }
            for (const each of [id, `${id}-again`]) await transaction.putMany(tenants, [[each, null]])
          }
          return { isUntouched, mark: transaction.mark() }
        })
      const write = (id: string) =>
        other.write('everyone', (transaction) => transaction.change(sql`INSERT INTO tenants (id) VALUES (${id})`))
      assert.equal((await look(undefined)).isUntouched, false)
      let { mark } = await look(undefined, 'first')
      if (database !== other && testRun.engine === 'serializable') return assert.equal(mark, undefined)
      // The engine itself may write of its own accord, as when it counts rows; but not all the time.
      const found: boolean[] = []
      for (let n = 0; n < 10; n++) {
        const next = await look(mark, `batch ${n}`)
        found.push(next.isUntouched)
        mark = next.mark
      }
      assert.ok(found.filter((isUntouched) => isUntouched).length > 5, String(found))
      await write('by another')
      assert.equal((await look(mark)).isUntouched, false)
      mark = (await look(undefined, 'last')).mark
      if (database === other) return
      const beside = await other.write('everyone', async (transaction) => {
        await transaction.change(sql`INSERT INTO tenants (id) VALUES ('under way')`)
        const found = await look(mark, 'beside')
        assert.deepEqual(await look(found.mark), { isUntouched: false, mark: undefined })
        return found
      })
      assert.equal((await look(beside.mark)).isUntouched, false)
    })
  })
