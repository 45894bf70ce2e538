/** Where the items of a resource lead to, and what may be asked there. */

import type { EntityType } from '../model/edm.ts'
import type { QueryOption, QuerySchema } from '../odata/query/query.ts'
import type { PathKind } from '../odata/url/path.ts'
import { resources } from './index.ts'
import type { Operation, Resource } from './operation.ts'

/** The resource behind a navigation property of the items; undefined where nothing is served there. */
export function navigationOf(resource: Resource, pathKind: PathKind, name: string): Resource | undefined {
  const item = pathKind === 'single' || resource.key === undefined ? resource.path : `${resource.path}/{${resource.key}}`
  return resources.find(({ path }) => path === `${item}/${name}`)
}

/** The operation that reads a whole resource. Throws where it has none. */
export function operationOf(resource: Resource): Operation {
  const all = Object.values(resource.operations) as unknown as readonly Operation[] // the grant's kind follows from `needs.on`
  const found = all.find(({ verb, on }) => verb === 'GET' && (on === 'collection' || on === 'single'))
  if (found === undefined) throw new Error(`${resource.path} cannot be read`)
  return found
}

/** Options that speak of a request as a whole, and not of what is expanded. */
const ofRequests: readonly QueryOption[] = ['format', 'skiptoken']

/** The query options and names that `operation` takes. `isOpen` says which resources are there at all in the version that is asked. */
export function querySchemaOf(resource: Resource, operation: Operation, isOpen: (resource: Resource) => boolean): QuerySchema {
  return queried(resource, operation, operation.query ?? [], isOpen)
}

const all: readonly QueryOption[] = ['select', 'top', 'skip', 'count', 'skiptoken', 'expand', 'filter', 'orderby', 'search', 'format']

/** The query options that OData defines for each kind of answer; for a write, all that OData defines anywhere. */
const ofOData: Readonly<Record<Operation['answers'], readonly QueryOption[]>> = {
  page: all,
  entity: ['select', 'expand', 'format'],
  count: ['filter', 'search'],
  reference: ['format'],
  created: all,
  updated: all,
  nothing: all,
}

function queried(
  resource: Resource,
  { on: pathKind, answers }: Operation,
  options: readonly QueryOption[],
  isOpen: (resource: Resource) => boolean,
): QuerySchema {
  const expandable = new Map<string, () => QuerySchema>()
  for (const name of options.includes('expand') ? (resource.expandable ?? []) : []) {
    const target = navigationOf(resource, pathKind, name)
    if (target === undefined || !isOpen(target)) continue
    const operation = operationOf(target)
    const inner = (operation.query ?? []).filter((option) => !ofRequests.includes(option))
    expandable.set(name, () => queried(target, operation, inner, isOpen))
  }
  const type: EntityType = resource.type
  return { type, options, known: ofOData[answers], searched: resource.searched ?? [], expandable }
}
