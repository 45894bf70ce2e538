/** The people whose addresses are written while things break: made by an import, with tokens that outlast the test. */

import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openOwnKey, ownIssuer, signToken } from '../../src/auth/own-key.ts'
import { runCommand, type Terminal } from '../../src/cli/index.ts'
import { randomness } from '../../src/randomness.ts'
import { domainsOf } from '../support/records.ts'
import { tenants } from '../support/tenants.ts'

export interface Person {
  readonly id: string
  readonly token: string
  /** Writes until the profile is full, over connections that don't wait for each other. */
  readonly hoards: boolean
}

const usualPeople = 22
const hoarders = 2
/** What they have from the beginning, so that they are at the limit of a profile soon. */
const hoarded = 240
const day = 86_400

/** Imports everybody into an empty database; `settings` say which. */
export async function makePeople(folder: string, settings: Readonly<Record<string, string>>): Promise<readonly Person[]> {
  const ids = Array.from({ length: usualPeople + hoarders }, (_, index) => `00000000-0000-4000-8000-9000${String(index).padStart(8, '0')}`)
  const records = [
    { kind: 'tenant', id: tenants.contoso, displayName: 'Contoso', ...domainsOf('contoso.com') },
    ...ids.map((id, index) => ({
      kind: 'user',
      tenantId: tenants.contoso,
      id,
      userPrincipalName: `person${index}@contoso.com`,
      displayName: `Person ${index}`,
    })),
    ...ids.slice(usualPeople).flatMap((userId) =>
      Array.from({ length: hoarded }, (_, count) => ({
        kind: 'email',
        tenantId: tenants.contoso,
        userId,
        address: `hoarded${count}@crash.example`,
      })),
    ),
  ]
  const file = join(folder, 'people.ndjson')
  await writeFile(file, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`)
  await layKey(folder)
  await importFrom(file, { SELFGRAPH_DATA: folder, ...settings })
  return Promise.all(ids.map(async (id, index) => ({ id, token: await tokenOf(folder, id, index), hoards: index >= usualPeople })))
}

let keyText: string | undefined

/** The signing key of the first stage is that of all: making one takes longer than a round. */
export async function layKey(folder: string): Promise<void> {
  const file = join(folder, 'signing-key.json')
  if (keyText !== undefined) await writeFile(file, keyText, { mode: 0o600 })
  await openOwnKey(folder, randomness)
  keyText ??= await readFile(file, 'utf8')
}

/** `selfgraph import` in this process: there are many stages, and a process for each costs more than the import. */
async function importFrom(file: string, environment: Terminal['environment']): Promise<void> {
  let complaints = ''
  const terminal: Terminal = {
    environment,
    nodeVersion: process.versions.node,
    unixModes: true,
    now: () => Date.now(),
    wait: () => new Promise(() => undefined),
    ...randomness,
    newItemId: () => randomUUID(),
    random: () => Math.random(),
    fetch,
    out: () => undefined,
    err: (text) => {
      complaints += text
    },
    interactive: false,
    log: { write: () => undefined, flush: () => undefined },
    exit: () => undefined,
    onStop: () => undefined,
  }
  if ((await runCommand(['import', file], terminal)) !== 0) throw new Error(`the people could not be imported: ${complaints}`)
}

async function tokenOf(folder: string, id: string, index: number): Promise<string> {
  const at = Math.floor(Date.now() / 1000)
  return signToken(await openOwnKey(folder, randomness), {
    iss: ownIssuer,
    aud: 'https://graph.microsoft.com',
    iat: at,
    nbf: at,
    exp: at + day,
    tid: tenants.contoso,
    oid: id,
    upn: `person${index}@contoso.com`,
    idtyp: 'user',
    scp: 'User.ReadWrite UserAuthenticationMethod.ReadWrite',
    appid: '11111111-2222-4333-8444-555555555555',
    app_displayname: 'Crash test',
    amr: ['pwd', 'mfa'],
    auth_time: at,
  })
}
