/** Queries for many keys at once. What is asked is answered for the keys that matter alone. */

import sql, { join, raw } from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Transaction } from '../database.ts'

interface KeyLookup {
  readonly table: string
  /** An index begins with these columns. */
  readonly key: readonly string[]
  readonly find: string
}

/** The row for each key, by the key's texts joined with `/`; keys without a row are missing. */
export async function lookUp(
  transaction: Transaction,
  { table, key, find }: KeyLookup,
  keys: readonly (readonly string[])[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const same = join(
    key.map((column) => sql`held.${raw(column)} = wanted.${raw(column)}`),
    ' AND ',
  )
  // A query for each key, and no join: a planner might read the whole table for that.
  const rows = await transaction.rows<Readonly<Record<string, string>>>(sql`
    SELECT * FROM (
      SELECT ${raw(key.join(', '))}, (SELECT ${raw(find)} FROM ${raw(table)} held WHERE ${same}) AS found
      FROM ${transaction.dialect.valuesTable(key, keys)} wanted
    ) asked WHERE found IS NOT NULL`)
  return new Map(rows.map((row) => [key.map((column) => row[column]).join('/'), String(row.found)]))
}

/** The persons that do not exist. */
export async function missingOf(transaction: Transaction, keys: readonly (readonly string[])[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set()
  const key = ['tenant_id', 'id'] as const
  const rows = await transaction.rows<{ tenant_id: string; id: string }>(sql`
    SELECT tenant_id, id FROM ${transaction.dialect.valuesTable(key, keys)} wanted
    WHERE (SELECT 1 FROM users WHERE tenant_id = wanted.tenant_id AND id = wanted.id) IS NULL`)
  return new Set(rows.map(({ tenant_id: tenantId, id }) => keyOf({ tenantId, id })))
}

/** Ids hold no slash, so that two different persons never have one text. */
export function keyOf({ tenantId, id }: PersonKey): string {
  return `${tenantId}/${id}`
}

export function distinct(keys: readonly PersonKey[]): readonly (readonly [string, string])[] {
  return [...new Map(keys.map((key) => [keyOf(key), [key.tenantId, key.id] as const])).values()]
}
