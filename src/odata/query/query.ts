/** Query options: text in, a checked Query out. An option that is not served is refused by name, never passed over. */

import { GraphError } from '../../errors.ts'
import type { EntityType } from '../../model/edm.ts'
import { isKnownMember } from '../../model/not-served.ts'
import { isSameName } from '../../model/text.ts'
import { Cursor } from '../grammar/cursor.ts'
import { parseQueryOptions } from '../grammar/parse.ts'
import type { ExpandItem, NestedOptions, QueryOptions } from '../grammar/syntax.ts'
import { printable } from '../json/text.ts'
import { bindFilter, bindOrderby } from './bind.ts'
import { bindSearch } from './bind-search.ts'
import { affordable, affordableOrder } from './budget.ts'
import type { Condition, SortKey } from './condition.ts'
import { type LinkOptions, linkOptionsOf } from './next-link.ts'
import { refusal, type Scope, unsupported } from './scope.ts'
import { bindSelect } from './select.ts'
import { type PagePosition, parseSkiptoken, renderSkiptoken } from './skiptoken.ts'

/** The query options of an operation; declared in its row. */
export type QueryOption = 'select' | 'top' | 'skip' | 'count' | 'skiptoken' | 'expand' | 'filter' | 'orderby' | 'search' | 'format'

/** The subject of a query: the items and their navigation properties. */
export interface QuerySchema {
  readonly type: EntityType
  readonly options: readonly QueryOption[]
  /** Further options that OData defines there: valid, and not served. Nothing where it is left out. */
  readonly known?: readonly QueryOption[]
  /** Members that `$search` looks into. */
  readonly searched: readonly string[]
  /** The names that `$expand` takes, in declared spelling; computed on demand, since navigation may be circular. */
  readonly expandable: ReadonlyMap<string, () => QuerySchema>
}

export interface Expansion {
  /** The navigation property, as declared. */
  readonly name: string
  readonly query: Query
}

export interface Query {
  /** Declared names and paths (`createdBy/user`) in the order in which the client gave them; undefined: the default members. */
  readonly select: readonly string[] | undefined
  readonly top: number | undefined
  readonly skip: number
  readonly count: boolean
  /** Where the page before ended. */
  readonly after: PagePosition | undefined
  /** `$filter` and `$search` in one. */
  readonly filter: Condition | undefined
  readonly order: readonly SortKey[]
  readonly expand: readonly Expansion[]
  /** As `Accept` would have it. */
  readonly format: string | undefined
  /** `ConsistencyLevel` as a query option, in lower case. */
  readonly consistency: string | undefined
  /** Members of the items that `filter` and `order` look at. */
  readonly members: ReadonlySet<string>
  /** Constructs that Graph's directory serves only under `ConsistencyLevel: eventual`; usually empty. */
  readonly advanced: ReadonlySet<string>
  /** The options as sent, less `$skip` and `$skiptoken`: what a link to the next page repeats. Values as they stood in the URL. */
  readonly linkOptions: LinkOptions
}

const nothing: ReadonlySet<string> = new Set()

export const noQuery: Query = {
  select: undefined,
  top: undefined,
  skip: 0,
  count: false,
  after: undefined,
  filter: undefined,
  order: [],
  expand: [],
  format: undefined,
  consistency: undefined,
  members: nothing,
  advanced: nothing,
  linkOptions: [],
}

export const largestTop = 999

/**
 * Reads the part of a URL after `?`. Names may come without `$` and in any case, as Graph takes them. `now`:
 * milliseconds since 1970. Throws `queryInvalid` or `notImplemented` with the option as `target`.
 */
export function parseQuery(search: string, queried: QuerySchema, now: number): Query {
  if (search === '') return noQuery
  const options = parseQueryOptions(search)
  const consistency = readConsistency(options.custom)
  for (const [name] of options.given) if (!name.startsWith('@')) requireAllowed(queried, name)
  const raw = new Map(options.given)
  const given = options.given.filter(([name]) => name !== '$skiptoken' && name !== '$skip')
  const linkOptions = consistency === undefined ? given : [...given, [consistencyLevel, consistency] as const]
  const textOf = (name: string) => ({ target: `$${name}`, raw: raw.get(`$${name}`) ?? '' })
  const query = bindOptions(options, queried, { now, textOf, linkOptions, aliases: new Map(), spent: { steps: 0 } })
  return {
    ...query,
    after: options.skiptoken === undefined ? undefined : parseSkiptoken(options.skiptoken, queried.type, query),
    format: options.format,
    consistency: consistency?.toLowerCase(),
  }
}

/** A header that clients send as a query option too; the only option that is not of OData. */
const consistencyLevel = 'ConsistencyLevel'

/** Its value as it stood in the URL. Throws `queryInvalid` for any other option. */
function readConsistency(custom: QueryOptions['custom']): string | undefined {
  const [first, second] = custom
  const other = custom.find(([name]) => name.toLowerCase() !== consistencyLevel.toLowerCase())
  if (other !== undefined) throw invalid(printable(other[0]), 'This query option is not known.')
  if (second !== undefined) throw invalid(consistencyLevel, 'The option is given twice.')
  return first?.[1]
}

