/**
 * Expressions of $filter, $orderby and wherever else a value may be computed: operators, parentheses, lists. Which
 * names exist and which types fit is not asked. OData 4.01, part 2, section 5.1.1; ranks of operators: 5.1.1.17.
 */

import { readCall, readCase } from './call.ts'
import type { Cursor } from './cursor.ts'
import { readPath } from './path-expression.ts'
import { readJsonString, readLiteral } from './quoted.ts'
import type { Binary, BinaryOperator, Expression, JsonObjectLiteral, List, Literal } from './syntax.ts'

// biome-ignore format: a table of facts, aligned by hand
const ranks: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  eq: 3, ne: 3,
  gt: 4, ge: 4, lt: 4, le: 4,
  add: 5, sub: 5,
  mul: 6, div: 6, divby: 6, mod: 6,
  has: 8, in: 8,
}
/** Precedence of `not` and `-`: above sums and comparisons, below `has` and `in`. */
const unaryRank = 7
const operators: ReadonlyMap<string, BinaryOperator> = new Map(Object.keys(ranks).map((name) => [name, name as BinaryOperator])) // the keys of ranks

/** Reads the expression that begins here, as far as it goes. */
export function readExpression(cursor: Cursor): Expression {
  return cursor.nested(() => readBinary(cursor, 0))
}

function readBinary(cursor: Cursor, lowest: number): Expression {
  let left = readUnary(cursor)
  for (;;) {
    const before = cursor.at
    cursor.skipSpace()
    const word = cursor.lookIdentifier()
    const operator = word === undefined ? undefined : operators.get(word.toLowerCase())
    if (word === undefined || operator === undefined || ranks[operator] < lowest) {
      cursor.at = before
      return left
    }
    left = readRight(cursor, left, operator, word.length)
  }
}

function readRight(cursor: Cursor, left: Expression, operator: BinaryOperator, length: number): Binary {
  const operatorSpan = { at: cursor.at, end: cursor.at + length }
  cursor.at = operatorSpan.end
  cursor.skipSpace()
  const right = operator === 'in' && cursor.here === '(' ? readParenthesizedList(cursor) : readBinary(cursor, ranks[operator] + 1)
  return cursor.node<Binary>({ kind: 'binary', operator, operatorSpan, left, right, at: left.at, end: right.end })
}

const notOperator = /not(?=[\s+(])/iy

function readUnary(cursor: Cursor): Expression {
  const literal = readLiteral(cursor)
  if (literal !== undefined) return literal
  const at = cursor.at
  const isNot = cursor.look(notOperator) !== undefined
  if (!isNot && cursor.here !== '-') return readPrimary(cursor)
  cursor.at += isNot ? 3 : 1
  cursor.skipSpace()
  const operand = cursor.nested(() => readBinary(cursor, unaryRank))
  return cursor.node({ kind: 'unary', operator: isNot ? 'not' : 'negate', operand, at, end: operand.end })
}

function readPrimary(cursor: Cursor): Expression {
  switch (cursor.here) {
    case '(':
      return readParentheses(cursor)
    case '[':
      return readArray(cursor)
    case '{':
      return readObject(cursor)
    default:
      return readCase(cursor, readExpression) ?? readCall(cursor, readExpression) ?? readPath(cursor, readExpression)
  }
}

function readParentheses(cursor: Cursor): Expression {
  const at = cursor.at++
  cursor.skipSpace()
  const inside = readExpression(cursor)
  cursor.skipSpace()
  if (cursor.here === ',') throw cursor.unexpected("')', as a list of values stands to the right of 'in' only")
  cursor.expect(')')
  // With the parentheses, so that the text of what it is a part of can be given again.
  return { ...inside, at, end: cursor.at }
}

function readParenthesizedList(cursor: Cursor): List {
  const at = cursor.at++
  const items = readItems(cursor, ')', readExpression)
  return cursor.node({ kind: 'list', form: 'parentheses', items, at, end: cursor.at })
}

function readArray(cursor: Cursor): List {
  const at = cursor.at++
  const items = readItems(cursor, ']', readItem)
  return cursor.node({ kind: 'list', form: 'array', items, at, end: cursor.at })
}

/** Items up to `closes`, which is stepped over. */
function readItems<T>(cursor: Cursor, closes: string, read: (cursor: Cursor) => T): readonly T[] {
  const items: T[] = []
  cursor.skipSpace()
  if (cursor.take(closes)) return items
  do items.push(read(cursor))
  while (cursor.takeComma())
  cursor.skipSpace()
  if (!cursor.take(closes)) throw cursor.unexpected(`',' or '${closes}'`)
  return items
}

/** Inside arrays and objects, text may be in double quotes. */
function readItem(cursor: Cursor): Expression {
  return cursor.here === '"' ? readText(cursor) : readExpression(cursor)
}

function readText(cursor: Cursor): Literal {
  const at = cursor.at
  return cursor.node({ kind: 'literal', value: { type: 'string', value: readJsonString(cursor) }, at, end: cursor.at })
}

function readObject(cursor: Cursor): JsonObjectLiteral {
  const at = cursor.at++
  const names = new Set<string>()
  const members = readItems(cursor, '}', () => {
    const nameAt = cursor.at
    const name = readJsonString(cursor)
    if (names.has(name)) throw cursor.refusalAt(nameAt, 'this member is given twice.')
    names.add(name)
    cursor.skipSpace()
    cursor.expect(':')
    cursor.skipSpace()
    return { name, value: readItem(cursor) }
  })
  return cursor.node({ kind: 'object', members, at, end: cursor.at })
}
