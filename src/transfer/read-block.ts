/** Reads lines of an import into records, each checked by itself. */

import { GraphError } from '../errors.ts'
import { parseJson, printable } from '../odata/json/text.ts'
import { type Cells, type PackedRows, packRows } from '../store/packed-rows.ts'
import { type Block, type Line, linesOf, readBlocks } from './lines.ts'
import type { Kind } from './record-kind.ts'
import { type KindName, kinds, type ReadRecord, readRecord } from './records.ts'

/** The content of a block of lines. Plain values only, since it crosses threads and goes into a file. */
export interface BlockRecords {
  /** In the order of their lines; those of one kind that follow each other together. */
  readonly runs: readonly Run[]
  /** The lines that are no records, each with the reason. */
  readonly faults: readonly (readonly [line: number, reason: string])[]
}

/** Records of one kind. */
export interface Run {
  readonly kind: KindName
  /** As the kind prepares them. */
  readonly records: unknown[]
  /** In place of `records`, where all of them are rows. */
  readonly rows?: PackedRows
  /** The numbers of their lines. */
  readonly numbers: number[]
  /** Octets of the file up to and with each line. */
  readonly ends: number[]
}

/** The content of a file whose lines are known to be good. */
export async function* runsOf(file: string): AsyncGenerator<Run> {
  for await (const block of readBlocks(file)) yield* readBlock(block).runs
}

export function readBlock(block: Block): BlockRecords {
  const runs: Run[] = []
  const faults: (readonly [number, string])[] = []
  let run: Run | undefined
  for (const line of linesOf(block)) {
    const read = readLine(line)
    if (read === undefined) continue
    if (typeof read === 'string') {
      faults.push([line.number, read])
      continue
    }
    if (run?.kind !== read.kind) {
      run = { kind: read.kind, records: [], numbers: [], ends: [] }
      runs.push(run)
    }
    run.records.push(read.record)
    run.numbers.push(line.number)
    run.ends.push(line.end)
  }
  return { runs: runs.map(packed), faults }
}

function packed(run: Run): Run {
  const { packed: packing }: Kind = kinds[run.kind]
  if (packing === undefined || !run.records.every(packing.isRow)) return run
  return { ...run, records: [], rows: packRows(run.records as Cells[]) } // as isRow says
}

const opensObject = 0x7b

/** The record of a line, undefined for a blank one, or why it is none. */
function readLine({ bytes }: Line): ReadRecord | string | undefined {
  if (bytes === undefined) return 'the line is too long'
  if (bytes[0] !== opensObject && bytes.every((byte) => byte === 0x20 || byte === 0x09)) return undefined
  try {
    return readRecord(parseJson(bytes))
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    const { target, message } = error.particulars
    if (error.kind === 'bodyUnreadable' && message === undefined) return 'not a JSON object'
    const words = error.message.replace('The request body', 'the line')
    return target === undefined ? words : `${printable(target)}: ${words}`
  }
}
