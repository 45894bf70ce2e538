/** The records of an import, so many together as are written in one transaction. */

import { headsOf, PackedRowsBuilder } from '../store/packed-rows.ts'
import type { Run } from './read-block.ts'
import type { Kind, Prepared } from './record-kind.ts'
import { type KindName, kinds } from './records.ts'

const recordsAtOnce = 1000
/** Octets of the file in a batch: a bound, so that long lines do not fill the memory. */
const octetsAtOnce = 8 * 1024 * 1024

export interface Batch {
  readonly sections: readonly BatchSection[]
  /** The number of its last line. */
  readonly last: number
  /** Octets of the file up to and with its last line. */
  readonly end: number
}

/** Records of one kind that follow each other, from however many runs. */
export interface BatchSection {
  readonly kind: KindName
  readonly run: Prepared<unknown>
  /** The numbers of their lines. */
  readonly numbers: readonly number[]
  /** Gives the memory of the run back. */
  readonly release: () => void
}

/** The records after so many lines, many together. What it takes of a run is its own: the run is not needed any more. */
export async function* batchesOf(runs: AsyncIterable<Run>, skippedLines: number): AsyncGenerator<Batch> {
  let parts: Gathering[] = []
  let [records, start, last, end] = [0, 0, 0, 0]
  for await (const run of runs) {
    const { numbers, ends } = run
    const first = numbers.findIndex((number) => number > skippedLines)
    for (let from = first < 0 ? numbers.length : first, to = from; from < numbers.length; from = to) {
      to = fitting(ends, from, { records: recordsAtOnce - records, end: start + octetsAtOnce })
      gather(parts, run, from, to)
      ;[records, last, end] = [records + to - from, numbers[to - 1] ?? last, ends[to - 1] ?? end]
      if (records < recordsAtOnce && end < start + octetsAtOnce) continue
      yield { sections: parts.map(made), last, end }
      ;[records, start, parts] = [0, end, []]
    }
  }
  if (records > 0) yield { sections: parts.map(made), last, end }
}

/** Up to where records go into a batch that takes so many more, until one ends beyond `most.end`. */
function fitting(ends: readonly number[], from: number, most: { readonly records: number; readonly end: number }): number {
  let to = from + 1
  while (to < ends.length && to - from < most.records && (ends[to - 1] ?? 0) < most.end) to++
  return to
}

/** A part that may become more. */
interface Gathering {
  readonly kind: KindName
  readonly records: unknown[]
  /** In place of `records`. */
  readonly rows: PackedRowsBuilder | undefined
  readonly numbers: number[]
}

/** Adds the records of a run from one place up to another. */
function gather(parts: Gathering[], { kind, records, rows, numbers }: Run, from: number, to: number): void {
  let part = parts.at(-1)
  if (part?.kind !== kind || (part.rows === undefined) !== (rows === undefined)) {
    part = { kind, records: [], rows: rows === undefined ? undefined : new PackedRowsBuilder(), numbers: [] }
    parts.push(part)
  }
  if (rows === undefined) part.records.push(...records.slice(from, to))
  else part.rows?.add(rows, from, to)
  part.numbers.push(...numbers.slice(from, to))
}

function made({ kind, records, rows, numbers }: Gathering): BatchSection {
  if (rows === undefined) return { kind, run: records, numbers, release: () => undefined }
  const run = rows.take()
  // While the batch before is written.
  headsOf(run, (kinds[kind] as Kind).packed?.heads ?? 0)
  return { kind, run, numbers, release: () => rows.release() }
}
