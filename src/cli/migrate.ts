/** `selfgraph migrate`: brings the database to this program's version, or says what it would do. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { migrate, pendingMigrations, readMigrations } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite.ts'
import { type Command, readArguments } from './terminal.ts'

export const migrateCommand: Command = {
  says: "Bring the database to this program's version.",
  help: `Usage: selfgraph migrate [--dry-run]

Applies the migrations that the database lacks, each in a transaction of its own. A server does the same when it starts.

  --dry-run   say what would be done, and do nothing`,
  run: async (args, terminal) => {
    const { values } = readArguments({ args: [...args], options: { 'dry-run': { type: 'boolean' } }, strict: true })
    const { data } = readConfig(terminal.environment)
    if (values['dry-run'] === true) {
      const pending = existsSync(join(data, 'selfgraph.db')) ? await lookOn(data) : await readMigrations()
      terminal.out(pending.length === 0 ? 'Nothing to do.\n' : pending.map(({ name }) => `Would apply ${name}\n`).join(''))
      return 0
    }
    const database = openSqlite({ folder: data, as: 'owner' })
    try {
      const done = await migrate(database)
      terminal.out(done.length === 0 ? 'Nothing to do.\n' : done.map(({ name }) => `Applied ${name}\n`).join(''))
      return 0
    } finally {
      await database.close()
    }
  },
}

async function lookOn(folder: string) {
  const database = openSqlite({ folder, as: 'reader' })
  try {
    return await pendingMigrations(database)
  } finally {
    await database.close()
  }
}
