/**
 * The grammar of OData 4.01's query options, one function for each rule: text in, tree out. What the names mean, and
 * whether this server does what the tree asks for, is decided by its reader.
 *
 * The text is an option's value as it stands in the URL, percent-encoded or not; a `+` in it is a space, or a sign
 * where a number or a time needs one. Refusals have the option as `target`: `queryInvalid` tells the character (from 1,
 * in the decoded text) and what was expected there, `notImplemented` names the construct.
 */

import { GraphError } from '../../errors.ts'
import { printable } from '../json/text.ts'
import { Cursor, invalid, longestText } from './cursor.ts'
import { readExpression } from './expression.ts'
import { readExpand, readOrderby, readSelect, readValue, type Writable } from './projection.ts'
import { readLiteral } from './quoted.ts'
import { readSearch } from './search.ts'
import type { ExpandItem, Expression, Literal, OrderbyItem, QueryOptions, SearchExpression, SelectItem } from './syntax.ts'

/** An expression that should say yes or no, which its reader has to see to. May have `$filter=` in front, as in OASIS' rule. */
export function parseFilter(text: string): Expression {
  return readWhole(startOf(text, '$filter'), readExpression, endings.filter)
}

/** May have `$orderby=` in front. */
export function parseOrderby(text: string): readonly OrderbyItem[] {
  return readWhole(startOf(text, '$orderby'), readOrderby, endings.orderby)
}

/** May have `$select=` in front. */
export function parseSelect(text: string): readonly SelectItem[] {
  return readWhole(startOf(text, '$select'), readSelect, endings.select)
}

/** May have `$expand=` in front. */
export function parseExpand(text: string): readonly ExpandItem[] {
  return readWhole(startOf(text, '$expand'), readExpand, endings.expand)
}

export function parseSearch(text: string): SearchExpression {
  return readWhole(new Cursor(text, '$search'), readSearch, endings.search)
}

/** Any expression, such as the value of an alias. */
export function parseCommonExpression(text: string, target = '$filter'): Expression {
  return readWhole(new Cursor(text, target), readExpression, endings.filter)
}

/** A literal as it stands in a URL, and nothing else. */
export function parseLiteral(text: string, target = '$filter'): Literal {
  const read = (cursor: Cursor): Literal => {
    const literal = readLiteral(cursor)
    if (literal === undefined) throw cursor.unexpected('a literal')
    return literal
  }
  return readWhole(new Cursor(text, target), read, 'the end')
}

/** The token of a next link, decoded and otherwise untouched. */
export function parseSkiptoken(text: string): string {
  const cursor = new Cursor(text, '$skiptoken')
  const ampersand = text.indexOf('&')
  if (ampersand >= 0) throw cursor.refusalAt(ampersand, "'&' has to be percent-encoded.")
  if (cursor.isDone) throw cursor.unexpected('a token')
  return cursor.slice(0, cursor.text.length)
}

/**
 * The part of a URL behind `?`. OData's names may come without `$` and in any case, each once; what has neither `$`
 * nor `@` in front and is not OData's is kept as `custom`.
 */
export function parseQueryOptions(text: string): QueryOptions {
  if (text.length > longestText) throw invalid('query', `The query is longer than ${longestText} characters.`)
  const found: Found = { options: {}, aliases: new Map(), custom: [], given: [] }
  for (const part of text.split('&')) if (part !== '') readPart(part, found)
  const { options, aliases, custom, given } = found
  return { ...options, ...(aliases.size === 0 ? {} : { aliases }), custom, given }
}

interface Found {
  readonly options: Writable<Partial<Omit<QueryOptions, 'custom' | 'given' | 'aliases'>>>
  readonly aliases: Map<string, Expression>
  readonly custom: (readonly [string, string])[]
  readonly given: (readonly [string, string])[]
}

