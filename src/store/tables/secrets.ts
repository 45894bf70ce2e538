/** Secrets that all servers on a database share and nobody else may know. The values are sealed by whoever calls. */

import sql from 'sql-template-tag'
import { committed, type Database, type Readable, type Source } from '../database.ts'

interface Seals {
  seal(name: string, text: string): string
  open(name: string, sealed: string): { readonly text: string; readonly isStale: boolean }
}

export interface SecretRow {
  readonly name: string
  readonly value: string
}

/** As every sealed text begins. Values from before sealing are UUIDs. */
const sealedStart = 'sealed'

/**
 * The secret of this name; `fresh`, which nobody can guess, where there is none yet. Servers that start at once get the same. A
 * value that is not sealed, or sealed with a previous secret, is sealed anew and stays what it is.
 */
export async function openSecret(database: Database, name: string, fresh: string, seals: Seals): Promise<string> {
  const known = await findSecret(committed(database), name)
  if (known === undefined) {
    await database.change(
      'nobody',
      sql`INSERT INTO secrets (name, value) VALUES (${name}, ${seals.seal(sealName(name), fresh)}) ON CONFLICT (name) DO NOTHING`,
    )
    // A server that was first has put another.
    return openSecret(database, name, fresh, seals)
  }
  const opened = known.startsWith(sealedStart) ? seals.open(sealName(name), known) : { text: known, isStale: true }
  if (opened.isStale) {
    const anew = seals.seal(sealName(name), opened.text)
    await database.change('nobody', sql`UPDATE secrets SET value = ${anew} WHERE name = ${name} AND value = ${known}`)
  }
  return opened.text
}

async function findSecret(source: Source, name: string): Promise<string | undefined> {
  const [row] = await source.rows<{ value: string }>(sql`SELECT value FROM secrets WHERE name = ${name}`)
  return row?.value
}

/** The secrets that are sealed. */
export async function findSealedSecrets(database: Readable): Promise<readonly SecretRow[]> {
  const rows = await database.read<SecretRow>(sql`SELECT name, value FROM secrets ORDER BY name`)
  return rows.filter(({ value }) => value.startsWith(sealedStart))
}

/** Answers false where it is another by now. */
export async function dropSecret(database: Database, { name, value }: SecretRow): Promise<boolean> {
  return (await database.change('nobody', sql`DELETE FROM secrets WHERE name = ${name} AND value = ${value}`)) > 0
}

/** The associated data that a secret is sealed with. */
export function sealName(name: string): string {
  return `secret/${name}`
}
