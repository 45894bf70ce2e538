/** Step of migration 9: gives the times in records of users, groups and emails the one form of `parseDateTime`. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { group, user } from '../model/directory.ts'
import { propertiesOf, type StructuredType } from '../model/edm.ts'
import { itemEmail } from '../model/profile.ts'
import { parseDateTime } from '../model/time.ts'
import { renderCompared } from '../odata/query/compared.ts'
import type { Transaction } from './database.ts'

interface RecordTable {
  readonly table: string
  readonly type: StructuredType
  /** Columns of the primary key. */
  readonly key: readonly string[]
  /** Whether a column `compared` follows from the record. */
  readonly compared: boolean
}

// biome-ignore format: a table of facts, aligned by hand
const tables: readonly RecordTable[] = [
  { table: 'users',          type: user,      key: ['tenant_id', 'id'],            compared: true },
  { table: 'groups',         type: group,     key: ['tenant_id', 'id'],            compared: false },
  { table: 'profile_emails', type: itemEmail, key: ['tenant_id', 'user_id', 'id'], compared: true },
]

const rowsAtOnce = 1000

type Row = Readonly<Record<string, string | null>>

export async function fillTimes(transaction: Transaction): Promise<void> {
  for (const each of tables) await fillTable(transaction, each)
}

async function fillTable(transaction: Transaction, { table, type, key, compared }: RecordTable): Promise<void> {
  const [name, columns] = [raw(table), raw(key.join(', '))]
  for (let after: Row | undefined; ; ) {
    const rows: readonly Row[] = await transaction.rows<Row>(
      sql`SELECT ${columns}, record FROM ${name} WHERE ${isBeyond(key, after)} ORDER BY ${columns} LIMIT ${rowsAtOnce}`,
    )
    for (const row of rows) {
      const record = inOneForm(type, row.record ?? '{}')
      if (record === undefined) continue
      const text = JSON.stringify(record)
      const set = compared ? sql`record = ${text}, compared = ${renderCompared(type, record)}` : sql`record = ${text}`
      await transaction.change(sql`UPDATE ${name} SET ${set} WHERE (${columns}) = (${valuesOf(key, row)})`)
    }
    after = rows.at(-1)
    if (rows.length < rowsAtOnce) return
  }
}

function isBeyond(key: readonly string[], last: Row | undefined): Sql {
  return last === undefined ? sql`1 = 1` : sql`(${raw(key.join(', '))}) > (${valuesOf(key, last)})`
}

function valuesOf(key: readonly string[], row: Row): Sql {
  return join(key.map((column) => row[column]))
}

/** The record with every time in its one form; undefined where it has that already. */
function inOneForm(type: StructuredType, text: string): Readonly<Record<string, unknown>> | undefined {
  const record = JSON.parse(text) as Readonly<Record<string, unknown>> // written by the API or an import
  const changed: Record<string, string> = {}
  for (const [name, property] of Object.entries(propertiesOf(type))) {
    const value = record[name]
    if (property.type !== 'Edm.DateTimeOffset' || typeof value !== 'string') continue
    const time = parseDateTime(value)
    if (time !== undefined && time !== value) changed[name] = time
  }
  return Object.keys(changed).length === 0 ? undefined : { ...record, ...changed }
}
