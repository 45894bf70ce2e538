/** Predicates on terms and expressions that the binder needs. */

import type { Expression } from '../grammar/syntax.ts'
import type { Term } from './condition.ts'
import { resolve, type Scope } from './scope.ts'

/** Whether an expression stands for a collection. Throws where it is a path that leads nowhere. */
export function isCollection(scope: Scope, expression: Expression): boolean {
  if (expression.kind === 'list') return expression.form === 'array'
  if (expression.kind !== 'path') return false
  const { member, counted } = resolve(scope, expression)
  return !counted && member.property.collection === true
}

/** Whether a collection is compared with another, or with null. */
export function areCollections(scope: Scope, sides: readonly Expression[]): boolean {
  const isNull = (side: Expression) => side.kind === 'literal' && side.value.type === 'null'
  const collections = sides.filter((side) => isCollection(scope, side))
  return collections.length > 0 && sides.every((side) => isNull(side) || collections.includes(side))
}

/** A term as it is good to compare: texts are folded then, and fold to the same in lower case. */
export function uncased(term: Term): Term {
  const [first] = term.term === 'call' && term.name === 'tolower' ? term.arguments : []
  return first === undefined ? term : uncased(asText(first))
}

/** An id as a text like others, which compares folded. */
export function asText(term: Term): Term {
  return term.term === 'member' && term.kind === 'id' ? { ...term, kind: 'text' } : term
}
