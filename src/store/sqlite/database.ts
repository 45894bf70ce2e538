/**
 * The embedded database. One connection writes, in a thread of its own, and commits many waiting transactions at once; one
 * connection reads, and sees only what is committed. A commit is on disk before it is seen or answered (WAL, synced by each).
 * Nothing outside this file, and those of its name, knows that it is SQLite.
 */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Sql } from 'sql-template-tag'
import { StartError } from '../../errors.ts'
import type { Asker } from '../../model/asker.ts'
import { closeToOthers, ensurePrivate, makeFolder } from '../../private-files.ts'
import { type Copying, type Database, type Source, type Statement, statementOf, type Transaction, type Use } from '../database.ts'
import { PersonMemory, type Touched } from '../person-memory.ts'
import { Connection, dialect } from './connection.ts'
import { copyDatabase } from './copy.ts'
import { asGraphError, asStartError, code, reason, resultCode } from './errors.ts'
import { LongQueries } from './long-queries.ts'
import { Writer } from './writer.ts'

/** Marks the file as ours ('SLFG'). */
const applicationId = 0x534c4647
const mostFaultsTold = 10
/** Other pages are usually in the system's cache. */
const cacheKibibytes = 16_384

/**
 * `owner` may write and keeps other owners out; `reader` looks on, beside an owner. A `guest` reads, and may change by single statements
 * what an owner keeps no copy of in its memory: it touches `nobody`.
 */
export type Role = 'owner' | 'reader' | 'guest'

export interface SqliteOptions {
  readonly folder: string
  readonly as: Role
  /** Seconds that a long question may take. */
  readonly querySeconds?: number
}

const usualQuerySeconds = 10

/** Opens the database in `folder`, making both where they are missing. Throws StartError with one line. */
export function openSqlite({ folder, as, querySeconds = usualQuerySeconds }: SqliteOptions): Database {
  const file = join(folder, 'selfgraph.db')
  if (as !== 'owner' && !existsSync(file))
    throw new StartError(`${file} does not exist: start the server once, or import into it`, 'unavailable')
  const lock = as === 'owner' ? takeLock(folder) : undefined
  let found: DatabaseSync | undefined
  try {
    if (as === 'owner') found = makeOurs(file)
    const reader = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
    requireOurs(reader, file)
    reader.exec(`PRAGMA cache_size=-${cacheKibibytes}; PRAGMA mmap_size=0`)
    // Not before: whoever closes last moves the log into the database, which may take long.
    found?.close()
    return new Sqlite({ file, reader, lock, querySeconds, isGuest: as === 'guest' })
  } catch (error) {
    if (found?.isOpen === true) found.close()
    lock?.close()
    throw asStartError(error, file)
  }
}

/** One process at a time may own the folder: the lock goes with the process, however it ends. */
function takeLock(folder: string): DatabaseSync {
  try {
    makeFolder(folder)
    const file = join(folder, 'owner.lock')
    ensurePrivate(file)
    // Long enough for an onlooker, who holds it for a moment.
    const lock = new DatabaseSync(file, { timeout: 200 })
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    if (resultCode(error) === code.busy)
      throw new StartError(
        `${resolve(folder)} is in use by another Selfgraph process, perhaps a server that runs already: stop it first, or choose another folder with SELFGRAPH_DATA`,
        'unavailable',
      )
    throw new StartError(
      `the data folder ${folder} cannot be written to (${reason(error)}): change its rights, or choose another with SELFGRAPH_DATA`,
      'cannotCreate',
      error,
    )
  }
}

/** Whether a process owns the folder just now. */
export function isOwned(folder: string): boolean {
  const file = join(folder, 'owner.lock')
  if (!existsSync(file)) return false
  let look: DatabaseSync | undefined
  try {
    look = new DatabaseSync(file, { readOnly: true })
    look.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    return resultCode(error) === code.busy
  } finally {
    look?.close()
  }
}

