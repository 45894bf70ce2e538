/** The doctor's look at the database, whichever the settings mean. */

import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../store/database.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { lookAtJobs } from './doctor-jobs.ts'
import { type Finding, finding, reason } from './finding.ts'
import { openDatabase } from './open-database.ts'
import { type Means, requireSecrets } from './own-keys.ts'

export async function checkDatabase(config: Config, terminal: Means): Promise<readonly Finding[]> {
  const file = config.databaseUrl === undefined ? join(config.data, 'selfgraph.db') : undefined
  if (file !== undefined && !existsSync(file)) return [finding('database', 'ok', 'none yet: the first start makes it')]
  try {
    const database = await openDatabase(config, terminal, 'reader')
    try {
      const found = await examine(database, file, () => requireSecrets(database, config, terminal))
      // A database that is damaged, or of an older version, may not have the table.
      return found.verdict === 'ok' ? [found, await lookAtJobs(database, terminal.now())] : [found]
    } finally {
      await database.close()
    }
  } catch (error) {
    return [finding('database', 'bad', reason(error))]
  }
}

/** `file`: of an embedded database. */
async function examine(database: Database, file: string | undefined, openAll: () => Promise<void>): Promise<Finding> {
  const pending = await pendingMigrations(database)
  const faults = (await database.faults?.()) ?? []
  if (faults.length > 0) return finding('database', 'bad', `${database.description} is damaged (${faults.join('; ')}): put a copy back`)
  if (pending.length > 0)
    return finding('database', 'warn', `the next start brings it up to date: ${pending.map(({ name }) => name).join(', ')}`)
  await openAll()
  if (file === undefined) return finding('database', 'ok', `${database.description} answers and is up to date`)
  // The last writes are still in the write-ahead log.
  const sizes = await Promise.all([file, `${file}-wal`].filter((name) => existsSync(name)).map(async (name) => (await stat(name)).size))
  const size = sizes.reduce((sum, each) => sum + each, 0)
  return finding('database', 'ok', `${database.description} is whole and up to date, ${(size / 1024 / 1024).toFixed(1)} MiB`)
}
