/**
 * $select and $expand, and the options in parentheses behind their items, which hold $select and $expand again.
 * Part 2, sections 5.1.2 and 5.1.3.
 */

import type { Cursor } from './cursor.ts'
import { readExpression } from './expression.ts'
import { readAnnotation } from './path-expression.ts'
import { readSearch } from './search.ts'
import type { Annotation, ExpandItem, Expression, Name, NestedOptions, OrderbyItem, SelectItem } from './syntax.ts'

export type Writable<T> = { -readonly [K in keyof T]: T[K] }
type NestedName = Exclude<keyof NestedOptions, 'aliases'>

const readers: { readonly [K in NestedName]: (cursor: Cursor) => NonNullable<NestedOptions[K]> } = {
  select: readSelect,
  expand: readExpand,
  filter: readExpression,
  orderby: readOrderby,
  search: readSearch,
  top: readNumber,
  skip: readNumber,
  count: readBoolean,
  levels: readLevels,
}

const ofCount: readonly NestedName[] = ['filter', 'search']
const ofRef: readonly NestedName[] = [...ofCount, 'orderby', 'skip', 'top', 'count']
const ofSelect: readonly NestedName[] = [...ofRef, 'select', 'expand']
const ofExpand: readonly NestedName[] = [...ofSelect, 'levels']
const ofStar: readonly NestedName[] = ['levels']

/** Items separated by commas, with spaces around them. */
function readItems<T>(cursor: Cursor, read: (cursor: Cursor) => T): readonly T[] {
  const items: T[] = []
  cursor.skipSpace()
  do items.push(read(cursor))
  while (cursor.takeComma())
  cursor.skipSpace()
  return items
}

export function readOrderby(cursor: Cursor): readonly OrderbyItem[] {
  return readItems(cursor, (): OrderbyItem => {
    const expression = readExpression(cursor)
    const before = cursor.at
    cursor.skipSpace()
    const word = cursor.lookIdentifier()
    const direction = word?.toLowerCase()
    if (word === undefined || (direction !== 'asc' && direction !== 'desc')) {
      cursor.at = before
      return cursor.node({ expression, direction: 'asc', at: expression.at, end: expression.end })
    }
    cursor.at += word.length
    return cursor.node({ expression, direction, at: expression.at, end: cursor.at })
  })
}

export function readSelect(cursor: Cursor): readonly SelectItem[] {
  return cursor.nested(() => readItems(cursor, readSelectItem))
}

function readSelectItem(cursor: Cursor): SelectItem {
  const at = cursor.at
  const path: (Name | Annotation)[] = []
  const item = (rest: Partial<SelectItem>): SelectItem =>
    cursor.node({ kind: 'path', path, parameters: undefined, options: undefined, ...rest, at, end: cursor.at })
  do {
    if (path.length === 0 && cursor.take('*')) return item({ kind: 'star' })
    path.push(readSegment(cursor, "the name of a property, or '*'"))
    if (cursor.here === '.') {
      cursor.at++
      cursor.expect('*')
      return item({ kind: 'star' })
    }
  } while (cursor.take('/'))
  if (!cursor.take('(')) return item({})
  const parameters = readParameterNames(cursor)
  if (parameters !== undefined) return item({ parameters })
  const options = readOptions(cursor, ofSelect)
  return item({ options })
}

function readSegment(cursor: Cursor, expected: string): Name | Annotation {
  if (cursor.here === '@') return readAnnotation(cursor)
  const at = cursor.at
  const name = cursor.readName(expected, true)
  return cursor.node({ kind: 'name', name, at, end: cursor.at })
}

/** `color,size)`; undefined, and nothing read, where options stand instead. */
function readParameterNames(cursor: Cursor): readonly string[] | undefined {
  const at = cursor.at
  cursor.skipSpace()
  if (cursor.take(')')) return []
  const names: string[] = []
  while (cursor.lookIdentifier() !== undefined) {
    names.push(cursor.readName('the name of a parameter', false))
    if (cursor.takeComma()) continue
    cursor.skipSpace()
    if (cursor.take(')')) return names
    break
  }
  cursor.at = at
  return undefined
}

export function readExpand(cursor: Cursor): readonly ExpandItem[] {
  return cursor.nested(() => readItems(cursor, readExpandItem))
}

