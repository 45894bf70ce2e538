/**
 * From the tree of a filter or an order, which knows names only, to what it asks of the items of a type. Refuses what
 * the type does not have, what does not fit together, and what this server does not answer; always with the place.
 */

import type { Binary, Call, Expression, Lambda, OrderbyItem } from '../grammar/syntax.ts'
import { areCollections, asText, isCollection, uncased } from './bind-shapes.ts'
import { argument, asEnum, bindTerm, followAlias, isEnumLike, wordFor } from './bind-term.ts'
import { spend } from './budget.ts'
import type { Comparison, Condition, Constant, Kind, SortKey, Term } from './condition.ts'
import { costOf, inMemory, longestElement } from './cost.ts'
import { fixedTruth } from './evaluate.ts'
import { refusal, resolve, type Scope, unsupported } from './scope.ts'

/** The condition that a filter states. Throws `queryInvalid` with the place, or `notImplemented`. */
export function bindFilter(scope: Scope, expression: Expression): Condition {
  const bound = bind(scope, expression)
  if ('term' in bound) {
    if (bound.kind === 'null') return { kind: 'known', value: null }
    throw refusal(scope, expression, `expected a condition, found ${wordFor(bound.kind)}.`)
  }
  return bound
}

/** A link to the next page has to hold them all. */
export const mostSortKeys = 16

/** Throws as bindFilter does. */
export function bindOrderby(scope: Scope, items: readonly OrderbyItem[]): readonly SortKey[] {
  const beyond = items[mostSortKeys]
  if (beyond !== undefined) throw refusal(scope, beyond, `expected at most ${mostSortKeys} keys to sort by.`)
  return items.map(({ expression, direction }) => {
    const bound = bind(scope, expression)
    if (!('term' in bound)) return { by: { term: 'condition', condition: bound }, direction }
    if (bound.kind === 'structure') throw refusal(scope, expression, 'expected a member that has an order.')
    if (bound.kind === 'null' || (bound.term === 'constant' && bound.isWorkedOut !== true))
      throw unsupported(scope, 'an order by something that all items have alike')
    return { by: uncased(bound), direction }
  })
}

function bind(scope: Scope, given: Expression): Condition | Term {
  const expression = followAlias(scope, given)
  const term = bindTerm(scope, expression)
  if (term !== undefined) return term
  switch (expression.kind) {
    case 'literal':
      return { kind: 'known', value: expression.value.type === 'boolean' ? expression.value.value : null }
    case 'path':
      return { kind: 'truth', member: resolve(scope, expression).member }
    case 'call':
      return bindTextTest(scope, expression)
    case 'unary':
      scope.advanced.add('not')
      return { kind: 'not', condition: bindFilter(scope, expression.operand) }
    case 'binary':
      return bindBinary(scope, expression)
    case 'lambda':
      return bindLambda(scope, expression)
    default:
      throw refusal(scope, expression, 'expected a condition.')
  }
}

function bindBinary(scope: Scope, expression: Binary): Condition {
  const { operator } = expression
  switch (operator) {
    case 'and':
    case 'or': {
      const conditions = chainOf(expression, operator).map((part) => bindFilter(scope, part))
      return { kind: operator, conditions }
    }
    case 'in':
      return bindIn(scope, expression)
    case 'has':
      return bindHas(scope, expression)
    case 'eq':
    case 'ne':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      if (operator === 'ne') scope.advanced.add('ne')
      checkLength(scope, expression)
      return bindComparison(scope, expression, operator)
    default:
      throw unsupported(scope, `the operator ${operator}`)
  }
}

/** The parts of a chain such as `a or b or c`, which leans to the left. */
function chainOf(expression: Binary, operator: 'and' | 'or'): readonly Expression[] {
  const parts: Expression[] = []
  let rest: Expression = expression
  while (rest.kind === 'binary' && rest.operator === operator) {
    parts.push(rest.right)
    rest = rest.left
  }
  return [...parts, rest].reverse()
}

/** Limit for nested comparisons such as `a eq b eq c`: engines limit the depth. */
const longestEquation = 32
const comparisons: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']

function checkLength(scope: Scope, expression: Binary): void {
  let left: Expression = expression
  for (let length = 0; left.kind === 'binary' && comparisons.includes(left.operator); length++, left = left.left)
    if (length === longestEquation) throw refusal(scope, left, `expected at most ${longestEquation} comparisons in a row.`)
}

