/** The email authentication method of each person: none or one. */

import sql from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Readable, Source, Transaction } from '../database.ts'

export interface EmailMethodRow {
  readonly email_address: string
  /** Seven fraction digits. */
  readonly created_at: string
}

export async function findEmailMethod(source: Source, { tenantId, id }: PersonKey): Promise<EmailMethodRow | undefined> {
  const [row] = await source.rows<EmailMethodRow>(
    sql`SELECT email_address, created_at FROM email_methods WHERE tenant_id = ${tenantId} AND user_id = ${id}`,
  )
  return row
}

/** The methods of the persons, in their order. */
export async function emailMethodsOf(database: Readable, persons: readonly PersonKey[]): Promise<readonly (EmailMethodRow | undefined)[]> {
  const wanted = database.dialect.given(
    ['place', 'tenant_id', 'id'],
    persons.map(({ tenantId, id }, place) => [String(place), tenantId, id]),
  )
  const rows = await database.read<EmailMethodRow & { readonly place: string }>(sql`
    SELECT wanted.place, m.email_address, m.created_at
    FROM ${wanted} wanted JOIN email_methods m ON m.tenant_id = wanted.tenant_id AND m.user_id = wanted.id`)
  const byPlace = new Map(rows.map((row) => [row.place, row]))
  return persons.map((_, place) => byPlace.get(String(place)))
}

/** Answers false where the person has a method already. */
export async function addEmailMethod(
  transaction: Transaction,
  { tenantId, id }: PersonKey,
  address: string,
  createdAt: string,
): Promise<boolean> {
  return (
    (await transaction.change(sql`
      INSERT INTO email_methods (tenant_id, user_id, email_address, created_at) VALUES (${tenantId}, ${id}, ${address}, ${createdAt})
      ON CONFLICT (tenant_id, user_id) DO NOTHING`)) > 0
  )
}

/** Changes the address of the method that the person has; does nothing where there is none. */
export async function changeEmailMethod(transaction: Transaction, { tenantId, id }: PersonKey, address: string): Promise<void> {
  await transaction.change(sql`UPDATE email_methods SET email_address = ${address} WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
}

/** Answers false where the person has none. */
export async function dropEmailMethod(transaction: Transaction, { tenantId, id }: PersonKey): Promise<boolean> {
  return (await transaction.change(sql`DELETE FROM email_methods WHERE tenant_id = ${tenantId} AND user_id = ${id}`)) > 0
}
