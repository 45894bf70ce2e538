/** Resolves names against a type, and names the position in error messages. */

import { GraphError } from '../../errors.ts'
import { type Property, propertiesOf, type StructuredType } from '../../model/edm.ts'
import { namespace } from '../../model/index.ts'
import { isKnownMember } from '../../model/not-served.ts'
import { isSameName } from '../../model/text.ts'
import { Cursor } from '../grammar/cursor.ts'
import type { Expression, Name, Path, PathSegment, Span } from '../grammar/syntax.ts'
import { printable } from '../json/text.ts'
import type { Member } from './condition.ts'

export interface Scope {
  readonly type: StructuredType
  /** The option that is bound, and its value as it stood in the URL. */
  readonly target: string
  readonly raw: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly aliases: ReadonlyMap<string, Expression>
  /** Elements that lambdas go through, the outermost first. */
  readonly variables: readonly Variable[]
  /** The expression stands inside `$expand`, where `$it` is the outer item. */
  readonly nested?: true
  /** Collects the members of the item that are asked for, so that who may not see one is refused. */
  readonly members: Set<string>
  /** Collects what Graph's directory answers only under `ConsistencyLevel: eventual`. */
  readonly advanced: Set<string>
  /** Steps spent on folding constants so far, in all options of the request: see cost.ts. */
  readonly spent: { steps: number }
}

export interface Variable {
  readonly name: string
  readonly property: Property
}

export function refusal({ target, raw }: Scope, { at }: Pick<Span, 'at'>, words: string): GraphError {
  return new Cursor(raw, target).refusalAt(at, words)
}

/** `construct` is OData's, and not supported. */
export function unsupported({ target }: Scope, construct: string): GraphError {
  return new GraphError('notImplemented', { target, message: `This server does not support ${construct}.` })
}

export interface Resolved {
  readonly member: Member
  /** `/$count` stood at its end. */
  readonly counted: boolean
}

/** The member that a path leads to. Throws where there is none. */
export function resolve(scope: Scope, path: Path): Resolved {
  if (path.root === 'root' || path.root === 'this') throw unsupported(scope, `$${path.root}`)
  if (path.root === 'it' && scope.nested) throw unsupported(scope, '$it inside $expand, where it is the item outside')
  if (typeof path.root === 'object') throw unsupported(scope, 'paths behind an alias')
  const counted = path.segments.at(-1)?.kind === 'count'
  const names = (counted ? path.segments.slice(0, -1) : path.segments).map((segment) => nameOf(scope, segment))
  const [first] = names
  const element = path.root === undefined ? scope.variables.findLastIndex(({ name }) => name === first?.name) : -1
  const variable = scope.variables[element]
  if (variable !== undefined) return { member: follow(scope, { property: variable.property, element, path: [] }, names.slice(1)), counted }
  if (first === undefined) throw unsupported(scope, '$it by itself')
  const [name, property] = find(scope, scope.type, first)
  scope.members.add(name)
  return { member: follow(scope, { property, element: undefined, path: [name] }, names.slice(1)), counted }
}

/** The name, or why a segment is none that can be followed. */
function nameOf(scope: Scope, segment: PathSegment): Name {
  switch (segment.kind) {
    case 'name':
      if (segment.name.includes('.')) throw unsupported(scope, `type casts such as ${printable(segment.name)}`)
      return segment
    case 'key':
    case 'operation':
      throw refusal(scope, segment, 'no function of this name is known.')
    case 'annotation':
      throw unsupported(scope, 'annotations in expressions')
    case 'filter':
      throw unsupported(scope, '$filter as a part of a path')
    case 'count':
      throw refusal(scope, segment, '$count stands at the end of a path only.')
  }
}

function follow(scope: Scope, start: Pick<Member, 'property' | 'element' | 'path'>, names: readonly Name[]): Member {
  let { property, path } = start
  const requireReadable = () => {
    if (property.writeOnly === true) throw unsupported(scope, `${path.join('/')} in a query`)
  }
  requireReadable()
  for (const name of names) {
    const { type } = property
    if (property.collection === true || typeof type === 'string' || type.kind === 'enum')
      throw refusal(
        scope,
        name,
        property.collection === true ? 'expected any, all or $count behind a collection.' : 'there are no members here.',
      )
    const [declared, next] = find(scope, type, name)
    property = next
    path = [...path, declared]
    requireReadable()
  }
  return { term: 'member', kind: kindOf(property, start.element, path), path, element: start.element, property }
}

function kindOf({ type }: Property, element: number | undefined, path: readonly string[]): Member['kind'] {
  if (type === 'Edm.String') return element === undefined && path.length === 1 && path[0] === 'id' ? 'id' : 'text'
  if (type === 'Edm.Boolean') return 'boolean'
  if (type === 'Edm.DateTimeOffset') return 'instant'
  if (typeof type === 'string') return 'number'
  return type.kind === 'enum' ? type : 'structure'
}

/** The declared name and the property; names are taken in any case, as Graph takes them. */
function find(scope: Scope, type: StructuredType, { name, at }: Name): readonly [string, Property] {
  const properties = propertiesOf(type)
  const declared = Object.hasOwn(properties, name) ? name : Object.keys(properties).find((one) => isSameName(one, name))
  const property = declared === undefined ? undefined : properties[declared]
  if (declared !== undefined && property !== undefined) return [declared, property]
  if (type.kind === 'entity' && Object.keys(type.navigation).some((one) => isSameName(one, name)))
    throw unsupported(scope, `conditions on what ${printable(name)} leads to`)
  if (type.kind === 'entity' && isKnownMember(type, name)) throw unsupported(scope, printable(name))
  throw refusal(scope, { at }, `could not find a property named '${printable(name)}' on type '${namespace}.${type.name}'.`)
}