function bindComparison(scope: Scope, expression: Binary, operator: Comparison): Condition {
  const isEquation = operator === 'eq' || operator === 'ne'
  const written = [expression.left, expression.right].map((side) => followAlias(scope, side))
  if (isEquation && areCollections(scope, written)) throw unsupported(scope, `the operator ${operator} between collections`)
  const [left, right] = asInstants(sidesOf(scope, expression))
  if (!('term' in left) || !('term' in right)) return compareConditions(scope, expression, operator, left, right)
  if (left.kind === 'null' || right.kind === 'null') {
    const of = left.kind === 'null' ? right : left
    const absent: Condition = of.term === 'constant' ? { kind: 'known', value: of.value === null } : { kind: 'absent', of }
    if (operator === 'eq') return absent
    return operator === 'ne' ? { kind: 'not', condition: absent } : { kind: 'known', value: false }
  }
  if (isEquation && left.kind === 'structure' && right.kind === 'structure')
    throw unsupported(scope, `the operator ${operator} between structures`)
  if (left.kind === 'structure' || right.kind === 'structure')
    throw refusal(scope, expression, 'a structure can be compared with null only.')
  if (!fits(left.kind, right.kind))
    throw refusal(scope, expression.right, `expected ${wordFor(left.kind)} to compare with, found ${wordFor(right.kind)}.`)
  // Not a number: unequal to everything, itself included, in SQL no less than here.
  if (Number.isNaN(heldBy(left)) || Number.isNaN(heldBy(right))) return { kind: 'known', value: operator === 'ne' }
  if (left.term === 'constant' && right.term === 'constant') return known(scope, expression, { kind: 'compare', operator, left, right })
  // Beside a text that is worked out or a member, an id is one as well.
  const exact = [left, right].every((side) => (side.term === 'constant' && side.isWorkedOut !== true) || side.kind === 'id')
  return { kind: 'compare', operator, left: exact ? left : asText(uncased(left)), right: exact ? right : asText(uncased(right)) }
}

/** A date beside a date and time is its first moment, in UTC. */
function asInstants([left, right]: Sides): Sides {
  const instant = (side: Condition | Term, beside: Condition | Term) =>
    'term' in side && side.term === 'constant' && side.kind === 'day' && 'term' in beside && beside.kind === 'instant'
      ? ({ ...side, kind: 'instant', value: `${side.value}T00:00:00.0000000` } as const)
      : side
  return [instant(left, right), instant(right, left)]
}

function heldBy(term: Term): unknown {
  return term.term === 'constant' ? term.value : undefined
}

function fits(left: Kind, right: Kind): boolean {
  const plain = (kind: Kind) => (kind === 'id' ? 'text' : kind)
  return plain(left) === plain(right)
}

type Sides = readonly [Condition | Term, Condition | Term]

/** Both sides; a text or an enumeration's literal beside a member of an enumeration is what it names there. */
function sidesOf(scope: Scope, { left, right }: Binary): Sides {
  const [one, other] = [followAlias(scope, left), followAlias(scope, right)]
  if (isEnumLike(other)) {
    const member = bind(scope, one)
    return [member, asEnum(scope, member, other) ?? bind(scope, other)]
  }
  if (isEnumLike(one)) {
    const member = bind(scope, other)
    return [asEnum(scope, member, one) ?? bind(scope, one), member]
  }
  return [bind(scope, one), bind(scope, other)]
}

function compareConditions(
  scope: Scope,
  expression: Binary,
  operator: Comparison,
  left: Condition | Term,
  right: Condition | Term,
): Condition {
  if (operator !== 'eq' && operator !== 'ne') throw unsupported(scope, `the operator ${operator} between conditions`)
  const conditionOf = (side: Condition | Term, at: Expression): Condition => {
    if (!('term' in side)) return side
    if (side.kind === 'null') return { kind: 'known', value: null }
    throw refusal(scope, at, `expected a condition, found ${wordFor(side.kind)}.`)
  }
  const [one, other] = [conditionOf(left, expression.left), conditionOf(right, expression.right)]
  const known = one.kind === 'known' ? one : other.kind === 'known' ? other : undefined
  const same: Condition =
    known === undefined
      ? { kind: 'same', left: one, right: other }
      : { kind: 'is', condition: known === one ? other : one, value: known.value }
  return operator === 'eq' ? same : { kind: 'not', condition: same }
}

