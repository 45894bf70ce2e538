/** What stands for one character of a text in a pattern: escapes, and classes in brackets. ECMAScript, section 22.2.1. */

import type { PatternCursor } from './pattern-cursor.ts'
import {
  type CodePoints,
  complement,
  countToFold,
  escapedSets,
  type Folded,
  foldPoints,
  lastCodePoint,
  type Range,
  union,
} from './pattern-set.ts'

/** Characters of a pattern's ranges that may have to be folded one by one. */
const mostFolded = 2000

const controls: ReadonlyMap<string, number> = new Map(Object.entries({ t: 9, n: 10, v: 11, f: 12, r: 13 }))
const punctuation = /[!-/:-@[-`{-~]/
const hexadecimal = /\\(?:x([\da-f]{2})|u([\da-f]{4})|u\{([\da-f]+)\})/iy
const lowSurrogate = /\\u(d[c-f][\da-f]{2})/iy

/** ECMAScript's, but not taken here: those that may stand anywhere, and those outside of a class. */
const untaken: readonly (readonly [RegExp, string])[] = [
  [/\\[pP]/y, 'Unicode properties in patterns'],
  [/\\c/y, 'control letters in patterns'],
]
const untakenOutside: readonly (readonly [RegExp, string])[] = [
  [/\\[1-9]/y, 'back references in patterns'],
  [/\\k/y, 'named groups in patterns'],
  [/\\[bB]/y, 'word boundaries in patterns'],
]

/** Reads an escape outside of a class: a set, or one code point as it was written. */
export function readEscape(cursor: PatternCursor): CodePoints | number {
  for (const [spelling, construct] of untakenOutside) if (cursor.looksAt(spelling)) throw cursor.unsupported(construct)
  return readAnyEscape(cursor)
}

function readAnyEscape(cursor: PatternCursor): CodePoints | number {
  const at = cursor.at
  const letter = cursor.text.charAt(at + 1)
  for (const [spelling, construct] of untaken) if (cursor.looksAt(spelling)) throw cursor.unsupported(construct)
  const numbered = cursor.match(hexadecimal)
  if (numbered !== null) return pointOf(cursor, at, numbered.slice(1).join(''))
  const taken = escapedSets.get(letter) ?? controls.get(letter) ?? (punctuation.test(letter) ? letter.charCodeAt(0) : undefined)
  if (taken === undefined) throw cursor.refuse(at, letter === '' ? 'nothing follows the backslash.' : 'no such escape is known.')
  cursor.at += 2
  return taken
}

/** The code point that an escape gives by number; the two halves of a pair may be written one after the other. */
function pointOf(cursor: PatternCursor, at: number, digits: string): number {
  const point = Number.parseInt(digits, 16)
  if (point === 0) throw cursor.refuse(at, 'a NUL character is not taken.')
  if (point > lastCodePoint) throw cursor.refuse(at, 'Unicode ends with 10FFFF.')
  if (point < 0xd800 || point > 0xdfff) return point
  const low = point < 0xdc00 && cursor.text.charAt(at + 2) !== '{' ? cursor.match(lowSurrogate)?.[1] : undefined
  if (low === undefined) throw cursor.refuse(at, 'half of a surrogate pair is no character.')
  return (point - 0xd800) * 0x400 + (Number.parseInt(low, 16) - 0xdc00) + 0x10000
}

/** Reads a class. Sequences are left out of a negated one: no single character of a folded text is one. */
export function readClass(cursor: PatternCursor): Folded {
  const at = cursor.at++
  const negated = cursor.take('^')
  const sets: Range[] = []
  const written: Range[] = []
  while (!cursor.take(']')) {
    if (cursor.here === '') throw cursor.refuse(at, 'no ] closes this class.')
    const member = readMember(cursor)
    if (typeof member === 'number') written.push(readRange(cursor, member))
    else sets.push(...member)
  }
  const literal = union(written)
  cursor.folded += countToFold(literal)
  if (cursor.folded > mostFolded) throw cursor.unsupported('ranges of so many letters in patterns')
  const { points, sequences } = foldPoints(literal)
  const all = union([...sets, ...points])
  return negated ? { points: complement(all), sequences: [] } : { points: all, sequences }
}

/** A code point, or a set with which no range begins. */
function readMember(cursor: PatternCursor): CodePoints | number {
  if (cursor.here !== '\\') return cursor.readPoint()
  // In a class alone, this is the backspace character.
  if (cursor.take('\\b')) return 8
  const at = cursor.at
  const escaped = readAnyEscape(cursor)
  if (typeof escaped !== 'number' && isRangeNext(cursor)) throw cursor.refuse(at, 'a range lies between two characters.')
  return escaped
}

function isRangeNext(cursor: PatternCursor): boolean {
  return cursor.here === '-' && !/^\]?$/.test(cursor.text.charAt(cursor.at + 1))
}

function readRange(cursor: PatternCursor, first: number): Range {
  if (!isRangeNext(cursor)) return [first, first]
  const at = ++cursor.at
  const last = readMember(cursor)
  if (typeof last !== 'number') throw cursor.refuse(at, 'a range lies between two characters.')
  if (last < first) throw cursor.refuse(at, 'the range is reversed.')
  return [first, last]
}
