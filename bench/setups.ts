/** Where what is measured is kept: a copy of the prepared database, or a PostgreSQL of the benchmark's own. */

import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makeDatabase, startPostgres } from '../test/support/postgres.ts'
import { copyDatabase, copyKey, importPeople, type Prepared } from './data.ts'
import { tell } from './progress.ts'

export type Engine = 'SQLite' | 'PostgreSQL'

/** What a stage is set on. */
export interface DatabaseSetup {
  readonly engine: Engine
  /** Data folders for servers, each with the key. One server alone may own a SQLite database. */
  readonly dataFolders: readonly string[]
  readonly settings: Readonly<Record<string, string>>
  /** What limits.ts opens; undefined where the limit is not measured. */
  readonly limits: { readonly file: string } | { readonly url: string } | undefined
  /** Whose disk is asked how often it syncs. */
  readonly folder: string
  drop(): Promise<void>
}

/** Copies beside each other: of the server, and of the limit where `withLimits`. */
export async function setUpSqlite(prepared: Prepared, folder: string, { withLimits }: { withLimits: boolean }): Promise<DatabaseSetup> {
  const served = join(folder, 'served')
  await copyDatabase(prepared, served)
  return {
    engine: 'SQLite',
    dataFolders: [served],
    settings: {},
    limits: withLimits ? { file: await copyDatabase(prepared, join(folder, 'rows')) } : undefined,
    folder,
    drop: async () => undefined,
  }
}

/** A server is started, and the people are imported. Servers and limit share the database: none is asked while another is. */
export async function setUpPostgres(prepared: Prepared, folder: string): Promise<DatabaseSetup> {
  tell('Starting PostgreSQL, and importing into it…')
  const server = await startPostgres()
  const kill = () => void server.process?.kill('SIGINT')
  process.once('exit', kill)
  const drop = async (database?: { drop(): Promise<void> }) => {
    // An operator's own is left as it was.
    if (server.process === undefined) await database?.drop()
    await server.stop()
    process.off('exit', kill)
  }
  try {
    const database = await makeDatabase(server.url, `bench_${process.pid}`)
    const dataFolders = ['first', 'second'].map((name) => join(folder, name))
    for (const data of dataFolders) await copyKey(prepared, data)
    const settings = { SELFGRAPH_DATABASE_URL: database.url, SELFGRAPH_SECRETS: 'what both servers of a run have in common' }
    await importPeople(prepared.people, folder, { SELFGRAPH_DATA: join(folder, 'first'), ...settings })
    await settle(database.url)
    return { engine: 'PostgreSQL', dataFolders, settings, limits: { url: database.url }, folder: tmpdir(), drop: () => drop(database) }
  } catch (error) {
    await drop()
    throw error
  }
}

/** What an operator's server has done long ago after so much came in, and what would disturb the rounds. */
async function settle(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('VACUUM ANALYZE')
    await client.query('CHECKPOINT')
  } finally {
    await client.end()
  }
}

/** In what kind of file system a folder lies: a disk in memory syncs as fast as it writes. */
export function isInMemory(folder: string): boolean {
  const tmpfs = 0x01021994
  return statfsSync(folder).type === tmpfs
}
