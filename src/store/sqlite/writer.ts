/**
 * The writer of the embedded database: commits all waiting transactions at once, and answers each when the commit
 * is on disk. A transaction that fails leaves its neighbours alone.
 */

import type { Sql } from 'sql-template-tag'
import { type Statement, statementOf, type Transaction } from '../database.ts'
import type { PersonMemory, Touched } from '../person-memory.ts'
import { Checkpoints } from './checkpoints.ts'
import { asGraphError } from './errors.ts'
import { WritingConnection } from './thread.ts'

const largestBatch = 256

interface Job {
  readonly touched: Touched
  /** One step of the connection, which changes all that it says or nothing. */
  readonly isSingle: boolean
  readonly run: (transaction: Transaction) => Promise<void>
  /** Called once: with nothing after the commit, or with what went wrong. */
  readonly settle: (failure?: Failure) => void
}

interface Failure {
  readonly error: unknown
}

/** The outcomes of the batch so far. */
type Outcomes = Map<Job, Failure | undefined>

/** A job failed after it had changed something, and nothing marks where its changes begin. */
const entangled = Symbol('entangled')

export class Writer {
  readonly #connection: WritingConnection
  readonly #file: string
  readonly #memory: PersonMemory
  readonly #checkpoints: Checkpoints
  #waiting: Job[] = []
  #flushing: Promise<void> | undefined

  constructor(file: string, memory: PersonMemory) {
    this.#connection = new WritingConnection(file)
    this.#file = file
    this.#memory = memory
    this.#checkpoints = new Checkpoints(file, () => this.#connection.run('PRAGMA wal_checkpoint(PASSIVE)'))
  }

  /** As Database has it. */
  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#queue(touched, work, false)
  }

  /** As Database has it. */
  change(touched: Touched, statement: Statement, alongside: readonly Sql[] = []): Promise<number> {
    if (alongside.length === 0) return this.#queue(touched, (transaction) => transaction.change(statementOf(statement)), true)
    return this.#queue(touched, () => this.#connection.changeTogether(statementOf(statement), alongside), true)
  }

  #queue<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>, isSingle: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T
      this.#waiting.push({
        touched,
        isSingle,
        run: async (transaction) => {
          result = await work(transaction)
        },
        settle: (failure) => (failure === undefined ? resolve(result) : reject(failure.error)),
      })
      this.#flushing ??= this.#flush()
    })
  }

  /** Settles when everything is written that waits, and what moves the log has ended. */
  async end(): Promise<void> {
    await this.#flushing
    await this.#checkpoints.close()
  }

  /** To be called after all others have closed the file. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Commits what waits, batch after batch, until nothing does. */
  async #flush(): Promise<void> {
    // Requests that arrived together get here together; one turn of the event loop gathers them.
    await new Promise((resolve) => setImmediate(resolve))
    let answer = () => {}
    while (this.#waiting.length > 0) {
      const committing = this.#commit(this.#waiting.splice(0, largestBatch))
      // Start the next batch before settling the previous one.
      answer()
      answer = await committing
    }
    this.#flushing = undefined
    answer()
  }

  /** Its outcome settles the jobs. */
  async #commit(batch: readonly Job[]): Promise<() => void> {
    const before = this.#connection.changes
    const outcomes: Outcomes = new Map()
    // Others may see what is committed a moment before it is known here.
    for (const { touched } of batch) this.#memory.hold(touched)
    try {
      await this.#transact(batch, outcomes)
    } catch (error) {
      // Jobs that failed by themselves reject with their own error.
      const failure = { error: asGraphError(error, this.#file) }
      for (const job of batch) if (outcomes.get(job) === undefined) outcomes.set(job, failure)
    }
    for (const { touched } of batch) this.#memory.release(touched)
    this.#checkpoints.note(this.#connection.changes - before)
    return () => {
      for (const job of batch) job.settle(outcomes.get(job))
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

  /** Answers false, with nothing done, where a job is `entangled`. Throws where the whole transaction is lost. */
  async #attempt(
    batch: readonly Job[],
    outcomes: Outcomes,
    run: (job: Job) => Promise<Failure | undefined | typeof entangled>,
  ): Promise<boolean> {
    const connection = this.#connection
    try {
      // Single statements need no answer before the next is asked: where there is nothing else, all crosses at once.
      const asked = [connection.run('BEGIN IMMEDIATE')]
      for (const job of batch) {
        if (job.isSingle) {
          asked.push(this.#runSingle(job, outcomes))
          continue
        }
        await Promise.all(asked.splice(0))
        const outcome = await run(job)
        if (outcome === entangled) {
          await connection.run('ROLLBACK')
          return false
        }
        outcomes.set(job, outcome)
      }
      await Promise.all([...asked, connection.run('COMMIT')])
      return true
    } catch (error) {
      // Fails harmlessly where SQLite has rolled back by itself.
      await connection.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  async #runSingle(job: Job, outcomes: Outcomes): Promise<void> {
    try {
      await job.run(this.#connection.transaction)
      outcomes.set(job, undefined)
    } catch (error) {
      outcomes.set(job, { error: asGraphError(error, this.#file) })
    }
  }

  async #run(job: Job): Promise<Failure | undefined | typeof entangled> {
    const { changes, transaction } = this.#connection
    try {
      await job.run(transaction)
      return undefined
    } catch (error) {
      return this.#connection.changes === changes ? { error: asGraphError(error, this.#file) } : entangled
    }
  }

  /** Undoes the job's changes alone when it fails. Throws where the whole transaction is lost. */
  async #runInSavepoint(job: Job): Promise<Failure | undefined> {
    const connection = this.#connection
    await connection.run('SAVEPOINT job')
    try {
      await job.run(connection.transaction)
    } catch (error) {
      await connection.run('ROLLBACK TO job')
      return { error: asGraphError(error, this.#file) }
    }
    await connection.run('RELEASE job')
    return undefined
  }
}