/** The tokens that may follow the value of an option, as an error message names them. */
const endings = {
  select: "',' or '/'",
  expand: "',' or '/'",
  filter: 'an operator or the end',
  orderby: "',', 'asc', 'desc' or an operator",
  search: 'a word, AND, OR or the end',
  top: 'the end',
  skip: 'the end',
  count: 'the end',
} as const

const readers = {
  select: parts('select'),
  expand: parts('expand'),
  filter: parts('filter'),
  orderby: parts('orderby'),
  search: parts('search'),
  top: parts('top'),
  skip: parts('skip'),
  count: parts('count'),
  skiptoken: parseSkiptoken,
  format: parseFormat,
} as const satisfies Readonly<Record<string, (text: string) => unknown>>

function parts<K extends keyof typeof endings>(name: K) {
  return (text: string) => readWhole(new Cursor(text, `$${name}`), (cursor) => readValue(cursor, name), endings[name])
}

/** Parts of OData that are not served anywhere here. */
const unserved = new Set(['apply', 'compute', 'deltatoken', 'id', 'index', 'schemaversion', 'skip-token'])

function readPart(part: string, found: Found): void {
  const equals = part.indexOf('=')
  const written = decoded(equals < 0 ? part : part.slice(0, equals))
  const value = equals < 0 ? '' : part.slice(equals + 1)
  if (equals <= 0) throw invalid(printable(written), `Expected name=value in the query, found '${printable(written)}'.`)
  const name = written.replace(/^\$/, '').toLowerCase()
  if (written.startsWith('@')) readAlias(written, value, found)
  else if (unserved.has(name))
    throw new GraphError('notImplemented', { target: `$${name}`, message: `The query option $${name} is not supported by this server.` })
  else if (isServed(name)) {
    const result = readers[name](value)
    if (found.options[name] !== undefined) throw invalid(`$${name}`, `The query option $${name} may be given once only.`)
    Object.assign(found.options, { [name]: result })
    found.given.push([`$${name}`, value])
  } else if (name === 'levels') throw invalid('$levels', 'The query option $levels stands inside $expand only.')
  else if (written.startsWith('$')) throw invalid(printable(written), 'This query option is not known.')
  else found.custom.push([written, decoded(value)])
}

function isServed(name: string): name is keyof typeof readers {
  return Object.hasOwn(readers, name)
}

function readAlias(written: string, value: string, { aliases, given }: Found): void {
  const target = printable(written)
  const name = readWhole(
    new Cursor(encodeURIComponent(written.slice(1)), target),
    (at) => at.readName('the name of an alias', false),
    'the end',
  )
  const expression = parseCommonExpression(value, target)
  if (aliases.has(name)) throw invalid(target, `The alias ${target} may be given once only.`)
  aliases.set(name, expression)
  given.push([`@${name}`, value])
}

function parseFormat(text: string): string {
  const format = decoded(text, '$format').trim().toLowerCase()
  if (format === '') throw invalid('$format', 'Character 1: expected a format, found the end.')
  if (format === 'json' || /^application\/json *(;|$)/.test(format)) return format
  throw new GraphError('notImplemented', { target: '$format', message: `This server does not support the format '${printable(format)}'.` })
}

function decoded(text: string, target = 'query'): string {
  const cursor = new Cursor(text, target)
  return cursor.slice(0, cursor.text.length)
}

/** A cursor at the value, behind the option's name if that is given too. */
function startOf(text: string, target: '$filter' | '$orderby' | '$select' | '$expand'): Cursor {
  const cursor = new Cursor(text, target)
  const lower = cursor.text.slice(0, target.length + 1).toLowerCase()
  if (lower === `${target}=`) cursor.at = target.length + 1
  else if (lower.startsWith(`${target.slice(1)}=`)) cursor.at = target.length
  return cursor
}

function readWhole<T>(cursor: Cursor, read: (cursor: Cursor) => T, expected: string): T {
  const result = read(cursor)
  cursor.finish(expected)
  return result
}
