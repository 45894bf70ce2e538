/** What a single statement brings along: rows of other tables, in its transaction; on both databases. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { bothDatabases } from '../../support/databases.ts'

const both = await bothDatabases()

for (const engine of ['embedded', 'postgres'] as const)
  describe(`A change with statements alongside (${engine})`, async () => {
    const { folder, settings } = await both[engine]()
    const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
    await migrate(database)
    after(() => database.close())

    const add = (id: string) => sql`INSERT INTO tenants (id) VALUES (${id})`
    const note = (name: string) => sql`INSERT INTO secrets (name, value) VALUES (${name}, '')`
    const rename = (id: string) => sql`UPDATE tenants SET display_name = 'renamed' WHERE id = ${id}`
    const tenants = async () => (await database.read<{ id: string }>(sql`SELECT id FROM tenants ORDER BY id`)).map(({ id }) => id)
    const notes = async (like: string) =>
      (await database.read<{ name: string }>(sql`SELECT name FROM secrets WHERE name LIKE ${like} ORDER BY name`)).map(({ name }) => name)

    it('has them executed with it, and answers how many rows it changed itself', async () => {
      assert.equal(await database.change('nobody', add('a'), [note('a 1'), note('a 2')]), 1)
      assert.deepEqual(await notes('a %'), ['a 1', 'a 2'])
    })

    it('has none of them executed where it changes no row', async () => {
      assert.equal(await database.change('nobody', rename('nothing'), [note('b 1')]), 0)
      assert.deepEqual(await notes('b %'), [])
    })

    it('is undone, and leaves its neighbours alone, where one of them fails', async () => {
      const outcomes = await Promise.allSettled([
        database.change('nobody', add('c'), [note('c 1')]),
        database.change('nobody', add('d'), [note('d 1'), sql`INSERT INTO nowhere VALUES (1)`]),
        database.change('nobody', add('e')),
        database.change('nobody', add('f'), [note('f 1')]),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      )
      assert.deepEqual(await tenants(), ['a', 'c', 'e', 'f'])
      assert.deepEqual(await notes('_ 1'), ['a 1', 'c 1', 'f 1'])
    })

    it('is as good among transactions that look before they change, one of which fails', async () => {
      const outcomes = await Promise.allSettled([
        database.change('nobody', add('g'), [note('g 1')]),
        database.write('nobody', async (transaction) => {
          await transaction.change(add('h'))
          throw new Error('changed my mind')
        }),
        database.change('nobody', add('i'), [note('g 2')]),
        database.write('nobody', (transaction) => transaction.change(add('j'))),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      )
      assert.deepEqual(await tenants(), ['a', 'c', 'e', 'f', 'g', 'i', 'j'])
      assert.deepEqual(await notes('g %'), ['g 1', 'g 2'])
    })

    it('is one that several may make at once: each that changed a row has its rows, and no other', async () => {
      await database.change('nobody', add('race'))
      const turn = (n: number) =>
        database.change('nobody', sql`UPDATE tenants SET display_name = 'taken' WHERE id = 'race' AND display_name IS NULL`, [
          note(`race ${n}`),
        ])
      const counts = await Promise.all(Array.from({ length: 8 }, (_, n) => turn(n)))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        1,
      )
      assert.deepEqual(await notes('race %'), [`race ${counts.indexOf(1)}`])
    })
  })
