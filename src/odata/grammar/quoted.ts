/** Literals where they stand in an option's text: bare ones, and those in quotes with or without a type in front. */

import type { Cursor } from './cursor.ts'
import { readBareLiteral, readBinary, readDuration, readEnumMembers, readNumber } from './literals.ts'
import type { Literal, Value } from './syntax.ts'

/** Text that looks like a number, date, time or GUID; literals.ts decides. */
const bare =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d(?:T[\d:.]*(?:Z|[+-]\d\d:\d\d)?)?|\d\d:\d\d(?::\d\d(?:\.\d+)?)?|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-INF(?![\w/(])/iy
const typedQuote = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}.]*'/uy
const keyword = /(?:null|true|false|INF|NaN)(?![\w/('.])/iy

/** The literal that begins here, stepped over; undefined when something else begins here. */
export function readLiteral(cursor: Cursor): Literal | undefined {
  const at = cursor.at
  const value = cursor.here === "'" ? ({ type: 'string', value: readString(cursor) } as const) : (readBare(cursor) ?? readTyped(cursor))
  return value === undefined ? undefined : cursor.node({ kind: 'literal', value, at, end: cursor.at })
}

function readBare(cursor: Cursor): Value | undefined {
  const token = cursor.look(bare)
  const value = token === undefined ? readKeyword(cursor) : readBareLiteral(token)
  if (token === undefined) return value
  cursor.at += token.length
  if (cursor.isInsideWord()) throw cursor.unexpected('the end of the number, date, time or GUID')
  if (value === undefined) throw cursor.unexpectedAt(cursor.at - token.length, 'a number, date, time or GUID within its bounds')
  return value
}

function readKeyword(cursor: Cursor): Value | undefined {
  const word = cursor.look(keyword)
  if (word === undefined) return undefined
  const lower = word.toLowerCase()
  const value: Value | undefined =
    lower === 'null'
      ? { type: 'null' }
      : lower === 'true' || lower === 'false'
        ? { type: 'boolean', value: lower === 'true' }
        : readNumber(word)
  if (value === undefined) return undefined
  cursor.at += word.length
  if (!cursor.isInsideWord()) return value
  cursor.at -= word.length
  return undefined
}

/** Text in single quotes, a quote in it doubled. */
export function readString(cursor: Cursor): string {
  const start = cursor.at
  cursor.expect("'")
  for (let from = cursor.at; ; from += 2) {
    from = cursor.text.indexOf("'", from)
    if (from < 0) throw cursor.unexpectedAt(cursor.text.length, `the quote that closes the text begun at character ${start + 1}`)
    if (cursor.text[from + 1] === "'") continue
    cursor.at = from + 1
    return cursor.slice(start + 1, from).replaceAll("''", "'")
  }
}

/** `duration'…'`, `binary'…'`, `Namespace.Enumeration'…'`. */
function readTyped(cursor: Cursor): Value | undefined {
  const opening = cursor.look(typedQuote)
  if (opening === undefined) return undefined
  const at = cursor.at
  const typeName = opening.slice(0, -1)
  if (/^geo(?:graphy|metry)$/i.test(typeName)) throw cursor.unsupported(`${typeName.toLowerCase()} literals`)
  const reader = readers.get(typeName.toLowerCase()) ?? (typeName.includes('.') ? enumReader(typeName) : undefined)
  if (reader === undefined)
    throw cursor.unexpected("a literal; in front of a quote stand 'duration', 'binary' or an enumeration with its namespace")
  cursor.at += typeName.length
  const value = reader(readString(cursor))
  if (value === undefined)
    throw cursor.unexpectedAt(at, `a well-formed ${typeName.includes('.') ? 'enumeration' : typeName.toLowerCase()} literal`)
  return value
}

type LiteralReader = (text: string) => Value | undefined

const readers: ReadonlyMap<string, LiteralReader> = new Map([
  ['duration', readDuration],
  ['binary', readBinary],
])

function enumReader(typeName: string): LiteralReader {
  return (text) => {
    const members = readEnumMembers(text)
    return members === undefined ? undefined : { type: 'enum', typeName, members }
  }
}

/** A string as in JSON, in double quotes. */
export function readJsonString(cursor: Cursor): string {
  const start = cursor.at
  if (cursor.here !== '"') throw cursor.unexpected('a text in double quotes')
  let end = start + 1
  while (end < cursor.text.length && cursor.text[end] !== '"') end += cursor.text[end] === '\\' ? 2 : 1
  const value = parseString(cursor.slice(start, end + 1))
  if (value === undefined) throw cursor.unexpected('a text in double quotes, written as in JSON')
  cursor.at = end + 1
  return value
}

function parseString(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000') ? value : undefined
  } catch {
    return undefined
  }
}
