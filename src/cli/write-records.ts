/** The writing of an import: what the lines said goes into the database, batch after batch. */

import sql from 'sql-template-tag'
import type { Database } from '../store/database.ts'
import type { Progress } from './progress.ts'
import type { Run } from './reading.ts'
import { kinds, type Maker } from './records.ts'

const recordsAtOnce = 1000
/** Of the file: so that long lines do not fill the memory. */
const octetsAtOnce = 8 * 1024 * 1024

export interface Import {
  readonly database: Database
  /** What the lines of the file say, in their order. */
  readonly runs: AsyncIterable<Run>
  /** What makes the file the same file when an import goes on: the hash of its content. */
  readonly fileHash: string
  readonly report: (line: number, reason: string) => void
  readonly progress: Progress
  readonly maker: Maker
  readonly isStopped: () => boolean
}

export interface Imported {
  readonly written: number
  readonly refused: number
  /** Lines that an interrupted import had done before. */
  readonly skippedLines: number
  /** False where it was stopped before its end. */
  readonly complete: boolean
}

/** Writes records, batch after batch; how far it came is written with each batch. */
export async function writeRecords({ database, runs, fileHash, report, progress, maker, isStopped }: Import): Promise<Imported> {
  const [before] = await database.read<{ lines: number }>(sql`SELECT lines FROM imports WHERE file_hash = ${fileHash}`)
  const skippedLines = before?.lines ?? 0
  const done = { written: 0, refused: 0, skippedLines }
  let writing: Promise<void> | undefined
  const write = async (batch: Batch) => {
    const { records, refusals } = await writeBatch(database, batch, { fileHash, maker })
    for (const [line, reason] of refusals) report(line, reason)
    done.refused += refusals.size
    done.written += records
    progress.show(batch.end, `line ${batch.last}`)
  }
  // Each is made ready while the one before is written.
  for await (const batch of batchesOf(runs, skippedLines)) {
    await writing
    if (isStopped()) return { ...done, complete: false }
    writing = write(batch)
    // Told here as well, so that it is no error that nobody waits for while the next batch is made ready.
    writing.catch(() => undefined)
  }
  await writing
  await database.write('everyone', (transaction) => transaction.change(sql`DELETE FROM imports WHERE file_hash = ${fileHash}`))
  return { ...done, complete: true }
}

interface Batch {
  readonly runs: readonly Omit<Run, 'ends'>[]
  /** The number of its last line. */
  readonly last: number
  /** Octets of the file up to and with its last line. */
  readonly end: number
}

/** The records after so many lines, many together. */
async function* batchesOf(runs: AsyncIterable<Run>, skippedLines: number): AsyncGenerator<Batch> {
  let batch: Batch & { readonly runs: Omit<Run, 'ends'>[] } = { runs: [], last: 0, end: 0 }
  let [records, start] = [0, 0]
  for await (const { kind, records: all, numbers, ends } of runs) {
    const first = numbers.findIndex((number) => number > skippedLines)
    for (let from = first < 0 ? all.length : first, to = from; from < all.length; from = to) {
      to = fitting(ends, from, { records: recordsAtOnce - records, end: start + octetsAtOnce })
      batch.runs.push({ kind, records: all.slice(from, to), numbers: numbers.slice(from, to) })
      batch = { runs: batch.runs, last: numbers[to - 1] ?? batch.last, end: ends[to - 1] ?? batch.end }
      records += to - from
      if (records < recordsAtOnce && batch.end < start + octetsAtOnce) continue
      yield batch
      ;[records, start, batch] = [0, batch.end, { ...batch, runs: [] }]
    }
  }
  if (records > 0) yield batch
}

/** Up to where records go into a batch that takes so many more, until one ends beyond `most.end`. */
function fitting(ends: readonly number[], from: number, most: { readonly records: number; readonly end: number }): number {
  let to = from + 1
  while (to < ends.length && to - from < most.records && (ends[to - 1] ?? 0) < most.end) to++
  return to
}

interface Written {
  /** How many were put. */
  readonly records: number
  /** The lines that could not be put, with the reasons. */
  readonly refusals: ReadonlyMap<number, string>
}

/** Writes a batch in one transaction. */
function writeBatch(database: Database, { runs, last }: Batch, { fileHash, maker }: Pick<Import, 'fileHash' | 'maker'>): Promise<Written> {
  return database.write('everyone', async (transaction) => {
    const refusals = new Map<number, string>()
    let records = 0
    for (const { kind, numbers, records: run } of runs) {
      const outcome = await kinds[kind].put(transaction, run, maker)
      for (const [index, number] of numbers.entries()) {
        const refusal = outcome[index]
        if (refusal === undefined) records++
        else refusals.set(number, refusal)
      }
    }
    await transaction.change(
      sql`INSERT INTO imports (file_hash, lines) VALUES (${fileHash}, ${last}) ON CONFLICT (file_hash) DO UPDATE SET lines = excluded.lines`,
    )
    return { records, refusals }
  })
}
