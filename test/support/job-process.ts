/**
 * A process that runs jobs, for tests that kill it. Its clock may be ahead. The argument is a JobProcess as JSON. `count` adds a row to
 * `tenants` for each time that it runs; `hang` says so and never ends.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import sql from 'sql-template-tag'
import { openDatabase } from '../../src/cli/open-database.ts'
import type { Clock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import { Jobs } from '../../src/jobs/runner.ts'
import type { FreshDatabase } from './databases.ts'
import { jobKind } from './jobs.ts'

export interface JobProcess extends FreshDatabase {
  readonly aheadMilliseconds: number
  /** Whether `hang` hangs, or is done at once. */
  readonly hangs: boolean
}

if (import.meta.main) {
  const { folder, settings, aheadMilliseconds, hangs } = JSON.parse(process.argv[2] ?? '') as JobProcess // as the test wrote it
  const clock: Clock = {
    now: () => Date.now() + aheadMilliseconds,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  }
  const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
  const kinds = {
    count: jobKind(async (payload, context) => {
      await context.database.change('nobody', sql`INSERT INTO tenants (id, display_name) VALUES (${randomUUID()}, ${String(payload)})`)
    }),
    hang: jobKind(async () => {
      process.stdout.write('begun\n')
      if (hangs) await new Promise(() => undefined)
    }),
  }
  const observe = ({ kind }: { readonly kind: string }) => void process.stdout.write(`${kind}\n`)
  const jobs = new Jobs({ database, kinds, clock, random: Math.random, newId: randomUUID, observe })
  await jobs.start()
  process.stdout.write('started\n')
  process.on('SIGTERM', async () => {
    await jobs.stop()
    await database.close()
  })
}
