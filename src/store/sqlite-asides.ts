/**
 * Questions that may read a whole table, asked in threads of their own: in the thread that answers requests everybody
 * would wait for them. Each thread has a connection for reading, and sees what is committed.
 */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Sql } from 'sql-template-tag'
import { GraphError } from '../errors.ts'
import { Connection } from './sqlite-connection.ts'
import { endThread } from './threads.ts'

/** So many long questions run side by side; others wait for their turn, and no longer than this. */
const mostThreads = 2
const longestWaitMilliseconds = 10_000
const retryAfterSeconds = 5

interface Question {
  readonly text: string
  readonly values: readonly SQLInputValue[]
}

/** What went wrong comes with SQLite's own code, which structured cloning leaves out of an Error. */
type Answer = { readonly rows: readonly unknown[] } | { readonly message: string; readonly errcode: unknown }

interface Waiting {
  readonly question: Question
  readonly patience: NodeJS.Timeout
  resolve(rows: readonly unknown[]): void
  reject(error: Error): void
}

function unavailable(reason: string): GraphError {
  return new GraphError('unavailable', { cause: new Error(reason), headers: { 'Retry-After': String(retryAfterSeconds) } })
}

export class Asides {
  readonly #file: string
  readonly #idle: Worker[] = []
  readonly #threads = new Set<Worker>()
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(file: string) {
    this.#file = file
  }

  rows<R>({ sql: text, values }: Sql): Promise<readonly R[]> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        question: { text, values: values as SQLInputValue[] }, // stores pass texts, numbers and nulls
        patience: setTimeout(() => this.#giveUp(waiting), longestWaitMilliseconds),
        resolve: (rows) => resolve(rows as readonly R[]), // the statement's author names the columns' types
        reject,
      }
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#threads].map(endThread))
  }

  /** Its turn did not come in time. */
  #giveUp(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
    waiting.reject(unavailable('no thread was free in time'))
  }

  #next(): void {
    if (this.#waiting.length === 0) return
    const thread = this.#idle.pop() ?? (this.#threads.size < mostThreads && !this.#closed ? this.#start() : undefined)
    if (thread === undefined) return
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return
    clearTimeout(waiting.patience)
    this.#ask(thread, waiting)
  }

  #ask(thread: Worker, { question, resolve, reject }: Waiting): void {
    const settle = (work: () => void) => {
      thread.off('message', answered).off('exit', lost)
      work()
      this.#next()
    }
    const answered = (answer: Answer) => {
      this.#idle.push(thread)
      thread.unref()
      settle(() =>
        'rows' in answer ? resolve(answer.rows) : reject(Object.assign(new Error(answer.message), { errcode: answer.errcode })),
      )
    }
    // The file cannot be opened, or what was found does not fit into the thread's memory.
    const lost = () => settle(() => reject(unavailable('the thread that was asked has ended')))
    thread.on('message', answered).on('exit', lost)
    // While somebody waits for an answer the program goes on.
    thread.ref()
    thread.postMessage(question)
  }

  #start(): Worker {
    const thread = new Worker(import.meta.filename, {
      workerData: { asidesOf: this.#file } satisfies Task,
      // Else it would run what the process was told to run first.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    })
    this.#threads.add(thread)
    // An error ends the thread; whoever asked hears of that.
    thread.on('error', () => undefined)
    thread.on('exit', () => {
      this.#threads.delete(thread)
      const at = this.#idle.indexOf(thread)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    return thread
  }
}

interface Task {
  readonly asidesOf: string
}

function isTask(data: unknown): data is Task {
  return typeof data === 'object' && data !== null && 'asidesOf' in data
}

/** In the thread. */
function answerQuestions({ asidesOf: file }: Task): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  database.exec('PRAGMA cache_size=-8192; PRAGMA mmap_size=0')
  const connection = new Connection(database)
  parentPort?.on('message', (message: Question | 'end') => {
    if (message === 'end') {
      database.close()
      parentPort?.close()
      return
    }
    parentPort?.postMessage(answer(connection, message))
  })
}

function answer({ database }: Connection, { text, values }: Question): Answer {
  try {
    return { rows: database.prepare(text).all(...values) }
  } catch (error) {
    const errcode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    return { message: error instanceof Error ? error.message : String(error), errcode }
  }
}

if (!isMainThread && isTask(workerData)) answerQuestions(workerData)
