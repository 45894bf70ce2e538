import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { GraphError, StartError } from '../../src/errors.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

describe('Transactions that are committed together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfgraph-'))
  const database = openSqlite({ folder, as: 'owner' })
  await migrate(database)
  after(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })
  const person = { tenantId: 't', id: 'p' }
  const add = (name: string) => sql`INSERT INTO tenants (id, display_name) VALUES (${name}, ${name})`
  const names = async () => (await database.read<{ id: string }>(sql`SELECT id FROM tenants ORDER BY id`)).map(({ id }) => id)

  it('stand each for itself: what one did before it threw is undone, and its neighbours stay', async () => {
    const failure = new Error('changed my mind')
    const outcomes = await Promise.allSettled([
      database.write(person, (transaction) => transaction.change(add('a'))),
      database.write(person, async (transaction) => {
        await transaction.change(add('b'))
        throw failure
      }),
      database.write(person, async (transaction) => {
        await transaction.change(add('c'))
        await transaction.change(add('a'))
      }),
      database.write(person, (transaction) => transaction.change(add('d'))),
    ])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    )
    assert.equal(outcomes[1]?.status === 'rejected' && outcomes[1].reason, failure)
    assert.deepEqual(await names(), ['a', 'd'])
  })

  it('see what those before them did, while readers see what is committed alone', async () => {
    let seenInside: readonly unknown[] = []
    let seenOutside: readonly string[] = []
    await Promise.all([
      database.write(person, (transaction) => transaction.change(add('e'))),
      database.write(person, async (transaction) => {
        seenInside = await transaction.rows(sql`SELECT 1 FROM tenants WHERE id = 'e'`)
        seenOutside = await names()
      }),
    ])
    assert.equal(seenInside.length, 1)
    assert.ok(!seenOutside.includes('e'))
    assert.ok((await names()).includes('e'))
  })

  it('are of one process: a second owner of the folder is refused with one line', () => {
    assert.throws(
      () => openSqlite({ folder, as: 'owner' }),
      (error) => error instanceof StartError && /in use by another Selfgraph process/.test(error.message),
    )
  })

  it('move from the log into the database behind the answers, while more are written', async () => {
    const file = join(folder, 'selfgraph.db')
    const before = statSync(file).size
    const text = 'x'.repeat(2000)
    const rows = Array.from({ length: 500 }, (_, row) => [`many ${row}`, text])
    let rounds = 0
    while (statSync(file).size === before) {
      assert.ok(++rounds < 500, 'the log was never moved')
      const keyed = rows.map(([name = '', display = '']) => [`${rounds} ${name}`, display])
      await database.write('nobody', (transaction) =>
        transaction.putMany({ table: 'tenants', columns: ['id', 'display_name'], key: ['id'] }, keyed),
      )
    }
    assert.ok(statSync(`${file}-wal`).size > 0)
  })
})

describe('A question that is asked in a thread of its own', () => {
  it('is answered, and refused as unavailable where the thread cannot open the database', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfgraph-'))
    const database = openSqlite({ folder, as: 'owner' })
    await migrate(database)
    assert.deepEqual(await database.read(sql`SELECT 1 AS one`, 'long'), [{ one: 1 }])
    await database.close()
    const gone = openSqlite({ folder, as: 'owner' })
    rmSync(join(folder, 'selfgraph.db'))
    await assert.rejects(
      gone.read(sql`SELECT 1 AS one`, 'long'),
      (error) => error instanceof GraphError && error.kind === 'unavailable' && error.particulars.headers?.['Retry-After'] !== undefined,
    )
    await gone.close()
    rmSync(folder, { recursive: true })
  })
})
