/**
 * The checking of an import: every line is read once, before anything is written. What it says is kept until it is: in
 * memory where the file is small, and else in a file, since no memory need hold what a file does.
 */

import { createHash } from 'node:crypto'
import { readBlocks } from './lines.ts'
import type { Progress } from './progress.ts'
import { type BlockRecords, type Run, readBlock } from './read-block.ts'
import { readInThreads, unpack } from './reader-threads.ts'
import { SpillFile } from './spill-file.ts'

/** Threads would take longer to start than to read it. */
const smallFileOctets = 1024 * 1024

interface Checking {
  /** Octets. */
  readonly size: number
  /** Where the data are kept. */
  readonly folder: string
  /** The content to write. */
  readonly keep: 'nothing' | 'good lines' | 'all or nothing'
  readonly report: (line: number, reason: string) => void
  readonly progress: Progress
  readonly newId: () => string
}

export interface Checked {
  /** How many lines are no records: they are reported already. */
  readonly bad: number
  /** Hash of the file's content, in hexadecimal digits. */
  readonly fileHash: string
  /** The content of the other lines. */
  readonly runs: AsyncIterable<Run>
  /** Takes away what was kept. */
  close(): Promise<void>
}

/** Throws StartError where what the lines say cannot be kept. */
export function checkFile(file: string, checking: Checking): Promise<Checked> {
  return checking.size <= smallFileOctets ? checkSmall(file, checking) : checkLarge(file, checking)
}

async function checkSmall(file: string, { report, progress }: Checking): Promise<Checked> {
  const hash = createHash('sha256')
  const readings: BlockRecords[] = []
  let bad = 0
  for await (const block of readBlocks(file, (octets) => hash.update(octets))) {
    progress.show(0, `line ${block.number}`)
    const reading = readBlock(block)
    for (const [line, reason] of reading.faults) report(line, reason)
    bad += reading.faults.length
    readings.push(reading)
  }
  const runs = async function* () {
    for (const reading of readings) yield* reading.runs
  }
  return { bad, fileHash: hash.digest('hex'), runs: runs(), close: async () => undefined }
}

async function checkLarge(file: string, { folder, keep, report, progress, newId }: Checking): Promise<Checked> {
  const hash = createHash('sha256')
  const draft = new SpillFile(folder, `import-${newId()}.part`)
  let bad = 0
  try {
    for await (const { number, end, faults, packed } of readInThreads(file, (octets) => hash.update(octets))) {
      for (const [line, reason] of faults) report(line, reason)
      bad += faults.length
      if (keep === 'good lines' || (keep === 'all or nothing' && bad === 0)) await draft.add(packed)
      // Little else is made in this thread, so that the collector would let very many of them come together.
      packed.buffer.transfer(0)
      progress.show(end, `line ${number}`)
    }
  } catch (error) {
    await draft.close()
    throw error
  }
  const runs = async function* () {
    for await (const piece of draft.pieces()) yield* unpack(piece)
  }
  return { bad, fileHash: hash.digest('hex'), runs: runs(), close: () => draft.close() }
}