const expandEnd = /\$(?:ref|count|value)(?!\w)/iy

function readExpandItem(cursor: Cursor): ExpandItem {
  const at = cursor.at
  const path: (Name | Annotation)[] = []
  let isStar = false
  let word: string | undefined
  do {
    word = cursor.look(expandEnd)?.toLowerCase()
    if (word === '$value') throw cursor.unsupported('$value in $expand')
    if (word === '$count' && isStar) throw cursor.unexpected('$ref')
    if (word !== undefined && (path.length > 0 || isStar)) {
      cursor.at += word.length
      break
    }
    if (isStar) throw cursor.unexpected('$ref')
    if (cursor.take('*')) isStar = true
    else path.push(readSegment(cursor, "the name of a navigation property, or '*'"))
  } while (cursor.take('/'))
  const allowed = optionsOf(isStar, word)
  const options = allowed.length > 0 && cursor.take('(') ? readOptions(cursor, allowed) : {}
  return cursor.node({ path, isStar, isRef: word === '$ref', isCount: word === '$count', options, at, end: cursor.at })
}

function optionsOf(isStar: boolean, word: string | undefined): readonly NestedName[] {
  if (word === '$ref') return isStar ? [] : ofRef
  if (word === '$count') return ofCount
  return isStar ? ofStar : ofExpand
}

const optionName = /\$?[A-Za-z]+(?==)/y

/** Options up to the parenthesis that closes them. */
function readOptions(cursor: Cursor, allowed: readonly NestedName[]): NestedOptions {
  const options: Writable<NestedOptions> = {}
  const aliases = new Map<string, Expression>()
  do {
    cursor.skipSpace()
    if (cursor.here === '@') readAlias(cursor, aliases)
    else readOption(cursor, allowed, options)
    cursor.skipSpace()
  } while (cursor.take(';'))
  if (!cursor.take(')')) throw cursor.unexpected("';' or ')'")
  return aliases.size === 0 ? options : { ...options, aliases }
}

function readOption(cursor: Cursor, allowed: readonly NestedName[], options: Writable<NestedOptions>): void {
  const at = cursor.at
  const written = cursor.look(optionName)
  const name = written?.replace('$', '').toLowerCase()
  if (name === 'compute' || name === 'apply') throw cursor.unsupported(`$${name} inside ${cursor.target}`)
  const known = allowed.find((candidate) => candidate === name)
  if (written === undefined || known === undefined) throw cursor.unexpected(`one of ${allowed.map((one) => `$${one}=`).join(', ')}`)
  if (options[known] !== undefined) throw cursor.refusalAt(at, `$${known} is given twice.`)
  cursor.at += written.length + 1
  Object.assign(options, { [known]: readValue(cursor, known) })
}

/** The value of an option where it begins. */
export function readValue<K extends NestedName>(cursor: Cursor, name: K): NonNullable<NestedOptions[K]> {
  return readers[name](cursor)
}

function readAlias(cursor: Cursor, aliases: Map<string, Expression>): void {
  const at = cursor.at++
  const name = cursor.readName('the name of an alias', false)
  cursor.expect('=')
  if (aliases.has(name)) throw cursor.refusalAt(at, `@${name} is given twice.`)
  aliases.set(name, readExpression(cursor))
}

function readNumber(cursor: Cursor): number {
  const digits = cursor.look(/\d+/y)
  if (digits === undefined || digits.length > 16 || !Number.isSafeInteger(Number(digits))) throw cursor.unexpected('a whole number')
  cursor.at += digits.length
  return Number(digits)
}

function readBoolean(cursor: Cursor): boolean {
  const word = cursor.lookIdentifier()
  const lower = word?.toLowerCase()
  if (word === undefined || (lower !== 'true' && lower !== 'false')) throw cursor.unexpected('true or false')
  cursor.at += word.length
  return lower === 'true'
}

function readLevels(cursor: Cursor): number | 'max' {
  const at = cursor.at
  if (cursor.lookIdentifier()?.toLowerCase() === 'max') {
    cursor.at += 3
    return 'max'
  }
  const levels = cursor.here === '0' ? 0 : readNumber(cursor)
  if (levels === 0) throw cursor.unexpectedAt(at, "a whole number from 1, or 'max'")
  return levels
}
