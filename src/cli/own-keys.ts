/** The keys that this server signs with: the ring in the database, and the file from before there is one. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { nameOfKey } from '../auth/key-ring.ts'
import { findOwnKey, openOwnKey, removeOwnKey } from '../auth/own-key.ts'
import type { Seals } from '../auth/sealing.ts'
import { findSigner, openSigningKeys, type SigningKeys } from '../auth/signing-keys.ts'
import type { Config } from '../config.ts'
import type { Observe } from '../observe.ts'
import { committed, type Database } from '../store/database.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { findSealedSecrets, sealName } from '../store/tables/secrets.ts'
import { findSigningKeys, signingKeysIn } from '../store/tables/signing-keys.ts'
import { openDatabase } from './open-database.ts'
import { openSeals } from './outside-secrets.ts'
import type { Terminal } from './terminal.ts'

/** The means to read and make secrets and keys. */
export type Means = Pick<Terminal, 'now' | 'newId' | 'newKeys' | 'random' | 'randomOctets'>

/** The ring for a server. A key file in the data folder is taken over, and removed. */
export async function openRing(
  { data: folder }: Config,
  { now, newId, newKeys }: Means,
  { database, seals, observe }: { readonly database: Database; readonly seals: Seals; readonly observe: Observe },
): Promise<SigningKeys> {
  const file = await findOwnKey(folder)
  const keys = await openSigningKeys({ store: signingKeysIn(database), seals, now, newId, newKeys, observe }, file)
  if (file === undefined) return keys
  await removeOwnKey(folder)
  observe({ kind: 'keyTakenOver', key: file.kid ?? '' })
  return keys
}

/** Everything that is sealed in the database: a name and a sealed text each. */
async function findSealed(database: Database): Promise<readonly (readonly [name: string, sealed: string])[]> {
  const keys = (await findSigningKeys(committed(database))).map(({ id, sealed }) => [nameOfKey(id), sealed] as const)
  const secrets = (await findSealedSecrets(database)).map(({ name, value }) => [sealName(name), value] as const)
  return [...keys, ...secrets]
}

/** The secrets for a server. They are made where nothing is sealed yet: later they could have been lost only, and new ones would be of no use. */
export async function sealsFor(database: Database, config: Config, terminal: Means): Promise<Seals> {
  return openSeals(config, terminal, (await findSealed(database)).length === 0 ? 'make' : 'find')
}

/** Opens everything that is sealed, and changes nothing. Throws StartError where a secret is missing or a value is damaged. */
export async function requireSecrets(database: Database, config: Config, terminal: Means): Promise<void> {
  const sealed = await findSealed(database)
  if (sealed.length === 0) return
  const seals = await openSeals(config, terminal, 'find')
  for (const [name, text] of sealed) seals.open(name, text)
}

/** The key for tokens of a command, which only looks on: that of the ring, else that of the data folder, which is made where it is missing. */
export async function findSigningKey(config: Config, terminal: Means): Promise<JWK> {
  return (await signerIn(config, terminal)) ?? openOwnKey(config.data, terminal)
}

async function signerIn(config: Config, terminal: Means): Promise<JWK | undefined> {
  if (config.databaseUrl === undefined && !existsSync(join(config.data, 'selfgraph.db'))) return undefined
  const database = await openDatabase(config, terminal, 'reader')
  try {
    // No server of this version has been here.
    if ((await pendingMigrations(database)).length > 0) return undefined
    const rows = await findSigningKeys(committed(database))
    return rows.length === 0 ? undefined : findSigner(rows, await openSeals(config, terminal, 'find'), terminal.now())
  } finally {
    await database.close()
  }
}
