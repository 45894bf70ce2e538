/** Records put into a test server as `selfgraph import` puts them. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GraphError } from '../../src/errors.ts'
import { runsOf } from '../../src/transfer/read-block.ts'
import { readRecord } from '../../src/transfer/records.ts'
import { writeRecords } from '../../src/transfer/write-records.ts'
import type { TestServer } from './server.ts'
import { tenants } from './tenants.ts'

/** Imports records, such as `{ kind: 'user', tenantId, id, userPrincipalName }`. Throws where one is refused. */
export async function putRecords(
  { app, folder }: Pick<TestServer, 'app' | 'folder'>,
  records: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  for (const [index, record] of records.entries()) checkRecord(record, index + 1)
  const name = app.newId()
  const file = join(folder, `${name}.ndjson`)
  await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const { written } = await writeRecords({
    database: app.database,
    runs: runsOf(file),
    fileHash: name,
    report: (line, reason) => {
      throw new Error(`record ${line}: ${reason}`)
    },
    progress: { show: () => undefined, end: () => undefined },
    maker: app,
    isStopped: () => false,
  })
  if (written !== records.length) throw new Error(`${written} of ${records.length} records were written`)
}

/** Throws, with the number and the member, where a record is none by itself. */
function checkRecord(record: object, line: number): void {
  try {
    readRecord(JSON.parse(JSON.stringify(record)))
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    throw new Error(`record ${line}: ${error.particulars.target ?? ''}: ${error.message}`, { cause: error })
  }
}

/** The domains of a tenant's record, the first of them the default. */
export function domainsOf(...names: readonly string[]) {
  return { verifiedDomains: names.map((name, index) => ({ name, isDefault: index === 0, isInitial: false, type: 'Managed' })) }
}

/** A user of Contoso, as a record. */
export function contosoUser(id: string, userPrincipalName: string, members: Readonly<Record<string, unknown>> = {}) {
  return { kind: 'user', tenantId: tenants.contoso, id, userPrincipalName, displayName: userPrincipalName, ...members }
}
