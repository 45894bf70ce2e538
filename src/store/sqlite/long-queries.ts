/**
 * Queries that may read a whole table, asked in threads of their own: in the thread that answers requests everybody
 * would wait for them. Each thread has a connection for reading, and sees what is committed. A query is stopped between
 * two rows, by a flag that `go_on()` looks at for each of them: node:sqlite has no sqlite3_interrupt (decisions/0015).
 */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Sql } from 'sql-template-tag'
import { GraphError } from '../../errors.ts'
import type { Asker } from '../../model/asker.ts'
import { QuerySlots } from '../query-slots.ts'
import { endThread } from '../threads.ts'
import { Connection } from './connection.ts'

/** So many long queries run side by side. */
const mostThreads = 2
const retryAfterSeconds = 5

interface QueryMessage {
  readonly text: string
  readonly values: readonly SQLInputValue[]
}

/** An error with SQLite's own code, which structured cloning drops from an Error. */
type QueryResult = { readonly rows: readonly unknown[] } | { readonly message: string; readonly errcode: unknown }

interface QueryThread {
  readonly thread: Worker
  /** One number, shared with the thread: anything but 0 stops the query that it is at. */
  readonly flag: Int32Array
}

function unavailable(reason: string): GraphError {
  return new GraphError('unavailable', { cause: new Error(reason), headers: { 'Retry-After': String(retryAfterSeconds) } })
}

export class LongQueries {
  readonly #file: string
  readonly #slots: QuerySlots
  readonly #idle: QueryThread[] = []
  readonly #threads = new Set<QueryThread>()

  /** A query may run for so long. */
  constructor(file: string, milliseconds: number) {
    this.#file = file
    this.#slots = new QuerySlots({ most: mostThreads, milliseconds })
  }

  rows<R>({ sql: text, values }: Sql, asker: Asker | undefined): Promise<readonly R[]> {
    const query = { text, values: values as SQLInputValue[] } // stores pass texts, numbers and nulls
    // The statement's author names the columns' types.
    return this.#slots.run((stop) => this.#ask(this.#idle.pop() ?? this.#start(), query, stop), asker) as Promise<readonly R[]>
  }

  async close(): Promise<void> {
    this.#slots.close()
    await Promise.all([...this.#threads].map(({ thread }) => endThread(thread)))
  }

  #ask(aside: QueryThread, query: QueryMessage, stop: AbortSignal): Promise<readonly unknown[]> {
    const { thread, flag } = aside
    return new Promise((resolve, reject) => {
      const settle = () => thread.off('message', answered).off('exit', lost)
      const answered = (answer: QueryResult) => {
        settle()
        this.#idle.push(aside)
        thread.unref()
        if ('rows' in answer) resolve(answer.rows)
        else reject(Object.assign(new Error(answer.message), { errcode: answer.errcode }))
      }
      // The file cannot be opened, or what was found does not fit into the thread's memory.
      const lost = () => {
        settle()
        reject(unavailable('the thread that was asked has ended'))
      }
      thread.on('message', answered).on('exit', lost)
      stop.addEventListener('abort', () => Atomics.store(flag, 0, 1))
      Atomics.store(flag, 0, 0)
      // While somebody waits for an answer the program goes on.
      thread.ref()
      thread.postMessage(query)
    })
  }

  #start(): QueryThread {
    const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const thread = new Worker(import.meta.filename, {
      workerData: { queriesOf: this.#file, flag } satisfies QueryThreadData,
      // Else it would run what the process was told to run first.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    })
    const aside: QueryThread = { thread, flag }
    this.#threads.add(aside)
    // An error ends the thread; whoever asked hears of that.
    thread.on('error', () => undefined)
    thread.on('exit', () => {
      this.#threads.delete(aside)
      const at = this.#idle.indexOf(aside)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    return aside
  }
}

interface QueryThreadData extends Pick<QueryThread, 'flag'> {
  readonly queriesOf: string
}

function isQueryThread(data: unknown): data is QueryThreadData {
  return typeof data === 'object' && data !== null && 'queriesOf' in data
}

/** In the thread. */
function runQueries({ queriesOf: file, flag }: QueryThreadData): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  database.exec('PRAGMA cache_size=-8192; PRAGMA mmap_size=0')
  const connection = new Connection(database, () => {
    if (Atomics.load(flag, 0) !== 0) throw new Error('nobody waits for the answer')
  })
  parentPort?.on('message', (message: QueryMessage | 'end') => {
    if (message === 'end') {
      database.close()
      parentPort?.close()
      return
    }
    parentPort?.postMessage(answer(connection, message))
  })
}

function answer({ database }: Connection, { text, values }: QueryMessage): QueryResult {
  try {
    return { rows: database.prepare(text).all(...values) }
  } catch (error) {
    const errcode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    return { message: error instanceof Error ? error.message : String(error), errcode }
  }
}

if (!isMainThread && isQueryThread(workerData)) runQueries(workerData)
