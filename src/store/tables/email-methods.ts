/** The email authentication method of each person: none or one. */

import sql, { empty, type Sql } from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Readable, Source } from '../database.ts'

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
  const wanted = database.dialect.valuesTable(
    ['place', 'tenant_id', 'id'],
    persons.map(({ tenantId, id }, place) => [String(place), tenantId, id]),
  )
  const rows = await database.read<EmailMethodRow & { readonly place: string }>(sql`
    SELECT wanted.place, m.email_address, m.created_at
    FROM ${wanted} wanted JOIN email_methods m ON m.tenant_id = wanted.tenant_id AND m.user_id = wanted.id`)
  const byPlace = new Map(rows.map((row) => [row.place, row]))
  return persons.map((_, place) => byPlace.get(String(place)))
}

/** Adds a method to a person who has none, where the condition holds. */
export function addEmailMethod(condition: Sql, { tenantId, id }: PersonKey, { email_address, created_at }: EmailMethodRow): Sql {
  return sql`
    INSERT INTO email_methods (tenant_id, user_id, email_address, created_at)
    SELECT ${tenantId}, ${id}, ${email_address}, ${created_at} WHERE ${condition}
    ON CONFLICT (tenant_id, user_id) DO NOTHING`
}

/** Changes the address of the method that the person has, where it is `before` and the condition holds. */
export function changeEmailMethod(condition: Sql, person: PersonKey, before: EmailMethodRow, address: string): Sql {
  return sql`UPDATE email_methods SET email_address = ${address} WHERE ${isMethod(person, before)} AND ${condition}`
}

/** Takes the method of the person away, where the condition holds; `before`: only while it is that one. */
export function dropEmailMethod(condition: Sql, person: PersonKey, before?: EmailMethodRow): Sql {
  return sql`DELETE FROM email_methods WHERE ${isMethod(person, before)} AND ${condition}`
}

function isMethod({ tenantId, id }: PersonKey, before: EmailMethodRow | undefined): Sql {
  const same = before === undefined ? empty : sql`AND email_address = ${before.email_address} AND created_at = ${before.created_at}`
  return sql`tenant_id = ${tenantId} AND user_id = ${id} ${same}`
}
