/** Texts of clients beside others: Unicode's normal form, and names in any case. In linear time; the only place that normalizes. */

const marks = /\p{M}+/gu
/** More in a row than any language writes. */
const mostMarks = 30
/** Seen by nobody, and marks are not sorted past it. */
export const joiner = '\u034f'

/**
 * NFC. An engine sorts a run of combining marks by moving each past the others, which takes the square of the run's length.
 * After 30 marks in a row a joiner is put in (UAX #15, section 13: the stream-safe text format).
 */
export function normalForm(text: string): string {
  return text.replace(marks, (run) => (run.length > mostMarks ? joined(run) : run)).normalize('NFC')
}

function joined(run: string): string {
  const pieces = run.split(joiner).flatMap((part) => {
    const points = Array.from(part)
    const count = Math.max(1, Math.ceil(points.length / mostMarks))
    return Array.from({ length: count }, (_, index) => points.slice(index * mostMarks, (index + 1) * mostMarks).join(''))
  })
  return pieces.join(joiner)
}

/** Whether two names are the same without regard to case. A client's is looked at no further than the other is long. */
export function isSameName(left: string, right: string): boolean {
  return left.length === right.length && (left === right || left.toLowerCase() === right.toLowerCase())
}
