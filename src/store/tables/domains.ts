/** The domains of tenants: they decide which tenant may have a principal name, and which user a name leads to. */

import sql from 'sql-template-tag'
import { personalAccountsTenant } from '../../model/directory.ts'
import { domainName, domainOf } from '../../model/domain.ts'
import type { Database, Source, Transaction } from '../database.ts'

/** Members as in Graph's `verifiedDomain`; `name` as domainName has it. */
export interface Domain {
  readonly name: string
  readonly isDefault: boolean
  readonly isInitial: boolean
  readonly type: string
}

/** The domains of a tenant, by name. */
export async function domainsOf(source: Source, tenantId: string): Promise<readonly Domain[]> {
  const rows = await source.rows<{ name: string; is_default: number; is_initial: number; type: string }>(
    sql`SELECT name, is_default, is_initial, type FROM domains WHERE tenant_id = ${tenantId} ORDER BY name`,
  )
  return rows.map(({ name, is_default, is_initial, type }) => ({ name, isDefault: is_default === 1, isInitial: is_initial === 1, type }))
}

/** The tenants that have the domains; held as they are until the transaction ends. */
export async function ownersOf(transaction: Transaction, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map()
  const given = transaction.dialect.valuesTable(
    ['name'],
    [...new Set(names)].map((name) => [name]),
  )
  const rows = await transaction.rows<{ name: string; tenant_id: string }>(
    sql`SELECT name, tenant_id FROM domains WHERE name IN (SELECT name FROM ${given} wanted) ${transaction.dialect.forShare}`,
  )
  return new Map(rows.map(({ name, tenant_id }) => [name, tenant_id]))
}

/**
 * Whether a principal name may be of a tenant, whose domain `owner` has: of an organization that has the domain, and of
 * personal accounts where no organization has it.
 */
export function isNameOf(tenantId: string, owner: string | undefined): boolean {
  return tenantId === personalAccountsTenant ? owner === undefined : owner === tenantId
}

/** Whether the tenant may have the principal name; holds until the transaction ends. */
export async function mayHaveName(transaction: Transaction, tenantId: string, principalName: string): Promise<boolean> {
  const domain = domainOf(principalName)
  return domain !== undefined && isNameOf(tenantId, (await ownersOf(transaction, [domain])).get(domain))
}

/**
 * Adds domains to those of a tenant, or changes what is said of them. Answers the first that another tenant has, and then
 * has changed nothing. The first domain of a tenant is the default one unless another is said to be.
 */
export async function putDomains(transaction: Transaction, tenantId: string, domains: readonly Domain[]): Promise<string | undefined> {
  const owners = await ownersOf(
    transaction,
    domains.map(({ name }) => name),
  )
  const foreign = domains.find(({ name }) => (owners.get(name) ?? tenantId) !== tenantId)
  if (foreign !== undefined) return foreign.name
  if (domains.some(({ isDefault }) => isDefault))
    await transaction.change(sql`UPDATE domains SET is_default = 0 WHERE tenant_id = ${tenantId} AND is_default = 1`)
  for (const { name, isDefault, isInitial, type } of domains) {
    const put = await transaction.change(sql`
      INSERT INTO domains (name, tenant_id, is_default, is_initial, type)
      VALUES (${name}, ${tenantId}, ${isDefault ? 1 : 0}, ${isInitial ? 1 : 0}, ${type})
      ON CONFLICT (name) DO UPDATE SET is_default = excluded.is_default, is_initial = excluded.is_initial, type = excluded.type
      WHERE domains.tenant_id = excluded.tenant_id`)
    if (put === 0) return name
  }
  await haveDefault(transaction, tenantId, domains[0]?.name)
  return undefined
}

/** Takes a domain away from a tenant. Answers false where the tenant does not have it. */
export async function dropDomain(transaction: Transaction, tenantId: string, name: string): Promise<boolean> {
  if ((await transaction.change(sql`DELETE FROM domains WHERE name = ${name} AND tenant_id = ${tenantId}`)) === 0) return false
  await haveDefault(transaction, tenantId)
  return true
}

/** How many principal names of a tenant are in the domain. Reads all of the tenant's names. */
export async function countNames(source: Source, tenantId: string, domain: string): Promise<number> {
  const [row] = await source.rows<{ n: number }>(
    sql`SELECT count(*) AS n FROM users WHERE tenant_id = ${tenantId} AND principal_name LIKE ${`%@${domain}`}`,
  )
  return Number(row?.n ?? 0)
}

/** Principal names in a domain that is not their tenant's, by tenant and domain. Reads all names. */
export async function strayNames(
  database: Pick<Database, 'read' | 'dialect'>,
): Promise<readonly { readonly tenantId: string; readonly domain: string; readonly users: number }[]> {
  const domain = sql`substr(principal_name, ${database.dialect.position(sql`principal_name`, sql`'@'`)} + 1)`
  const owned = await database.read<{ name: string; tenant_id: string }>(sql`SELECT name, tenant_id FROM domains`, 'long')
  const owners = new Map(owned.map(({ name, tenant_id }) => [name, tenant_id]))
  const used = await database.read<{ tenant_id: string; domain: string; users: number }>(
    sql`SELECT tenant_id, ${domain} AS domain, count(*) AS users FROM users GROUP BY tenant_id, ${domain} ORDER BY tenant_id, ${domain}`,
    'long',
  )
  return used
    .filter(({ tenant_id, domain: text }) => !isNameOf(tenant_id, owners.get(domainName(text) ?? '')))
    .map(({ tenant_id, domain: text, users }) => ({ tenantId: tenant_id, domain: text, users: Number(users) }))
}

/** A tenant that has domains has a default one: `first`, unless it has one already. */
async function haveDefault(transaction: Transaction, tenantId: string, first?: string): Promise<void> {
  const domains = await domainsOf(transaction, tenantId)
  const name = first ?? domains[0]?.name
  if (name === undefined || domains.some(({ isDefault }) => isDefault)) return
  await transaction.change(sql`UPDATE domains SET is_default = 1 WHERE name = ${name} AND tenant_id = ${tenantId}`)
}
