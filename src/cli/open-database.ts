/** Opens the database that the settings name, for every command alike. */

import type { Config } from '../config.ts'
import type { Database } from '../store/database.ts'
import { openPostgres } from '../store/postgres/database.ts'
import { openSqlite, type Role } from '../store/sqlite/database.ts'
import type { Terminal } from './terminal.ts'

/** `owner`: to write; keeps other owners of an embedded database out. `guest`: to change what no server remembers. Throws StartError with one line. */
export async function openDatabase(config: Config, { random }: Pick<Terminal, 'random'>, as: Role): Promise<Database> {
  if (config.databaseUrl === undefined) return openSqlite({ folder: config.data, as, querySeconds: config.queryTimeout })
  return openPostgres({
    url: config.databaseUrl.reveal(),
    connections: config.databaseConnections,
    timeoutSeconds: config.databaseTimeout,
    querySeconds: config.queryTimeout,
    random,
  })
}
