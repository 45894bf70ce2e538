/** The secrets from outside the database that what lies in it is sealed with: from the setting, or a file in the data folder. */

import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createSeals, type Seals } from '../auth/sealing.ts'
import { type Config, splitSecrets } from '../config.ts'
import { StartError } from '../errors.ts'
import { closeToOthers, giveName, makeFolder, openFresh, syncFolder } from '../private-files.ts'
import type { Terminal } from './terminal.ts'

type Means = Pick<Terminal, 'newId' | 'randomOctets'>

/**
 * Throws StartError where there are none. `make`: a file is made where there is none, but beside PostgreSQL in demo mode only:
 * several servers must have the same secrets, and a folder that goes with its container would take them along.
 */
export async function openSeals(config: Config, means: Means, make: 'make' | 'find'): Promise<Seals> {
  const [current, ...previous] = await secretsOf(config, means, make)
  if (current === undefined) throw new Error('there is no secret')
  return createSeals([current, ...previous], means.randomOctets)
}

async function secretsOf(config: Config, means: Means, make: 'make' | 'find'): Promise<readonly string[]> {
  if (config.secrets !== undefined) return splitSecrets(config.secrets.reveal())
  const file = join(config.data, 'secrets')
  const known = await findSecrets(file)
  if (known !== undefined) return known
  if (config.databaseUrl !== undefined && !(config.demo && make === 'make'))
    throw new StartError(
      'SELFGRAPH_SECRETS is not set: with PostgreSQL, give all servers the same, such as what openssl rand -hex 32 prints',
      'badConfig',
    )
  if (make === 'find')
    throw new StartError(
      `${file} does not exist: put it back, or set SELFGRAPH_SECRETS; if it is lost, run selfgraph keys reset`,
      'badConfig',
    )
  await makeSecret(file, config.data, means)
  // A sealed value must never be on disk before its secret is.
  await syncFolder(config.data)
  return (await findSecrets(file)) ?? []
}

/** Throws StartError without a word of what the file holds. */
async function findSecrets(file: string): Promise<readonly string[] | undefined> {
  closeToOthers(file)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new StartError(`${file} cannot be read (${codeOf(error)})`, 'badConfig')
  }
  try {
    return splitSecrets(text)
  } catch {
    throw new StartError(`${file} is damaged: put a copy back; if it is lost, move it away and run selfgraph keys reset`, 'badData')
  }
}

const secretOctets = 32

/** Two processes that make it at once end up with the same one. */
async function makeSecret(file: string, folder: string, { newId, randomOctets }: Means): Promise<void> {
  makeFolder(folder)
  const draft = `${file}.${newId()}.part`
  const handle = await openFresh(draft)
  try {
    await handle.writeFile(`${Buffer.from(randomOctets(secretOctets)).toString('base64url')}\n`)
    await handle.sync()
    await handle.close()
    await giveName(draft, file, false)
  } catch (error) {
    await handle.close().catch(() => undefined) // closed already
    await rm(draft, { force: true })
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