function bindIn(scope: Scope, { left, right }: Binary): Condition {
  const given = followAlias(scope, left)
  if (isCollection(scope, given)) throw unsupported(scope, 'in with a collection on its left')
  const bound = bindTerm(scope, given)
  const term = bound === undefined ? undefined : uncased(bound)
  if (term === undefined || term.kind === 'structure') throw unsupported(scope, 'in with anything but a value on its left')
  if (right.kind !== 'list') throw unsupported(scope, 'in with anything but a list on its right')
  const values = right.items.map((given): Constant => {
    const item = followAlias(scope, given)
    const constant = (isEnumLike(item) ? asEnum(scope, term, item) : undefined) ?? bindTerm(scope, item)
    if (constant?.term !== 'constant' || constant.isWorkedOut === true) throw unsupported(scope, 'in with a list of anything but literals')
    if (constant.kind !== 'null' && term.kind !== 'null' && !fits(term.kind, constant.kind))
      throw refusal(scope, item, `expected ${wordFor(term.kind)}, found ${wordFor(constant.kind)}.`)
    return constant
  })
  if (term.kind === 'null') return { kind: 'known', value: values.some(({ kind }) => kind === 'null') }
  return { kind: 'among', of: term, values: values.filter(({ value }) => !Number.isNaN(value)) }
}

function bindHas(scope: Scope, { left, right }: Binary): Condition {
  const member = bindTerm(scope, followAlias(scope, left))
  const flags = followAlias(scope, right)
  const isNull = flags.kind === 'literal' && flags.value.type === 'null'
  if (member?.kind === 'null') return { kind: 'known', value: null }
  if (member?.term !== 'member' || typeof member.kind === 'string' || !member.kind.flags)
    throw refusal(scope, left, 'expected a member of flags in front of has.')
  if (isNull) return { kind: 'known', value: null }
  const mask = isEnumLike(flags) ? asEnum(scope, member, flags) : undefined
  if (mask === undefined)
    throw refusal(scope, right, `expected ${wordFor(member.kind)} such as '${Object.keys(member.kind.members)[0] ?? ''}'.`)
  return { kind: 'has', member, mask: Number(mask.value) }
}

function bindTextTest(scope: Scope, call: Call): Condition {
  const { name } = call
  if (name !== 'startswith' && name !== 'endswith' && name !== 'contains') throw unsupported(scope, `${name}()`)
  if (name !== 'startswith') scope.advanced.add(name)
  const [text, part] = [argument(scope, call, 0, ['text']), argument(scope, call, 1, ['text'])]
  const test: Condition = { kind: name, text: uncased(text), part: uncased(part) }
  return test.text.term === 'constant' && test.part.term === 'constant' ? known(scope, call, test) : test
}

/** The value of a condition on constants. */
function known(scope: Scope, at: Expression, condition: Condition): Condition {
  spend(scope, at, costOf(condition, inMemory([])).each)
  return { kind: 'known', value: fixedTruth(condition) }
}

/** Each level tries all elements for each element of the one around it. */
const deepestLambda = 2

function bindLambda(scope: Scope, { operator, source, variable, condition }: Lambda): Condition {
  const { member, counted } = resolve(scope, source)
  if (counted || member.property.collection !== true) throw refusal(scope, source, `expected a collection in front of ${operator}.`)
  const kind = operator === 'any' ? 'some' : 'every'
  if (variable === undefined || condition === undefined) return { kind, of: member, condition: { kind: 'known', value: true } }
  if (scope.variables.some(({ name }) => name === variable.name))
    throw refusal(scope, variable, `${variable.name} stands for something else here.`)
  const { collection: _, maxItems: __, ...single } = member.property
  const property = { ...single, maxLength: longestElement(member.property) }
  if (scope.variables.length === deepestLambda) throw unsupported(scope, `any and all nested more than ${deepestLambda} deep`)
  const inner = { ...scope, variables: [...scope.variables, { name: variable.name, property }] }
  return { kind, of: member, condition: bindFilter(inner, condition) }
}
