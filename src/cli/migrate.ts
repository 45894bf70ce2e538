/** `selfgraph migrate`: brings the database to this program's version, or says what it would do. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, readConfig } from '../config.ts'
import type { Database } from '../store/database.ts'
import { migrate, pendingMigrations, readMigrations } from '../store/migrate.ts'
import { openDatabase } from './open-database.ts'
import { type Command, readArguments } from './terminal.ts'

export const migrateCommand: Command = {
  says: "Bring the database to this program's version.",
  help: `Usage: selfgraph migrate [--dry-run]

Applies the migrations that the database lacks, each in a transaction of its own. A server does the same when it starts.

  --dry-run   say what would be done, and do nothing`,
  run: async (args, terminal) => {
    const { values } = readArguments({ args: [...args], options: { 'dry-run': { type: 'boolean' } }, strict: true })
    const config = readConfig(terminal.environment)
    if (values['dry-run'] === true) {
      const pending = isThere(config) ? await lookOn(await openDatabase(config, terminal, 'reader')) : await readMigrations()
      terminal.out(pending.length === 0 ? 'Nothing to do.\n' : pending.map(({ name }) => `Would apply ${name}\n`).join(''))
      return 0
    }
    const database = await openDatabase(config, terminal, 'owner')
    try {
      const done = await migrate(database)
      terminal.out(done.length === 0 ? 'Nothing to do.\n' : done.map(({ name }) => `Applied ${name}\n`).join(''))
      return 0
    } finally {
      await database.close()
    }
  },
}

/** An embedded database that was never opened has all before it. */
function isThere({ databaseUrl, data }: Config): boolean {
  return databaseUrl !== undefined || existsSync(join(data, 'selfgraph.db'))
}

async function lookOn(database: Database) {
  try {
    return await pendingMigrations(database)
  } finally {
    await database.close()
  }
}
