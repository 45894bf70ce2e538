/**
 * The server's statements, and plain inserts, on PostgreSQL: reads pipelined over a few connections, transactions on
 * others, as many at once as the server has by default.
 */

import pg from 'pg'
import { v7 } from 'uuid'
import { filled, type Next, type Rows, textsOf } from './statements.ts'

const rowsPerCommit = 64
/** As src/store/postgres/database.ts shares out its connections. */
const readConnections = 4
const writeConnections = 16

const lockUser = 'SELECT 1 FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE'
export async function openRowsInPostgres(url: string): Promise<Rows> {
  const open = async () => {
    const client = new pg.Client({ connectionString: url, pipeline: true })
    client.on('error', () => undefined) // whoever asks it is told
    await client.connect()
    return client
  }
  const readers = await Promise.all(Array.from({ length: readConnections }, open))
  const writers = await Promise.all(Array.from({ length: writeConnections }, open))
  const texts = textsOf('text')
  const ask = (client: pg.Client, name: 'person' | 'list' | 'add', values: readonly unknown[]) =>
    client.query({ name, text: texts[name], values: [...values] })
  const read = async (client: pg.Client, next: Next) => {
    const values = next()
    await ask(client, 'person', values.person)
    await ask(client, 'list', values.list)
    return 1
  }
  const add = async (client: pg.Client, next: Next) => {
    const { key, add: template } = next()
    await Promise.all([client.query('BEGIN'), client.query({ name: 'lock', text: lockUser, values: [...key] })])
    await ask(client, 'add', filled(template, v7()))
    await client.query('COMMIT')
    return 1
  }
  const addMany = async (client: pg.Client, next: Next) => {
    const rows = Array.from({ length: rowsPerCommit }, () => filled(next().row, v7()))
    await client.query({ name: 'many', text: insertMany(texts.columns, rows[0] ?? []), values: columnsOf(rows) })
    return rowsPerCommit
  }
  return {
    reads: (next, atOnce, isOver) => inLanes(atOnce, readers, isOver, (client) => read(client, next)),
    together: (next, atOnce, isOver) => inLanes(Math.min(atOnce, writeConnections), writers, isOver, (client) => add(client, next)),
    each: (next, _, isOver) => inLanes(1, writers, isOver, (client) => add(client, next)),
    grouped: (next, _, isOver) => inLanes(readConnections, writers, isOver, (client) => addMany(client, next)),
  }
}

/** So many work at the same time, each one thing after the other, until the time is over. */
async function inLanes(
  lanes: number,
  clients: readonly pg.Client[],
  isOver: () => boolean,
  work: (client: pg.Client) => Promise<number>,
): Promise<number> {
  const counts = Array.from({ length: lanes }, async (_, lane) => {
    const client = clients[lane % clients.length]
    let count = 0
    while (client !== undefined && !isOver()) count += await work(client)
    return count
  })
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

/** One statement for rows such as `row`, which come column by column. */
function insertMany(columns: string, row: readonly unknown[]): string {
  const lists = row.map((value, at) => `$${at + 1}::${typeof value === 'number' ? 'integer' : 'text'}[]`)
  return `INSERT INTO profile_emails (${columns}) SELECT * FROM unnest(${lists.join(', ')})`
}

function columnsOf(rows: readonly unknown[][]): unknown[][] {
  const [first = []] = rows
  return first.map((_, column) => rows.map((row) => row[column]))
}
