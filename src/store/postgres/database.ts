/**
 * PostgreSQL, and what speaks its protocol. Reads are pipelined over a few connections that are held open;
 * transactions run on pooled ones. Transactions that touch the same person run one after the other, as all do in
 * the embedded database, so that a rule which reads before it writes needs no word of its own. Nothing outside this
 * folder knows that it is PostgreSQL.
 */

import type pg from 'pg'
import sql, { type Sql } from 'sql-template-tag'
import { StartError } from '../../errors.ts'
import type { Asker } from '../../model/asker.ts'
import { type Database, type Source, type Statement, statementOf, type Transaction, type Use, type WriteOptions } from '../database.ts'
import { PersonMemory, type Touched } from '../person-memory.ts'
import { addRows, putRows } from './copy.ts'
import { dialect, prepareLetters } from './dialect.ts'
import { asGraphError, isConflict, ofDriver } from './errors.ts'
import { KeyedMutex } from './keyed-mutex.ts'
import { locksOf } from './locks.ts'
import { LongQueries, poolOf } from './long-queries.ts'
import { execute, PipelinedConnection } from './pipelined-connection.ts'
import { SnapshotMark } from './snapshot-mark.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** Connections at most, those for reading included. */
  readonly connections: number
  /** Seconds that a statement or a connection attempt may take. */
  readonly timeoutSeconds: number
  /** Seconds that a long query may take. */
  readonly querySeconds?: number
  /** In [0, 1). */
  readonly random: () => number
}

const readConnections = 4
const mostLongQueries = 2
const usualQuerySeconds = 10
const longestPauseMilliseconds = 200
const leastVersion = 14

/** `last`: takes statements that nothing of the work waits for, so that the COMMIT is sent right behind them. */
type Work<T> = (transaction: Transaction, last: (sent: readonly Promise<unknown>[]) => void) => Promise<T>