function requireAllowed({ options, known = [] }: QuerySchema, name: string): void {
  if (options.some((option) => `$${option}` === name)) return
  if (known.some((option) => `$${option}` === name))
    throw new GraphError('notImplemented', { target: name, message: `This server does not support ${name} here.` })
  throw invalid(name, 'This resource and method do not take this query option.')
}

interface Source {
  readonly now: number
  /** The option that the tree of `name` was read from, and its value as it stood in the URL. */
  readonly textOf: (name: string) => Pick<Scope, 'target' | 'raw'>
  readonly linkOptions: LinkOptions
  /** The aliases of the enclosing query. */
  readonly aliases: Scope['aliases']
  readonly spent: Scope['spent']
  readonly nested?: true
}

function bindOptions(options: NestedOptions, queried: QuerySchema, { now, textOf, linkOptions, aliases, spent, nested }: Source): Query {
  const scope = {
    type: queried.type,
    now,
    aliases: new Map([...aliases, ...(options.aliases ?? [])]),
    variables: [],
    ...(nested && { nested }),
    members: new Set<string>(),
    advanced: new Set<string>(),
    spent,
  }
  const { filter, search, orderby, select, expand, top, skip = 0, count = false } = options
  const within = (name: string) => ({ ...scope, ...textOf(name) })
  const { target: inSearch } = textOf('search')
  const conditions = [
    ...(filter === undefined ? [] : [affordable(textOf('filter').target, bindFilter(within('filter'), filter))]),
    ...(search === undefined ? [] : [affordable(inSearch, bindSearch(within('search'), queried.searched, search))]),
  ]
  if (search !== undefined) scope.advanced.add('$search')
  const order = orderby === undefined ? [] : affordableOrder(textOf('orderby').target, bindOrderby(within('orderby'), orderby))
  if (orderby !== undefined && filter !== undefined) scope.advanced.add('$orderby together with $filter')
  if (top !== undefined && top > largestTop) throw invalid(textOf('top').target, `Expected a whole number from 0 to ${largestTop}.`)
  return {
    ...noQuery,
    select: select === undefined ? undefined : bindSelect({ ...scope, ...textOf('select') }, select),
    top,
    skip,
    count,
    filter: conditions.length > 1 ? { kind: 'and', conditions } : conditions[0],
    order,
    expand: expand === undefined ? [] : bindExpand(expand, queried, { ...scope, ...textOf('expand') }, linkOptions),
    members: scope.members,
    advanced: scope.advanced,
    linkOptions,
  }
}

/** `around`: what the options beside the $expand were. */
function bindExpand(items: readonly ExpandItem[], queried: QuerySchema, scope: Scope, around: LinkOptions): readonly Expansion[] {
  const found = new Map<string, Expansion>()
  for (const item of items) {
    if (item.isRef || item.isCount) throw unsupported(scope, item.isRef ? '$ref in $expand' : '$count in $expand')
    if (item.isStar) {
      for (const [name, target] of queried.expandable) found.set(name, { name, query: bindNested(item.options, target(), scope, around) })
      continue
    }
    const [name, target] = navigationOf(item, queried, scope)
    if (found.has(name)) throw refusal(scope, item, `${name} is given twice.`)
    found.set(name, { name, query: bindNested(item.options, target(), scope, around) })
  }
  return [...found.values()]
}

function navigationOf(item: ExpandItem, { type, expandable }: QuerySchema, scope: Scope): readonly [string, () => QuerySchema] {
  const [first, ...others] = item.path
  if (first?.kind !== 'name' || first.name.includes('.') || others.length > 0)
    throw unsupported(scope, 'paths and types inside $expand; put an $expand inside the parentheses')
  const found = [...expandable].find(([name]) => isSameName(name, first.name))
  if (found === undefined && isKnownMember(type, first.name)) throw unsupported(scope, `$expand of ${printable(first.name)}`)
  if (found === undefined)
    throw refusal(scope, first, `'${printable(first.name)}' of type microsoft.graph.${type.name} cannot be expanded here.`)
  return found
}

function bindNested(options: NestedOptions, queried: QuerySchema, scope: Scope, around: LinkOptions): Query {
  if (options.levels !== undefined) throw unsupported(scope, '$levels')
  const given = (Object.keys(options) as (keyof NestedOptions)[]).filter((name) => options[name] !== undefined && name !== 'aliases') // of NestedOptions
  for (const name of given)
    if (!queried.options.some((option) => option === name)) {
      if (queried.known?.some((option) => option === name) === true)
        throw unsupported(scope, `$${name} inside $expand of ${queried.type.name}`)
      throw invalid('$expand', `The option $${name} is not taken inside $expand of ${queried.type.name}.`)
    }
  const { now, target, raw, aliases, spent } = scope
  return bindOptions(options, queried, {
    now,
    textOf: () => ({ target, raw }),
    linkOptions: linkOptionsOf(options, new Cursor(raw, target), around),
    aliases,
    spent,
    nested: true,
  })
}

/** Absolute, with the client's own options; opaque beyond them. `collection` is the URL of what there is more of. */
export function renderNextLink(collection: string, type: EntityType, query: Query, after: PagePosition): string {
  const options = [...query.linkOptions, ['$skiptoken', renderSkiptoken(after, type, query)] as const]
  return `${collection}?${options.map(([name, value]) => `${name}=${value}`).join('&')}`
}

function invalid(target: string, message: string): GraphError {
  return new GraphError('queryInvalid', { target, message })
}