/** Settings that are stored in the file. */
function makeOurs(file: string): DatabaseSync {
  // SQLite gives the log and what it shares the rights of the database.
  ensurePrivate(file)
  for (const suffix of ['-wal', '-shm', '-journal']) closeToOthers(`${file}${suffix}`)
  const database = new DatabaseSync(file, { timeout: 5_000 })
  requireOurs(database, file)
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA application_id=${applicationId}`)
  return database
}

/** Throws where the file holds tables of another program; an empty database may become ours. */
function requireOurs(database: DatabaseSync, file: string): void {
  const { application_id: mark } = database.prepare('PRAGMA application_id').get() as { application_id: number } // what that pragma answers
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number } // as selected
  if (mark !== applicationId && tables > 0)
    throw new StartError(`${file} is a database of another program: move it away, or choose another folder with SELFGRAPH_DATA`, 'badData')
}

interface Parts {
  readonly file: string
  readonly reader: DatabaseSync
  readonly lock: DatabaseSync | undefined
  readonly querySeconds: number
  readonly isGuest: boolean
}

class Sqlite implements Database {
  readonly description: string
  readonly dialect = dialect
  readonly memory = new PersonMemory({ enabled: true })
  readonly #file: string
  readonly #reader: Connection
  readonly #longQueries: LongQueries
  readonly #writer: Writer | undefined
  readonly #lock: DatabaseSync | undefined
  readonly #isGuest: boolean

  /** With a lock it is the owner's. */
  constructor({ file, reader, lock, querySeconds, isGuest }: Parts) {
    this.description = `SQLite in ${file}`
    this.#file = file
    this.#reader = new Connection(reader)
    this.#longQueries = new LongQueries(file, querySeconds * 1000)
    this.#writer = lock === undefined ? undefined : new Writer(file, this.memory)
    this.#lock = lock
    this.#isGuest = isGuest
  }

  async read<R>(statement: Sql, use?: Use | undefined, asker?: Asker | undefined): Promise<readonly R[]> {
    try {
      return use === 'long' ? await this.#longQueries.rows<R>(statement, asker) : this.#reader.rows<R>(statement, use)
    } catch (error) {
      throw asGraphError(error, this.#file)
    }
  }

  async snapshot<T>(work: (source: Source) => Promise<T>): Promise<T> {
    const view = new DatabaseSync(this.#file, { readOnly: true, timeout: 5_000 })
    try {
      view.exec('BEGIN')
      const connection = new Connection(view)
      return await work({ rows: async (statement) => connection.rows(statement) })
    } catch (error) {
      throw asGraphError(error, this.#file)
    } finally {
      view.close()
    }
  }

  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#writer === undefined) return Promise.reject(new Error('this connection is for reading'))
    return this.#writer.write(touched, work)
  }

  change(touched: Touched, statement: Statement, alongside?: readonly Sql[]): Promise<number> {
    if (this.#isGuest && touched === 'nobody' && alongside === undefined) return this.#changeAsGuest(statement)
    if (this.#writer === undefined) return Promise.reject(new Error('this connection is for reading'))
    return this.#writer.change(touched, statement, alongside)
  }

  /** An owner's writes wait for a guest's at the lock of the file, as the guest's do for them. */
  async #changeAsGuest(statement: Statement): Promise<number> {
    let database: DatabaseSync | undefined
    try {
      database = new DatabaseSync(this.#file, { timeout: 5_000 })
      database.exec('PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0')
      return new Connection(database).change(statementOf(statement))
    } catch (error) {
      throw asGraphError(error, this.#file)
    } finally {
      database?.close()
    }
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

  copyTo(file: string, copying: Copying): Promise<void> {
    return copyDatabase(this.#file, file, copying)
  }

  async close(): Promise<void> {
    await this.#writer?.end()
    await this.#longQueries.close()
    // The last connection to close checkpoints the log, which a reading one cannot do: close the writer last.
    this.#reader.database.close()
    await this.#writer?.close()
    this.#lock?.close()
  }
}
