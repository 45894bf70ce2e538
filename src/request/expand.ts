/**
 * `$expand`: what an item leads to, in the same answer. It is read by the operation of its own path, with a permission of
 * its own, so that an expansion shows nothing that the path would not.
 */

import type { App } from '../app.ts'
import { authorize } from '../auth/authorize.ts'
import type { Caller } from '../auth/caller.ts'
import { GraphError } from '../errors.ts'
import { navigationOf, operationOf } from '../graph/navigation.ts'
import { longestPage, type Operation, type Resource, usualPageSize } from '../graph/operation.ts'
import type { Asker } from '../model/asker.ts'
import type { Expanded, Item } from '../odata/json/render.ts'
import { type Expansion, largestTop } from '../odata/query/query.ts'
import type { PathKind } from '../odata/url/path.ts'
import { contextFor, contextUrl, nextLink } from './context.ts'
import { noWrites } from './guarded-writes.ts'
import { type Allowance, mostLinksOfABatch } from './message.ts'

/** Facts that all expansions of a request share: the caller and the service. */
export interface Asking {
  readonly caller: Caller
  readonly asker: Asker
  /** Absolute, such as `https://localhost:8443/beta`. */
  readonly service: string
  /** The links that the requests of this batch may still expand. */
  readonly allowance: Allowance | undefined
}

const retryAfterSeconds = 1

/** Where the items stand. */
interface From {
  readonly resource: Resource
  readonly pathKind: PathKind
  readonly keys: Readonly<Record<string, string>>
}

/** So many items of a page are asked about together, in as many statements as one of them takes. */
const together = 16
/** The work of following one link of one item and rendering the result, in units of pace.ts. */
const unitsOfALink = 4

/**
 * The items with what was asked for beside them; only the first of them where their records come to more than a page may hold. Throws what
 * the operations of the paths would.
 */
export async function expandItems(
  app: App,
  asking: Asking,
  from: From,
  items: readonly Item[],
  expansions: readonly Expansion[],
): Promise<readonly Item[]> {
  if (expansions.length === 0) return items
  const links = linksOf(expansions)
  spend(asking, items.length * links)
  if (items.length === 1) return expandEach(app, asking, from, items, expansions)
  const out: Item[] = []
  let characters = 0
  for (let first = 0; first < items.length; first += together) {
    const some = items.slice(first, first + together)
    await app.pace.take(asking.asker, some.length * links * unitsOfALink)
    for (const item of await expandEach({ ...app, ...app.batchLookups() }, asking, from, some, expansions)) {
      characters += charactersOf(item)
      if (characters > longestPage && out.length > 0) return out
      out.push(item)
    }
  }
  return out
}

/** Characters of the records that an item leads to. */
function charactersOf({ expanded }: Item): number {
  let characters = 0
  for (const { items } of Object.values(expanded ?? {}))
    for (const item of items) characters += (typeof item.value === 'string' ? item.value.length : 0) + charactersOf(item)
  return characters
}

/** How many names are followed for each item. */
function linksOf(expansions: readonly Expansion[]): number {
  return expansions.reduce((sum, { query }) => sum + 1 + linksOf(query.expand), 0)
}

function spend({ allowance }: Asking, links: number): void {
  if (allowance === undefined) return
  if (links > allowance.links)
    throw new GraphError('tooManyRequests', {
      target: '$expand',
      message: `The requests of this batch expand more than ${mostLinksOfABatch} items and names. Send this one again in another batch, or ask for smaller pages.`,
      headers: { 'Retry-After': String(retryAfterSeconds) },
    })
  allowance.links -= links
}

function expandEach(
  app: App,
  asking: Asking,
  from: From,
  items: readonly Item[],
  expansions: readonly Expansion[],
): Promise<readonly Item[]> {
  return Promise.all(items.map((item) => expandItem(app, asking, from, item, expansions)))
}

async function expandItem(app: App, asking: Asking, from: From, item: Item, expansions: readonly Expansion[]): Promise<Item> {
  const keys = { ...from.keys, ...item.keys }
  const expanded: Record<string, Expanded> = {}
  for (const expansion of expansions) {
    const resource = navigationOf(from.resource, from.pathKind, expansion.name)
    if (resource !== undefined) expanded[expansion.name] = await read(app, asking, { resource, keys }, expansion)
  }
  return { ...item, expanded: { ...item.expanded, ...expanded } }
}

async function read(app: App, asking: Asking, { resource, keys }: Omit<From, 'pathKind'>, { query }: Expansion): Promise<Expanded> {
  const operation: Operation = operationOf(resource)
  const grant = await authorize(
    { needs: operation.needs, caller: asking.caller, target: { me: false, key: keys.user } },
    { rules: app.config, directory: app.directory, now: app.now },
  )
  const location = { service: asking.service, resource, keys }
  const pageSize = query.top ?? (resource.workload === 'directory' ? usualPageSize : largestTop)
  const context = contextFor(app, { ...location, grant, asker: asking.asker, query, pageSize, writes: noWrites })
  const shared = {
    context: contextUrl(location, query),
    type: resource.declaredType ?? resource.type,
    select: query.select,
  }
  if (operation.answers === 'page') {
    const { items, count, after } = await operation.run(context)
    const inner = await expandEach(app, asking, { resource, pathKind: 'collection', keys }, items, query.expand)
    return {
      ...shared,
      items: inner,
      isCollection: true,
      count: query.count ? count : undefined,
      next: nextLink(location, query, after),
    }
  }
  if (operation.answers !== 'entity') throw new Error(`${resource.path} cannot be expanded`)
  const items = await expandEach(app, asking, { resource, pathKind: 'single', keys }, [await operation.run(context)], query.expand)
  return { ...shared, context: `${shared.context}/$entity`, items, isCollection: false }
}
