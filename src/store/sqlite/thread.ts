/**
 * The connection that writes to the embedded database, in a thread of its own: requests are read and answered while
 * SQLite changes pages and waits for the disk. What is asked in one turn crosses to the thread together, and is done there
 * in order. With synchronous=FULL a commit is on disk before it is seen (https://sqlite.org/wal.html, section 2.2).
 */

import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Sql } from 'sql-template-tag'
import type { Rows, Target, Transaction } from '../database.ts'
import { endThread } from '../threads.ts'
import { Connection, dialect, type Statement } from './connection.ts'
import { code } from './errors.ts'

/** Page cache of the connection. Other pages are usually in the system's cache. */
const cacheKibibytes = 16_384
/** Pages. A thread moves them out (sqlite-checkpoints.ts); should it ever fail, a commit does from here on: 800 MB. */
const longestLog = 200_000

type Step =
  | { readonly rows: Statement }
  | { readonly change: Statement }
  /** A change, and what is done with it if it changed a row: all of them or none. */
  | { readonly change: Statement; readonly alongside: readonly Statement[] }
  | { readonly put: Rows; readonly into: Target }
  /** A word to the transaction, or to the connection. */
  | { readonly run: string }

/** An error with SQLite's own code, which structured cloning drops from an Error. */
interface Failure {
  readonly message: string
  readonly errcode: unknown
}

/** How many rows were changed, or what was found. */
type Answer = number | readonly unknown[] | Failure | undefined

interface Asker {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** This side of it. */
export class WritingConnection {
  readonly transaction: Transaction
  /** How many rows it was told to change, whether it could or not. Goes up only. */
  changes = 0
  readonly #file: string
  #thread: Worker | undefined
  /** The messages of this turn, and the waiters for them and all before. */
  #steps: Step[] = []
  #askers: Asker[] = []

  constructor(file: string) {
    this.#file = file
    this.transaction = {
      dialect,
      rows: (statement) => this.#ask({ rows: plain(statement) }),
      change: (statement) => {
        this.changes++
        return this.#ask({ change: plain(statement) })
      },
      putMany: (into, put) => {
        this.changes += put.length
        return this.#ask({ put, into })
      },
      // One process owns the folder, and changes what is in it by this connection alone.
      isUntouchedSince: async (mark) => mark === String(this.changes),
      mark: () => String(this.changes),
    }
    this.#thread = this.#start()
  }

  /** For a statement that has no values and answers nothing. */
  run(text: string): Promise<void> {
    return this.#ask({ run: text })
  }

  /** As Database.change, within the transaction. */
  changeTogether(statement: Sql, alongside: readonly Sql[]): Promise<number> {
    this.changes += 1 + alongside.length
    return this.#ask({ change: plain(statement), alongside: alongside.map(plain) })
  }

  /** Settles when the connection is closed and its thread has ended. */
  async close(): Promise<void> {
    if (this.#thread !== undefined) await endThread(this.#thread)
  }

  #ask<T>(step: Step): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject })
      if (this.#steps.push(step) === 1) queueMicrotask(() => this.#send())
    })
  }

  #send(): void {
    this.#thread ??= this.#start()
    // While somebody waits for an answer the program goes on.
    this.#thread.ref()
    this.#thread.postMessage(this.#steps)
    this.#steps = []
  }

  #start(): Worker {
    const thread = new Worker(import.meta.filename, {
      workerData: { writesTo: this.#file } satisfies WriterThreadData,
      // Else it would run what the process was told to run first.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    let reason: unknown = 'it has ended'
    thread.unref()
    thread.on('message', (answers: readonly Answer[]) => this.#settle(thread, answers))
    thread.on('error', (error) => {
      reason = error
    })
    // The connection's end rolls back its transaction. The next caller gets a new thread.
    thread.on('exit', () => {
      this.#thread = undefined
      this.#steps = []
      const failure = Object.assign(new Error('the thread that writes is lost', { cause: reason }), { errcode: code.ioError })
      for (const { reject } of this.#askers.splice(0)) reject(failure)
    })
    return thread
  }

  #settle(thread: Worker, answers: readonly Answer[]): void {
    const askers = this.#askers.splice(0, answers.length)
    if (this.#askers.length === 0) thread.unref()
    for (const [index, { resolve, reject }] of askers.entries()) {
      const answer = answers[index]
      if (isFailure(answer)) reject(Object.assign(new Error(answer.message), { errcode: answer.errcode }))
      else resolve(answer as never) // each step has its own kind of answer
    }
  }
}

/** A statement's own members are computed, and would not cross. */
function plain({ sql, values }: Sql): Statement {
  return { sql, values }
}

function isFailure(answer: Answer): answer is Failure {
  return typeof answer === 'object' && 'errcode' in answer
}

interface WriterThreadData {
  readonly writesTo: string
}

function isWriterThread(data: unknown): data is WriterThreadData {
  return typeof data === 'object' && data !== null && 'writesTo' in data
}

/** In the thread. */
function write({ writesTo: file }: WriterThreadData): void {
  const url = pathToFileURL(file)
  // Else a file that was taken away would be made again, empty.
  url.searchParams.set('mode', 'rw')
  const database = new DatabaseSync(url, { timeout: 5_000 })
  database.exec(`
    PRAGMA synchronous=FULL;
    PRAGMA wal_autocheckpoint=${longestLog};
    PRAGMA cache_size=-${cacheKibibytes};
  `)
  const connection = new Connection(database)
  let lost: Failure = { message: 'there is no transaction', errcode: undefined }
  const take = (step: Step): Answer => {
    // SQLite gives a whole transaction up, as it may on a full disk: what comes behind must not be done by itself.
    if (!database.isTransaction && !standsAlone(step)) return lost
    try {
      return done(connection, step)
    } catch (error) {
      const failure = {
        message: error instanceof Error ? error.message : String(error),
        errcode: error instanceof Error && 'errcode' in error ? error.errcode : undefined,
      }
      if (!database.isTransaction) lost = failure
      return failure
    }
  }
  parentPort?.on('message', (message: readonly Step[] | 'end') => {
    if (message === 'end') {
      database.close()
      parentPort?.close()
      return
    }
    parentPort?.postMessage(message.map(take))
  })
}

function standsAlone(step: Step): boolean {
  return 'run' in step && /^(BEGIN|ROLLBACK|PRAGMA)\b/.test(step.run)
}

function done(connection: Connection, step: Step): Answer {
  if ('rows' in step) return connection.rows(step.rows)
  if ('alongside' in step) return changeTogether(connection, step.change, step.alongside)
  if ('change' in step) return connection.change(step.change)
  if ('put' in step) connection.putMany(step.into, step.put)
  else connection.run(step.run)
  return undefined
}

function changeTogether(connection: Connection, change: Statement, alongside: readonly Statement[]): number {
  connection.run('SAVEPOINT together')
  try {
    const changed = connection.change(change)
    if (changed > 0) for (const statement of alongside) connection.change(statement)
    connection.run('RELEASE together')
    return changed
  } catch (error) {
    // On a full disk SQLite may have given up the whole transaction: then the savepoint has gone with it.
    if (connection.database.isTransaction) {
      connection.run('ROLLBACK TO together')
      connection.run('RELEASE together')
    }
    throw error
  }
}

if (!isMainThread && isWriterThread(workerData)) write(workerData)
