/** Many rows into PostgreSQL at once, by COPY: the quickest way in (its manual, sections 14.4.2 and 54.2.6). */

import pg from 'pg'
import sql, { join, raw, type Sql } from 'sql-template-tag'
import type { Cells, Rows, Target, Transaction } from '../database.ts'
import { cellsOf, isPacked, type PackedRows, textOf } from '../packed-rows.ts'
import type { SnapshotMark } from './snapshot-mark.ts'

interface Connected extends Pick<Transaction, 'dialect' | 'rows' | 'change'> {
  readonly client: pg.ClientBase
  readonly snapshotMark: SnapshotMark
}

const rowsAtOnce = 100
const octetsAtOnce = 128 * 1024

/** Where rows were met that had to be replaced. Most imports meet none, and then it need not be asked for them. */
const met = new WeakSet<Target>()

/** Adds rows, or replaces those that have their key, as if one after the other. */
export async function putRows(transaction: Connected, target: Target, given: Rows): Promise<void> {
  if (given.length === 0) return
  if (await addRows(transaction, target, given)) return
  // COPY only adds. What is there goes first; of rows with one key the last is what would remain.
  const { keys, last } = keysOf(target, cellsOf(given))
  if (last.length === given.length) met.add(target)
  const restore = await dropRows(transaction, target, keys)
  await copyRows(transaction.client, target, last)
  await Promise.all(restore.map((statement) => transaction.change(statement)))
}

const uniqueViolation = '23505'

/** Adds the rows, unless one has a key that is there, or two have the same: then nothing, and answers false. Not tried where it was in vain. */
export async function addRows(transaction: Connected, target: Target, rows: Rows): Promise<boolean> {
  if (met.has(target)) return false
  return rows.length === 0 || areNew(transaction, target, rows)
}

/** Adds the rows, unless one has a key that is there, or two have the same: then nothing, and answers false. */
async function areNew({ client, change, snapshotMark }: Connected, target: Target, rows: Rows): Promise<boolean> {
  snapshotMark.noteSavepoint()
  try {
    // They follow each other without waiting; where one fails, those behind it fail as well.
    await Promise.all([change(sql`SAVEPOINT rows`), copyRows(client, target, rows), change(sql`RELEASE SAVEPOINT rows`)])
    return true
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== uniqueViolation) throw error
    await change(sql`ROLLBACK TO SAVEPOINT rows`)
    return false
  }
}

type Keys = readonly (readonly string[])[]

/**
 * Asks and drops key by key, and never by a join: a planner might read the whole table for that. Answers the statements that give
 * the rows, when they are there again, what they had in the column that the target keeps.
 */
async function dropRows({ dialect, rows }: Connected, { table, key, keeps }: Target, keys: Keys): Promise<readonly Sql[]> {
  const same = key.map((column) => sql`held.${raw(column)} = wanted.${raw(column)}`)
  const found = await rows<Readonly<Record<string, string>>>(sql`
    SELECT * FROM ${dialect.valuesTable(key, keys)} wanted
    WHERE (SELECT 1 FROM ${raw(table)} held WHERE ${join(same, ' AND ')}) IS NOT NULL`)
  const isRow = (row: Readonly<Record<string, string>>) =>
    join(
      key.map((column) => sql`${raw(column)} = ${row[column]}`),
      ' AND ',
    )
  // All at once: they follow each other on the connection without waiting.
  const kept = raw(keeps ?? '0')
  const dropped = await Promise.all(
    found.map(async (row) => {
      const [held] = await rows<{ kept: number }>(sql`DELETE FROM ${raw(table)} WHERE ${isRow(row)} RETURNING ${kept} AS kept`)
      return { row, kept: held?.kept ?? 0 }
    }),
  )
  return dropped
    .filter((each) => each.kept !== 0)
    .map((each) => sql`UPDATE ${raw(table)} SET ${kept} = ${each.kept} WHERE ${isRow(each.row)}`)
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
function copyRows(client: pg.ClientBase, { table, columns }: Target, rows: Rows): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = new CopyIn(`COPY ${table} (${columns.join(', ')}) FROM STDIN`, rows)
    copy.callback = (error) => (error == null ? resolve() : reject(error))
    client.query(copy)
  })
}

/** Members of the driver's connection that its types lack. */
interface CopyingConnection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** The driver's query, but one that has something to send. */
class CopyIn extends pg.Query {
  declare callback: (error: Error | null | undefined) => void
  readonly #text: string
  readonly #rows: Rows

  constructor(text: string, rows: Rows) {
    super(text)
    this.#text = text
    this.#rows = rows
  }

  /**
   * Called by the driver. Sends the rows without waiting to be asked for them, so that other statements may follow: a server
   * that did not take the statement passes over them. It takes the first in while the next are rendered.
   */
  override submit = (connection: unknown): void => {
    const copying = connection as CopyingConnection // the driver's own
    copying.query(this.#text)
    for (const chunk of isPacked(this.#rows) ? chunksOf(this.#rows) : textsOf(this.#rows)) copying.sendCopyFromChunk(chunk)
    copying.endCopyFrom()
  }

  /** Called by the driver when the server asks for what is under way already. */
  handleCopyInResponse(): void {}
}

function* textsOf(rows: readonly Cells[]): Generator<Buffer> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield textOf(rows.slice(from, from + rowsAtOnce))
}

/** They need not end where a row does. */
function* chunksOf({ bytes }: PackedRows): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += octetsAtOnce) {
    const chunk = bytes.subarray(from, from + octetsAtOnce)
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
  }
}
