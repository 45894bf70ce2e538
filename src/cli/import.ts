/** `selfgraph import`: records from a file of lines into the database. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import sql from 'sql-template-tag'
import { readConfig } from '../config.ts'
import { GraphError, StartError } from '../errors.ts'
import { parseJson, printable } from '../odata/json-text.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import { type Line, readLines } from './lines.ts'
import { type Progress, progressOn } from './progress.ts'
import { kinds, type Maker, type ReadRecord, readRecord } from './records.ts'
import { type Command, readArguments } from './terminal.ts'

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
    const { data } = readConfig(terminal.environment)
    const size = await sizeOf(file)
    const report = (line: number, reason: string) => terminal.err(`${file}:${line}: ${reason}\n`)

    const checking = progressOn(terminal, size, 'Checking')
    const bad = await checkLines(file, report, checking)
    checking.end()
    if (bad.size > 0 && values['skip-bad'] !== true) {
      terminal.err(`Nothing was written: ${bad.size} bad ${bad.size === 1 ? 'line' : 'lines'}.\n`)
      return badData
    }
    if (values.check === true) {
      terminal.out('Every line can be read.\n')
      return bad.size > 0 ? badData : 0
    }

    const database = openSqlite({ folder: data, as: 'owner' })
    try {
      await migrate(database)
      let stopped = false
      terminal.onStop(() => {
        stopped = true
      })
      const importing = progressOn(terminal, size, 'Importing')
      const { written, refused, skippedLines } = await importFile({
        database,
        file,
        fileHash: await hashOf(file),
        bad,
        report,
        progress: importing,
        maker: terminal,
        isStopped: () => stopped,
      })
      importing.end()
      if (skippedLines > 0) terminal.out(`Went on after line ${skippedLines}.\n`)
      terminal.out(
        `${written} records written, ${refused + bad.size} lines refused.${stopped ? ' Interrupted: run it again to go on.' : ''}\n`,
      )
      return stopped || refused + bad.size > 0 ? badData : 0
    } finally {
      await database.close()
    }
  },
}

const badData = 65
const linesAtOnce = 1000

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
    const { target } = error.particulars
    return error.kind === 'bodyUnreadable' && target === undefined
      ? 'not a JSON object in UTF-8'
      : `${target === undefined ? '' : `${printable(target)}: `}${error.message}`
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
}

/** Writes the records of a file, batch after batch; how far it came is written with each batch. */
export async function importFile({ database, file, fileHash, bad, report, progress, maker, isStopped }: Import): Promise<Imported> {
  const [before] = await database.read<{ lines: number }>(sql`SELECT lines FROM imports WHERE file_hash = ${fileHash}`)
  const skippedLines = before?.lines ?? 0
  let written = 0
  let refused = 0
  let batch: Line[] = []
  const flush = async () => {
    const last = batch.at(-1)
    if (last === undefined) return
    const refusals = await writeBatch(database, batch, fileHash, maker)
    for (const [line, reason] of refusals) report(line, reason)
    refused += refusals.size
    written += batch.length - refusals.size
    progress.show(last.end, `line ${last.number}`)
    batch = []
  }
  for await (const line of readLines(file)) {
    if (line.number <= skippedLines || bad.has(line.number)) continue
    batch.push(line)
    if (batch.length === linesAtOnce) {
      await flush()
      if (isStopped()) return { written, refused, skippedLines }
    }
  }
  await flush()
  await database.write('everyone', (transaction) => transaction.change(sql`DELETE FROM imports WHERE file_hash = ${fileHash}`))
  return { written, refused, skippedLines }
}

/** Writes a batch in one transaction; answers the lines that could not be put, with the reasons. */
async function writeBatch(
  database: Database,
  batch: readonly Line[],
  fileHash: string,
  maker: Maker,
): Promise<ReadonlyMap<number, string>> {
  return database.write('everyone', async (transaction) => {
    const refusals = new Map<number, string>()
    for (const line of batch) {
      const read = readLine(line)
      if (read === undefined || typeof read === 'string') continue
      const refusal = await read.kind.put(transaction, read.record, maker)
      if (refusal !== undefined) refusals.set(line.number, refusal)
    }
    const lines = batch.at(-1)?.number ?? 0
    await transaction.change(
      sql`INSERT INTO imports (file_hash, lines) VALUES (${fileHash}, ${lines}) ON CONFLICT (file_hash) DO UPDATE SET lines = excluded.lines`,
    )
    return refusals
  })
}
