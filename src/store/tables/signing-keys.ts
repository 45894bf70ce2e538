/** The rows of the ring of signing keys. Each change has a condition, and its row count says whether it was this process that made it. */

import sql from 'sql-template-tag'
import { sortableTime } from '../../model/time.ts'
import type { Database, Source } from '../database.ts'

interface Row {
  readonly number: number
  readonly id: string
  /** Milliseconds since 1970. */
  readonly signsAt: number
  readonly sealed: string
}

export async function findSigningKeys({ rows: find }: Source): Promise<readonly Row[]> {
  const rows = await find<{ number: number; id: string; signs_at: string; sealed: string }>(
    sql`SELECT number, id, signs_at, sealed FROM signing_keys ORDER BY number`,
  )
  return rows.map(({ number, id, signs_at, sealed }) => ({ number, id, signsAt: Date.parse(signs_at), sealed }))
}

/** The table as what auth/signing-keys.ts changes. */
export function signingKeysIn(database: Database) {
  const source: Source = { rows: database.read.bind(database) }
  const change = async (statement: ReturnType<typeof sql>) => (await database.change('nobody', statement)) > 0
  return {
    rows: () => findSigningKeys(source),
    /** Answers false where the number or the id is taken. */
    add: ({ number, id, signsAt, sealed }: Row) =>
      change(sql`
        INSERT INTO signing_keys (number, id, signs_at, sealed) VALUES (${number}, ${id}, ${timeText(signsAt)}, ${sealed})
        ON CONFLICT DO NOTHING`),
    /** Has a key sign from another time on. Answers false where another process has just done so. */
    hasten: ({ id, signsAt }: Row, to: number) =>
      change(sql`UPDATE signing_keys SET signs_at = ${timeText(to)} WHERE id = ${id} AND signs_at = ${timeText(signsAt)}`),
    reseal: ({ id, sealed }: Row, anew: string) =>
      change(sql`UPDATE signing_keys SET sealed = ${anew} WHERE id = ${id} AND sealed = ${sealed}`),
    drop: ({ id, sealed }: Row) => change(sql`DELETE FROM signing_keys WHERE id = ${id} AND sealed = ${sealed}`),
  }
}

function timeText(milliseconds: number): string {
  return sortableTime(new Date(milliseconds).toISOString())
}
