/** `selfgraph import`: records from a file of lines into the database. */

import { stat } from 'node:fs/promises'
import { type Config, readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import { migrate } from '../store/migrate.ts'
import { type Checked, checkFile } from '../transfer/check-file.ts'
import { progressOn } from '../transfer/progress.ts'
import { kinds } from '../transfer/records.ts'
import { type Import, writeRecords } from '../transfer/write-records.ts'
import { openDatabase } from './open-database.ts'
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

Each bad line is told with its number and reason. The exit code is 0 when every line was written (with --check: can be
read), and 65 when some were not or the import was interrupted. A record that was there already counts as written.`,
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
    const keep = values.check === true ? 'nothing' : values['skip-bad'] === true ? 'good lines' : 'all or nothing'
    const bars = { checking: progressOn(terminal, size, 'Checking'), importing: progressOn(terminal, size, 'Importing') }
    const report = (line: number, reason: string) => {
      bars.importing.end() // which takes either bar off the screen
      terminal.err(`${file}:${line}: ${reason}\n`)
    }
    const checked = await checkFile(file, { size, folder: config.data, keep, report, progress: bars.checking, newId: terminal.newId })
    try {
      bars.checking.end()
      if (checked.bad > 0 && (values['skip-bad'] !== true || values.check === true)) {
        terminal.err(`Nothing was written: ${checked.bad} bad ${checked.bad === 1 ? 'line' : 'lines'}.\n`)
        return badData
      }
      if (values.check === true) {
        terminal.out('Every line can be read.\n')
        return 0
      }
      return await write(config, { checked, report, progress: bars.importing }, terminal)
    } finally {
      await checked.close()
    }
  },
}

interface Lines extends Pick<Import, 'report' | 'progress'> {
  readonly checked: Checked
}

/** Writes what was read, and tells how it went; answers the exit code. */
async function write(config: Config, { checked, report, progress }: Lines, terminal: Terminal): Promise<number> {
  const database = await openDatabase(config, terminal, 'owner')
  try {
    await migrate(database)
    let stopped = false
    terminal.onStop(() => {
      stopped = true
    })
    const { fileHash, runs } = checked
    const imported = await writeRecords({ database, runs, fileHash, report, progress, maker: terminal, isStopped: () => stopped })
    const refused = imported.refused + checked.bad
    const interrupted = imported.complete ? '' : ' Interrupted: run it again to go on.'
    progress.end()
    if (imported.skippedLines > 0) terminal.out(`Went on after line ${imported.skippedLines}.\n`)
    terminal.out(`${imported.written} records written, ${refused} lines refused.${interrupted}\n`)
    return !imported.complete || refused > 0 ? badData : 0
  } finally {
    progress.end()
    await database.close()
  }
}

const badData = 65

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
