/** The records of tenants: which tenants they are federated with, and which domains belong to them. */

import sql from 'sql-template-tag'
import { personalAccountsTenant } from '../model/directory.ts'
import { domainName } from '../model/domain.ts'
import { complexType, type Entity, enumType } from '../model/edm.ts'
import { putTenant } from '../store/tables/directory.ts'
import { type Domain, domainsOf, putDomains } from '../store/tables/domains.ts'
import { id, name, oneByOne, tenantId } from './record-kind.ts'

const verifiedDomain = complexType('verifiedDomain', {
  name: { type: 'Edm.String', nullable: false, maxLength: 254 },
  isDefault: { type: 'Edm.Boolean' },
  isInitial: { type: 'Edm.Boolean' },
  type: { type: enumType('domainType', { Managed: 0, Federated: 1 }) },
  // Graph tells it. It is read and not kept: no service here depends on it.
  capabilities: { type: 'Edm.String', maxLength: 1024 },
})

export const tenantKind = oneByOne({
  type: complexType('tenant', {
    id,
    displayName: name,
    federatedWith: { type: 'Edm.String', collection: true, maxLength: 128, maxItems: 10_000 },
    verifiedDomains: { type: verifiedDomain, collection: true, maxItems: 1000 },
  }),
  required: ['id'],
  check: ({ id: tenant, verifiedDomains }) => domainsFault(tenantId(tenant), verifiedDomains ?? []),
  put: async (transaction, record) => {
    const key = tenantId(record.id)
    const foreign = await putDomains(transaction, key, (record.verifiedDomains ?? []).map(domainToPut))
    if (foreign !== undefined) return `the domain ${foreign} belongs to another tenant`
    await putTenant(transaction, key, record.displayName ?? null, (record.federatedWith ?? []).map(tenantId))
    return undefined
  },
  table: 'tenants',
  key: ['id'],
  columns: ['display_name'],
  out: async (row, source) => {
    const federated = await source.rows<{ other: string }>(
      sql`SELECT federated_tenant_id AS other FROM federations WHERE tenant_id = ${row.id} ORDER BY other`,
    )
    const verifiedDomains = await domainsOf(source, String(row.id))
    return { id: row.id, displayName: row.display_name, federatedWith: federated.map(({ other }) => other), verifiedDomains }
  },
})

type VerifiedDomain = Entity<typeof verifiedDomain>

function domainToPut({ name: text, isDefault, isInitial, type }: VerifiedDomain): Domain {
  return { name: domainName(text) ?? text, isDefault: isDefault ?? false, isInitial: isInitial ?? false, type: type ?? 'Managed' }
}

/** Returns what is wrong with the domains, and where; undefined where nothing is. */
function domainsFault(tenant: string, domains: readonly VerifiedDomain[]): string | undefined {
  if (tenant === personalAccountsTenant && domains.length > 0) return 'verifiedDomains: personal accounts have no domain of their own'
  const names = domains.map(({ name: text }) => domainName(text))
  const bad = names.findIndex((each, index) => each === undefined || names.indexOf(each) < index)
  if (bad >= 0) return `verifiedDomains/${bad}/name: expected a domain such as contoso.com, each once`
  return domains.filter(({ isDefault }) => isDefault).length > 1 ? 'verifiedDomains: one domain is the default' : undefined
}
