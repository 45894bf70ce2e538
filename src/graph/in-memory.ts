/** Lists that are read whole because they are short: what a query asks of them. */

import { isTrueOf, sorted } from '../odata/evaluate.ts'
import type { Item } from '../odata/json.ts'
import type { Query } from '../odata/query.ts'
import type { Page } from './operation.ts'

/** The items that the query asks for. `items` fit on one page, so that there is none behind it. */
export function arranged(items: readonly Item[], { filter, order, skip, after, count }: Query, pageSize: number): Page {
  const found = filter === undefined ? items : items.filter((item) => isTrueOf(filter, recordOf(item)))
  const page = after === undefined ? sorted(found, order, recordOf).slice(skip, skip + pageSize) : []
  return { items: page, count: count ? found.length : undefined }
}

export function countArranged(items: readonly Item[], { filter }: Query): number {
  return filter === undefined ? items.length : items.filter((item) => isTrueOf(filter, recordOf(item))).length
}

function recordOf({ value }: Item): Readonly<Record<string, unknown>> {
  return typeof value === 'string' ? (JSON.parse(value) as Record<string, unknown>) : value // stored text is an object of ours
}
