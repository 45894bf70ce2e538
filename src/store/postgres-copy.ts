/** Many rows into PostgreSQL at once, by COPY: the quickest way in (its manual, sections 14.4.2 and 54.2.6). */

import pg from 'pg'
import sql, { join, raw } from 'sql-template-tag'
import type { Cells, Target, Transaction } from './database.ts'

/** Where rows were met that had to be replaced. Most imports meet none, and then it need not be asked for them. */
const met = new WeakSet<Target>()

/** Adds rows, or replaces those that have their key, as if one after the other. */
export async function putRows(
  client: pg.ClientBase,
  transaction: Omit<Transaction, 'putMany'>,
  target: Target,
  given: readonly Cells[],
): Promise<void> {
  if (given.length === 0) return
  // COPY only adds. What is there goes first; of rows with one key the last is what would remain.
  const { keys, last } = keysOf(target, given)
  if (!met.has(target) && (await areNew(client, transaction, target, last))) return
  met.add(target)
  await dropRows(transaction, target, keys)
  await copyRows(client, target, last)
}

const uniqueViolation = '23505'

/** Adds the rows, unless one has a key that is there: then nothing, and answers false. */
async function areNew(
  client: pg.ClientBase,
  { change }: Pick<Transaction, 'change'>,
  target: Target,
  rows: readonly Cells[],
): Promise<boolean> {
  try {
    await Promise.all([change(sql`SAVEPOINT rows`), copyRows(client, target, rows)])
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== uniqueViolation) throw error
    await change(sql`ROLLBACK TO SAVEPOINT rows`)
    return false
  }
  await change(sql`RELEASE SAVEPOINT rows`)
  return true
}

type Keys = readonly (readonly string[])[]

/** Asks and drops key by key, and never by a join: a planner might read the whole table for that. */
async function dropRows({ dialect, rows, change }: Omit<Transaction, 'putMany'>, { table, key }: Target, keys: Keys): Promise<void> {
  const same = key.map((column) => sql`held.${raw(column)} = wanted.${raw(column)}`)
  const found = await rows<Readonly<Record<string, string>>>(sql`
    SELECT * FROM ${dialect.given(key, keys)} wanted
    WHERE (SELECT 1 FROM ${raw(table)} held WHERE ${join(same, ' AND ')}) IS NOT NULL`)
  const isRow = (row: Readonly<Record<string, string>>) =>
    join(
      key.map((column) => sql`${raw(column)} = ${row[column]}`),
      ' AND ',
    )
  // All at once: they follow each other on the connection without waiting.
  await Promise.all(found.map((row) => change(sql`DELETE FROM ${raw(table)} WHERE ${isRow(row)}`)))
}

/** The keys of the rows, each once, and for each the last row that has it. */
function keysOf({ columns, key }: Target, rows: readonly Cells[]) {
  const places = key.map((column) => columns.indexOf(column))
  const last = new Map<string, { readonly key: readonly string[]; readonly row: Cells }>()
  for (const row of rows) {
    const values = places.map((place) => String(row[place]))
    last.set(values.join('\0'), { key: values, row }) // no text holds a NUL
  }
  const found = [...last.values()]
  return { keys: found.map((each) => each.key), last: found.map(({ row }) => row) }
}

/** Adds the rows. None of their keys may be there. */
function copyRows(client: pg.ClientBase, { table, columns }: Target, rows: readonly Cells[]): Promise<void> {
  const text = rows.map((row) => `${row.map(cellText).join('\t')}\n`).join('')
  return new Promise((resolve, reject) => {
    const copy = new CopyIn(`COPY ${table} (${columns.join(', ')}) FROM STDIN`, Buffer.from(text))
    copy.callback = (error) => (error == null ? resolve() : reject(error))
    client.query(copy)
  })
}

/** What the driver's connection can do besides what its types declare. */
interface CopyingConnection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** The driver's query, but one that has something to send when the server asks for it. */
class CopyIn extends pg.Query {
  declare callback: (error: Error | null | undefined) => void
  readonly #content: Buffer

  constructor(text: string, content: Buffer) {
    super(text)
    this.#content = content
  }

  /** Called by the driver. */
  handleCopyInResponse(connection: CopyingConnection): void {
    connection.sendCopyFromChunk(this.#content)
    connection.endCopyFrom()
  }
}

/** A value in COPY's text format. */
function cellText(value: Cells[number]): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  return special.test(value) ? value.replaceAll(specials, (character) => escapes[character] ?? '') : value
}

const special = /[\\\n\r\t]/
const specials = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
