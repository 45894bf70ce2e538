/** How far imports came that did not come to their end: what is taken away of that when nobody goes on with it. */

import sql from 'sql-template-tag'
import type { Database } from '../database.ts'
import { timeText } from './jobs.ts'

/** Takes away what is known of imports that came no further since `before`, and notes how far the others are `now`. */
export async function sweepImports(
  database: Pick<Database, 'change'>,
  { now, before }: { readonly now: number; readonly before: number },
): Promise<void> {
  await database.change('nobody', sql`DELETE FROM imports WHERE seen_lines = lines AND seen_at <= ${timeText(before)}`)
  await database.change(
    'nobody',
    sql`UPDATE imports SET seen_lines = lines, seen_at = ${timeText(now)} WHERE seen_lines IS NULL OR seen_lines <> lines`,
  )
}
