/**
 * Reads a pattern: the syntax of ECMAScript's regular expressions with the flag u, as far as it says only which
 * characters follow each other. Literals and classes are folded here, so that matching compares and no more.
 */

import { fold } from '../model/address.ts'
import { readClass, readEscape } from './pattern-class.ts'
import { PatternCursor, type Refuse, type Unsupported } from './pattern-cursor.ts'
import { anyOfALine, type CodePoints, pointsOfFolded } from './pattern-set.ts'

const longestPattern = 256
const largestCount = 100
const mostStates = 400
/** Of ^ and $ together: what stands between both kinds costs PostgreSQL a time exponential in their number. */
const mostPlaces = 12

/** A part of a pattern. `size` is how many states it takes at most, counts written out; never 0. */
export type Part = { readonly size: number } & (
  | { readonly kind: 'set'; readonly points: CodePoints }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Part[] }
  /** `most` may be infinite. */
  | { readonly kind: 'repeat'; readonly part: Part; readonly least: number; readonly most: number }
)

/** A parsed pattern. What it holds is for the files of patterns only. */
export interface Pattern {
  readonly root: Part
}

/**
 * Throws what `refuse` makes where the pattern is malformed or too large (`at`: 0-based, in UTF-16 units), and what
 * `unsupported` makes where it holds a construct that is ECMAScript's but is not taken here.
 */
export function parsePattern(pattern: string, refuse: Refuse, unsupported: Unsupported): Pattern {
  if (pattern.length > longestPattern) throw refuse(longestPattern, `a pattern is at most ${longestPattern} characters long.`)
  if (!pattern.isWellFormed()) throw refuse(0, 'the pattern is not well-formed Unicode.')
  if (pattern.includes('\0')) throw refuse(pattern.indexOf('\0'), 'a NUL character is not taken.')
  // The texts are NFC; a letter and its accent, written apart, are one character there.
  const composed = pattern.normalize('NFC')
  const cursor = new PatternCursor(composed, (at, words) => refuse(composed === pattern ? at : placeOf(pattern, at), words), unsupported)
  const root = readAny(cursor)
  if (cursor.here !== '') throw cursor.refuse(cursor.at, 'no parenthesis is open here.')
  return { root }
}

/** Where `at` of the composed pattern lies in the pattern as it was written. */
function placeOf(pattern: string, at: number): number {
  let place = 0
  while (place < pattern.length && pattern.slice(0, place).normalize('NFC').length < at) place++
  return place
}

function readAny(cursor: PatternCursor): Part {
  const parts = [readAll(cursor)]
  while (cursor.take('|')) parts.push(readAll(cursor))
  return anyOf(cursor, parts)
}

function readAll(cursor: PatternCursor): Part {
  const parts: Part[] = []
  // Literals are folded together: the folded forms of some letters join with an accent that comes next.
  let literals = ''
  while (!/^[|)]?$/.test(cursor.here)) {
    const isPlace = cursor.here === '^' || cursor.here === '$'
    const atom = readAtom(cursor)
    const counts = isPlace ? undefined : readCounts(cursor)
    if (typeof atom === 'string' && counts === undefined) {
      literals += atom
      continue
    }
    parts.push(...literalsOf(literals))
    literals = ''
    const part = typeof atom === 'string' ? allOf(cursor, literalsOf(atom)) : atom
    parts.push(counts === undefined ? part : repeat(cursor, part, ...counts))
  }
  return allOf(cursor, [...parts, ...literalsOf(literals)])
}

/** A literal is its own character, not folded yet. */
function readAtom(cursor: PatternCursor): Part | string {
  switch (cursor.here) {
    case '(':
      return readGroup(cursor)
    case '[': {
      const { points, sequences } = readClass(cursor)
      const one: Part = { kind: 'set', points, size: 1 }
      return sequences.length === 0 ? one : anyOf(cursor, [one, ...sequences.map((sequence) => allOf(cursor, literalsOf(sequence)))])
    }
    case '\\': {
      const escaped = readEscape(cursor)
      return typeof escaped === 'number' ? String.fromCodePoint(escaped) : { kind: 'set', points: escaped, size: 1 }
    }
    case '*':
    case '+':
    case '?':
    case '{':
      throw cursor.refuse(cursor.at, 'there is nothing to repeat here.')
    case ']':
    case '}':
      throw cursor.refuse(cursor.at, `expected a backslash in front of a ${cursor.here} that closes nothing.`)
  }
  if (cursor.take('.')) return { kind: 'set', points: anyOfALine, size: 1 }
  if (cursor.here === '^' || cursor.here === '$') return readPlace(cursor)
  return String.fromCodePoint(cursor.readPoint())
}

