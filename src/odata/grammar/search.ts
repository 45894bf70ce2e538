/** $search: words, phrases, AND, OR, NOT. Part 2, section 5.1.7. */

import type { Cursor } from './cursor.ts'
import { readString } from './quoted.ts'
import type { SearchExpression, SearchText } from './syntax.ts'

/** Reads a search as far as it goes: to the end, a semicolon, or a parenthesis that it did not open. */
export function readSearch(cursor: Cursor): SearchExpression {
  cursor.skipSpace()
  if (cursor.here !== "'") return readOr(cursor)
  const at = cursor.at
  const text = readString(cursor)
  return cursor.node<SearchText>({ kind: 'incomplete', text, at, end: cursor.at })
}

function readOr(cursor: Cursor): SearchExpression {
  return cursor.nested(() => {
    let left = readAnd(cursor)
    while (takeOperator(cursor, 'OR')) {
      const right = readAnd(cursor)
      left = cursor.node({ kind: 'or', left, right, at: left.at, end: right.end })
    }
    return left
  })
}

function readAnd(cursor: Cursor): SearchExpression {
  let left = readTerm(cursor)
  while (takeOperator(cursor, 'AND') || isTermNext(cursor)) {
    const right = readTerm(cursor)
    left = cursor.node({ kind: 'and', left, right, at: left.at, end: right.end })
  }
  return left
}

function readTerm(cursor: Cursor): SearchExpression {
  const at = cursor.at
  if (takeOperator(cursor, 'NOT')) {
    const operand = cursor.nested(() => readTerm(cursor))
    return cursor.node({ kind: 'not', operand, at, end: operand.end })
  }
  if (cursor.here === '"') return readPhrase(cursor)
  if (!cursor.take('(')) return readWord(cursor)
  cursor.skipSpace()
  const inside = readOr(cursor)
  cursor.skipSpace()
  cursor.expect(')')
  return { ...inside, at, end: cursor.at }
}

/**
 * Steps over an operator and the spaces around it. `AND`, `OR`, `NOT` are words like others where nothing follows
 * that they could act on.
 */
function takeOperator(cursor: Cursor, operator: 'AND' | 'OR' | 'NOT'): boolean {
  const before = cursor.at
  cursor.skipSpace()
  if (cursor.text.startsWith(operator, cursor.at)) {
    cursor.at += operator.length
    const wordEnd = cursor.at
    cursor.skipSpace()
    if (cursor.at > wordEnd && isTermHere(cursor)) return true
  }
  cursor.at = before
  return false
}

/** Spaces, and then a term that is not begun with `OR`: looks only, but leaves the spaces behind when there is one. */
function isTermNext(cursor: Cursor): boolean {
  const before = cursor.at
  cursor.skipSpace()
  const start = cursor.at
  if (start > before && isTermHere(cursor) && !takeOperator(cursor, 'OR')) return true
  cursor.at = before
  return false
}

function isTermHere(cursor: Cursor): boolean {
  return cursor.here === '"' || cursor.here === '(' || (cursor.here !== "'" && isWordCharacter(cursor, cursor.at))
}

function isWordCharacter(cursor: Cursor, at: number): boolean {
  const character = cursor.text.charAt(at)
  if (character === '' || cursor.isSpace(at) || '"()'.includes(character)) return false
  return (character !== ';' && character !== '&') || cursor.wasEncoded(at)
}

function readWord(cursor: Cursor): SearchText {
  const at = cursor.at
  if (!isTermHere(cursor)) throw cursor.unexpected('a word, a phrase in double quotes, or a parenthesis')
  while (isWordCharacter(cursor, cursor.at)) cursor.at++
  return cursor.node<SearchText>({ kind: 'word', text: cursor.text.slice(at, cursor.at), at, end: cursor.at })
}

/** Between double quotes; a quote or backslash in it has a backslash in front. */
function readPhrase(cursor: Cursor): SearchText {
  const at = cursor.at++
  while (!cursor.isDone && cursor.here !== '"') cursor.at += cursor.here === '\\' ? 2 : 1
  if (cursor.isDone) throw cursor.unexpectedAt(cursor.text.length, `the double quote that closes the phrase begun at character ${at + 1}`)
  const text = cursor.slice(at + 1, cursor.at).replaceAll(/\\(["\\])/g, '$1')
  if (text.trim() === '') throw cursor.unexpectedAt(at, 'a phrase that is not empty')
  cursor.at++
  return cursor.node<SearchText>({ kind: 'phrase', text, at, end: cursor.at })
}
