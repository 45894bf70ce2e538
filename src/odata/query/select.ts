/** `$select`: which members, and which of their members, an answer is to have. */

import { type Property, propertiesOf, type StructuredType } from '../../model/edm.ts'
import { namespace } from '../../model/index.ts'
import { isKnownMember } from '../../model/not-served.ts'
import { isSameName } from '../../model/text.ts'
import type { Name, SelectItem } from '../grammar/syntax.ts'
import { printable } from '../json/text.ts'
import { refusal, type Scope, unsupported } from './scope.ts'

/** Declared names and paths (`createdBy/user`), each once, in the order given. Throws `queryInvalid` with the place. */
export function bindSelect(scope: Scope, items: readonly SelectItem[]): readonly string[] {
  const chosen = new Set<string>()
  for (const item of items) {
    if (item.options !== undefined) throw unsupported(scope, 'options inside $select')
    if (item.kind === 'star' && item.path.length > 0) throw unsupported(scope, 'operations in $select')
    if (item.parameters !== undefined) throw unsupported(scope, 'operations in $select')
    if (item.kind === 'star') for (const name of Object.keys(propertiesOf(scope.type))) chosen.add(name)
    else chosen.add(pathOf(scope, item))
  }
  return [...chosen]
}

function pathOf(scope: Scope, { path }: SelectItem): string {
  let type: StructuredType | undefined = scope.type
  const names: string[] = []
  for (const segment of path) {
    if (segment.kind === 'annotation') throw unsupported(scope, 'annotations in $select')
    if (segment.name.includes('.')) throw unsupported(scope, `type casts such as ${printable(segment.name)}`)
    if (type === undefined) throw refusal(scope, segment, 'there are no members here.')
    const [name, property] = find(scope, type, segment)
    names.push(name)
    type = structureOf(property)
  }
  return names.join('/')
}

function structureOf({ type }: Property): StructuredType | undefined {
  return typeof type === 'string' || type.kind === 'enum' ? undefined : type
}

function find(scope: Scope, type: StructuredType, segment: Name): readonly [string, Property] {
  const found = Object.entries(propertiesOf(type)).find(([name]) => isSameName(name, segment.name))
  if (found !== undefined) return found
  if (type.kind === 'entity' && Object.keys(type.navigation).some((one) => isSameName(one, segment.name)))
    throw unsupported(scope, 'what $expand is for inside $select')
  if (type.kind === 'entity' && isKnownMember(type, segment.name)) throw unsupported(scope, printable(segment.name))
  throw refusal(scope, segment, `could not find a property named '${printable(segment.name)}' on type '${namespace}.${type.name}'.`)
}
