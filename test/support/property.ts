/** Properties that are tried with random values on a real server, which may be slow: what counts is how often they were tried. */

import assert from 'node:assert/strict'
import fc from 'fast-check'

export interface Trials<T> {
  /** For the line that says how often. */
  readonly what: string
  readonly runs: number
  /** Values to be tried first. */
  readonly examples?: T[]
  /** For the test of this file. */
  readonly longestMilliseconds?: number
}

/** The runs take some seconds on a usual machine. A machine that does not make half of them in this time proves too little. */
const usualMilliseconds = 180_000
const leastShare = 0.5

/** Says how often the property was tried. Throws, with the seed and the smallest value, where it does not hold, and where it was tried too seldom. */
export async function holds<T>(
  property: fc.IAsyncProperty<T>,
  { what, runs, examples = [], longestMilliseconds = usualMilliseconds }: Trials<T>,
): Promise<void> {
  const details = await fc.check(property, { numRuns: runs, interruptAfterTimeLimit: longestMilliseconds, examples })
  if (details.failed) throw new Error((await fc.asyncDefaultReportMessage(details)) ?? 'no report', { cause: details.errorInstance })
  console.log(`${details.numRuns} of ${runs} runs with ${what}`)
  assert.ok(
    details.numRuns >= runs * leastShare,
    `only ${details.numRuns} of ${runs} runs in ${longestMilliseconds / 1000} s: too few to prove it`,
  )
}
