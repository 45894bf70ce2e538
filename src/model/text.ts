/** Texts of clients beside others: Unicode's normal form, and names in any case. In linear time; the only place that normalizes. */

/** A run of combining marks that goes on behind the 30th. U+034F is none: marks are not sorted past it. */
const longRun = /(?:(?!\u034f)\p{M}){30}(?=(?!\u034f)\p{M})/gu
const joiner = '\u034f'

/**
 * NFC. An engine sorts a run of combining marks by moving each past the others, which takes the square of the run's length.
 * After 30 marks in a row, more than any language writes, a joiner is put in, which nobody sees (UAX #15, section 13: the
 * stream-safe text format).
 */
export function normalForm(text: string): string {
  return text.replace(longRun, `$&${joiner}`).normalize('NFC')
}

/** Whether two names are the same without regard to case. A client's is looked at no further than the other is long. */
export function isSameName(left: string, right: string): boolean {
  return left.length === right.length && (left === right || left.toLowerCase() === right.toLowerCase())
}
