/**
 * The patterns of matchesPattern, the same on each engine: a matcher for here, and PostgreSQL's spelling. Texts are
 * given folded. A text is searched, code point by code point, in a time that grows with it and the pattern only.
 */

import { type Part, type Pattern, parsePattern } from './pattern-parse.ts'
import { type CodePoints, has, lastCodePoint } from './pattern-set.ts'

export { type Pattern, parsePattern }

/** Waits for a character, or stands between two of them. `next` are places in the list of all. */
type State =
  | { readonly kind: 'set'; readonly points: CodePoints; readonly plain: Uint8Array; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  | { readonly kind: 'found' }

/** Answers whether a folded text matches. Keeps the states reached so far side by side; nothing is tried twice. */
export function matcherOf({ root }: Pattern): (text: string) => boolean {
  const states: State[] = [{ kind: 'found' }]
  const first = build(root, 0, states, new Map())
  const reached = new Reached(states)
  return (text) => {
    reached.clear()
    for (let at = 0; ; ) {
      if (reached.enter(first, at === 0, at === text.length)) return true
      if (at === text.length) return false
      const point = text.codePointAt(at) ?? 0
      at += point > 0xffff ? 2 : 1
      if (reached.step(point, at === text.length)) return true
    }
  }
}

/** Adds the states of a part that go on to `next`; answers the first of them. */
function build(part: Part, next: number, states: State[], tables: Map<CodePoints, Uint8Array>): number {
  switch (part.kind) {
    case 'set': {
      const plain = tables.get(part.points) ?? Uint8Array.from({ length: 128 }, (_, point) => (has(part.points, point) ? 1 : 0))
      tables.set(part.points, plain)
      return states.push({ kind: 'set', points: part.points, plain, next }) - 1
    }
    case 'start':
    case 'end':
      return states.push({ kind: part.kind, next }) - 1
    case 'all':
      return part.parts.reduceRight((after, one) => build(one, after, states, tables), next)
    case 'any':
      return states.push({ kind: 'fork', next: part.parts.map((one) => build(one, next, states, tables)) }) - 1
    case 'repeat': {
      let entry = next
      let copies = part.least
      if (part.most === Number.POSITIVE_INFINITY) {
        const ways = [next]
        const fork = states.push({ kind: 'fork', next: ways }) - 1
        const again = build(part.part, fork, states, tables)
        ways.push(again)
        entry = part.least === 0 ? fork : again
        copies--
      } else
        for (let optional = part.least; optional < part.most; optional++)
          entry = states.push({ kind: 'fork', next: [build(part.part, entry, states, tables), next] }) - 1
      for (; copies > 0; copies--) entry = build(part.part, entry, states, tables)
      return entry
    }
  }
}

/** The states that are reached at one place of the text, each once. */
class Reached {
  readonly #states: readonly State[]
  /** For each state, the place at which it was reached last; places are numbered on from text to text. */
  readonly #seen: Float64Array
  #place = 0
  /** Those that wait for a character. */
  #waiting: number[] = []
  #before: number[] = []
  readonly #open: number[] = []

  constructor(states: readonly State[]) {
    this.#states = states
    this.#seen = new Float64Array(states.length)
  }

  clear(): void {
    this.#place++
    this.#waiting.length = 0
  }

  /** Goes on with a character; answers whether the pattern is found. */
  step(point: number, isEnd: boolean): boolean {
    const from = this.#waiting
    this.#waiting = this.#before
    this.#before = from
    this.clear()
    for (const number of from) {
      const state = this.#states[number]
      if (state?.kind !== 'set' || !(point < 128 ? state.plain[point] === 1 : has(state.points, point))) continue
      if (this.enter(state.next, false, isEnd)) return true
    }
    return false
  }

  /** Adds a state and all that is reached from it without a character; answers whether the pattern is found. */
  enter(first: number, isStart: boolean, isEnd: boolean): boolean {
    const open = this.#open
    open.length = 0
    open.push(first)
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (this.#seen[number] === this.#place) continue
      this.#seen[number] = this.#place
      const state = this.#states[number]
      if (state === undefined) continue
      if (state.kind === 'found') return true
      if (state.kind === 'set') this.#waiting.push(number)
      else if (state.kind === 'fork') open.push(...state.next)
      else if (state.kind === 'start' ? isStart : isEnd) open.push(state.next)
    }
    return false
  }
}

/**
 * The pattern as an advanced regular expression for PostgreSQL's `~`, from version 14 on, in a database of encoding
 * UTF8. Every character is written by its number, and no class by its name: no locale has a say.
 */
export function toPostgres({ root }: Pattern): string {
  return render(root)
}

function render(part: Part): string {
  switch (part.kind) {
    case 'set':
      return renderSet(part.points)
    case 'start':
      return '^'
    case 'end':
      return '$'
    case 'all':
      return part.parts.length === 0 ? '(?:)' : part.parts.map(render).join('')
    case 'any':
      return `(?:${part.parts.map(render).join('|')})`
    case 'repeat':
      return `${part.part.kind === 'set' ? render(part.part) : `(?:${render(part.part)})`}${renderCounts(part.least, part.most)}`
  }
}

function renderCounts(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`
  return `{${least},${most}}`
}

/** NUL is left out: PostgreSQL has no text with it. It also knows no empty class; nothing comes after the end. */
function renderSet(points: CodePoints): string {
  const ranges = points.filter(([, last]) => last > 0).map(([first, last]) => [Math.max(first, 1), last] as const)
  const [range] = ranges
  if (range === undefined) return '(?:$.)'
  if (ranges.length > 1 || range[0] !== range[1])
    return range[0] === 1 && range[1] === lastCodePoint
      ? '.'
      : `[${ranges.map(([first, last]) => (first === last ? renderPoint(first) : `${renderPoint(first)}-${renderPoint(last)}`)).join('')}]`
  return renderPoint(range[0])
}

function renderPoint(point: number): string {
  return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : `\\u${point.toString(16).padStart(4, '0')}`
}
