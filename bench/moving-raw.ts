/**
 * What import and export are measured beside, as a process of its own: the same rows, ready as the database takes
 * them, from files into the same tables and back, with nothing looked at on the way.
 */

import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { openDatabase } from '../src/cli/open-database.ts'
import { readConfig } from '../src/config.ts'
import { migrate } from '../src/store/migrate.ts'
import { readLines } from '../src/transfer/lines.ts'

/** The tables that people fill, with the columns of their rows in the order of the key. */
export const filledTables = {
  tenants: { columns: 'id, display_name', key: 'id' },
  users: { columns: 'tenant_id, id, principal_name, account_enabled, record, display_name, mail, compared', key: 'tenant_id, id' },
  profile_emails: { columns: 'tenant_id, user_id, id, created_at, audiences, record, compared', key: 'tenant_id, user_id, id' },
} as const

const rowsPerCommit = 1000

async function makeTables(settings: Readonly<Record<string, string>>): Promise<void> {
  const database = await openDatabase(readConfig(settings), { random: Math.random }, 'owner')
  await migrate(database)
  await database.close()
}

async function loadEmbedded(data: string, rows: string): Promise<void> {
  const database = new DatabaseSync(join(data, 'selfgraph.db'))
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20000; PRAGMA cache_size=-65536')
  for (const [table, { columns }] of Object.entries(filledTables)) {
    const places = columns.replace(/\w+/g, '?')
    const insert = database.prepare(`INSERT INTO ${table} (${columns}) VALUES (${places})`)
    let waiting = 0
    for await (const { bytes } of readLines(join(rows, `${table}.rows`))) {
      if (waiting === 0) database.exec('BEGIN IMMEDIATE')
      insert.run(...(JSON.parse(Buffer.from(bytes ?? []).toString()) as SQLInputValue[])) // as moving.ts wrote them
      waiting = (waiting + 1) % rowsPerCommit
      if (waiting === 0) database.exec('COMMIT')
    }
    if (waiting > 0) database.exec('COMMIT')
  }
  database.close()
}

async function dumpEmbedded(data: string, to: string): Promise<void> {
  const database = new DatabaseSync(join(data, 'selfgraph.db'), { readOnly: true })
  for (const [table, { columns, key }] of Object.entries(filledTables)) {
    const statement = database.prepare(`SELECT ${columns} FROM ${table} ORDER BY ${key}`)
    const lines = function* () {
      for (const row of statement.iterate()) yield `${JSON.stringify(Object.values(row))}\n`
    }
    await pipeline(lines, createWriteStream(join(to, `${table}.dump`)))
  }
  database.close()
}

interface Copying {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** COPY as psql does it, in either direction. */
class Copy extends pg.Query {
  declare callback: (error: Error | null | undefined) => void
  source: AsyncIterable<Buffer> | undefined
  target: { write(chunk: Buffer): void } | undefined

  handleCopyInResponse(connection: Copying): void {
    void (async () => {
      for await (const chunk of this.source ?? []) connection.sendCopyFromChunk(chunk)
      connection.endCopyFrom()
    })()
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.target?.write(chunk)
  }
}

async function copy(client: pg.Client, text: string, ends: Pick<Copy, 'source' | 'target'>): Promise<void> {
  const query = Object.assign(new Copy(text), ends)
  await new Promise<void>((resolve, reject) => {
    query.callback = (error) => (error == null ? resolve() : reject(error))
    client.query(query)
  })
}

async function loadPostgres(url: string, rows: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const [table, { columns }] of Object.entries(filledTables))
    await copy(client, `COPY ${table} (${columns}) FROM STDIN`, {
      source: createReadStream(join(rows, `${table}.copy`), { highWaterMark: 256 * 1024 }),
      target: undefined,
    })
  await client.end()
}

async function dumpPostgres(url: string, to: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const [table, { columns, key }] of Object.entries(filledTables)) {
    const target = createWriteStream(join(to, `${table}.dump`))
    await copy(client, `COPY (SELECT ${columns} FROM ${table} ORDER BY ${key}) TO STDOUT`, { source: undefined, target })
    await new Promise<void>((resolve) => target.end(resolve))
  }
  await client.end()
}

// Last, since it uses the class above.
if (import.meta.main) {
  const [work, data = '', rows = '', url] = process.argv.slice(2)
  const settings = { SELFGRAPH_DATA: data, ...(url === undefined ? {} : { SELFGRAPH_DATABASE_URL: url }) }
  if (work === 'load') await makeTables(settings)
  if (url === undefined) await (work === 'load' ? loadEmbedded(data, rows) : dumpEmbedded(data, rows))
  else await (work === 'load' ? loadPostgres(url, rows) : dumpPostgres(url, rows))
}
