/**
 * Runs jobs: takes those that are due, a few at a time, and writes what came of each. Any number of processes may do so on one
 * database: a job belongs to the process whose update took it, until its lease has run out. A job is run at least once; it is run
 * again when its process died, or took longer than the lease.
 */

import type { Clock } from '../clock.ts'
import type { Observe } from '../observe.ts'
import { committed, type Database } from '../store/database.ts'
import { appendJob, buryJob, type DueJob, findDueJobs, findJob, leaseJob, type Outcome, settleJob } from '../store/tables/jobs.ts'
import { type Attempt, outcomeOfFailure, outcomeOfSuccess, sweptAfter } from './attempts.ts'
import type { JobKind, JobKinds } from './kinds.ts'

export interface JobsOptions {
  readonly database: Database
  readonly kinds: JobKinds
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** A random UUID. */
  readonly newId: () => string
  readonly observe: Observe
}

/** Between two looks at the queue when nothing is due. */
const betweenLooksMilliseconds = 1_000
/** While the database does not answer the looks become rarer, up to so many times. */
const rarestLooks = 32
const mostAtOnce = 4
/** Looked at for each that could be run: processes that look at the same moment then seldom want the same jobs. */
const candidatesEach = 4

export class Jobs {
  readonly #options: JobsOptions
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()
  /** Aborted when a job has ended, so that the next one need not wait for the next look. */
  #ended = new AbortController()
  #loop: Promise<void> | undefined
  #failedLooks = 0

  constructor(options: JobsOptions) {
    this.#options = options
  }

  /** Settles when the recurring jobs are there and the first look is under way. */
  async start(): Promise<void> {
    await this.#appendRecurring()
    this.#loop = this.#lookAgainAndAgain()
  }

  /** Takes no more jobs, tells those that run, and settles when they have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#running)
  }

  /** Their first turn comes after their interval: a server that starts has other things to do. */
  async #appendRecurring(): Promise<void> {
    const { database, kinds, clock } = this.#options
    for (const [kind, { everySeconds }] of Object.entries(kinds)) {
      if (everySeconds === undefined || (await findJob(committed(database), kind)) !== undefined) continue
      const now = clock.now()
      const job = { id: kind, kind, payload: null, now, dueAt: now + everySeconds * 1000 }
      await database.write('nobody', (transaction) => appendJob(transaction, job))
    }
  }

  async #lookAgainAndAgain(): Promise<void> {
    const { clock } = this.#options
    while (!this.#stopping.signal.aborted) {
      this.#ended = new AbortController()
      const now = clock.now()
      const again = await this.#look(now)
      if (again || this.#stopping.signal.aborted) continue
      const next = now + betweenLooksMilliseconds * Math.min(rarestLooks, 2 ** this.#failedLooks)
      await clock.wait(next - clock.now(), AbortSignal.any([this.#stopping.signal, this.#ended.signal]))
    }
  }

  /** Begins what is due and there is room for. Answers true where others took all that was wanted: there may be more. */
  async #look(now: number): Promise<boolean> {
    const room = mostAtOnce - this.#running.size
    if (room <= 0) return false
    const { database, kinds } = this.#options
    try {
      const due = await findDueJobs(committed(database), { kinds: Object.keys(kinds), now, limit: room * candidatesEach })
      const wanted = this.#pick(due, room)
      const taken = await Promise.all(wanted.map((job) => this.#take(job)))
      this.#failedLooks = 0
      return wanted.length > 0 && !taken.includes(true)
    } catch (error) {
      this.#tellUnavailable(error)
      return false
    }
  }

  /** Some of the jobs, at random: another process that looks at this moment picks others. */
  #pick(due: readonly DueJob[], room: number): readonly DueJob[] {
    const left = [...due]
    return Array.from({ length: Math.min(room, due.length) }, () => {
      const [picked] = left.splice(Math.floor(this.#options.random() * left.length), 1)
      return picked
    }).filter((job) => job !== undefined)
  }

  /** Begins a job, or ends one that never came to an outcome. Answers false where another process was faster. */
  async #take(seen: DueJob): Promise<boolean> {
    const { database, kinds, clock, newId, observe } = this.#options
    const kind = kinds[seen.kind]
    if (kind === undefined) return false
    const now = clock.now()
    if (kind.everySeconds === undefined && seen.attempts >= kind.mostAttempts) {
      if (!(await buryJob(database, seen, 'leaseExpired', sweptAfter(now)))) return false
      observe({ kind: 'jobDied', job: seen.kind, id: seen.id, attempts: seen.attempts, code: 'leaseExpired' })
      return true
    }
    const lease = newId()
    if (!(await leaseJob(database, seen, lease, now + kind.leaseSeconds * 1000))) return false
    const run = this.#run(kind, { ...seen, lease, attempts: seen.attempts + 1 }).finally(() => {
      this.#running.delete(run)
      this.#ended.abort()
    })
    this.#running.add(run)
    return true
  }

  async #run(kind: JobKind, job: DueJob & { readonly lease: string }): Promise<void> {
    const { database, clock, observe } = this.#options
    const [over, expired] = [new AbortController(), new AbortController()]
    void clock.wait(kind.leaseSeconds * 1000, over.signal).then(() => over.signal.aborted || expired.abort())
    const signal = AbortSignal.any([this.#stopping.signal, expired.signal])
    let failure: { readonly error: unknown } | undefined
    try {
      await kind.run(JSON.parse(job.payload), { database, now: clock.now, signal })
    } catch (error) {
      failure = { error }
    }
    over.abort()
    const outcome = this.#outcome(kind, { attempts: job.attempts, now: clock.now() }, failure)
    try {
      if (!(await settleJob(database, job.id, job.lease, outcome))) observe({ kind: 'jobOverran', job: job.kind, id: job.id })
      else if (failure !== undefined) this.#tell(job, outcome, failure.error)
    } catch (error) {
      // Another attempt comes when the lease has run out.
      this.#tellUnavailable(error)
    }
  }

  /** Once until the database answers again. */
  #tellUnavailable(error: unknown): void {
    if (this.#failedLooks++ === 0) this.#options.observe({ kind: 'jobsUnavailable', error })
  }

  #outcome(kind: JobKind, attempt: Attempt, failure: { readonly error: unknown } | undefined): Outcome | 'done' {
    if (failure === undefined) return outcomeOfSuccess(kind, attempt)
    // The stop of this process says nothing against the job: it is given back, and the attempt not counted.
    if (this.#stopping.signal.aborted) return { nextAt: attempt.now, attempts: attempt.attempts - 1, isDead: false, lastError: 'stopped' }
    return outcomeOfFailure(kind, attempt, failure.error, this.#options.random())
  }

  #tell({ kind: job, id, attempts }: DueJob, outcome: Outcome | 'done', error: unknown): void {
    if (outcome === 'done' || this.#stopping.signal.aborted) return
    const code = outcome.lastError ?? 'unknown'
    if (outcome.isDead) this.#options.observe({ kind: 'jobDied', job, id, attempts, code, error })
    else this.#options.observe({ kind: 'jobFailed', job, id, attempts, code, error })
  }
}
