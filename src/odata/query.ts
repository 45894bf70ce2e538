/** Query options: text in, a checked Query out. An option that is not served is refused by name, never passed over. */

import { crc32 } from 'node:zlib'
import { GraphError } from '../errors.ts'
import { propertiesOf, type StructuredType } from '../model/edm.ts'
import { printable } from './json-text.ts'

/** What an operation lets a client ask for; declared in its row. */
export type QueryOption = 'select' | 'top' | 'skip' | 'count' | 'skiptoken' | 'expand'

export interface Query {
  /** Declared names in the order in which the client gave them; undefined: the default members. */
  readonly select: readonly string[] | undefined
  readonly top: number | undefined
  readonly skip: number
  readonly count: boolean
  /** Key of the last item of the page before: one text per sort key. */
  readonly after: readonly string[] | undefined
  readonly expand: readonly string[]
  /** The options as sent, less `$skiptoken`: what a link to the next page repeats. */
  readonly kept: readonly (readonly [name: string, value: string])[]
}

export const noQuery: Query = { select: undefined, top: undefined, skip: 0, count: false, after: undefined, expand: [], kept: [] }

const largestTop = 999
const known = new Set(['select', 'top', 'skip', 'count', 'skiptoken', 'expand'])
/** Parts of OData that exist and are not served here. */
const unserved = new Set([
  'filter',
  'orderby',
  'search',
  'format',
  'apply',
  'compute',
  'deltatoken',
  'skip-token',
  'levels',
  'index',
  'schemaversion',
])

/**
 * Reads the part of a URL after `?`. Names may come without `$` and in any case, as Graph takes them.
 * Throws `queryInvalid` or `notImplemented` with the option as `target`.
 */
export function parseQuery(search: string, type: StructuredType, navigation: readonly string[], allowed: readonly QueryOption[]): Query {
  if (search === '') return noQuery
  const options = new Map<string, string>()
  for (const part of search.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const written = decode(equals < 0 ? part : part.slice(0, equals))
    const name = written.replace(/^\$/, '').toLowerCase()
    if (unserved.has(name))
      throw new GraphError('notImplemented', { target: `$${name}`, message: `The query option $${name} is not supported by this server.` })
    if (!known.has(name)) throw invalid(printable(written), 'This query option is not known.')
    if (options.has(name)) throw invalid(`$${name}`, 'A query option may be given once only.')
    if (!allowed.includes(name as QueryOption)) throw invalid(`$${name}`, 'This resource and method do not take this query option.') // `known` holds these names only
    options.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)))
  }
  const value = <T>(name: QueryOption, fallback: T, parse: (text: string) => T): T => {
    const text = options.get(name)
    return text === undefined ? fallback : parse(text)
  }
  return {
    select: value('select', undefined, (text) => parseSelect(text, type)),
    top: value('top', undefined, (text) => wholeNumber('$top', text, largestTop)),
    skip: value('skip', 0, (text) => wholeNumber('$skip', text, Number.MAX_SAFE_INTEGER)),
    count: value('count', false, parseCount),
    after: value('skiptoken', undefined, (text) => parseSkiptoken(text, type)),
    expand: value('expand', [], (text) => parseExpand(text, navigation)),
    kept: [...options].filter(([name]) => name !== 'skiptoken' && name !== 'skip').map(([name, text]) => [`$${name}`, text]),
  }
}

function parseSelect(text: string, type: StructuredType): readonly string[] | undefined {
  const names = Object.keys(propertiesOf(type))
  const chosen = new Set<string>()
  for (const item of text.split(',').map((name) => name.trim())) {
    if (item === '*') {
      for (const name of names) chosen.add(name)
      continue
    }
    if (item.includes('/'))
      throw new GraphError('notImplemented', {
        target: '$select',
        message: 'Paths into members are not supported in $select by this server.',
      })
    const name = names.find((candidate) => candidate.toLowerCase() === item.toLowerCase())
    if (name === undefined)
      throw invalid('$select', `Could not find a property named '${printable(item)}' on type 'microsoft.graph.${type.name}'.`)
    chosen.add(name)
  }
  return [...chosen]
}

function parseExpand(text: string, navigation: readonly string[]): readonly string[] {
  return text.split(',').map((part) => {
    const item = part.trim()
    if (item.includes('(') || item.includes('/'))
      throw new GraphError('notImplemented', {
        target: '$expand',
        message: 'Options and paths inside $expand are not supported by this server.',
      })
    const name = navigation.find((candidate) => candidate.toLowerCase() === item.toLowerCase())
    if (name === undefined) throw invalid('$expand', `'${printable(item)}' cannot be expanded here.`)
    return name
  })
}

function wholeNumber(target: string, text: string, highest: number): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= highest)) throw invalid(target, `Expected a whole number from 0 to ${highest}.`)
  return number
}

function parseCount(text: string): boolean {
  if (!/^(true|false)$/i.test(text)) throw invalid('$count', 'Expected true or false.')
  return text.toLowerCase() === 'true'
}

/** The opaque text that stands for the last item of a page of items of `type`. */
export function renderSkiptoken(after: readonly string[], type: StructuredType): string {
  const content = JSON.stringify([type.name, ...after])
  // The sum finds slips, not malice: whoever forges a token gets a page of what they may see anyway.
  return Buffer.from(crc32(content).toString(16).padStart(8, '0') + content).toString('base64url')
}

function parseSkiptoken(text: string, type: StructuredType): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString().slice(8))
    if (Array.isArray(parts) && parts.length <= 8 && parts.every(isKeyText) && renderSkiptoken(parts.slice(1), type) === text)
      return parts.slice(1)
  } catch {
    // falls through to the one refusal below
  }
  throw invalid('$skiptoken', 'This is not a token that came from an @odata.nextLink of this collection.')
}

function isKeyText(part: unknown): part is string {
  return typeof part === 'string' && part.length <= 2048 && !part.includes('\u0000') && part.isWellFormed()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new GraphError('queryInvalid', { message: 'The query has a percent encoding that is no UTF-8.' })
  }
}

function invalid(target: string, message: string): GraphError {
  return new GraphError('queryInvalid', { target, message })
}
