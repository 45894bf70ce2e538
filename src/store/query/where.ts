/**
 * Conditions and orders as SQL, with what a client wrote as bound values: the one text for both engines, apart from
 * what Dialect has. Its outcome is that of odata/query/evaluate.ts, which tests hold it against.
 */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import { keyOf } from '../../odata/query/compared.ts'
import type { Comparison, Condition, Constant, SortKey, Term } from '../../odata/query/condition.ts'
import { longestSortKey } from '../../odata/query/evaluate.ts'
import type { Dialect } from '../database.ts'
import { arrayOf, boundText, columnOf, ownColumn, presence, type SqlContext, type Table, valueIn, within } from './where-terms.ts'

export type { Table }

/** True, false or null, as the condition says. */
export function whereOf(condition: Condition, table: Table, dialect: Dialect): Sql {
  return truth(condition, { table, dialect, elements: [], positive: true })
}

/** The sort expression of an order: never null, and lowest where the value is missing. A long text by how it begins, since a link to the next page has to hold it. */
export function sortOf({ by }: SortKey, table: Table, dialect: Dialect): Sql {
  const context: SqlContext = { table, dialect, elements: [], positive: false }
  if (by.term === 'condition') {
    const [once, again] = [truth(by.condition, context), truth(by.condition, context)]
    return sql`CASE WHEN ${once} THEN 1 WHEN NOT ${again} THEN 0 ELSE -1 END`
  }
  const column = ownColumn(by, table)
  if (column !== undefined && (column[0] !== 'exact' || by.kind === 'id')) return columnOf(table, column[1])
  if (isNumeric(by)) return sql`COALESCE(${valueIn(by, context)}, CAST(-1.7976931348623157e308 AS DOUBLE PRECISION))`
  // With something in front, so that an empty text is not what stands for none.
  return sql`COALESCE('=' || substr(${valueIn(by, context)}, 1, ${raw(String(longestSortKey))}), '')`
}

/** Whether sort keys of this kind are numbers; texts otherwise. */
export function sortsAsNumber({ by }: SortKey): boolean {
  return by.term === 'condition' || isNumeric(by)
}

function isNumeric({ kind }: Term): boolean {
  return kind === 'number' || typeof kind !== 'string'
}

function truth(condition: Condition, context: SqlContext): Sql {
  const notPositive = { ...context, positive: false }
  switch (condition.kind) {
    case 'known':
      return condition.value === null ? sql`CAST(NULL AS BOOLEAN)` : condition.value ? sql`(1 = 1)` : sql`(1 = 0)`
    case 'and':
    case 'or':
      return balanced(
        condition.conditions.map((part) => truth(part, context)),
        condition.kind === 'and' ? ' AND ' : ' OR ',
      )
    case 'not':
      return sql`(NOT ${truth(condition.condition, notPositive)})`
    case 'compare':
      return indexed(condition, context) ?? comparison(condition.operator, condition.left, condition.right, context)
    case 'absent':
      return sql`(${presence(condition.of, context)} IS NULL)`
    case 'among':
      return among(condition.of, condition.values, context)
    case 'truth':
      return valueIn(condition.member, context)
    case 'is': {
      const inner = truth(condition.condition, notPositive)
      return condition.value === null ? sql`((${inner}) IS NULL)` : condition.value ? sql`((${inner}) IS TRUE)` : sql`((${inner}) IS FALSE)`
    }
    case 'same':
      return sql`((${truth(condition.left, notPositive)}) IS NOT DISTINCT FROM (${truth(condition.right, notPositive)}))`
    case 'has':
      return sql`((${valueIn(condition.member, context)} & ${raw(String(condition.mask))}) = ${raw(String(condition.mask))})`
    case 'startswith':
    case 'endswith':
    case 'contains':
      return beginning(condition, context) ?? textTest(condition, context)
    case 'some':
    case 'every': {
      const elements = context.dialect.elements(arrayOf(condition.of, context), `e${context.elements.length}`)
      const inner = truth(condition.condition, within(condition.of, context))
      return condition.kind === 'some'
        ? sql`EXISTS (SELECT 1 FROM ${elements} WHERE ${inner})`
        : sql`NOT EXISTS (SELECT 1 FROM ${elements} WHERE (${inner}) IS NOT TRUE)`
    }
  }
}

