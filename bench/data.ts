/** The database that is measured: imported once by the program itself, kept for the next run, copied for each. */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { constants, createWriteStream, existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openOwnKey } from '../src/auth/own-key.ts'
import { randomness } from '../src/randomness.ts'
import { root, withoutSettings } from './child.ts'
import { emailsPerPerson, recordsOf } from './people.ts'
import { tell } from './progress.ts'

export interface Prepared {
  readonly folder: string
  readonly people: number
}

/** Makes the database with `emails` emails in a folder of `cache`, unless it is there. */
export async function prepareDatabase(emails: number, cache: string): Promise<Prepared> {
  const people = Math.ceil(emails / emailsPerPerson)
  const folder = join(cache, `${emails}-emails`)
  const stamp = join(folder, 'complete')
  const wanted = madeBy()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { folder, people }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  tell(`Importing ${emails} emails of ${people} people (once)…`)
  await importPeople(people, folder, { SELFGRAPH_DATA: folder })
  await openOwnKey(folder, randomness) // before anyone copies it
  writeFileSync(stamp, wanted)
  return { folder, people }
}

/** Imports them by the program itself, into the database that the settings mean. */
export async function importPeople(people: number, folder: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const file = join(folder, 'records.ndjson')
  const startedAt = performance.now()
  try {
    await pipeline(Readable.from(chunksOf(people)), createWriteStream(file))
    await importRecords(file, folder, settings)
  } finally {
    await rm(file, { force: true })
  }
  tell(`Imported in ${Math.round((performance.now() - startedAt) / 1000)} s.`)
}

/** What the database was made by: when that changes, it is made anew. */
function madeBy(): string {
  const hash = createHash('sha256')
  for (const file of [...globSync('migrations/*.sql', { cwd: root }).sort(), 'src/model/profile.ts', 'bench/people.ts'])
    hash.update(readFileSync(`${root}${file}`))
  return hash.digest('hex')
}

function* chunksOf(people: number): Generator<string> {
  let lines: string[] = []
  for (const record of recordsOf(people)) {
    lines.push(JSON.stringify(record))
    if (lines.length < 1000) continue
    yield `${lines.join('\n')}\n`
    lines = []
  }
  yield `${lines.join('\n')}\n`
}

/** By the program itself, into the database that the settings mean. */
export async function importRecords(file: string, folder: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [`${root}src/main.ts`, 'import', file], {
    cwd: folder,
    env: { ...withoutSettings(), ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`selfgraph import ended with ${code}`)
}

/** Octets of the database's file. */
export function databaseBytes({ folder }: Prepared): number {
  return statSync(join(folder, databaseFile)).size
}

const databaseFile = 'selfgraph.db'
const keyFile = 'signing-key.json'

/** A data folder of its own for one server. It lies beside the prepared one: a temporary folder may be in memory. */
export async function copyDatabase({ folder }: Prepared, to: string): Promise<string> {
  if (existsSync(join(folder, `${databaseFile}-wal`))) throw new Error(`${folder} was not closed properly: remove it`)
  await mkdir(to, { recursive: true })
  await copyFile(join(folder, databaseFile), join(to, databaseFile), constants.COPYFILE_FICLONE)
  await copyKey({ folder }, to)
  return join(to, databaseFile)
}

/** The key that the tokens are signed with: a server that trusts them has it in its data folder. */
export async function copyKey({ folder }: Pick<Prepared, 'folder'>, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  if (existsSync(join(folder, keyFile))) await copyFile(join(folder, keyFile), join(to, keyFile))
}
