/** `selfgraph keys`: shows the keys that this server signs with, and rotates them beside running servers. */

import { examineRing, leadMilliseconds, nameOfKey, successorOf } from '../auth/key-ring.ts'
import { fingerprintOf, type Seals } from '../auth/sealing.ts'
import { makeRow } from '../auth/signing-keys.ts'
import { type Config, readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import { committed, type Database } from '../store/database.ts'
import { requireCurrent } from '../store/migrate.ts'
import { dropSecret, findSealedSecrets, sealName } from '../store/tables/secrets.ts'
import { findSigningKeys, signingKeysIn } from '../store/tables/signing-keys.ts'
import { openDatabase } from './open-database.ts'
import { openSeals } from './outside-secrets.ts'
import { requireSecrets, sealsFor } from './own-keys.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const keysCommand: Command = {
  says: 'Show and rotate the keys that this server signs with.',
  help: `Usage: selfgraph keys list
       selfgraph keys rotate [--now] [--revoke]
       selfgraph keys reset

A server makes its keys, and rotates them every 90 days, by itself. The command works beside running servers, which notice
within a minute.

  list       each key: its state, its id, from when on it signs or until when it is published, and the fingerprint of the secret
             that sealed it; then the other sealed values
  rotate     add the next key: it is published now, and signs from a day later on
    --now    the next key signs at once; tokens of the keys before it stay good until they expire
    --revoke a new key signs at once, and all others are dropped: their tokens are good no longer
  reset      drop what none of the secrets at hand opens, where a secret is lost: servers make new keys when they start`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args: [...args],
      options: { now: { type: 'boolean' }, revoke: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    })
    const [action = '', ...more] = positionals
    const run = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (run === undefined || more.length > 0 || (action !== 'rotate' && Object.keys(values).length > 0))
      throw new StartError(`say selfgraph keys ${Object.keys(actions).join('|')}; --help tells more`, 'usage')
    const config = readConfig(terminal.environment)
    const database = await openDatabase(config, terminal, action === 'list' ? 'reader' : 'guest')
    try {
      await requireCurrent(database)
      await run({ database, config, terminal, values })
      return 0
    } finally {
      await database.close()
    }
  },
}

interface Work {
  readonly database: Database
  readonly config: Config
  readonly terminal: Terminal
  readonly values: { readonly now?: boolean; readonly revoke?: boolean }
}

const actions: Readonly<Record<string, (work: Work) => Promise<void>>> = { list, rotate, reset }

async function list({ database, terminal }: Work): Promise<void> {
  const ring = examineRing(await findSigningKeys(committed(database)), terminal.now())
  const secrets = await findSealedSecrets(database)
  if (ring.length === 0) terminal.out('There is no key yet: a server that signs makes one.\n')
  for (const { state, id, signsAt, until, sealed } of ring) {
    const when =
      until === undefined ? `signs ${state === 'next' ? 'from' : 'since'} ${timeText(signsAt)}` : `published until ${timeText(until)}`
    terminal.out(`${state.padEnd('current'.length)}  ${id}  ${when}  sealed by ${fingerprintOf(sealed) ?? '-'}\n`)
  }
  for (const { name, value } of secrets) terminal.out(`secret   ${name}  sealed by ${fingerprintOf(value) ?? '-'}\n`)
}

async function rotate({ database, config, terminal, values }: Work): Promise<void> {
  const store = signingKeysIn(database)
  const rows = await store.rows()
  const now = terminal.now()
  const next = examineRing(rows, now).find(({ state }) => state === 'next')
  if (values.revoke !== true && next !== undefined) {
    // Another process that hastened it at the same time has done the same.
    if (values.now === true) await store.hasten(next, now)
    terminal.out(`${next.id} signs ${values.now === true ? 'now' : `from ${timeText(next.signsAt)}: it was the next key already`}\n`)
    return
  }
  const atOnce = values.now === true || values.revoke === true || rows.length === 0
  // Servers whose secrets open one of the keys only could not use both.
  await requireSecrets(database, config, terminal)
  const row = await makeRow(
    { ...terminal, seals: await sealsFor(database, config, terminal) },
    successorOf(rows, atOnce ? now : now + leadMilliseconds),
  )
  if (!(await store.add(row))) throw new StartError('another process has just added a key: see selfgraph keys list', 'unavailable')
  if (values.revoke === true) for (const other of await store.rows()) if (other.number < row.number) await store.drop(other)
  terminal.out(`${row.id} signs ${atOnce ? 'now' : `from ${timeText(row.signsAt)}`}\n`)
}

async function reset({ database, config, terminal }: Work): Promise<void> {
  const seals = await openSeals(config, terminal, 'make')
  const store = signingKeysIn(database)
  let dropped = 0
  for (const row of await store.rows()) if (!opens(seals, nameOfKey(row.id), row.sealed) && (await store.drop(row))) dropped++
  for (const row of await findSealedSecrets(database))
    if (!opens(seals, sealName(row.name), row.value) && (await dropSecret(database, row))) dropped++
  terminal.out(dropped === 0 ? 'Nothing to do: the secrets at hand open everything.\n' : `${dropped} dropped: start the servers again\n`)
}

function opens(seals: Seals, name: string, sealed: string): boolean {
  try {
    seals.open(name, sealed)
    return true
  } catch (error) {
    if (error instanceof StartError) return false
    throw error
  }
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
