/** The query options that a link to the next page repeats. */

import type { Cursor } from '../grammar/cursor.ts'
import type { Expression, NestedOptions, Span } from '../grammar/syntax.ts'

/** Options with their values as they stand in a URL. */
export type LinkOptions = readonly (readonly [name: string, value: string])[]

/** Nested options as they would stand in a URL of their own, with the aliases from `around` them. `cursor` is at the option that they stand in. */
export function linkOptionsOf(options: NestedOptions, cursor: Cursor, around: LinkOptions): LinkOptions {
  const piece = (spans: readonly Span[]) => encoded(cursor, spans[0]?.at ?? 0, spans.at(-1)?.end ?? 0)
  const { select, expand, filter, orderby, search, top, count, aliases = new Map<string, Expression>() } = options
  return [
    ...around.filter(([name]) => name.startsWith('@') && !aliases.has(name.slice(1))),
    ...[...aliases].map(([name, value]) => [`@${name}`, piece([value])] as const),
    ...(select === undefined ? [] : [['$select', piece(select)] as const]),
    ...(expand === undefined ? [] : [['$expand', piece(expand)] as const]),
    ...(filter === undefined ? [] : [['$filter', piece([filter])] as const]),
    ...(orderby === undefined ? [] : [['$orderby', piece(orderby)] as const]),
    ...(search === undefined ? [] : [['$search', piece([search])] as const]),
    ...(top === undefined ? [] : [['$top', String(top)] as const]),
    ...(count === undefined ? [] : [['$count', String(count)] as const]),
  ]
}

/** A piece of an option as it may stand in a URL; a `+` that the client left as it is stays what it was, a space or a sign. */
function encoded(cursor: Cursor, at: number, end: number): string {
  const pluses = [...cursor.text.slice(at, end).matchAll(/\+/g)].map(({ index }) => at + index).filter((plus) => !cursor.wasEncoded(plus))
  const starts = [at, ...pluses.map((plus) => plus + 1)]
  return starts.map((start, index) => encodeURIComponent(cursor.text.slice(start, pluses[index] ?? end))).join('+')
}
