/** Both databases side by side, for tests that compare them; each run is given fresh ones. */

import { randomUUID } from 'node:crypto'
import { after } from 'node:test'
import { makeDatabase, postgresOfRun } from './postgres.ts'
import { freshFolder } from './program.ts'

export interface FreshDatabase {
  /** For `command` and `startServer`. */
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
}

export interface BothDatabases {
  embedded(): Promise<FreshDatabase>
  postgres(): Promise<FreshDatabase>
}

export async function bothDatabases(): Promise<BothDatabases> {
  const server = await postgresOfRun()
  const made: Awaited<ReturnType<typeof makeDatabase>>[] = []
  after(async () => {
    for (const database of made) await database.drop()
    await server.stop()
  })
  return {
    embedded: async () => ({ folder: await freshFolder(), settings: {} }),
    postgres: async () => {
      const database = await makeDatabase(server.url, `selfgraph_${randomUUID().replaceAll('-', '')}`)
      made.push(database)
      return { folder: await freshFolder(), settings: { SELFGRAPH_DATABASE_URL: database.url } }
    },
  }
}
