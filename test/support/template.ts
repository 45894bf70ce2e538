/**
 * A seeded server, made once a run: servers of tests begin with a copy of it, instead of making tables, demo tenants, key and
 * certificate each. A test about these starts its server in a folder of its own.
 */

import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import sql from 'sql-template-tag'
import { start } from '../../src/cli/serve.ts'
import { readConfig } from '../../src/config.ts'
import { makeDatabase } from './postgres.ts'
import { testRun } from './run.ts'
import { withSecrets } from './secrets.ts'
import { quietTerminal } from './terminal.ts'

export interface Template {
  readonly folder: string
  /** Name of the database; undefined where there is no PostgreSQL. */
  readonly database: string | undefined
  drop(): Promise<void>
}

/** Seeds the embedded database and, where there is one, a database on the PostgreSQL behind the URL. */
export async function makeTemplate(postgres: string | undefined): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'selfgraph-template-'))
  await seed({ SELFGRAPH_DATA: folder })
  const name = `selfgraph_template_${randomUUID().replaceAll('-', '')}`
  const database = postgres === undefined ? undefined : await makeDatabase(postgres, name)
  if (database !== undefined) await seed({ SELFGRAPH_DATA: folder, SELFGRAPH_DATABASE_URL: database.url })
  return {
    folder,
    database: database === undefined ? undefined : name,
    drop: async () => {
      await database?.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function seed(settings: Readonly<Record<string, string>>): Promise<void> {
  const environment = { ...withSecrets(settings), SELFGRAPH_DEMO: '1' }
  const { app, stop } = await start(readConfig(environment), quietTerminal(environment), { anyPort: true })
  // Each copy makes its own: the key of its entity tags, and the times of its recurring jobs.
  await app.database.change('nobody', sql`DELETE FROM secrets`)
  await app.database.change('nobody', sql`DELETE FROM jobs`)
  await stop()
}

const deciding = ['SELFGRAPH_DEMO', 'SELFGRAPH_DATABASE_URL', 'SELFGRAPH_SECRETS', 'SELFGRAPH_SECRETS_FILE']

/** Whether these settings leave the demo's data, the database and the secrets as the template has them. */
export function isAsTheTemplate(settings: Readonly<Record<string, string>>): boolean {
  return deciding.every((name) => settings[name] === undefined)
}

/** Fills a new folder: with everything, or with the certificate alone where the database is elsewhere. Does nothing without a template. */
export async function copyTemplate(folder: string, { embedded }: { readonly embedded: boolean }): Promise<void> {
  if (testRun.templateFolder === undefined) return
  const from = testRun.templateFolder
  const filter = (file: string) => embedded || file === from || basename(file).startsWith('development-')
  await cp(from, folder, { recursive: true, filter })
}
