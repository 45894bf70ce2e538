/** The email method policy of each tenant; a tenant with the default policy has no row. */

import sql from 'sql-template-tag'
import type { StoredRecord } from '../../odata/json/stored-record.ts'
import type { Source, Transaction } from '../database.ts'

/** The policy as JSON text. */
export async function findEmailMethodPolicy(source: Source, tenantId: string): Promise<string | undefined> {
  const [row] = await source.rows<{ record: string }>(sql`SELECT record FROM email_method_policies WHERE tenant_id = ${tenantId}`)
  return row?.record
}

export async function putEmailMethodPolicy(transaction: Transaction, tenantId: string, record: StoredRecord): Promise<void> {
  await transaction.change(sql`
    INSERT INTO email_method_policies (tenant_id, record) VALUES (${tenantId}, ${record})
    ON CONFLICT (tenant_id) DO UPDATE SET record = excluded.record`)
}

export async function dropEmailMethodPolicy(transaction: Transaction, tenantId: string): Promise<void> {
  await transaction.change(sql`DELETE FROM email_method_policies WHERE tenant_id = ${tenantId}`)
}
