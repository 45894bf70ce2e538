/** Segments that Graph has behind a served path and this server does not: the router answers 501, or 404 for those that are always empty. */

import { carriers, carrierTypes } from '../model/carriers.ts'
import type { EntityType } from '../model/edm.ts'
import { entityTypes } from '../model/index.ts'
import { type Segments, segmentsOfCollection, segmentsOfEntity, segmentsOfRoot } from '../model/not-served.ts'
import type { Resource } from './operation.ts'

/** By the template of the path that such a segment would follow; the root is the empty one. */
export function segmentsByPath(resources: readonly Resource[]): ReadonlyMap<string, Segments> {
  return new Map([['', segmentsOfRoot()] as const, ...resources.flatMap(ofCarriers), ...resources.flatMap(ofResource)])
}

function ofResource({ path, key, type, declaredType }: Resource): readonly (readonly [string, Segments])[] {
  if (key === undefined) return [[path, segmentsOfEntity(type)]]
  return [
    [path, segmentsOfCollection(declaredType ?? type)],
    [`${path}/{${key}}`, segmentsOfEntity(type)],
  ]
}

/** Segments of the containers that a path passes on its way to the resource. */
function ofCarriers({ path }: Resource): readonly (readonly [string, Segments])[] {
  const names = path.split('/').slice(1)
  const found: (readonly [string, Segments])[] = []
  let type: EntityType | undefined = carriers[names[0] ?? '']
  for (let count = 1; count < names.length && type !== undefined; count++) {
    const template = `/${names.slice(0, count).join('/')}`
    const navigation: EntityType['navigation'][string] | undefined = count === 1 ? undefined : navigationTo(names, count)
    found.push([template, navigation?.collection === true ? segmentsOfCollection(type) : segmentsOfEntity(type)])
    type = typeNamed(type.navigation[names[count] ?? '']?.type)
  }
  return found
}

/** The navigation property that the first `count` names end with. */
function navigationTo(names: readonly string[], count: number): EntityType['navigation'][string] | undefined {
  let type: EntityType | undefined = carriers[names[0] ?? '']
  for (const name of names.slice(1, count - 1)) type = typeNamed(type?.navigation[name]?.type)
  return type?.navigation[names[count - 1] ?? '']
}

function typeNamed(name: string | undefined): EntityType | undefined {
  return [...carrierTypes, ...entityTypes].find((type) => type.name === name)
}
