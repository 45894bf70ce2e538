/** Rounds that alternate between the sides, and what is made of them: medians of the ratios round by round. */

import type { Latency } from './latency.ts'
import type { Ran } from './load.ts'

export interface Round {
  readonly perSecond: number
  /** CPU time of the side, all its threads, for each request or row. */
  readonly cpuMicroseconds: number
  /** How much of one core the load generator took: at 1 it would be what is measured. */
  readonly loadShare: number | undefined
  readonly latency: Latency | undefined
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** A side does one round and says what it took. */
export type Side = () => Promise<{ readonly ran: Ran; readonly cpuMicroseconds: number; readonly loadShare?: number }>

/** A B C A B C …: for each side its rounds. */
export async function alternate<const N extends string>(rounds: number, sides: Readonly<Record<N, Side>>): Promise<Record<N, Round[]>> {
  const names = Object.keys(sides) as N[] // the names of this record
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<N, Round[]> // one list a name
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      const { ran, cpuMicroseconds, loadShare } = await sides[name]()
      measured[name].push({
        perSecond: ran.count / ran.seconds,
        cpuMicroseconds: cpuMicroseconds / ran.count,
        loadShare,
        latency: ran.latency,
      })
    }
  return measured
}

/** Requests per second of `ours` over those of `theirs`, round by round. */
export function rateRatio(ours: readonly Round[], theirs: readonly Round[] = []): Spread {
  return spreadOf(ours.map(({ perSecond }, round) => perSecond / (theirs[round]?.perSecond ?? Number.NaN)))
}

/** CPU per request of `theirs` over that of `ours`: like the rate, more is better. */
export function cpuRatio(ours: readonly Round[], theirs: readonly Round[] = []): Spread {
  return spreadOf(ours.map(({ cpuMicroseconds }, round) => (theirs[round]?.cpuMicroseconds ?? Number.NaN) / cpuMicroseconds))
}

/** The median latency of each size over that of the smallest, round by round. */
export function growthOf({
  sizes,
}: {
  readonly sizes: readonly { readonly emails: number; readonly rounds: readonly Round[] }[]
}): readonly { readonly emails: number; readonly ratio: Spread }[] {
  const [smallest, ...larger] = sizes
  return larger.map(({ emails, rounds }) => ({ emails, ratio: medianRatio(rounds, smallest?.rounds ?? []) }))
}

/** The median latency of `ours` over `times` that of `theirs`, round by round: less is better. */
export function medianRatio(ours: readonly Round[], theirs: readonly Round[], times = 1): Spread {
  const of = (round: Round | undefined) => round?.latency?.median ?? Number.NaN
  return spreadOf(ours.map((round, index) => of(round) / (times * of(theirs[index]))))
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}
