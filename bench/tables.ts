/** Cells and tables of Markdown. */

import { type Round, type Spread, spreadOf } from './rounds.ts'

export type Cell = string | number

export const nothing = '–'

export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Headed and introduced; nothing where there are no rows. */
export function section(heading: string, words: string, body: string): string {
  return body === '' ? '' : `## ${heading}\n\n${words}${words === '' ? '' : '\n\n'}${body}`
}

/** The median, with the least and the most. */
export function ratio({ median, least, most }: Spread): string {
  if (Number.isNaN(median)) return nothing
  return `**${short(median)}** (${short(least)}–${short(most)})`
}

/** Three digits that say something. */
export function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 9.95 ? value.toFixed(1) : value.toFixed(2)
}

/** Requests or rows in a second. */
export function rate(rounds: readonly Round[] | undefined): string {
  return rounds === undefined ? nothing : String(Math.round(spreadOf(rounds.map(({ perSecond }) => perSecond)).median))
}

/** Microseconds of CPU for each. */
export function cpu(rounds: readonly Round[] | undefined): string {
  return rounds === undefined ? nothing : spreadOf(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)).median.toFixed(1)
}

/** `median / 99th percentile`, in milliseconds. */
export function latency(rounds: readonly Round[]): string {
  const of = (part: 'median' | 'p99') => short(spreadOf(rounds.map((round) => round.latency?.[part] ?? Number.NaN)).median)
  return `${of('median')} / ${of('p99')}`
}

/** The 99th percentile over the median, round by round. */
export function tail(rounds: readonly Round[]): Spread {
  return spreadOf(rounds.map((round) => (round.latency?.p99 ?? Number.NaN) / (round.latency?.median ?? Number.NaN)))
}

export function loadShare(rounds: readonly Round[]): string {
  return spreadOf(rounds.map(({ loadShare: share }) => share ?? Number.NaN)).median.toFixed(2)
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
}
