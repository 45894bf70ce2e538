/** Calls of the functions that OData itself defines. Part 2, sections 5.1.1.5 to 5.1.1.12. */

import type { Cursor } from './cursor.ts'
import type { Call, Case, Expression } from './syntax.ts'

export type ReadExpression = (cursor: Cursor) => Expression

/** How many arguments each takes. */
// biome-ignore format: a table of facts, aligned by hand
const functions: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['concat', [2, 2]], ['contains', [2, 2]], ['endswith', [2, 2]], ['indexof', [2, 2]], ['startswith', [2, 2]],
  ['hassubset', [2, 2]], ['hassubsequence', [2, 2]], ['matchespattern', [2, 2]], ['substring', [2, 3]],
  ['length', [1, 1]], ['tolower', [1, 1]], ['toupper', [1, 1]], ['trim', [1, 1]],
  ['year', [1, 1]], ['month', [1, 1]], ['day', [1, 1]], ['hour', [1, 1]], ['minute', [1, 1]], ['second', [1, 1]],
  ['fractionalseconds', [1, 1]], ['totalseconds', [1, 1]], ['totaloffsetminutes', [1, 1]], ['date', [1, 1]], ['time', [1, 1]],
  ['now', [0, 0]], ['mindatetime', [0, 0]], ['maxdatetime', [0, 0]],
  ['ceiling', [1, 1]], ['floor', [1, 1]], ['round', [1, 1]],
  ['cast', [1, 2]], ['isof', [1, 2]],
])

const callName = /[A-Za-z]+(?=\()/y
const geoCall = /geo\.[A-Za-z]+(?=\()/iy
const caseOpening = /case\(/iy

/** The call that begins here; undefined when none does, or of a function that is not OData's. */
export function readCall(cursor: Cursor, read: ReadExpression): Call | undefined {
  const geo = cursor.look(geoCall)
  if (geo !== undefined) throw cursor.unsupported(`${geo.toLowerCase()}()`)
  const word = cursor.look(callName)
  const arity = word === undefined ? undefined : functions.get(word.toLowerCase())
  if (word === undefined || arity === undefined) return undefined
  const at = cursor.at
  const nameSpan = { at, end: at + word.length }
  cursor.at = nameSpan.end + 1
  const args: Expression[] = []
  cursor.skipSpace()
  if (cursor.here !== ')') {
    do args.push(read(cursor))
    while (cursor.takeComma())
    cursor.skipSpace()
  }
  if (!cursor.take(')')) throw cursor.unexpected("',' or ')'")
  const [least, most] = arity
  if (args.length < least || args.length > most)
    throw cursor.refusalAt(
      at,
      `${word} takes ${least === most ? least : `${least} or ${most}`} argument${most === 1 ? '' : 's'}, not ${args.length}.`,
    )
  return cursor.node({ kind: 'call', name: word.toLowerCase(), nameSpan, arguments: args, at, end: cursor.at })
}

/** `case(condition:value,…)`; undefined when none begins here. */
export function readCase(cursor: Cursor, read: ReadExpression): Case | undefined {
  const opening = cursor.look(caseOpening)
  if (opening === undefined) return undefined
  const at = cursor.at
  cursor.at += opening.length
  cursor.skipSpace()
  const branches: { readonly condition: Expression; readonly value: Expression }[] = []
  do {
    const condition = read(cursor)
    cursor.skipSpace()
    cursor.expect(':')
    cursor.skipSpace()
    branches.push({ condition, value: read(cursor) })
  } while (cursor.takeComma())
  cursor.skipSpace()
  if (!cursor.take(')')) throw cursor.unexpected("',' or ')'")
  return cursor.node({ kind: 'case', branches, at, end: cursor.at })
}
