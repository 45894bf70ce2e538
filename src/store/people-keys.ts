/** Finds users by name or id, in one tenant and across tenants. */

import sql from 'sql-template-tag'
import { fold } from '../model/address.ts'
import { type PersonKey, personalAccountsTenant } from '../model/directory.ts'
import { domainOf } from '../model/domain.ts'
import type { Source } from './database.ts'

/** By principal name, in one tenant. */
export async function keyInTenant(source: Source, tenantId: string, name: string): Promise<PersonKey | undefined> {
  const [row] = await source.rows<Key>(
    sql`SELECT tenant_id, id FROM users WHERE tenant_id = ${tenantId} AND principal_name = ${fold(name)}`,
  )
  return keyOf(row)
}

/** Where several tenants have the id, it is nobody's. */
export async function keyById(source: Source, id: string): Promise<PersonKey | undefined> {
  const [one, other] = await source.rows<Key>(sql`SELECT tenant_id, id FROM users WHERE id = ${id} LIMIT 2`)
  return other === undefined ? keyOf(one) : undefined
}

/**
 * A name in the domain of an organization is nobody else's, whoever has it as well. One in a domain that no organization has is
 * found in the tenant that asks, or else as a personal account where nobody else at all has it.
 */
export async function keyAnywhere(source: Source, tenantId: string, name: string): Promise<PersonKey | undefined> {
  const rows = await source.rows<Key & { readonly owner: string | null }>(sql`
    SELECT u.tenant_id, u.id, d.tenant_id AS owner FROM users u LEFT JOIN domains d ON d.name = ${domainOf(name) ?? ''}
    WHERE u.principal_name = ${fold(name)}`)
  const owner = rows[0]?.owner ?? undefined
  if (owner !== undefined) return keyOf(rows.find(({ tenant_id }) => tenant_id === owner))
  const own = tenantId === personalAccountsTenant ? undefined : rows.find(({ tenant_id }) => tenant_id === tenantId)
  return keyOf(own ?? (rows.length === 1 && rows[0]?.tenant_id === personalAccountsTenant ? rows[0] : undefined))
}

interface Key {
  readonly tenant_id: string
  readonly id: string
}

function keyOf(row: Key | undefined): PersonKey | undefined {
  return row === undefined ? undefined : { tenantId: row.tenant_id, id: row.id }
}
