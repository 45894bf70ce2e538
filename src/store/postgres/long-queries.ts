/**
 * Queries that take long, on connections of their own: whatever came behind them on a connection would wait for them. They are
 * cancelled from another connection (decisions/0015).
 */

import pg from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Asker } from '../../model/asker.ts'
import { QuerySlots } from '../query-slots.ts'
import { ofDriver } from './errors.ts'

const mostCancellations = 5
const cancellationMilliseconds = 100

export interface LongQueriesOptions {
  readonly config: pg.ClientConfig
  /** Connections, and queries that run side by side. */
  readonly slots: number
  /** A query may run for so long. */
  readonly milliseconds: number
  /** To cancel by. */
  readonly pool: pg.Pool
}

export class LongQueries {
  readonly #slots: QuerySlots
  readonly #pool: pg.Pool
  readonly #cancelPool: pg.Pool
  readonly #cancelling = new Set<Promise<void>>()

  constructor({ config, slots, milliseconds, pool }: LongQueriesOptions) {
    this.#slots = new QuerySlots({ most: slots, milliseconds })
    // The server's own limit is for when nobody is left to cancel.
    this.#pool = poolOf({ ...config, statement_timeout: milliseconds + 1000, query_timeout: milliseconds + 2000 }, slots)
    this.#cancelPool = pool
  }

  rows<R>(statement: Sql, asker: Asker | undefined): Promise<readonly R[]> {
    return this.#slots.run((stop) => this.#ask<R>(statement, stop), asker)
  }

  async close(): Promise<void> {
    this.#slots.close()
    await Promise.all(this.#cancelling)
    await this.#pool.end()
  }

  async #ask<R>({ text, values }: Sql, stop: AbortSignal): Promise<readonly R[]> {
    const client = await ofDriver(this.#pool.connect())
    let isHeld = true
    const release = () => {
      // A cancellation that comes late would hit the connection's next statement.
      if (isHeld) client.release(stop.aborted)
      isHeld = false
    }
    const cancel = () => {
      const cancelling = this.#cancel(client, () => isHeld).then(release)
      this.#cancelling.add(cancelling)
      void cancelling.then(() => this.#cancelling.delete(cancelling))
    }
    stop.addEventListener('abort', cancel)
    try {
      if (stop.aborted) return []
      return (await ofDriver(client.query({ text, values: [...values] }))).rows as readonly R[] // the statement's author names the columns' types
    } finally {
      stop.removeEventListener('abort', cancel)
      release()
    }
  }

  /**
   * Has the server stop what runs on the connection, more than once: a cancellation that comes before the statement is for nothing.
   * Where the server knows no such function, the statement ends by its own limit.
   */
  async #cancel(client: pg.PoolClient, runs: () => boolean): Promise<void> {
    const { processID } = client as pg.PoolClient & { readonly processID?: number } // the driver's types lack it
    for (let attempt = 0; attempt < mostCancellations && runs(); attempt++) {
      await this.#cancelPool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, cancellationMilliseconds))
    }
  }
}

export function poolOf(config: pg.ClientConfig, max: number): pg.Pool {
  const pool = new pg.Pool({ ...config, max })
  // An idle connection that breaks is replaced when the next one is asked for; there is nothing else to do.
  pool.on('error', () => undefined)
  // One may break in the very moment in which it is handed over, when neither the pool nor we listen.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