function readPlace(cursor: PatternCursor): Part {
  if (++cursor.places > mostPlaces) throw cursor.refuse(cursor.at, `a pattern has at most ${mostPlaces} of ^ and $.`)
  if (cursor.take('^')) return { kind: 'start', size: 1 }
  cursor.at++
  return { kind: 'end', size: 1 }
}

function readGroup(cursor: PatternCursor): Part {
  const at = cursor.at
  if (cursor.looksAt(/\(\?<?[=!]/y)) throw cursor.unsupported('look-around in patterns')
  if (cursor.looksAt(/\(\?</y)) throw cursor.unsupported('named groups in patterns')
  if (cursor.looksAt(/\(\?[ims-]/y)) throw cursor.unsupported('flags in patterns')
  if (!cursor.take('(?:')) cursor.at++
  if (cursor.here === '?') throw cursor.refuse(cursor.at, 'no group begins with this question mark.')
  const part = readAny(cursor)
  if (!cursor.take(')')) throw cursor.refuse(at, 'no parenthesis closes this group.')
  return part
}

const written = /\{(\d+)(?:(,)(\d*))?\}/y

/** How often, or undefined when nothing is repeated. That it may be lazy has no effect on whether it matches. */
function readCounts(cursor: PatternCursor): readonly [least: number, most: number] | undefined {
  const at = cursor.at
  const counts = readCountsAsWritten(cursor)
  if (counts === undefined) return undefined
  const [least, most] = counts
  if (least > most) throw cursor.refuse(at, 'the counts are reversed.')
  if (least > largestCount || (most > largestCount && most !== Number.POSITIVE_INFINITY))
    throw cursor.refuse(at, `a count is at most ${largestCount}.`)
  cursor.take('?')
  return counts
}

function readCountsAsWritten(cursor: PatternCursor): readonly [least: number, most: number] | undefined {
  if (cursor.take('*')) return [0, Number.POSITIVE_INFINITY]
  if (cursor.take('+')) return [1, Number.POSITIVE_INFINITY]
  if (cursor.take('?')) return [0, 1]
  if (cursor.here !== '{') return undefined
  const counts = cursor.match(written)
  if (counts === null) throw cursor.refuse(cursor.at, 'expected a count such as {2,5}.')
  const [, least, comma, most] = counts
  if (comma === undefined) return [Number(least), Number(least)]
  return [Number(least), most === '' ? Number.POSITIVE_INFINITY : Number(most)]
}

function literalsOf(text: string): readonly Part[] {
  return Array.from(fold(text), (character) => ({ kind: 'set', points: pointsOfFolded(character), size: 1 }))
}

function allOf(cursor: PatternCursor, parts: readonly Part[]): Part {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return bounded(cursor, { kind: 'all', parts, size: 1 + sizeOf(parts) })
}

function anyOf(cursor: PatternCursor, parts: readonly Part[]): Part {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return bounded(cursor, { kind: 'any', parts, size: 1 + sizeOf(parts) })
}

function repeat(cursor: PatternCursor, part: Part, least: number, most: number): Part {
  // PostgreSQL takes an exponential time to prepare such a loop.
  if (most > 1 && hasPlace(part)) throw cursor.unsupported('^ or $ within what is repeated in patterns')
  const copies = most === Number.POSITIVE_INFINITY ? part.size * Math.max(least, 1) : part.size * least + (part.size + 1) * (most - least)
  return bounded(cursor, { kind: 'repeat', part, least, most, size: 1 + copies })
}

function hasPlace(part: Part): boolean {
  if (part.kind === 'all' || part.kind === 'any') return part.parts.some(hasPlace)
  return part.kind === 'start' || part.kind === 'end'
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((size, part) => size + part.size, 0)
}

/** So that neither counts within counts nor the letters of a class make a machine that is large or slow. */
function bounded(cursor: PatternCursor, part: Part): Part {
  if (part.size > mostStates) throw cursor.refuse(cursor.at, 'the pattern is too large.')
  return part
}
