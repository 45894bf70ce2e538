/** Brings a database to this program's version: plain SQL files, in order, each once, and what fills their columns. */

import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import sql, { raw } from 'sql-template-tag'
import { StartError } from '../errors.ts'
import type { Database } from './database.ts'
import { fills } from './fills.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
}

const folder = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** The migrations that this program brings, oldest first. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 4)),
      name: basename(name, '.sql'),
      text: await readFile(`${folder}${name}`, 'utf8'),
    })),
  )
}

/** The migrations that `migrate` would apply. Throws StartError where the database is newer than the program. */
export async function pendingMigrations(database: Database): Promise<readonly Migration[]> {
  const done = new Set((await appliedVersions(database)).map(({ version }) => version))
  const migrations = await readMigrations()
  const newest = Math.max(0, ...migrations.map(({ version }) => version))
  const beyond = Math.max(0, ...done)
  if (beyond > newest)
    throw new StartError(
      `the database (${database.description}) is of a newer Selfgraph: it has migration ${beyond}, this program knows ${newest}. Upgrade the program`,
      'badData',
    )
  return migrations.filter(({ version }) => !done.has(version))
}

/**
 * Does what is pending, each migration in a transaction of its own; answers what was done. Of several processes at
 * once one does it. `migrations`: those that the program brings, or the first few of them.
 */
export async function migrate(database: Database, migrations?: readonly Migration[]): Promise<readonly Migration[]> {
  await makeHistory(database)
  await pendingMigrations(database)
  const done: Migration[] = []
  for (const migration of migrations ?? (await readMigrations())) if (await apply(database, migration)) done.push(migration)
  return done
}

/** The table of what was done. Its row 0 stands for no migration: it is what those who migrate wait for each other at. */
async function makeHistory(database: Database): Promise<void> {
  if ((await appliedVersions(database)).some(({ version }) => version === 0)) return
  await database.write('everyone', async (transaction) => {
    const { text } = database.dialect
    await transaction.change(
      sql`CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER NOT NULL PRIMARY KEY, name ${raw(text)} NOT NULL)`,
    )
    await transaction.change(sql`INSERT INTO schema_migrations (version, name) VALUES (0, 'none') ON CONFLICT (version) DO NOTHING`)
  })
}

/** Answers whether there was anything to do. */
async function apply(database: Database, { version, name, text }: Migration): Promise<boolean> {
  return database.write('schema', async (transaction) => {
    const done = await transaction.rows(sql`SELECT 1 FROM schema_migrations WHERE version = ${version}`)
    if (done.length > 0) return false
    for (const statement of statementsOf(text)) await transaction.change(raw(statement.replaceAll(/\bTEXT\b/g, database.dialect.text)))
    await fills[version]?.(transaction)
    await transaction.change(sql`INSERT INTO schema_migrations (version, name) VALUES (${version}, ${name})`)
    return true
  })
}

/** Throws StartError where the database is not of this program's version; for commands that only look on. */
export async function requireCurrent(database: Database): Promise<void> {
  const pending = await pendingMigrations(database)
  if (pending.length > 0)
    throw new StartError(`the database (${database.description}) is of an older Selfgraph: run selfgraph migrate first`, 'badData')
}

async function appliedVersions(database: Database): Promise<readonly { readonly version: number }[]> {
  try {
    return await database.read(sql`SELECT version FROM schema_migrations`)
  } catch (error) {
    if (error instanceof Error && /schema_migrations/.test(error.message)) return []
    throw error
  }
}

/** The statements of a migration: comments taken out, split at `;` at the end of a line. */
function statementsOf(text: string): readonly string[] {
  return text
    .replace(/--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
