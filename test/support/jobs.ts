/** Jobs run inside a test, by a clock that it moves. */

import { randomUUID } from 'node:crypto'
import { after } from 'node:test'
import sql from 'sql-template-tag'
import { openDatabase } from '../../src/cli/open-database.ts'
import { readConfig } from '../../src/config.ts'
import type { JobKind, JobKinds } from '../../src/jobs/kinds.ts'
import { Jobs } from '../../src/jobs/runner.ts'
import type { Event } from '../../src/observe.ts'
import type { Database } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { appendJob, type JobToAppend } from '../../src/store/tables/jobs.ts'
import { until } from '../crash/waiting.ts'
import { type MovableClock, movableClock } from './clock.ts'
import type { FreshDatabase } from './databases.ts'

/** Opens a database that is closed with the test file. */
export async function openPlace({ folder, settings }: FreshDatabase): Promise<Database> {
  const database = await openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
  await migrate(database)
  after(() => database.close())
  return database
}

export function jobKind(run: JobKind['run'], facts: Partial<JobKind> = {}): JobKind {
  return { run, mostAttempts: 3, leaseSeconds: 60, ...facts }
}

export interface Runner {
  readonly clock: MovableClock
  readonly events: readonly Event[]
  /** Settles when the runner has nothing to do but to wait. */
  idle(): Promise<void>
  /** Moves the clock, and settles when the runner has done what it has to do then. */
  pass(milliseconds: number): Promise<void>
  stop(): Promise<void>
}

export async function runJobs(database: Database, kinds: JobKinds, clock: MovableClock = movableClock()): Promise<Runner> {
  const events: Event[] = []
  const observe = (event: Event) => void events.push(event)
  const jobs = new Jobs({ database, kinds, clock, random: () => 0.5, newId: randomUUID, observe })
  await jobs.start()
  // Not waited for: a test may leave a job in its hands that never ends.
  after(() => void jobs.stop())
  const idle = () => until('the runner was not idle', () => clock.waiting() > 0)
  await idle()
  return {
    clock,
    events,
    idle,
    pass: async (milliseconds) => {
      clock.advance(milliseconds)
      await idle()
    },
    stop: () => jobs.stop(),
  }
}

/** Appends a job that is due at once unless it says otherwise; answers its id. */
export async function append(database: Database, now: number, job: Pick<JobToAppend, 'kind'> & Partial<JobToAppend>): Promise<string> {
  const id = randomUUID()
  await database.write('nobody', (transaction) => appendJob(transaction, { id, payload: null, now, ...job }))
  return id
}

export interface JobRow {
  readonly id: string
  readonly kind: string
  readonly is_dead: number
  readonly next_at: string
  readonly lease: string | null
  readonly attempts: number
  readonly last_error: string | null
}

export function jobsOf(database: Database, kind: string): Promise<readonly JobRow[]> {
  return database.read<JobRow>(
    sql`SELECT id, kind, is_dead, next_at, lease, attempts, last_error FROM jobs WHERE kind = ${kind} ORDER BY next_at, id`,
  )
}
