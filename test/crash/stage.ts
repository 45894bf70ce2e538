/** A server on an engine with people in it, and the ledger of what was written there. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { freshFolder, type ProgramOptions, type ServerProcess, serveProcess } from '../support/program.ts'
import { type Findings, Ledger } from './ledger.ts'
import { readEverybody, type StoredEmail, tableFaults } from './look.ts'
import { makePeople, type Person } from './people.ts'

export interface Stage {
  /** Data folder of the server. */
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
  readonly people: readonly Person[]
  readonly ledger: Ledger
  /** The table itself, and what the engine says of its own files; both beside a running server. */
  readonly rows: () => Promise<readonly StoredEmail[]>
  readonly faults: () => Promise<readonly string[]>
}

const usual = { SELFGRAPH_LOG_LEVEL: 'error' }
const table = 'SELECT user_id, id, created_at, audiences, record FROM profile_emails'

/** On SQLite in a folder: a new one unless given. */
export async function stageOnSqlite(folder?: string): Promise<Stage> {
  const data = folder ?? (await freshFolder())
  const people = await makePeople(data, usual)
  return { settings: usual, people, ledger: ledgerOf(people), ...sqliteIn(data) }
}

/** The parts of a stage that follow from where an embedded database lies. */
export function sqliteIn(folder: string): Pick<Stage, 'folder' | 'rows' | 'faults'> {
  const look = <R>(statement: string): readonly R[] => {
    const database = new DatabaseSync(join(folder, 'selfgraph.db'), { readOnly: true, timeout: 10_000 })
    try {
      return database.prepare(statement).all() as unknown as readonly R[] // as the statement names the columns
    } finally {
      database.close()
    }
  }
  return {
    folder,
    rows: async () => look<StoredEmail>(table),
    faults: async () =>
      look<{ integrity_check: string }>('PRAGMA integrity_check')
        .map((row) => row.integrity_check)
        .filter((fault) => fault !== 'ok'),
  }
}

/** On PostgreSQL, in the empty database at `url`; `through` is what the server is told instead. */
export async function stageOnPostgres(
  url: string,
  { through = url, settings: given = {} }: { through?: string; settings?: Readonly<Record<string, string>> } = {},
): Promise<Stage> {
  const folder = await freshFolder()
  const settings = { ...usual, SELFGRAPH_DATABASE_URL: through, ...given }
  const people = await makePeople(folder, settings)
  const rows = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<StoredEmail>(table)).rows
    } finally {
      await client.end()
    }
  }
  return { folder, settings, people, ledger: ledgerOf(people), rows, faults: async () => [] }
}

function ledgerOf(people: readonly Person[]): Ledger {
  return new Ledger(people.map(({ id }) => id))
}

export async function startOn({ folder, settings, ledger, people }: Stage, options: ProgramOptions = {}): Promise<ServerProcess> {
  const server = await serveProcess({ ...options, folder, settings: { ...settings, ...options.settings } })
  // What fails next would not say why.
  void server.ended.then(({ code, signal, stderr }) => {
    if (signal !== 'SIGKILL') console.error(`the server ended by itself, with ${code ?? signal}: ${stderr.slice(-4000)}`)
  })
  if (!ledger.hasBegun) ledger.adopt(await readEverybody(server.port, people))
  return server
}

export async function killProgram({ child, ended }: Pick<ServerProcess, 'child' | 'ended'>): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

/** Everything there against everything acknowledged. */
export async function compareWith(server: ServerProcess, { people, ledger, rows, faults }: Stage): Promise<Findings> {
  const held = await readEverybody(server.port, people)
  const findings = ledger.compare(held)
  findings.torn.push(...tableFaults(await rows(), held), ...(await faults()))
  return findings
}
