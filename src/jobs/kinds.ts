/** The kinds of jobs: how each is run, how often it is tried, and how long one attempt may take. */

import type { Database } from '../store/database.ts'
import { sweepImports } from '../store/tables/imports.ts'
import { sweepDeadJobs } from '../store/tables/jobs.ts'

/** Facts of a kind of job. */
export interface JobKind {
  /**
   * Does the job. May be called more than once for one job, by another process too, so that doing it twice must be as good as doing
   * it once. What it throws has it tried again.
   */
  readonly run: (payload: unknown, context: JobContext) => Promise<void>
  /** Begun so often without success, a job is dead. A recurring one is not: it waits for its next turn. */
  readonly mostAttempts: number
  /** One attempt may take so long. Then another process may begin the job, and an outcome of this one is not accepted. */
  readonly leaseSeconds: number
  /** For a recurring job, which exists without being appended: the pause after each run. */
  readonly everySeconds?: number
}

export interface JobContext {
  readonly database: Pick<Database, 'read' | 'change' | 'write'>
  readonly now: () => number
  /** Aborted when the lease has run out, or the program stops: what is not done by then should be left. */
  readonly signal: AbortSignal
}

export type JobKinds = Readonly<Record<string, JobKind>>

const hour = 3_600
const dayMilliseconds = 86_400_000
/** An import that was interrupted may be gone on with for so long. */
export const keptImportDays = 30

export const jobKinds = {
  sweepDeadJobs: {
    run: async (_, { database, now, signal }) => {
      while (!signal.aborted && (await sweepDeadJobs(database, now())) > 0);
    },
    mostAttempts: 5,
    leaseSeconds: 60,
    everySeconds: hour,
  },
  sweepImports: {
    run: (_, { database, now }) => sweepImports(database, { now: now(), before: now() - keptImportDays * dayMilliseconds }),
    mostAttempts: 5,
    leaseSeconds: 60,
    everySeconds: hour,
  },
} as const satisfies JobKinds
