/** Seeds the demo tenants, once: from a file of records like anybody's. */

import { fileURLToPath } from 'node:url'
import sql from 'sql-template-tag'
import type { App } from '../app.ts'
import { runsOf } from '../transfer/read-block.ts'
import { writeRecords } from '../transfer/write-records.ts'

const file = fileURLToPath(new URL('../../demo/tenants.ndjson', import.meta.url))

/** Answers whether there was anything to do: a database that has tenants is left alone. */
export async function seedDemo(app: App): Promise<boolean> {
  const [row] = await app.database.read<{ n: number }>(sql`SELECT count(*) AS n FROM tenants`)
  if (Number(row?.n) > 0) return false
  const imported = await writeRecords({
    database: app.database,
    runs: runsOf(file),
    fileHash: 'demo',
    report: (line, reason) => {
      throw new Error(`demo/tenants.ndjson:${line}: ${reason}`)
    },
    progress: { show: () => undefined, end: () => undefined },
    maker: app,
    isStopped: () => false,
  })
  app.observe({ kind: 'imported', file: 'demo/tenants.ndjson', records: imported.written, refused: imported.refused })
  return true
}
