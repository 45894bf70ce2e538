/** Lists that are read whole because they are short: what a query asks of them. */

import type { Item } from '../odata/json/render.ts'
import { mostStepsHere, tooCostly } from '../odata/query/budget.ts'
import { costOf, costOfOrder, free, inMemory, plus } from '../odata/query/cost.ts'
import { isTrueOf, sorted } from '../odata/query/evaluate.ts'
import type { Query } from '../odata/query/query.ts'
import type { Page } from './operation.ts'

/** The items that the query asks for. `items` fit on one page, so that there is none behind it. Throws `queryInvalid`. */
export function queryInMemory(items: readonly Item[], { filter, order, skip, after, count }: Query, pageSize: number): Page {
  const records = recordsOf(items, { filter, order })
  const found = filter === undefined ? records : records.filter(({ record }) => isTrueOf(filter, record))
  const page = after === undefined ? sorted(found, order, ({ record }) => record).slice(skip, skip + pageSize) : []
  return { items: page.map(({ item }) => item), count: count ? found.length : undefined }
}

export function countInMemory(items: readonly Item[], { filter }: Query): number {
  if (filter === undefined) return items.length
  return recordsOf(items, { filter, order: [] }).filter(({ record }) => isTrueOf(filter, record)).length
}

interface Arranged {
  readonly item: Item
  readonly record: Readonly<Record<string, unknown>>
}

/** Throws where it would take too long to try the items, on the thread that answers requests. */
function recordsOf(items: readonly Item[], { filter, order }: Pick<Query, 'filter' | 'order'>): readonly Arranged[] {
  if (filter === undefined && order.length === 0) return items.map((item) => ({ item, record: {} }))
  const texts = items.map(({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const rates = inMemory(texts)
  const { each } = plus(filter === undefined ? free : costOf(filter, rates), costOfOrder(order, rates))
  if (each * items.length > mostStepsHere)
    throw tooCostly(filter === undefined ? '$orderby' : '$filter', `it may take ${each * items.length} steps`, mostStepsHere)
  return items.map((item, index) => ({ item, record: JSON.parse(texts[index] ?? '') as Record<string, unknown> })) // an object of ours
}
