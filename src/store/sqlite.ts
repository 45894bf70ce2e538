/**
 * The embedded database. One connection writes, and commits many waiting transactions at once, each inside a
 * savepoint of its own; one connection reads, and sees only what is committed. A write is answered after its commit
 * is on disk (WAL with synchronous=FULL). Nothing outside this file knows that it is SQLite.
 */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import sql, { join as joined, raw, type Sql } from 'sql-template-tag'
import { StartError } from '../errors.ts'
import type { Cells, Database, Dialect, Source, Target, Transaction } from './database.ts'
import { PersonMemory, type Touched } from './person-memory.ts'
import { copyDatabase } from './sqlite-copy.ts'
import { asGraphError, asStartError, code, reason, resultCode } from './sqlite-errors.ts'

/** Marks the file as ours ('SLFG'). */
const applicationId = 0x534c4647
const largestBatch = 256
const mostFaultsTold = 10

const dialect: Dialect = {
  text: 'TEXT',
  given: (columns, rows) => {
    const picked = columns.map((column, index) => sql`value ->> ${raw(String(index))} AS ${raw(column)}`)
    return sql`(SELECT ${joined(picked)} FROM json_each(${JSON.stringify(rows)}))`
  },
}

interface Job {
  readonly touched: Touched
  readonly run: (transaction: Transaction) => Promise<void>
  /** Called once: with nothing after the commit, or with what went wrong. */
  readonly settle: (failure?: { readonly error: unknown }) => void
}

export interface SqliteOptions {
  readonly folder: string
  /** `owner` may write and keeps other owners out; `reader` looks on, beside an owner. */
  readonly as: 'owner' | 'reader'
}

/** Opens the database in `folder`, making both where they are missing. Throws StartError with one line. */
export function openSqlite({ folder, as }: SqliteOptions): Database {
  const file = join(folder, 'selfgraph.db')
  if (as === 'reader' && !existsSync(file))
    throw new StartError(`${file} does not exist: start the server once, or import into it`, 'unavailable')
  const lock = as === 'owner' ? takeLock(folder) : undefined
  try {
    const writer = as === 'owner' ? connect(file) : undefined
    const reader = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
    requireOurs(reader, file)
    reader.exec('PRAGMA cache_size=-65536; PRAGMA mmap_size=0')
    return new Sqlite(file, reader, writer, lock)
  } catch (error) {
    lock?.close()
    throw asStartError(error, file)
  }
}

/** One process at a time may own the folder: the lock goes with the process, however it ends. */
function takeLock(folder: string): DatabaseSync {
  try {
    mkdirSync(folder, { recursive: true })
    const lock = new DatabaseSync(join(folder, 'owner.lock'))
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if (resultCode(error) === code.busy)
      throw new StartError(
        `${folder} is in use by another Selfgraph process: stop it first, or choose another folder with SELFGRAPH_DATA`,
        'unavailable',
      )
    throw new StartError(
      `the data folder ${folder} cannot be written to (${reason(error)}): change its rights, or choose another with SELFGRAPH_DATA`,
      'cannotCreate',
      error,
    )
  }
}

function connect(file: string): DatabaseSync {
  const writer = new DatabaseSync(file, { timeout: 5_000 })
  requireOurs(writer, file)
  writer.exec(`
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    PRAGMA wal_autocheckpoint=20000;
    PRAGMA cache_size=-65536;
    PRAGMA application_id=${applicationId};
  `)
  return writer
}

/** Throws where the file holds tables of another program; an empty database may become ours. */
function requireOurs(database: DatabaseSync, file: string): void {
  const { application_id: mark } = database.prepare('PRAGMA application_id').get() as { application_id: number } // what that pragma answers
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number } // as selected
  if (mark !== applicationId && tables > 0)
    throw new StartError(`${file} is a database of another program: move it away, or choose another folder with SELFGRAPH_DATA`, 'badData')
}

class Sqlite implements Database {
  readonly description: string
  readonly dialect = dialect
  readonly memory = new PersonMemory({ enabled: true })
  readonly #file: string
  readonly #reader: Connection
  readonly #writer: Connection | undefined
  readonly #lock: DatabaseSync | undefined
  #waiting: Job[] = []
  #flushing: Promise<void> | undefined

