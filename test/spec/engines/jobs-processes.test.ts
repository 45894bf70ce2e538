/** Jobs and the processes that run them: several at once, and one that is killed in the middle; on both databases. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import sql from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import type { Database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { until } from '../../crash/waiting.ts'
import { bothDatabases, type FreshDatabase } from '../../support/databases.ts'
import type { JobProcess } from '../../support/job-process.ts'
import { append, jobsOf } from '../../support/jobs.ts'
import { launch, type Program, seen } from '../../support/program.ts'

const both = await bothDatabases()
const file = fileURLToPath(new URL('../../support/job-process.ts', import.meta.url))

/** Of an embedded database one process at a time is the owner: a test opens it between its processes. */
async function using<T>({ folder, settings }: FreshDatabase, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
  try {
    await migrate(database)
    return await work(database)
  } finally {
    await database.close()
  }
}

async function jobProcess(place: FreshDatabase, options: Partial<JobProcess> = {}): Promise<Program> {
  const { folder, settings } = place
  const given: JobProcess = { folder, settings, aheadMilliseconds: 0, hangs: false, ...options }
  const program = launch([JSON.stringify(given)], { command: [process.execPath, file] })
  await seen(program, 'stdout', /started/)
  return program
}

describe('Processes that run jobs', () => {
  it('of one PostgreSQL do each job once, and all of them, where none dies', async () => {
    const place = await both.postgres()
    const count = 150
    await using(place, async (database) => {
      const processes = await Promise.all([1, 2, 3].map(() => jobProcess(place)))
      await Promise.all(Array.from({ length: count }, (_, payload) => append(database, Date.now(), { kind: 'count', payload })))
      await until('they were not all done', async () => (await jobsOf(database, 'count')).length === 0)
      for (const { child } of processes) child.kill('SIGTERM')
      for (const { ended } of processes)
        assert.deepEqual(await ended.then(({ code, stdout, stderr }) => [code, stdout, stderr]), [0, 'started\n', ''])
      const done = await database.read<{ display_name: string }>(sql`SELECT display_name FROM tenants`)
      assert.deepEqual(
        done.map(({ display_name }) => Number(display_name)).sort((a, b) => a - b),
        Array.from({ length: count }, (_, n) => n),
      )
    })
  })

  for (const engine of ['embedded', 'postgres'] as const)
    it(`on ${engine}: when one is killed in the middle of a job, another takes it over after the lease and not before`, async () => {
      const place = await both[engine]()
      await using(place, (database) => append(database, Date.now(), { kind: 'hang' }))
      const first = await jobProcess(place, { hangs: true })
      await seen(first, 'stdout', /begun/)
      first.child.kill('SIGKILL')
      await first.ended
      // The lease is of sixty seconds.
      const early = await jobProcess(place, { aheadMilliseconds: 10_000 })
      await new Promise((resolve) => setTimeout(resolve, 1_500)) // long enough for a look at the queue
      early.child.kill('SIGTERM')
      assert.equal((await early.ended).stdout, 'started\n')
      const late = await jobProcess(place, { aheadMilliseconds: 61_000 })
      await seen(late, 'stdout', /begun/)
      // A stop waits for the outcome.
      late.child.kill('SIGTERM')
      assert.deepEqual(await late.ended.then(({ code, stdout }) => [code, stdout]), [0, 'started\nbegun\n'])
      assert.deepEqual(await using(place, (database) => jobsOf(database, 'hang')), [])
    })
})
