/** Finds users by name or id, in one tenant and across tenants. */

import sql from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import { type PersonKey, personalAccountsTenant } from '../../model/directory.ts'
import { domainOf } from '../../model/domain.ts'
import type { Source } from '../database.ts'

/** By principal name, in one tenant. */
export async function keyInTenant(source: Source, tenantId: string, name: string): Promise<PersonKey | undefined> {
  const [row] = await source.rows<Key>(
    sql`SELECT tenant_id, id FROM users WHERE tenant_id = ${tenantId} AND principal_name = ${fold(name)}`,
  )
  return keyOf(row)
}

/**
 * Finds a person by key across tenants, and a stand-in where there is none: the person with the next key in order, where
 * nobody has this one, and else the one who asks.
 */
export async function keyInOtherTenant(
  source: Source,
  asking: PersonKey,
  key: string,
): Promise<{ readonly found: PersonKey | undefined; readonly standIn: PersonKey }> {
  const byName = await keyAnywhere(source, asking.tenantId, key)
  // Colleagues are no secret.
  if (asking.tenantId !== personalAccountsTenant && byName.person?.tenantId === asking.tenantId)
    return { found: byName.person, standIn: byName.person }
  const byId = await keyById(source, key)
  const found = byName.person ?? byId.person
  return { found, standIn: found ?? (key.includes('@') ? byName.next : byId.next) ?? asking }
}

/** The person with the key, and the person with the first key at or behind it, which is read in any case. */
interface KeyFound {
  readonly person: PersonKey | undefined
  readonly next: PersonKey | undefined
}

/** Where several tenants have the id, it is nobody's. */
async function keyById(source: Source, id: string): Promise<KeyFound> {
  const rows = await source.rows<Key>(sql`
    SELECT tenant_id, id FROM users WHERE id = (SELECT id FROM users WHERE id >= ${id} ORDER BY id LIMIT 1) LIMIT 2`)
  const [one, other] = rows.filter((row) => row.id === id)
  return { person: other === undefined ? keyOf(one) : undefined, next: keyOf(rows[0]) }
}

/**
 * A name in the domain of an organization is nobody else's, whoever has it as well. One in a domain that no organization has is
 * found in the tenant that asks, or else as a personal account where nobody else at all has it.
 */
async function keyAnywhere(source: Source, tenantId: string, name: string): Promise<KeyFound> {
  const folded = fold(name)
  const found = await source.rows<Key & { readonly principal_name: string; readonly owner: string | null }>(sql`
    SELECT u.tenant_id, u.id, u.principal_name, d.tenant_id AS owner FROM users u LEFT JOIN domains d ON d.name = ${domainOf(name) ?? ''}
    WHERE u.principal_name = (SELECT principal_name FROM users WHERE principal_name >= ${folded} ORDER BY principal_name LIMIT 1)`)
  const next = keyOf(found[0])
  const rows = found.filter(({ principal_name }) => principal_name === folded)
  const owner = rows[0]?.owner ?? undefined
  if (owner !== undefined) return { person: keyOf(rows.find(({ tenant_id }) => tenant_id === owner)), next }
  const own = tenantId === personalAccountsTenant ? undefined : rows.find(({ tenant_id }) => tenant_id === tenantId)
  const personal = rows.length === 1 && rows[0]?.tenant_id === personalAccountsTenant ? rows[0] : undefined
  return { person: keyOf(own ?? personal), next }
}

interface Key {
  readonly tenant_id: string
  readonly id: string
}

function keyOf(row: Key | undefined): PersonKey | undefined {
  return row === undefined ? undefined : { tenantId: row.tenant_id, id: row.id }
}