/** Opens the database. Throws StartError with one line where it cannot be reached. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  prepareLetters()
  const database = new Postgres(options)
  try {
    await database.check()
    return database
  } catch (error) {
    await database.close()
    if (error instanceof StartError) throw error
    throw new StartError(
      `the database ${database.description} cannot be reached (${error instanceof Error ? error.message : String(error)}): check SELFGRAPH_DATABASE_URL`,
      'unavailable',
      error,
    )
  }
}

class Postgres implements Database {
  readonly description: string
  readonly dialect = dialect
  /** Other processes write too: nothing is remembered. */
  readonly memory = new PersonMemory({ enabled: false })
  readonly #pool: pg.Pool
  readonly #longQueries: LongQueries
  readonly #readers: readonly PipelinedConnection[]
  readonly #random: () => number
  readonly #mutex = new KeyedMutex()
  readonly #timeoutMilliseconds: number
  #isPostgres = false
  #nextReader = 0

  constructor({ url, connections, timeoutSeconds, querySeconds = usualQuerySeconds, random }: PostgresOptions) {
    const { host, pathname } = new URL(url)
    this.description = `PostgreSQL at ${host}${pathname}`
    const milliseconds = timeoutSeconds * 1000
    const config: pg.ClientConfig = {
      connectionString: url,
      application_name: 'selfgraph',
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: milliseconds,
      statement_timeout: milliseconds,
      lock_timeout: milliseconds,
      idle_in_transaction_session_timeout: milliseconds,
      // The server's own timeout comes first, unless the server has stopped answering.
      query_timeout: milliseconds + 1000,
    }
    const reading = Math.max(1, Math.min(readConnections, Math.floor(connections / 2)))
    this.#readers = Array.from({ length: reading }, () => new PipelinedConnection(config))
    const longQueryConnections = Math.max(1, Math.min(mostLongQueries, Math.floor(connections / 5)))
    this.#pool = poolOf(config, Math.max(1, connections - reading - longQueryConnections))
    this.#longQueries = new LongQueries({ config, slots: longQueryConnections, milliseconds: querySeconds * 1000, pool: this.#pool })
    this.#random = random
    this.#timeoutMilliseconds = milliseconds
  }

  async check(): Promise<void> {
    const { rows } = await this.#pool.query<{ version: string }>('SELECT version() AS version')
    const major = postgresVersion(rows[0]?.version ?? '')
    this.#isPostgres = major !== undefined
    if (major !== undefined && major < leastVersion)
      throw new StartError(`${this.description} is of version ${major}: version ${leastVersion} or later is needed`, 'unavailable')
  }

  async read<R>(statement: Sql, use?: Use | undefined, asker?: Asker | undefined): Promise<readonly R[]> {
    this.#nextReader = (this.#nextReader + 1) % this.#readers.length
    const reader = this.#readers[this.#nextReader]
    // Where every transaction is serializable, one that only reads may be refused too.
    return this.#untilSerialized(async () =>
      use === 'long' ? this.#longQueries.rows<R>(statement, asker) : ((await reader?.rows<R>(statement, use)) ?? []),
    )
  }

  snapshot<T>(work: (source: Source) => Promise<T>): Promise<T> {
    return this.#inTransaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', [], work)
  }

  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>, { onDisk, relyingOn }: WriteOptions = {}): Promise<T> {
    // A transaction with the scope 'everyone' locks no row; the isolation level keeps such transactions apart.
    const isolated = touched === 'everyone' ? 'BEGIN ISOLATION LEVEL SERIALIZABLE' : 'BEGIN'
    const begin = onDisk === 'soon' ? `${isolated}; SET LOCAL synchronous_commit = off` : isolated
    return this.#holdingMutex(touched, () => this.#inTransaction(begin, locksOf(touched, relyingOn), work))
  }

  change(
    touched: Touched,
    statement: Statement,
    alongside: readonly Sql[] = [],
    { relyingOn }: Pick<WriteOptions, 'relyingOn'> = {},
  ): Promise<number> {
    const work: Work<number> = async (transaction, last) => {
      const changed = await transaction.change(statementOf(statement))
      if (changed > 0) last(alongside.map((each) => transaction.change(each)))
      return changed
    }
    // The further statements depend on the row count of the first: two round trips instead of one.
    const atOnce = alongside.length === 0 ? 'atOnce' : undefined
    return this.#holdingMutex(touched, () => this.#inTransaction('BEGIN', locksOf(touched, relyingOn), work, atOnce))
  }

  /** To wait at the row would take a connection, and where every transaction is serializable it would be for nothing. */
  #holdingMutex<T>(touched: Touched, run: () => Promise<T>): Promise<T> {
    return typeof touched === 'string' ? run() : this.#mutex.run(`${touched.tenantId}/${touched.id}`, this.#timeoutMilliseconds, run)
  }

  async isReady(): Promise<boolean> {
    try {
      await this.#readers[0]?.rows(sql`SELECT 1`)
      return true
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    await this.#longQueries.close()
    await Promise.all([this.#pool.end(), ...this.#readers.map((reader) => reader.close())])
  }

  /** `atOnce`: the work asks for one thing and is done, so that nothing of it all has to wait for an answer. */
  #inTransaction<T>(begin: string, locks: readonly Sql[], work: Work<T>, atOnce?: 'atOnce'): Promise<T> {
    return this.#untilSerialized(() => this.#attempt(begin, locks, work, atOnce))
  }

  /** Tries again while the database says that others came in between. */
  async #untilSerialized<T>(attempt: () => Promise<T>): Promise<T> {
    for (let count = 1, waited = 0; ; count++) {
      try {
        return await attempt()
      } catch (error) {
        if (!isConflict(error) || waited > this.#timeoutMilliseconds) throw asGraphError(error)
        // Back off by a random time, so that transactions that conflicted do not conflict again.
        const pause = 1 + this.#random() * Math.min(longestPauseMilliseconds, 2 ** count)
        waited += pause
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
    }
  }

  async #attempt<T>(begin: string, locks: readonly Sql[], work: Work<T>, atOnce: 'atOnce' | undefined): Promise<T> {
    const client = await ofDriver(this.#pool.connect())
    let broken: Error | undefined
    const breaks = (error: Error) => {
      broken = error
    }
    client.on('error', breaks)
    try {
      const begun = [ofDriver(client.query(begin)), ...locks.map((lock) => execute(client, lock))]
      // Send the first statement without waiting for BEGIN: if BEGIN fails, so does the rest.
      const last: Promise<unknown>[] = []
      const working = work(transactionOn(client, this.#isPostgres), (sent) => last.push(...sent))
      if (atOnce === undefined) {
        await Promise.allSettled([...begun, working])
        await Promise.all([...begun.splice(0), working])
      }
      // Where something before it failed, this undoes the rest.
      const [result] = await Promise.all([working, ...begun, ...last, ofDriver(client.query('COMMIT'))])
      return result
    } catch (error) {
      // Where this fails the connection is of no more use, and the server undoes what was begun on it.
      await client.query('ROLLBACK').catch(breaks)
      throw error
    } finally {
      client.off('error', breaks)
      client.release(broken)
    }
  }
}

/** The major version that PostgreSQL says it has. Undefined for others that speak its protocol: they count in their own way. */
export function postgresVersion(says: string): number | undefined {
  const [, major] = /^PostgreSQL (?!\S*-YB-)(\d+)/.exec(says) ?? []
  return major === undefined ? undefined : Number(major)
}

function transactionOn(client: pg.ClientBase, isPostgres: boolean): Transaction {
  const change: Transaction['change'] = async (statement) => (await execute(client, statement)).rowCount ?? 0
  const rows = async <R>(statement: Sql) => (await execute(client, statement)).rows as readonly R[] // as in Reader
  const snapshotMark = new SnapshotMark({ isPostgres })
  return {
    dialect,
    rows,
    change,
    putMany: (target, given) => ofDriver(putRows({ client, dialect, rows, change, snapshotMark }, target, given)),
    addMany: (target, given) => ofDriver(addRows({ client, dialect, rows, change, snapshotMark }, target, given)),
    isUntouchedSince: (mark) => snapshotMark.isUntouchedSince(rows, mark),
    mark: () => snapshotMark.mark(),
  }
}
