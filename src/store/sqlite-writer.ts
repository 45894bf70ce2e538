/**
 * What writes to the embedded database: commits all transactions that wait at once, and answers each when the commit
 * is on disk. A transaction that fails leaves its neighbours alone.
 *
 * With synchronous=FULL SQLite would wait for the disk in the thread that answers requests. So it is told NORMAL, under
 * which it syncs the log before a checkpoint only (https://sqlite.org/wal.html, section 3.4), and the log is synced
 * here after every commit, beside the requests. Until that is done nobody reads what was committed.
 */

import { closeSync, fdatasync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { GraphError } from '../errors.ts'
import type { Transaction } from './database.ts'
import type { PersonMemory, Touched } from './person-memory.ts'
import { Checkpoints } from './sqlite-checkpoints.ts'
import { Connection } from './sqlite-connection.ts'
import { asGraphError } from './sqlite-errors.ts'

const largestBatch = 256
const sync = promisify(fdatasync)

interface Job {
  readonly touched: Touched
  readonly run: (transaction: Transaction) => Promise<void>
  /** Called once: with nothing after the commit, or with what went wrong. */
  readonly settle: (failure?: Failure) => void
}

interface Failure {
  readonly error: unknown
}

/** What came of the jobs of a batch so far. */
type Outcomes = Map<Job, Failure | undefined>

const retryAfterSeconds = 2

function unsound(cause: unknown): GraphError {
  return new GraphError('unavailable', { cause, headers: { 'Retry-After': String(retryAfterSeconds) } })
}

/** A job failed after it had changed something, and nothing marks where its changes begin. */
const entangled = Symbol('entangled')

export class Writer {
  readonly #connection: Connection
  readonly #file: string
  readonly #memory: PersonMemory
  readonly #checkpoints: Checkpoints
  #waiting: Job[] = []
  #flushing: Promise<void> | undefined
  #log: number | undefined
  #syncing: Promise<void> | undefined
  /** Why nothing can be brought to the disk any more. */
  #broken: unknown

  constructor(database: DatabaseSync, file: string, memory: PersonMemory) {
    this.#connection = new Connection(database)
    this.#file = file
    this.#memory = memory
    this.#checkpoints = new Checkpoints(database, file)
  }

  /** As Database has it. */
  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T
      this.#waiting.push({
        touched,
        run: async (transaction) => {
          result = await work(transaction)
        },
        settle: (failure) => (failure === undefined ? resolve(result) : reject(failure.error)),
      })
      this.#flushing ??= this.#flush()
    })
  }

  /** Where something is committed and not on disk yet: settles when it is, or could not be brought there. */
  get syncing(): Promise<void> | undefined {
    return this.#syncing
  }

  /** Settles when everything is written that waits, and its thread has ended. */
  async end(): Promise<void> {
    await this.#flushing
    await this.#checkpoints.close()
    if (this.#log !== undefined) closeSync(this.#log)
  }

  close(): void {
    this.#connection.database.close()
  }

  /** Commits what waits, batch after batch, until nothing does. */
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Requests that arrived together get here together; one turn of the event loop gathers them, and lets others run.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#commit(this.#waiting.splice(0, largestBatch))
    }
    this.#flushing = undefined
  }

  async #commit(batch: readonly Job[]): Promise<void> {
    const before = this.#connection.changes
    const outcomes = new Map<Job, Failure | undefined>()
    try {
      if (this.#broken !== undefined) throw this.#broken
      await this.#transact(batch, outcomes)
      if (this.#connection.changes > before) await this.#sync()
    } catch (error) {
      // Those that failed by themselves are told their own failure.
      const failure = { error: this.#broken === undefined ? asGraphError(error, this.#file) : unsound(this.#broken) }
      this.#memory.forget('everyone')
      for (const job of batch) job.settle(outcomes.get(job) ?? failure)
      return
    }
    for (const job of batch) if (outcomes.get(job) === undefined) this.#memory.forget(job.touched)
    for (const job of batch) job.settle(outcomes.get(job))
    this.#checkpoints.note(this.#connection.changes - before)
  }

  /** Whether what is written can be brought to the disk. */
  get isSound(): boolean {
    return this.#broken === undefined
  }

  /**
   * Brings the log to the disk. Where that fails nobody can say what of it is there, nor would a second try: what follows
   * in the log could not be read after a crash. So nothing is written from then on, until the next start looks.
   */
  async #sync(): Promise<void> {
    this.#log ??= openSync(`${this.#file}-wal`, 'r+')
    const syncing = sync(this.#log)
    this.#syncing = syncing.catch(() => undefined)
    try {
      await syncing
    } catch (error) {
      this.#broken = error
      throw error
    } finally {
      this.#syncing = undefined
    }
  }

  /**
   * Savepoints are costly: SQLite keeps a copy of each page that changes. Few jobs fail, and most of those before they
   * change anything; so none is set, and where one would have been needed the batch is begun anew with one for each job.
   */
  async #transact(batch: readonly Job[], outcomes: Outcomes): Promise<void> {
    if (await this.#attempt(batch, outcomes, (job) => this.#run(job))) return
    outcomes.clear()
    await this.#attempt(batch, outcomes, (job) => this.#runInSavepoint(job))
  }

  /** Answers false, with nothing done, where a job is `entangled`. */
  async #attempt(
    batch: readonly Job[],
    outcomes: Outcomes,
    run: (job: Job) => Promise<Failure | undefined | typeof entangled>,
  ): Promise<boolean> {
    const connection = this.#connection
    try {
      connection.run('BEGIN IMMEDIATE')
      for (const job of batch) {
        const outcome = await run(job)
        if (outcome === entangled) {
          connection.run('ROLLBACK')
          return false
        }
        outcomes.set(job, outcome)
      }
      connection.run('COMMIT')
      return true
    } catch (error) {
      if (connection.database.isTransaction) connection.run('ROLLBACK')
      throw error
    }
  }

  /** Throws only where the whole transaction is lost. */
  async #run(job: Job): Promise<Failure | undefined | typeof entangled> {
    const { changes, transaction, database } = this.#connection
    try {
      await job.run(transaction)
      return undefined
    } catch (error) {
      if (!database.isTransaction) throw error // SQLite gave the whole transaction up, as it may on a full disk
      return this.#connection.changes === changes ? { error: asGraphError(error, this.#file) } : entangled
    }
  }

  /** Undoes the job's changes alone when it fails. Throws only where the whole transaction is lost. */
  async #runInSavepoint(job: Job): Promise<Failure | undefined> {
    const connection = this.#connection
    connection.run('SAVEPOINT job')
    try {
      await job.run(connection.transaction)
      connection.run('RELEASE job')
      return undefined
    } catch (error) {
      if (!connection.database.isTransaction) throw error
      connection.run('ROLLBACK TO job')
      connection.run('RELEASE job')
      return { error: asGraphError(error, this.#file) }
    }
  }
}
