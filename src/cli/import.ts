/** `selfgraph import`: records from a file of lines into the database. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import sql from 'sql-template-tag'
import { type Config, readConfig } from '../config.ts'
import { GraphError, StartError } from '../errors.ts'
import { parseJson, printable } from '../odata/json-text.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { type Line, readLines } from './lines.ts'
import { openDatabase } from './open-database.ts'
import { type Progress, progressOn } from './progress.ts'
import type { Kind } from './record-kind.ts'
import { kinds, type Maker, type ReadRecord, readRecord } from './records.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const importCommand: Command = {
  says: 'Read records from a file into the database.',
  help: `Usage: selfgraph import FILE.ndjson [--check] [--skip-bad]

Reads one JSON object a line; docs/operating.md shows each kind: ${Object.keys(kinds).join(', ')}.

First every line is checked, and if one is bad nothing is written at all. Then the records are written, a thousand at
a time, each thousand whole or not at all. An import that was interrupted goes on where it stopped when it is run
again with the same file. Putting a record that is there already replaces it.

  --check      check the lines, write nothing
  --skip-bad   write the good lines even if there are bad ones

Each bad line is told with its number and reason. The exit code is 0 when every line was good.`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args: [...args],
      options: { check: { type: 'boolean' }, 'skip-bad': { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new StartError('give one file: selfgraph import FILE.ndjson', 'usage')
    const config = readConfig(terminal.environment)
    const size = await sizeOf(file)
    const bars = { checking: progressOn(terminal, size, 'Checking'), importing: progressOn(terminal, size, 'Importing') }
    const report = (line: number, reason: string) => {
      bars.importing.end() // which takes either bar off the screen
      terminal.err(`${file}:${line}: ${reason}\n`)
    }
    const bad = await checkLines(file, report, bars.checking)
    bars.checking.end()
    if (bad.size > 0 && (values['skip-bad'] !== true || values.check === true)) {
      terminal.err(`Nothing was written: ${bad.size} bad ${bad.size === 1 ? 'line' : 'lines'}.\n`)
      return badData
    }
    if (values.check === true) {
      terminal.out('Every line can be read.\n')
      return 0
    }
    return write(config, { file, bad, report, progress: bars.importing }, terminal)
  },
}

/** Writes the lines that are not bad, and tells how it went; answers the exit code. */
async function write(config: Config, lines: Pick<Import, 'file' | 'bad' | 'report' | 'progress'>, terminal: Terminal): Promise<number> {
  const database = await openDatabase(config, terminal, 'owner')
  try {
    await migrate(database)
    let stopped = false
    terminal.onStop(() => {
      stopped = true
    })
    const fileHash = await hashOf(lines.file)
    const imported = await importFile({ ...lines, database, fileHash, maker: terminal, isStopped: () => stopped })
    const refused = imported.refused + lines.bad.size
    const interrupted = imported.complete ? '' : ' Interrupted: run it again to go on.'
    lines.progress.end()
    if (imported.skippedLines > 0) terminal.out(`Went on after line ${imported.skippedLines}.\n`)
    terminal.out(`${imported.written} records written, ${refused} lines refused.${interrupted}\n`)
    return !imported.complete || refused > 0 ? badData : 0
  } finally {
    lines.progress.end()
    await database.close()
  }
}

const badData = 65
const linesAtOnce = 1000
/** So that long lines do not fill the memory. */
const octetsAtOnce = 8 * 1024 * 1024

