/** Random patterns and texts, and what parsing a pattern comes to. */

import fc from 'fast-check'
import { type Pattern, parsePattern } from '../../src/odata/pattern.ts'

/** A refusal: the place, or the construct that is not supported. */
export class Refused extends Error {
  readonly at: number | undefined

  constructor(at: number | undefined, words: string) {
    super(words)
    this.at = at
  }
}

export function parsed(pattern: string): Pattern {
  return parsePattern(
    pattern,
    (at, words) => new Refused(at, words),
    (construct) => new Refused(undefined, construct),
  )
}

/** The refusal of a pattern, or undefined when it is taken. */
export function refused(pattern: string): Refused | undefined {
  try {
    parsed(pattern)
    return undefined
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
}

/** Letters, and what the classes and places of patterns tell apart. All have a case of one character, if any. */
export const characters = [
  ...'aAbBzZ09_ -.@\n\r\t',
  'é',
  'É',
  'д',
  'Д',
  'ж',
  '中',
  '\u2028',
  '\u00a0',
  '\u{1f600}',
  '\u{10400}',
  '\u{10428}',
]

export const someText = fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 })

const literal = fc.constantFrom(
  ...['a', 'a', 'a', 'A', 'b', 'B', 'z', '0', '_', ' ', '-', '@', '\\.', '\\n', '\\x41', '\\u0062', '\\u{1F600}', '\\uD83D\\uDE00', '\\/'],
  ...['é', 'É', 'Д', '中', '\u{10400}', '\u{1f600}', '\\u2028'],
)
const escapedSet = fc.constantFrom('\\d', '\\D', '\\w', '\\W', '\\s', '\\S')
const range = fc.constantFrom(
  'a-z',
  'A-Z',
  'B-b',
  '0-9',
  'b-z',
  ' -~',
  '\\x01-\\x1f',
  'à-ö',
  'а-я',
  '一-龥',
  '\\u{1F600}-\\u{1F64F}',
  '@-\\]',
)
const member = fc.oneof(
  { weight: 3, arbitrary: literal },
  escapedSet,
  range,
  fc.constantFrom('\\-', '\\]', '\\^', '.', '$', '*', '(', '[', '\\b'),
)
const characterClass = fc
  .tuple(fc.constantFrom('', '^'), fc.array(member, { maxLength: 4 }))
  .map(([negation, members]) => `[${negation}${members.map((text) => (text === '-' ? '\\-' : text)).join('')}]`)
const quantifier = fc
  .tuple(fc.constantFrom('', '', '', '*', '+', '?', '{0}', '{1}', '{2}', '{3}', '{0,}', '{2,}', '{0,2}', '{1,3}', '{1,1}'), fc.boolean())
  .map(([count, lazy]) => (count !== '' && lazy ? `${count}?` : count))

/** Patterns with which this server and ECMAScript with the flags i and u agree. */
export const somePattern = fc.letrec<{ pattern: string; branch: string; piece: string }>((tie) => ({
  pattern: fc.oneof(
    { weight: 3, arbitrary: tie('branch') },
    fc.array(tie('branch'), { maxLength: 3 }).map((branches) => branches.join('|')),
  ),
  branch: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.oneof(literal, fc.constant('.'), escapedSet, characterClass), quantifier).map((parts) => parts.join('')),
    fc.constantFrom('^', '$'),
    fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern'), fc.constant(')'), quantifier).map((parts) => parts.join('')),
  ),
})).pattern

/** Whether a pattern is refused for its size, or for a place in a loop, though ECMAScript takes it. Anything else fails. */
export function outOfBounds(pattern: string): boolean {
  const refusal = refused(pattern)
  if (refusal !== undefined && !/too large|at most|repeated/.test(refusal.message)) throw refusal
  return refusal !== undefined
}
