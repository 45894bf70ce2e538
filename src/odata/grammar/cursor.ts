/**
 * The decoded text of one query option, the place in it, and the refusals that name that place. Every rule of the
 * grammar reads from a Cursor; it also counts depth and nodes, so that no text costs more than its length.
 */

import { GraphError } from '../../errors.ts'
import { printable } from '../json/text.ts'
import type { Span } from './syntax.ts'

export const longestText = 16 * 1024
export const deepestNesting = 64
export const mostNodes = 2000

const identifier = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*/uy
const continuesIdentifier = /[\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]/uy
const plainIdentifier = /[A-Za-z_][A-Za-z0-9_]*/y
const longestIdentifier = 128

export class Cursor {
  readonly text: string
  /** The option that is read; a refusal's target. */
  readonly target: string
  at = 0
  /** 1 where a character was percent-encoded; undefined: none was. */
  readonly #encoded: Uint8Array | undefined
  #depth = 0
  #nodes = 0
  #spaceFrom = -1
  #spaceEnd = -1

  /** `raw` is the option's value as it stands in the URL. Throws `queryInvalid`. */
  constructor(raw: string, target: string) {
    this.target = target
    if (raw.length > longestText) throw invalid(target, `The text is longer than ${longestText} characters.`)
    const { text, encoded } = decode(raw, target)
    this.text = text
    this.#encoded = encoded
    if (text.includes('\u0000')) throw this.refusalAt(text.indexOf('\u0000'), 'a NUL character is not taken.')
    if (!text.isWellFormed()) throw invalid(target, 'The text is not well-formed Unicode.')
  }

  get isDone(): boolean {
    return this.at >= this.text.length
  }

  /** The character here; empty at the end. */
  get here(): string {
    return this.text.charAt(this.at)
  }

  /** A `+` of the URL is a space, unless a number or a time takes it as its sign first. */
  isSpace(at: number): boolean {
    const code = this.text.charCodeAt(at)
    return code === 32 || code === 9 || (code === 43 && !this.wasEncoded(at))
  }

  wasEncoded(at: number): boolean {
    return this.#encoded?.[at] === 1
  }

  skipSpace(): void {
    const from = this.at
    // A look-ahead over spaces may come back here: remember the end of the run, so that it is walked once.
    if (from === this.#spaceFrom) this.at = this.#spaceEnd
    while (this.isSpace(this.at)) this.at++
    this.#spaceFrom = from
    this.#spaceEnd = this.at
  }

  /** Steps over `character` if it stands here. */
  take(character: string): boolean {
    if (this.here !== character || this.isDone) return false
    this.at++
    return true
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.unexpected(`'${character}'`)
  }

  /** Steps over a comma and the spaces around it. */
  takeComma(): boolean {
    const before = this.at
    this.skipSpace()
    if (!this.take(',')) {
      this.at = before
      return false
    }
    this.skipSpace()
    return true
  }

  /** The match of a sticky pattern here; the cursor stays. */
  look(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0]
  }

  /** Whether an identifier goes on here, so that what was read before is a part of a longer word. */
  isInsideWord(): boolean {
    return this.look(continuesIdentifier) !== undefined
  }

  /** The identifier that begins here; stays. */
  lookIdentifier(): string | undefined {
    const plain = this.look(plainIdentifier)
    // Letters of other scripts go on where the plain pattern stops.
    const goesOn = this.text.charCodeAt(this.at + (plain?.length ?? 0)) > 127
    return goesOn ? this.look(identifier) : plain
  }

  /** Reads an identifier, or names joined by dots where `qualified`. */
  readName(expected: string, qualified: boolean): string {
    const start = this.at
    for (;;) {
      const part = this.lookIdentifier()
      if (part === undefined) throw this.unexpected(expected)
      if (part.length > longestIdentifier) throw this.unexpected(`a name of at most ${longestIdentifier} characters`)
      this.at += part.length
      if (!qualified || this.here !== '.') break
      this.at++
      if (this.lookIdentifier() === undefined) {
        this.at--
        break
      }
    }
    return this.text.slice(start, this.at)
  }

  /** The text between two offsets, with the URL's `+` as spaces. */
  slice(from: number, to: number): string {
    const piece = this.text.slice(from, to)
    if (!piece.includes('+')) return piece
    return Array.from({ length: piece.length }, (_, index) => (this.isSpace(from + index) ? ' ' : piece.charAt(index))).join('')
  }

  /** Counts a node of the tree. */
  node<const T extends Span>(node: T): T {
    this.#nodes++
    if (this.#nodes > mostNodes) throw invalid(this.target, `The expression has more than ${mostNodes} parts.`)
    return node
  }

  /** Reads something that stands inside something else. */
  nested<T>(read: () => T): T {
    this.#depth++
    if (this.#depth > deepestNesting) throw invalid(this.target, `The expression is nested more than ${deepestNesting} deep.`)
    const result = read()
    this.#depth--
    return result
  }

  /** The end has to be here. Spaces before it do no harm. */
  finish(expected: string): void {
    this.skipSpace()
    if (!this.isDone) throw this.unexpected(expected)
  }

  unexpected(expected: string): GraphError {
    return this.unexpectedAt(this.at, expected)
  }

  unexpectedAt(at: number, expected: string): GraphError {
    const found = at >= this.text.length ? 'the end' : `'${printable([...this.text.slice(at, at + 40)].slice(0, 20).join(''))}'`
    return this.refusalAt(at, `expected ${expected}, found ${found}.`)
  }

  /** A refusal in words of its own: `Character 5: …`. */
  refusalAt(at: number, words: string): GraphError {
    return invalid(this.target, `Character ${Array.from(this.text.slice(0, at)).length + 1}: ${words}`)
  }

  /** `construct` is OData's, and not supported. */
  unsupported(construct: string): GraphError {
    return new GraphError('notImplemented', { target: this.target, message: `This server does not support ${construct}.` })
  }
}

export function invalid(target: string, message: string): GraphError {
  return new GraphError('queryInvalid', { target, message })
}

const percentRun = /(?:%[0-9A-Fa-f]{2})+/y

/** Percent-decodes, and keeps in mind which characters were encoded: `%2B` is a plus, `%3B` no separator in a search. */
function decode(raw: string, target: string): { readonly text: string; readonly encoded: Uint8Array | undefined } {
  if (!raw.includes('%')) return { text: raw, encoded: undefined }
  const encoded = new Uint8Array(raw.length)
  let text = ''
  for (let at = 0; at < raw.length; ) {
    const percent = raw.indexOf('%', at)
    if (percent !== at) {
      text += raw.slice(at, percent < 0 ? raw.length : percent)
      at = percent < 0 ? raw.length : percent
      continue
    }
    percentRun.lastIndex = at
    const run = percentRun.exec(raw)?.[0]
    const decoded = run === undefined ? undefined : decodeRun(run)
    if (run === undefined || decoded === undefined)
      throw invalid(target, `Character ${Array.from(text).length + 1}: the percent encoding is broken or no UTF-8.`)
    encoded.fill(1, text.length, text.length + decoded.length)
    text += decoded
    at += run.length
  }
  return { text, encoded }
}

function decodeRun(run: string): string | undefined {
  try {
    return decodeURIComponent(run)
  } catch {
    return undefined
  }
}
