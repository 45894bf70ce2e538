/** The writing of an import: what the lines said goes into the database, batch after batch. */

import sql from 'sql-template-tag'
import { StartError } from '../errors.ts'
import type { Database, Transaction } from '../store/database.ts'
import { KnownPersons } from '../store/tables/known-persons.ts'
import { type Batch, batchesOf } from './batches.ts'
import type { Progress } from './progress.ts'
import type { Run } from './read-block.ts'
import { kinds, type Maker } from './records.ts'

export interface Import {
  readonly database: Database
  /** The records of the file, in their order. */
  readonly runs: AsyncIterable<Run>
  /** Identifies the file when an import is resumed: the hash of its content. */
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
  const [reached] = await database.read<{ lines: number }>(sql`SELECT lines FROM imports WHERE file_hash = ${fileHash}`)
  const skippedLines = reached?.lines ?? 0
  const done = { written: 0, refused: 0, skippedLines }
  const known = new KnownPersons()
  let before = skippedLines
  let writing: Promise<void> | undefined
  const write = async (batch: Batch) => {
    const { records, refusals } = await writeBatch(database, batch, { fileHash, maker, known, before })
    // Little else is made in this thread that would have the collector run.
    for (const part of batch.sections) part.release()
    before = batch.last
    for (const [line, reason] of refusals) report(line, reason)
    done.refused += refusals.size
    done.written += records
    progress.show(batch.end, `line ${batch.last}`)
  }
  // Each is made ready while the one before is written.
  for await (const batch of batchesOf(runs, skippedLines)) {
    await writing
    if (isStopped()) {
      await settle(database, fileHash)
      return { ...done, complete: false }
    }
    writing = write(batch)
    // Told here as well, so that it is no error that nobody waits for while the next batch is made ready.
    writing.catch(() => undefined)
  }
  await writing
  await database.write('everyone', (transaction) => transaction.change(sql`DELETE FROM imports WHERE file_hash = ${fileHash}`))
  return { ...done, complete: true }
}

/** Has all that was written on disk before it is told: where one transaction is, those before it are. */
async function settle(database: Database, fileHash: string): Promise<void> {
  await database.write('everyone', (transaction) => transaction.change(sql`UPDATE imports SET lines = lines WHERE file_hash = ${fileHash}`))
}

interface Written {
  /** How many were put. */
  readonly records: number
  /** The lines that could not be put, with the reasons. */
  readonly refusals: ReadonlyMap<number, string>
}

interface Writing extends Pick<Import, 'fileHash' | 'maker'> {
  readonly known: KnownPersons
  /** The lines that are done: 0 where nothing is. */
  readonly before: number
}

/** Writes a batch in one transaction. */
function writeBatch(database: Database, { sections, last }: Batch, { fileHash, maker, known, before }: Writing): Promise<Written> {
  const work = async (transaction: Transaction) => {
    // One behind the other, without waiting between.
    await Promise.all([known.begin(transaction), noteLines(transaction, fileHash, { before, last })])
    const refusals = new Map<number, string>()
    let records = 0
    for (const { kind, numbers, run } of sections) {
      const outcome = await kinds[kind].put(transaction, run, maker, known)
      for (const [index, number] of numbers.entries()) {
        const refusal = outcome[index]
        if (refusal === undefined) records++
        else refusals.set(number, refusal)
      }
    }
    known.end(transaction)
    return { records, refusals }
  }
  // The end of the import has them all on disk; one that is cut off before goes on from what is.
  return database.write('everyone', work, { onDisk: 'soon' })
}

/**
 * Notes how far the import came. Throws StartError where it is not as far as it was: a database that fell and rose again may
 * have lost what was to be on disk soon, and then nothing may be written after it.
 */
async function noteLines(transaction: Transaction, fileHash: string, { before, last }: { readonly before: number; readonly last: number }) {
  const noted = await transaction.change(
    before === 0
      ? sql`INSERT INTO imports (file_hash, lines) VALUES (${fileHash}, ${last}) ON CONFLICT (file_hash) DO UPDATE SET lines = excluded.lines`
      : sql`UPDATE imports SET lines = ${last} WHERE file_hash = ${fileHash} AND lines = ${before}`,
  )
  if (noted === 0) throw new StartError('the database is not as the import left it: run the import again to go on', 'unavailable')
}