/** A chain, leaning to neither side: an engine goes only so deep. */
function balanced(parts: readonly Sql[], word: string): Sql {
  if (parts.length <= 8) return sql`(${join(parts, word)})`
  const middle = parts.length >> 1
  return sql`(${balanced(parts.slice(0, middle), word)}${raw(word)}${balanced(parts.slice(middle), word)})`
}

const signs: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' }

function comparison(operator: Comparison, left: Term, right: Term, context: SqlContext): Sql {
  const exact = left.kind === 'id' || right.kind === 'id'
  const [one, other] = [valueIn(left, context, exact), valueIn(right, context, exact)]
  if (operator === 'eq' || operator === 'ne') {
    // Plain where nothing can be null, so that an index may be asked.
    if (context.positive && operator === 'eq' && (left.term === 'constant' || right.term === 'constant')) return sql`(${one} = ${other})`
    return operator === 'eq' ? sql`(${one} IS NOT DISTINCT FROM ${other})` : sql`(${one} IS DISTINCT FROM ${other})`
  }
  return sql`COALESCE(${one} ${raw(signs[operator])} ${other}, 1 = 0)`
}

/** Never null. */
function among(term: Term, values: readonly Constant[], context: SqlContext): Sql {
  const exact = term.kind === 'id'
  const texts = values.filter(({ kind }) => kind !== 'null')
  const tests: Sql[] = []
  if (texts.length > 0) {
    const column = keyedColumn(term, context)
    const held = (text: Constant) => (column === undefined ? valueIn(text, context, exact) : keyIn(text))
    const list = sql`${column ?? valueIn(term, context, exact)} IN (${join(texts.map(held))})`
    tests.push(context.positive || column !== undefined ? list : sql`COALESCE(${list}, 1 = 0)`)
  }
  if (texts.length < values.length) tests.push(sql`${presence(term, context)} IS NULL`)
  return tests.length === 0 ? sql`(1 = 0)` : sql`(${join(tests, ' OR ')})`
}

/** A comparison of a member whose column is '' for null, which is greater than nothing and equal to nothing here. */
function indexed({ operator, left, right }: Condition & { readonly kind: 'compare' }, context: SqlContext): Sql | undefined {
  if (right.term !== 'constant' || operator === 'lt' || operator === 'le') return undefined
  const column = keyedColumn(left, context)
  return column === undefined ? undefined : sql`(${column} ${raw(signs[operator])} ${keyIn(right)})`
}

function keyedColumn(term: Term, { table }: SqlContext): Sql | undefined {
  const [held, name] = ownColumn(term, table) ?? []
  return held === 'keyed' && name !== undefined ? columnOf(table, name) : undefined
}

/** A text as such a column has it. */
function keyIn({ value }: Constant): Sql {
  return boundText(keyOf(String(value)))
}

/** A prefix of a member that has a column is a range of it. */
function beginning({ kind, text, part }: TextTest, { table, positive }: SqlContext): Sql | undefined {
  const [held, name] = ownColumn(text, table) ?? []
  if (kind !== 'startswith' || !positive || name === undefined || part.term !== 'constant' || part.value === null) return undefined
  const folded = fold(String(part.value))
  const first = held === 'keyed' ? keyOf(folded) : folded
  const next = after(first)
  if ((held !== 'folded' && held !== 'keyed') || folded === '' || next === undefined) return undefined
  return sql`(${columnOf(table, name)} >= ${boundText(first)} AND ${columnOf(table, name)} < ${boundText(next)})`
}

/** The least text that is greater than all that begin with `prefix`. */
function after(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Surrogates are no characters; what comes after the last character of all comes after the one before it.
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

type TextTest = Condition & { readonly kind: 'startswith' | 'endswith' | 'contains' }

function textTest({ kind, text, part }: TextTest, context: SqlContext): Sql {
  const whole = () => valueIn(text, context)
  const piece = () => valueIn(part, context)
  if (kind === 'contains') return sql`(${context.dialect.position(whole(), piece())} > 0)`
  if (kind === 'startswith') return sql`(substr(${whole()}, 1, length(${piece()})) = ${piece()})`
  return sql`(length(${whole()}) >= length(${piece()}) AND substr(${whole()}, length(${whole()}) - length(${piece()}) + 1) = ${piece()})`
}
