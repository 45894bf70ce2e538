/** The records of users, and what keeps a user out: its tenant, the domain of its name, its name, its identities. */

import { userToPut } from '../graph/users/user-item.ts'
import { checkValues } from '../graph/users/user-members.ts'
import { personalAccountsTenant, user } from '../model/directory.ts'
import { entityType } from '../model/edm.ts'
import type { Transaction } from '../store/database.ts'
import { cellsOf, headsOf, isPacked, pickRows } from '../store/packed-rows.ts'
import { isNameOf, ownersOf } from '../store/tables/domains.ts'
import { identitiesOf } from '../store/tables/identities.ts'
import type { KnownPersons } from '../store/tables/known-persons.ts'
import { cellsOfUser, existingTenants, putUsers, type UserCells, type UserKey, userHeads } from '../store/tables/runs.ts'
import { id, kind, noTenant, type Prepared, type Refusal, tenantId, withMembers } from './record-kind.ts'

export const userKind = kind({
  type: entityType('user', { tenantId: id }, { base: user, open: true }),
  required: ['tenantId', 'id', 'userPrincipalName'],
  check: ({ tenantId: _, ...record }) => {
    checkValues(record, record)
    return undefined
  },
  prepare: ({ tenantId: tenant, ...record }): UserCells | UserWithIdentities => {
    const cells = cellsOfUser(userToPut(tenantId(tenant), { ...record, accountEnabled: record.accountEnabled ?? true }))
    const identities = identitiesOf(record)
    return identities.length === 0 ? cells : { cells, identities }
  },
  packed: { isRow: (kept) => !hasIdentities(kept), heads: userHeads },
  put: async (transaction, given, _, known) => {
    const run = isPacked(given) ? given : given.map((kept) => (hasIdentities(kept) ? kept.cells : kept))
    const identities = isPacked(given) ? [] : given.map((kept) => (hasIdentities(kept) ? kept.identities : []))
    const users = headsOf<UserKey>(run, userHeads)
    const refusals = await refusalsOf(transaction, users, known)
    const isPut = (index: number) => refusals[index] === undefined
    const puts = await putUsers(
      transaction,
      pickRows(run, isPut),
      identities.filter((_, index) => isPut(index)),
      known,
    )
    const outcome = puts.values()
    return refusals.map((refusal, index) => {
      if (refusal !== undefined) return refusal
      const put = outcome.next().value
      if (put === 'put') return undefined
      if (put === 'identityTaken') return 'one of the identities is there twice, or another user of the tenant has it'
      return `another user of the tenant has the userPrincipalName ${nameAsGiven(pickRows(run, (each) => each === index))}`
    })
  },
  table: 'users',
  key: ['tenant_id', 'id'],
  columns: ['record'],
  out: (row) => withMembers({ tenantId: row.tenant_id }, String(row.record)),
})

/** A user with identities, as it is kept until it is put: the identities are checked then. */
interface UserWithIdentities {
  readonly cells: UserCells
  readonly identities: readonly string[]
}

function hasIdentities(kept: UserCells | UserWithIdentities): kept is UserWithIdentities {
  return 'identities' in kept
}

/** Why each of the users cannot be of its tenant, or undefined where it can: the tenant is there, and the name in a domain of it. */
async function refusalsOf(transaction: Transaction, users: readonly UserKey[], known: KnownPersons): Promise<readonly Refusal[]> {
  const tenants = await existingTenants(
    transaction,
    users.map(([tenant]) => tenant),
    known,
  )
  // The name is folded, and was checked to have a domain in A-labels.
  const domains = users.map(([, , principalName]) => principalName.slice(principalName.indexOf('@') + 1))
  const owners = await ownersOf(transaction, domains)
  return users.map(([tenant], index) => {
    const domain = domains[index] ?? ''
    if (!tenants.has(tenant)) return noTenant(tenant)
    return isNameOf(tenant, owners.get(domain)) ? undefined : `userPrincipalName: ${noDomain(tenant, domain)}`
  })
}

function noDomain(tenant: string, domain: string): string {
  if (tenant === personalAccountsTenant) return `${domain} belongs to an organization, and no personal account has a name in it`
  return `${domain} is no verified domain of tenant ${tenant}: name it in verifiedDomains of the tenant's record, or add it by selfgraph tenant add`
}

function nameAsGiven(user: Prepared<UserCells>): string {
  const [, , , , record] = cellsOf(user)[0] ?? []
  return String((JSON.parse(String(record)) as { readonly userPrincipalName?: string }).userPrincipalName) // the user, of whom it is required
}
