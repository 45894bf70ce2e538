/** Conditions and orders, tried on a record in memory: for lists so short that no database need be asked, and as what SQL is held against. */

import type { Comparison, Condition, SortKey, Term } from './condition.ts'
import { type ComparedValue, type EvaluationContext, elementsOf, type Fields, valueOfTerm, writtenOf } from './evaluate-terms.ts'

/** Whether the condition is true of the record. */
export function isTrueOf(condition: Condition, item: Fields): boolean {
  return truthOf(condition, { item, elements: [] }) === true
}

/** The truth of a condition that no item has a part in. */
export function fixedTruth(condition: Condition): boolean | null {
  return truthOf(condition, { item: {}, elements: [] })
}

/** The value of a term that no item has a part in; a text as it was written. */
export function fixedValue(term: Term): ComparedValue {
  return writtenOf(term, { item: {}, elements: [] })
}

function truthOf(condition: Condition, context: EvaluationContext): boolean | null {
  switch (condition.kind) {
    case 'known':
      return condition.value
    case 'and':
    case 'or':
      return joined(condition, context)
    case 'not':
      return negated(truthOf(condition.condition, context))
    case 'compare':
      return compare(
        condition.operator,
        valueOfTerm(condition.left, context, isExact(condition)),
        valueOfTerm(condition.right, context, isExact(condition)),
      )
    case 'absent':
      return valueOfTerm(condition.of, context) === null
    case 'among': {
      const held = valueOfTerm(condition.of, context, condition.of.kind === 'id')
      return condition.values.some((value) => compare('eq', held, valueOfTerm(value, context, condition.of.kind === 'id')))
    }
    case 'truth':
      return valueOfTerm(condition.member, context) as boolean | null // a boolean member
    case 'is':
      return truthOf(condition.condition, context) === condition.value
    case 'same':
      return truthOf(condition.left, context) === truthOf(condition.right, context)
    case 'has': {
      const flags = valueOfTerm(condition.member, context)
      return flags === null ? null : (Number(flags) & condition.mask) === condition.mask
    }
    case 'startswith':
    case 'endswith':
    case 'contains':
      return textTest(condition.kind, valueOfTerm(condition.text, context), valueOfTerm(condition.part, context))
    case 'some':
    case 'every': {
      const inner = elementsOf(condition.of, context).map((element) =>
        truthOf(condition.condition, { ...context, elements: [...context.elements, element] }),
      )
      return condition.kind === 'some' ? inner.includes(true) : inner.every((truth) => truth === true)
    }
  }
}

function negated(truth: boolean | null): boolean | null {
  return truth === null ? null : !truth
}

/** With null in between: `and` is false where a part is, `or` true; null where it then hangs on a null. */
function joined({ kind, conditions }: Condition & { readonly kind: 'and' | 'or' }, context: EvaluationContext): boolean | null {
  const decisive = kind === 'or'
  let known: boolean | null = !decisive
  for (const condition of conditions) {
    const truth = truthOf(condition, context)
    if (truth === decisive) return decisive
    if (truth === null) known = null
  }
  return known
}

/** Whether ids are compared: as they are, and not folded. */
function isExact({ left, right }: { readonly left: Term; readonly right: Term }): boolean {
  return left.kind === 'id' || right.kind === 'id'
}

function compare(operator: Comparison, left: ComparedValue, right: ComparedValue): boolean {
  if (operator === 'eq') return left === right
  if (operator === 'ne') return left !== right
  if (left === null || right === null) return false
  const order = orderOf(left, right)
  return operator === 'gt' ? order > 0 : operator === 'ge' ? order >= 0 : operator === 'lt' ? order < 0 : order <= 0
}

/** Texts by their octets in UTF-8, which is by code points; null before all. */
function orderOf(left: ComparedValue, right: ComparedValue): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  if (typeof left === 'string' || typeof right === 'string') return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)))
  return Number(left) - Number(right) || 0
}

function textTest(kind: 'startswith' | 'endswith' | 'contains', text: ComparedValue, part: ComparedValue): boolean | null {
  if (text === null || part === null) return null
  const [whole, piece] = [String(text), String(part)]
  return kind === 'contains' ? whole.includes(piece) : kind === 'startswith' ? whole.startsWith(piece) : whole.endsWith(piece)
}

/** So many characters of a text decide about its place in an order; members that have a column have their own lengths. */
export const longestSortKey = 256

/** The records in the order of the keys; those that are alike stay as they were. */
export function sorted<T>(items: readonly T[], keys: readonly SortKey[], recordOf: (item: T) => Fields): readonly T[] {
  const valued = items.map((item) => ({ item, values: keys.map((key) => sortValue(key, recordOf(item))) }))
  const compared = (left: readonly ComparedValue[], right: readonly ComparedValue[]) => {
    for (const [index, { direction }] of keys.entries()) {
      const order = orderOf(left[index] ?? null, right[index] ?? null)
      if (order !== 0) return direction === 'asc' ? order : -order
    }
    return 0
  }
  return valued.sort((left, right) => compared(left.values, right.values)).map(({ item }) => item)
}

function sortValue({ by }: SortKey, item: Fields): ComparedValue {
  const context = { item, elements: [] }
  const value = by.term === 'condition' ? truthOf(by.condition, context) : valueOfTerm(by, context, by.kind === 'id')
  return typeof value === 'string' ? [...value].slice(0, longestSortKey).join('') : value
}
