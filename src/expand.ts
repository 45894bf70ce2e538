/**
 * `$expand`: what an item leads to, in the same answer. It is read by the operation of its own path, with a permission of
 * its own, so that an expansion shows nothing that the path would not.
 */

import type { App } from './app.ts'
import { authorize } from './auth/authorize.ts'
import type { Caller } from './auth/caller.ts'
import { navigationOf, operationOf } from './graph/navigation.ts'
import { type Operation, type Resource, usualPageSize } from './graph/operation.ts'

import { noWrites } from './guarded.ts'

import type { Asker } from './model/asker.ts'

import { expectationOf, noConditions } from './odata/etags.ts'
import type { Expanded, Item } from './odata/json.ts'
import { canonicalPath, type Place } from './odata/path.ts'
import { type Expansion, largestTop, renderNextLink } from './odata/query.ts'

/** Who asks, and where: what all expansions of a request have in common. */
export interface Asking {
  readonly caller: Caller
  readonly asker: Asker
  /** Absolute, such as `https://localhost:8443/beta`. */
  readonly service: string
}

/** Where the items stand. */
interface From {
  readonly resource: Resource
  readonly place: Place
  readonly keys: Readonly<Record<string, string>>
}

/** So many items are asked about side by side. */
const sideBySide = 16

/** The items with what was asked for beside them. Throws what the operations of the paths would. */
export async function expandItems(
  app: App,
  asking: Asking,
  from: From,
  items: readonly Item[],
  expansions: readonly Expansion[],
): Promise<readonly Item[]> {
  if (expansions.length === 0) return items
  const out: Item[] = []
  for (let first = 0; first < items.length; first += sideBySide)
    out.push(...(await Promise.all(items.slice(first, first + sideBySide).map((item) => expandItem(app, asking, from, item, expansions)))))
  return out
}

async function expandItem(app: App, asking: Asking, from: From, item: Item, expansions: readonly Expansion[]): Promise<Item> {
  const keys = { ...from.keys, ...item.keys }
  const expanded: Record<string, Expanded> = {}
  for (const expansion of expansions) {
    const resource = navigationOf(from.resource, from.place, expansion.name)
    if (resource !== undefined) expanded[expansion.name] = await read(app, asking, { resource, keys }, expansion)
  }
  return { ...item, expanded: { ...item.expanded, ...expanded } }
}

async function read(app: App, asking: Asking, { resource, keys }: Omit<From, 'place'>, { query }: Expansion): Promise<Expanded> {
  const operation: Operation = operationOf(resource)
  const grant = await authorize(
    { needs: operation.needs, caller: asking.caller, target: { me: false, key: keys.user } },
    { rules: app.config, directory: app.directory, now: app.now },
  )
  const path = canonicalPath(resource.path, keys)
  const selected = query.select === undefined ? '' : `(${query.select.join(',')})`
  const context = {
    ...noWrites,
    app,
    grant,
    asker: asking.asker,
    query,
    body: {},
    reference: undefined,
    keys,
    pageSize: query.top ?? (resource.workload === 'directory' ? usualPageSize : largestTop),
    expect: expectationOf(noConditions, app.tagKey),
    contextOf: (other: string) => `${asking.service}/$metadata#${other}`,
  }
  const shared = {
    context: `${asking.service}/$metadata#${path}${selected}`,
    type: resource.declaredType ?? resource.type,
    select: query.select,
  }
  if (operation.answers === 'page') {
    const { items, count, after } = await operation.run(context)
    const inner = await expandItems(app, asking, { resource, place: 'collection', keys }, items, query.expand)
    const next = after === undefined ? undefined : renderNextLink(`${asking.service}/${path}`, resource.type, query, after)
    return { ...shared, items: inner, isCollection: true, count: query.count ? count : undefined, next }
  }
  if (operation.answers !== 'entity') throw new Error(`${resource.path} cannot be expanded`)
  const items = await expandItems(app, asking, { resource, place: 'single', keys }, [await operation.run(context)], query.expand)
  return { ...shared, context: `${shared.context}/$entity`, items, isCollection: false }
}
