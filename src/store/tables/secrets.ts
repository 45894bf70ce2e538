/** What all servers on a database must have in common, and nobody else may know. */

import sql from 'sql-template-tag'
import { committed, type Database, type Source } from '../database.ts'

/** The secret of this name; `fresh`, which nobody can guess, where there is none yet. Servers that start at once get the same. */
export async function openSecret(database: Database, name: string, fresh: string): Promise<string> {
  const known = await findSecret(committed(database), name)
  if (known !== undefined) return known
  return database.write('nobody', async (transaction) => {
    await transaction.change(sql`INSERT INTO secrets (name, value) VALUES (${name}, ${fresh}) ON CONFLICT (name) DO NOTHING`)
    return (await findSecret(transaction, name)) ?? fresh
  })
}

async function findSecret(source: Source, name: string): Promise<string | undefined> {
  const [row] = await source.rows<{ value: string }>(sql`SELECT value FROM secrets WHERE name = ${name}`)
  return row?.value
}