async function sizeOf(file: string): Promise<number> {
  try {
    const facts = await stat(file)
    if (!facts.isFile()) throw new StartError(`${file} is not a file`, 'badData')
    return facts.size
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`, 'badData', error)
  }
}

/** What makes the file the same file when an import goes on: its content. */
async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The numbers of the lines that are no records. */
async function checkLines(file: string, report: (line: number, reason: string) => void, progress: Progress): Promise<ReadonlySet<number>> {
  const bad = new Set<number>()
  for await (const line of readLines(file)) {
    const read = readLine(line)
    if (typeof read === 'string') {
      bad.add(line.number)
      report(line.number, read)
    }
    progress.show(line.end, `line ${line.number}`)
  }
  return bad
}

/** The record of a line, undefined for a blank one, or why it is none. */
function readLine({ bytes }: Line): ReadRecord | string | undefined {
  if (bytes === undefined) return 'the line is too long'
  if (bytes.every((byte) => byte === 0x20 || byte === 0x09)) return undefined
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

interface Import {
  readonly database: Database
  readonly file: string
  readonly fileHash: string
  /** Lines that are passed over: they are reported already. */
  readonly bad: ReadonlySet<number>
  readonly report: (line: number, reason: string) => void
  readonly progress: Progress
  readonly maker: Maker
  readonly isStopped: () => boolean
}

interface Imported {
  readonly written: number
  readonly refused: number
  /** Lines that an interrupted import had done before. */
  readonly skippedLines: number
  /** False where it was stopped before its end. */
  readonly complete: boolean
}

/** Writes the records of a file, batch after batch; how far it came is written with each batch. */
export async function importFile({ database, file, fileHash, bad, report, progress, maker, isStopped }: Import): Promise<Imported> {
  const [before] = await database.read<{ lines: number }>(sql`SELECT lines FROM imports WHERE file_hash = ${fileHash}`)
  const skippedLines = before?.lines ?? 0
  const done = { written: 0, refused: 0, skippedLines }
  let writing: Promise<void> | undefined
  const write = async (runs: readonly Run[], last: Line) => {
    const { records, refusals } = await writeBatch(database, runs, { last: last.number, fileHash, maker })
    for (const [line, reason] of refusals) report(line, reason)
    done.refused += refusals.size
    done.written += records
    progress.show(last.end, `line ${last.number}`)
  }
  for await (const { batch, last } of batchesOf(file, (line) => line.number > skippedLines && !bad.has(line.number))) {
    // Read while the batch before is written.
    const runs = runsOf(batch)
    await writing
    if (isStopped()) return { ...done, complete: false }
    writing = write(runs, last)
    // Told here as well, so that it is no error that nobody waits for while the next batch is read.
    writing.catch(() => undefined)
  }
  await writing
  await database.write('everyone', (transaction) => transaction.change(sql`DELETE FROM imports WHERE file_hash = ${fileHash}`))
  return { ...done, complete: true }
}

/** The lines of a file that count, many together. */
async function* batchesOf(file: string, counts: (line: Line) => boolean) {
  let batch: Line[] = []
  let octets = 0
  let last: Line | undefined
  for await (const line of readLines(file)) {
    if (!counts(line)) continue
    batch.push(line)
    last = line
    octets += line.bytes?.length ?? 0
    if (batch.length < linesAtOnce && octets < octetsAtOnce) continue
    yield { batch, last }
    batch = []
    octets = 0
  }
  if (last !== undefined && batch.length > 0) yield { batch, last }
}

interface Batch {
  /** How many were put. */
  readonly records: number
  /** The lines that could not be put, with the reasons. */
  readonly refusals: ReadonlyMap<number, string>
}

interface BatchContext {
  /** The number of its last line. */
  readonly last: number
  readonly fileHash: string
  readonly maker: Maker
}

/** Writes a batch in one transaction. */
function writeBatch(database: Database, runs: readonly Run[], { last, fileHash, maker }: BatchContext): Promise<Batch> {
  return database.write('everyone', async (transaction) => {
    const refusals = new Map<number, string>()
    let records = 0
    for (const { kind, numbers, run } of runs) {
      const outcome = await kind.put(transaction, run, maker)
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

interface Run {
  readonly kind: Kind
  /** Of the lines. */
  readonly numbers: number[]
  readonly run: ReadRecord['record'][]
}

/** The records of a batch; those of one kind that follow each other together. */
function runsOf(batch: readonly Line[]): readonly Run[] {
  const runs: Run[] = []
  for (const line of batch) {
    const read = readLine(line)
    if (read === undefined || typeof read === 'string') continue
    if (runs.at(-1)?.kind !== read.kind) runs.push({ kind: read.kind, numbers: [], run: [] })
    runs.at(-1)?.numbers.push(line.number)
    runs.at(-1)?.run.push(read.record)
  }
  return runs
}