  constructor(file: string, reader: DatabaseSync, writer: DatabaseSync | undefined, lock: DatabaseSync | undefined) {
    this.description = `SQLite in ${file}`
    this.#file = file
    this.#reader = new Connection(reader)
    this.#writer = writer === undefined ? undefined : new Connection(writer)
    this.#lock = lock
  }

  async read<R>(statement: Sql): Promise<readonly R[]> {
    try {
      return this.#reader.rows<R>(statement)
    } catch (error) {
      throw asGraphError(error, this.#file)
    }
  }

  async snapshot<T>(work: (source: Source) => Promise<T>): Promise<T> {
    const view = new DatabaseSync(this.#file, { readOnly: true, timeout: 5_000 })
    try {
      view.exec('BEGIN')
      return await work(new Connection(view).transaction)
    } catch (error) {
      throw asGraphError(error, this.#file)
    } finally {
      view.close()
    }
  }

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

  /** Looks through a new connection: one that is open may answer from memory when the file is gone or spoilt. */
  async isReady(): Promise<boolean> {
    try {
      const look = new DatabaseSync(this.#file, { readOnly: true, timeout: 1_000 })
      try {
        requireOurs(look, this.#file)
      } finally {
        look.close()
      }
      return true
    } catch {
      return false
    }
  }

  async faults(): Promise<readonly string[]> {
    try {
      const found = this.#reader.database.prepare(`PRAGMA integrity_check(${mostFaultsTold})`).all()
      return found.flatMap((row) => String(row.integrity_check).split('\n')).filter((line) => line !== 'ok' && !line.startsWith('***'))
    } catch (error) {
      return [reason(error)]
    }
  }

  copyTo(file: string, show: (share: number) => void): Promise<void> {
    return copyDatabase(this.#file, file, show)
  }

  async close(): Promise<void> {
    await this.#flushing
    this.#reader.database.close()
    this.#writer?.database.close()
    this.#lock?.close()
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
    const writer = this.#writer
    const outcomes = new Map<Job, { readonly error: unknown } | undefined>()
    try {
      if (writer === undefined) throw new Error('this connection is for reading')
      writer.database.exec('BEGIN IMMEDIATE')
      for (const job of batch) outcomes.set(job, await runInSavepoint(writer, job, this.#file))
      writer.database.exec('COMMIT')
    } catch (error) {
      if (writer?.database.isTransaction === true) writer.database.exec('ROLLBACK')
      const failure = { error: asGraphError(error, this.#file) }
      for (const job of batch) job.settle(outcomes.get(job) ?? failure)
      return
    }
    for (const job of batch) if (outcomes.get(job) === undefined) this.memory.forget(job.touched)
    for (const job of batch) job.settle(outcomes.get(job))
  }
}

/** Undoes the job's changes alone when it fails. Throws only where the whole transaction is lost. */
async function runInSavepoint(writer: Connection, job: Job, file: string): Promise<{ readonly error: unknown } | undefined> {
  writer.database.exec('SAVEPOINT job')
  try {
    await job.run(writer.transaction)
    writer.database.exec('RELEASE job')
    return undefined
  } catch (error) {
    if (!writer.database.isTransaction) throw error // SQLite gave the whole transaction up, as it may on a full disk
    writer.database.exec('ROLLBACK TO job; RELEASE job')
    return { error: asGraphError(error, file) }
  }
}

/** A connection with its statements prepared once. */
class Connection {
  readonly database: DatabaseSync
  readonly transaction: Transaction
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.database = database
    this.transaction = {
      dialect,
      rows: async (statement) => this.rows(statement),
      change: async (statement) => Number(this.#prepare(statement.sql).run(...(statement.values as SQLInputValue[])).changes), // stores pass texts, numbers and nulls
      putMany: async (target, rows) => this.#putMany(target, rows),
    }
  }

  rows<R>(statement: Sql): readonly R[] {
    return this.#prepare(statement.sql).all(...(statement.values as SQLInputValue[])) as unknown as readonly R[] // the statement's author names the columns' types
  }

  #putMany({ table, columns, key }: Target, rows: readonly Cells[]): void {
    const others = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
    const statement = this.#prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
        ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.join(', ')}`,
    )
    for (const row of rows) statement.run(...row)
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}
