/** `selfgraph backup`: a copy of the database, made beside a running server. */

import { stat } from 'node:fs/promises'
import { readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import { progressOn } from '../transfer/progress.ts'
import { openDatabase } from './open-database.ts'
import { endOnStop, requireTarget } from './output-file.ts'
import { type Command, readArguments } from './terminal.ts'

export const backupCommand: Command = {
  says: 'Copy the database, also while a server runs.',
  help: `Usage: selfgraph backup FILE [--force]

Copies the embedded database as it is at this moment, whatever a running server writes meanwhile. The file appears
when it is complete and was found whole. To go back to it, stop the server and put the file in the place of
selfgraph.db in the data folder, with no selfgraph.db-wal beside it.

With PostgreSQL it says how that makes a copy.

  --force   replace a file that is there`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args: [...args],
      options: { force: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new StartError('give one file: selfgraph backup FILE', 'usage')
    const config = readConfig(terminal.environment)
    if (config.databaseUrl !== undefined)
      throw new StartError(`PostgreSQL makes its own copies: ${dumpCommand(config.databaseUrl.reveal(), file)}`, 'unavailable')
    requireTarget(file, values.force === true)
    const database = await openDatabase(config, terminal, 'reader')
    const progress = progressOn(terminal, 1, 'Copying')
    const throwIfStopped = endOnStop(file, terminal)
    try {
      await database.copyTo?.(file, {
        draftName: terminal.newId(),
        replace: values.force === true,
        show: (share) => {
          throwIfStopped()
          progress.show(share, 'of the database')
        },
      })
      progress.end()
      terminal.out(`${((await stat(file)).size / 1024 / 1024).toFixed(1)} MiB written to ${file}\n`)
      return 0
    } finally {
      progress.end()
      await database.close()
    }
  },
}

/** The command to type instead, without the password, which the process list would show. */
function dumpCommand(databaseUrl: string, file: string): string {
  const url = new URL(databaseUrl)
  url.password = ''
  url.searchParams.delete('password')
  return `pg_dump --format=custom --file=${quoted(file)} ${quoted(url.href)}`
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
