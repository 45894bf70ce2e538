import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { GraphError, StartError } from '../../src/errors.ts'
import type { PersonKey } from '../../src/model/directory.ts'
import { migrate } from '../../src/store/migrate.ts'
import { belongingsOf, PersonMemory } from '../../src/store/person-memory.ts'
import { openSqlite } from '../../src/store/sqlite/database.ts'

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

  it('stand each for itself as single statements too, among others', async () => {
    const failure = new Error('changed my mind')
    const outcomes = await Promise.allSettled([
      database.change(person, add('single 1')),
      database.change(person, add('single 1')),
      database.write(person, (transaction) => transaction.change(add('several 1'))),
      database.change(person, sql`DELETE FROM tenants WHERE id LIKE 'several %'`),
      database.write(person, async (transaction) => {
        await transaction.change(add('several 2'))
        throw failure
      }),
      database.change(person, add('single 2')),
      database.change(person, sql`INSERT INTO nowhere VALUES (1)`),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
      [1, 'UNIQUE constraint failed: tenants.id', 1, 1, 'changed my mind', 1, 'no such table: nowhere'],
    )
    assert.deepEqual(
      (await names()).filter((name) => /^(single|several)/.test(name)),
      ['single 1', 'single 2'],
    )
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

describe('The thread that writes', () => {
  it('is told of as unavailable where it cannot open the database, and makes no new one in its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfgraph-'))
    const file = join(folder, 'selfgraph.db')
    const database = openSqlite({ folder, as: 'owner' })
    rmSync(file)
    for (const work of [
      database.change('nobody', sql`DELETE FROM tenants`),
      database.write('nobody', (transaction) => transaction.change(sql`DELETE FROM tenants`)),
    ])
      await assert.rejects(work, (error) => error instanceof GraphError && error.kind === 'unavailable')
    assert.ok(!existsSync(file))
    await database.close()
    rmSync(folder, { recursive: true })
  })
})

describe('What is remembered of a person', () => {
  const [kim, lee] = [
    { tenantId: 't', id: 'kim' },
    { tenantId: 't', id: 'lee' },
  ]
  /** Answers what is recalled of a person when the database says `now`. */
  const recalled = (memory: PersonMemory, person: PersonKey, now: string) =>
    memory.recall(
      person,
      'fact',
      async () => now,
      () => 1,
    )

  it('is neither used nor renewed while a change of it is being committed, by whichever of several', async () => {
    const memory = new PersonMemory({ enabled: true })
    for (const person of [kim, lee]) await recalled(memory, person, 'before')
    memory.hold(kim)
    memory.hold(belongingsOf(kim))
    assert.equal(await recalled(memory, kim, 'during'), 'during')
    memory.release(kim)
    assert.equal(await recalled(memory, kim, 'still'), 'still')
    assert.equal(await recalled(memory, lee, 'after'), 'before')
    memory.release(belongingsOf(kim))
    assert.equal(await recalled(memory, kim, 'after'), 'after')
    assert.equal(await recalled(memory, kim, 'later'), 'after')
  })

  it('is nobody’s while a change of everyone is being committed', async () => {
    const memory = new PersonMemory({ enabled: true })
    await recalled(memory, kim, 'before')
    memory.hold('everyone')
    assert.equal(await recalled(memory, kim, 'during'), 'during')
    memory.release('everyone')
    assert.equal(await recalled(memory, kim, 'after'), 'after')
  })

  it('is not what was read before a change that ended meanwhile', async () => {
    const memory = new PersonMemory({ enabled: true })
    let answer = (_: string) => {}
    const reading = memory.recall(
      kim,
      'fact',
      () => new Promise<string>((resolve) => (answer = resolve)),
      () => 1,
    )
    memory.hold(kim)
    memory.release(kim)
    answer('old')
    assert.equal(await reading, 'old')
    assert.equal(await recalled(memory, kim, 'new'), 'new')
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
