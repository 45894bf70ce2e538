/** The entity container: which sets and singletons the paths of a service begin with, and where references lead. */

import type { EntityType, NavigationProperty } from '../../model/edm.ts'
import { namesOf, type ServiceDescription } from './service-description.ts'

export interface ContainerChild {
  readonly name: string
  readonly kind: 'EntitySet' | 'Singleton'
  readonly type: EntityType
  /** It can be read by its name. */
  readonly isServed: boolean
  /** Set that a navigation property leads to, by the path of the property. */
  readonly bindings: Readonly<Record<string, string>>
}

export const containerName = 'GraphService'

/** The children of the container: those that paths begin with, then those that only context URLs speak of. */
export function containerOf(description: ServiceDescription): readonly ContainerChild[] {
  const children = new Map<string, ContainerChild>()
  for (const { path, key, type } of description.resources) {
    const [name = '', ...further] = namesOf(path)
    const carrier = description.carriers[name]
    if (further.length === 0) {
      const kind = key === undefined ? 'Singleton' : 'EntitySet'
      children.set(name, { name, kind, type, isServed: true, bindings: bindingsOf(description, name) })
    } else if (carrier !== undefined && !children.has(name)) {
      children.set(name, { name, kind: 'Singleton', type: carrier, isServed: false, bindings: bindingsOf(description, name) })
    }
  }
  for (const { contextSet: name, declaredType: type } of description.resources)
    if (name !== undefined && !children.has(name)) children.set(name, { name, kind: 'EntitySet', type, isServed: false, bindings: {} })
  return [...children.values()]
}

function bindingsOf(description: ServiceDescription, child: string): Readonly<Record<string, string>> {
  const bound = description.resources.flatMap(({ path, contextSet }) => {
    const [first, ...further] = namesOf(path)
    const leadsAway = contextSet !== undefined && first === child && navigationAt(description, path)?.containsTarget === false
    return leadsAway ? [[further.join('/'), contextSet] as const] : []
  })
  return Object.fromEntries(bound)
}

/** The navigation property that the last segment of a path is; undefined for a path of one segment, or where types lead nowhere. */
export function navigationAt(description: ServiceDescription, path: string): NavigationProperty | undefined {
  const [first = '', ...further] = namesOf(path)
  let type: EntityType | undefined =
    description.carriers[first] ?? description.resources.find((resource) => namesOf(resource.path).join('/') === first)?.type
  let navigation: NavigationProperty | undefined
  for (const name of further) {
    navigation = type === undefined ? undefined : navigationsOf(type)[name]
    type = description.entityTypes.find((candidate) => candidate.name === navigation?.type)
  }
  return navigation
}

/** Own and inherited. */
export function navigationsOf(type: EntityType): Readonly<Record<string, NavigationProperty>> {
  return { ...(type.base === undefined ? {} : navigationsOf(type.base)), ...type.navigation }
}
