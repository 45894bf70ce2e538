/** Terms of conditions, worked out for a record in memory. */

import { fold, foldCase, foldCharacter } from '../../model/address.ts'
import { normalForm } from '../../model/text.ts'
import { sortableTime } from '../../model/time.ts'
import type { Call, Kind, Member, Term } from './condition.ts'

export type ComparedValue = string | number | boolean | null
export type Fields = Readonly<Record<string, unknown>>

/** The item, and the elements that `some` and `every` are at, the outermost first. */
export interface EvaluationContext {
  readonly item: Fields
  readonly elements: readonly unknown[]
}

/** As it compares. */
export function valueOfTerm(term: Term, context: EvaluationContext, exact = false): ComparedValue {
  const written = writtenOf(term, context, exact)
  return typeof written === 'string' && !exact && isText(term) ? fold(written) : written
}

function isText({ kind }: Term): boolean {
  return kind === 'text' || kind === 'id'
}

/** Texts as they were written, composed; other values as they compare. */
export function writtenOf(term: Term, context: EvaluationContext, exact = false): ComparedValue {
  switch (term.term) {
    case 'constant':
      return typeof term.value === 'string' && term.kind === 'text' && !exact ? normalForm(term.value) : term.value
    case 'member':
      return held(term, rawOf(term, context), exact)
    case 'size':
      return elementsOf(term.of, context).length
    case 'call':
      return call(term, context)
  }
}

function rawOf({ path, element }: Member, { item, elements }: EvaluationContext): unknown {
  let held: unknown = element === undefined ? item : elements[element]
  for (const name of path) held = typeof held === 'object' && held !== null ? (held as Fields)[name] : undefined // of the declared shape
  return held ?? null
}

export function elementsOf(of: Member, context: EvaluationContext): readonly unknown[] {
  const held = rawOf(of, context)
  return Array.isArray(held) ? held : []
}

function held({ kind }: Member, held: unknown, exact: boolean): ComparedValue {
  if (held === null || held === undefined) return null
  if (kind === 'text' || kind === 'id') return exact ? String(held) : normalForm(String(held))
  if (kind === 'instant') return sortableTime(String(held)).slice(0, -1)
  if (kind === 'structure') return 'present'
  if (typeof kind !== 'string')
    return String(held)
      .split(',')
      .reduce((mask, name) => mask | (kind.members[name.trim()] ?? 0), 0)
  return held as ComparedValue // a number or a truth
}

function call(term: Call, context: EvaluationContext): ComparedValue {
  const [first = null, second = null, third] = term.arguments.map((argument) => writtenOf(argument, context))
  if (first === null || (term.arguments.length > 1 && second === null) || third === null) return null
  return term.kind === 'text' ? madeText(term.name, String(first), second, third) : measured(term, String(first), second)
}

function madeText(name: Call['name'], text: string, second: ComparedValue, third: ComparedValue | undefined): string | null {
  switch (name) {
    case 'substring': {
      const [from, size = Number.POSITIVE_INFINITY] = [Number(second), third === undefined ? undefined : Number(third)]
      // Where the place that was looked for is not there.
      if (from < 0 || size < 0) return null
      return Array.from(text)
        .slice(from, from + size)
        .join('')
    }
    case 'concat':
      return normalForm(text + String(second))
    case 'tolower':
      return normalForm(text.toLowerCase())
    case 'toupper':
      return normalForm(text.toUpperCase())
    default:
      return text.trim()
  }
}

/** Where a text first has a part: how many characters stand before the one that the part begins in; -1 where it has none. Both are folded to compare. */
export function indexOfFolded(text: string, part: string): number {
  const folded = foldCase(text)
  // No character becomes a shorter one.
  if (folded.length === text.length) return charactersBefore(text, folded.indexOf(part))
  const characters = Array.from(text, foldCharacter)
  const at = characters.join('').indexOf(part)
  if (at < 0) return -1
  let before = 0
  for (let end = 0; before < characters.length; before++) {
    end += characters[before]?.length ?? 0
    if (end > at) break
  }
  return before
}

function charactersBefore(text: string, at: number): number {
  return at < 0 ? -1 : Array.from(text.slice(0, at)).length
}

function measured({ name, arguments: [first] }: Call, text: string, second: ComparedValue): ComparedValue {
  switch (name) {
    case 'length':
      return Array.from(text).length
    case 'indexof':
      return indexOfFolded(text, fold(String(second)))
    case 'date':
      return text.slice(0, 10)
    case 'time':
      return text.slice(11)
    case 'fractionalseconds':
      return Number(`0${text.slice(first?.kind === 'clock' ? 8 : 19)}`)
    default:
      return Number(text.slice(...digitsOf(name as keyof typeof digits, first?.kind))) // those that make texts are told apart above
  }
}

/** Where the parts of a date and time stand in its text. */
const digits = { year: [0, 4], month: [5, 7], day: [8, 10], hour: [11, 13], minute: [14, 16], second: [17, 19] } as const

export type PartOfTime = keyof typeof digits

/** Where a part stands in the text of a date and time, a date, or a time of day. */
export function digitsOf(part: PartOfTime, kind: Kind | undefined): readonly [from: number, to: number] {
  const [from, to] = digits[part]
  return kind === 'clock' ? [from - 11, to - 11] : [from, to]
}
