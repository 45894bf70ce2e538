/** The text of a pattern, the place in it, and how it is refused. */

export type Refuse = (at: number, words: string) => Error
export type Unsupported = (construct: string) => Error

export class PatternCursor {
  readonly text: string
  readonly refuse: Refuse
  readonly unsupported: Unsupported
  at = 0
  /** How many characters of ranges had to be folded so far. */
  folded = 0
  /** How many ^ and $ there were so far. */
  places = 0

  constructor(text: string, refuse: Refuse, unsupported: Unsupported) {
    this.text = text
    this.refuse = refuse
    this.unsupported = unsupported
  }

  /** The character here; empty at the end. */
  get here(): string {
    return this.text.charAt(this.at)
  }

  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  looksAt(sticky: RegExp): boolean {
    sticky.lastIndex = this.at
    return sticky.test(this.text)
  }

  /** Steps over what a sticky expression finds here. */
  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.text)
    if (found !== null) this.at = sticky.lastIndex
    return found
  }

  readPoint(): number {
    const point = this.text.codePointAt(this.at) ?? 0
    this.at += point > 0xffff ? 2 : 1
    return point
  }
}
