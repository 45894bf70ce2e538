/** A connection to PostgreSQL on which reads follow each other without waiting, and how a statement is sent. */

import { createHash } from 'node:crypto'
import pg from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Use } from '../database.ts'
import { ofDriver } from './errors.ts'

/** One connection on which reads follow each other without waiting; opened when needed, and anew after it broke. */
export class PipelinedConnection {
  readonly #config: pg.ClientConfig
  #client: Promise<pg.Client> | undefined

  constructor(config: pg.ClientConfig) {
    this.#config = config
  }

  async rows<R>(statement: Sql, use?: Use | undefined): Promise<readonly R[]> {
    this.#client ??= this.#connect()
    const client = await this.#client
    return (await execute(client, statement, use)).rows as readonly R[] // the statement's author names the columns' types
  }

  async close(): Promise<void> {
    await this.#client?.then((client) => client.end()).catch(() => undefined)
  }

  #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config)
    const connecting = ofDriver(client.connect()).then(() => client)
    // One that broke says so more than once: by then another may stand in its place, which must not be lost.
    const forget = () => {
      if (this.#client === connecting) this.#client = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    connecting.catch(forget)
    return connecting
  }
}

export function execute(client: pg.ClientBase, statement: Sql, use?: Use | undefined): Promise<pg.QueryResult> {
  const { text, values } = statement
  return ofDriver(client.query({ text, values: [...values], ...(use === undefined ? { name: nameOf(text) } : {}) }))
}

const names = new Map<string, string>()

/** A statement is parsed once per connection; its name there follows from its text. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 40)
  names.set(text, name)
  return name
}
