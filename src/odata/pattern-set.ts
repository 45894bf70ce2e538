/** Sets of code points for patterns: ECMAScript's own, and how a set is folded as the texts are. */

import { fold } from '../model/address.ts'

/** The first and the last of its code points. */
export type Range = readonly [first: number, last: number]

/** In order; no two overlap or touch. */
export type CodePoints = readonly Range[]

export const lastCodePoint = 0x10ffff

const digits: CodePoints = [[0x30, 0x39]]
const wordCharacters: CodePoints = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const white = pointsOf(
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
)

/** What `.` stands for: all but the ends of lines. */
export const anyOfALine = complement(pointsOf('\n\r\u2028\u2029'))

/** By the letter of the escape. ECMAScript, CharacterClassEscape. */
export const escapedSets: ReadonlyMap<string, CodePoints> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', wordCharacters],
  ['W', complement(wordCharacters)],
  ['s', white],
  ['S', complement(white)],
])

/**
 * Where each code point is its own folded form, scripts of many thousand characters among them: they need not be
 * folded one by one.
 */
export const steady: CodePoints = [
  [0x2d00, 0xa63f],
  [0xa7f6, 0xf8ff],
  [0x1e922, 0x2f7ff],
  [0x2fa1e, lastCodePoint],
]

export function union(ranges: readonly Range[]): CodePoints {
  const merged: [number, number][] = []
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

export function complement(points: CodePoints): CodePoints {
  const others: Range[] = []
  let next = 0
  for (const [first, last] of points) {
    if (first > next) others.push([next, first - 1])
    next = last + 1
  }
  if (next <= lastCodePoint) others.push([next, lastCodePoint])
  return others
}

export function has(points: CodePoints, point: number): boolean {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[1] ?? lastCodePoint) < point) low = middle + 1
    else high = middle
  }
  return (points[low]?.[0] ?? Number.POSITIVE_INFINITY) <= point
}

export function pointsOf(characters: string): CodePoints {
  return union(Array.from(characters, (character) => [character.codePointAt(0) ?? 0, character.codePointAt(0) ?? 0]))
}

/** One character of a folded text. Which of the two small sigmas stands there depends on what is around it. */
export function pointsOfFolded(character: string): CodePoints {
  return pointsOf('σς'.includes(character) ? 'σς' : character)
}

/** How many code points `foldPoints` looks at one by one. */
export function countToFold(points: CodePoints): number {
  return unsteady(points).reduce((count, [first, last]) => count + last - first + 1, 0)
}

export interface Folded {
  readonly points: CodePoints
  /** The forms of those that are more than one character when folded, such as ss. */
  readonly sequences: readonly string[]
}

/** What stands in a folded text where one of `points` stood before. */
export function foldPoints(points: CodePoints): Folded {
  const ranges = points.flatMap(([first, last]) => steady.map((range) => common([first, last], range))).filter(isRange)
  const sequences = new Set<string>()
  for (const [first, last] of unsteady(points))
    for (let point = first; point <= last; point++) {
      const form = fold(String.fromCodePoint(point))
      const length = String.fromCodePoint(form.codePointAt(0) ?? 0).length
      if (form.length > length) sequences.add(form)
      else ranges.push(...pointsOfFolded(form))
    }
  return { points: union(ranges), sequences: [...sequences] }
}

function unsteady(points: CodePoints): readonly Range[] {
  const folding = complement(steady)
  return points.flatMap((range) => folding.map((other) => common(range, other))).filter(isRange)
}

function common(one: Range, other: Range): Range {
  return [Math.max(one[0], other[0]), Math.min(one[1], other[1])]
}

function isRange([first, last]: Range): boolean {
  return first <= last
}
