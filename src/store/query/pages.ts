/** Pages of items as a client's query asks for them: filtered, sorted, and going on behind the last item of the page before. */

import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import type { Asker } from '../../model/asker.ts'
import { isShort } from '../../odata/query/budget.ts'
import type { Condition, SortKey } from '../../odata/query/condition.ts'
import { costOf, costOfOrder, free, plus } from '../../odata/query/cost.ts'
import type { Dialect, Readable, Use } from '../database.ts'
import { sortOf, sortsAsNumber, type Table, whereOf } from './where.ts'

export interface Selection {
  readonly filter: Condition | undefined
  readonly order: readonly SortKey[]
}

/** Where a page begins: the sort keys of the item before it, its id last. */
export type PagePosition = readonly (string | number)[]

interface PageOfItems extends Selection {
  /** The client that a long query is asked for. */
  readonly asker?: Asker | undefined
  /** The items that there are at all to the one who asks. */
  readonly within: Sql
  readonly after: PagePosition | undefined
  readonly skip: number
  readonly limit: number
}

export interface Found<R> {
  readonly row: R
  /** The sort keys from which the next page begins. */
  readonly position: PagePosition
}

/** Items in the order of the keys; those that are alike by id. */
export async function selectPage<R extends { readonly id: string }>(
  database: Readable,
  table: Table,
  { asker, filter, order, within, after, skip, limit }: PageOfItems,
): Promise<readonly Found<R>[]> {
  const { dialect } = database
  const keys = order.map((key): Key => ({ value: () => sortOf(key, table, dialect), direction: key.direction }))
  const columns = join([
    ...table.read.map((column) => raw(column)),
    ...keys.map(({ value }, index) => sql`${value()} AS ${raw(`k${index}`)}`),
  ])
  const filtered = filter === undefined ? empty : sql`AND ${whereOf(filter, table, dialect)}`
  const sorted = join([...keys.map(({ value, direction }) => sql`${value()} ${raw(direction)}`), sql`id`])
  const beyond = after === undefined ? empty : sql`AND ${behind([...keys, { value: () => sql`id`, direction: 'asc' }], after)}`
  const isUsual = filter === undefined && order.length === 0 && (skip === 0 || !table.isLarge)
  const use = isUsual ? undefined : await useOf(database, table, within, { filter, order })
  const rows = await database.read<R & Readonly<Record<string, string | number>>>(
    dialect.complete(
      sql`SELECT ${columns} FROM ${raw(table.name)} WHERE ${within} ${stopCheck(dialect, use)} ${filtered} ${beyond} ORDER BY ${sorted} LIMIT ${limit} OFFSET ${skip}`,
    ),
    use,
    asker,
  )
  return rows.map((row) => ({ row, position: [...keys.map((_, index) => row[`k${index}`] ?? ''), row.id] }))
}

/** How many items there are that the filter takes; all where there is none. */
export async function countSelected(
  database: Readable,
  table: Table,
  { asker, within, filter }: Pick<PageOfItems, 'asker' | 'within' | 'filter'>,
): Promise<number> {
  const { dialect } = database
  const filtered = filter === undefined ? empty : sql`AND ${whereOf(filter, table, dialect)}`
  const use = filter === undefined && !table.isLarge ? undefined : await useOf(database, table, within, { filter, order: [] })
  const [row] = await database.read<{ n: number }>(
    dialect.complete(sql`SELECT count(*) AS n FROM ${raw(table.name)} WHERE ${within} ${stopCheck(dialect, use)} ${filtered}`),
    use,
    asker,
  )
  return Number(row?.n ?? 0)
}

function stopCheck(dialect: Dialect, use: Use | undefined): Sql {
  return use === 'long' ? dialect.stopCheck : empty
}

/** A query is asked on the thread that answers requests only where counting shows that it is short. */
async function useOf(database: Readable, table: Table, within: Sql, { filter, order }: Selection): Promise<Use> {
  if (table.isLarge) return 'long'
  const cost = plus(filter === undefined ? free : costOf(filter), costOfOrder(order))
  const [rows] = await database.read<{ n: number; octets: number }>(
    sql`SELECT count(*) AS n, COALESCE(sum(octet_length(record) + COALESCE(octet_length(compared), 0)), 0) AS octets
      FROM ${raw(table.name)} WHERE ${within}`,
  )
  return isShort(cost, { count: Number(rows?.n ?? 0), octets: Number(rows?.octets ?? 0) }) ? 'once' : 'long'
}

/**
 * The order of a page: the one that is asked for; by the member that a prefix is asked of, where an index has that order
 * and nothing was said about one; by id otherwise.
 */
export function orderOf({ columns }: Table, { filter, order }: Selection): readonly SortKey[] {
  if (order.length > 0 || filter === undefined) return order
  const parts = filter.kind === 'and' ? filter.conditions : [filter]
  for (const part of parts) {
    if (part.kind !== 'startswith' || part.part.term !== 'constant' || part.text.term !== 'member') continue
    const [name, ...further] = part.text.path
    const kind = columns[name ?? '']?.[0]
    if (further.length === 0 && (kind === 'folded' || kind === 'keyed')) return [{ by: part.text, direction: 'asc' }]
  }
  return order
}

/** Whether the sort keys of a token are such as the order has. */
export function isPositionOf(order: readonly SortKey[], after: PagePosition): boolean {
  return (
    after.length === order.length + 1 && order.every((key, index) => typeof after[index] === (sortsAsNumber(key) ? 'number' : 'string'))
  )
}

interface Key {
  readonly value: () => Sql
  readonly direction: 'asc' | 'desc'
}

/** Behind the position: greater by the first key, or alike in it and behind by the others. */
function behind([first, ...others]: readonly Key[], [position, ...rest]: PagePosition): Sql {
  if (first === undefined || position === undefined) return sql`1 = 0`
  const value = typeof position === 'number' ? sql`CAST(${position} AS DOUBLE PRECISION)` : sql`CAST(${position} AS TEXT)`
  const sign = first.direction === 'asc' ? '>' : '<'
  const beyond = sql`${first.value()} ${raw(sign)} ${value}`
  if (others.length === 0) return beyond
  // The first part alone says where an index is to be entered.
  return sql`(${first.value()} ${raw(`${sign}=`)} ${value} AND (${beyond} OR ${behind(others, rest)}))`
}
