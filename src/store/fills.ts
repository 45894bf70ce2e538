/** Steps of migrations that SQL cannot do: columns whose values are computed from existing rows. */

import sql, { empty } from 'sql-template-tag'
import { fold } from '../model/address.ts'
import { personalAccountsTenant, type User, user } from '../model/directory.ts'
import { domainOf } from '../model/domain.ts'
import { propertiesOf } from '../model/edm.ts'
import { itemEmail } from '../model/profile.ts'
import { keyOf, renderCompared } from '../odata/query/compared.ts'
import type { Transaction } from './database.ts'
import { fillTimes } from './fill-times.ts'
import { putDomains } from './tables/domains.ts'
import { changeIdentities, identitiesOf } from './tables/identities.ts'

/** By the version of the migration, run at its end in the same transaction. The columns of migration 3 are filled by 6. */
export const fills: Readonly<Record<number, (transaction: Transaction) => Promise<void>>> = {
  5: fillDomains,
  6: async (transaction) => {
    await fillUsers(transaction)
    await fillEmails(transaction)
  },
  9: fillTimes,
}

const rowsAtOnce = 1000

interface StoredUser {
  readonly tenant_id: string
  readonly id: string
  readonly principal_name: string
  readonly display_name: string
  readonly mail: string
  readonly record: string
  readonly compared: string | null
}

async function fillUsers(transaction: Transaction): Promise<void> {
  let after = empty
  for (;;) {
    const rows = await transaction.rows<StoredUser>(
      sql`SELECT tenant_id, id, principal_name, display_name, mail, record, compared FROM users ${after} ORDER BY tenant_id, id LIMIT ${rowsAtOnce}`,
    )
    for (const row of rows) await fillUser(transaction, row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) return
    after = sql`WHERE (tenant_id, id) > (${last.tenant_id}, ${last.id})`
  }
}

async function fillUser(transaction: Transaction, row: StoredUser): Promise<void> {
  const { tenant_id, id, record } = row
  const person = JSON.parse(record) as Partial<User> // written by createUser, updateUser or import
  const [name, mail, compared] = [keyOf(person.displayName), keyOf(person.mail), renderCompared(user, person)]
  if (name !== row.display_name || mail !== row.mail || compared !== row.compared)
    await transaction.change(sql`
      UPDATE users SET display_name = ${name}, mail = ${mail}, compared = ${compared} WHERE tenant_id = ${tenant_id} AND id = ${id}`)
  const principalName = fold(person.userPrincipalName ?? '')
  if (principalName !== row.principal_name) await refold(transaction, tenant_id, id, principalName)
}

/** Names were folded in another way once. Should two names be one now, the second stays what it was. */
async function refold(transaction: Transaction, tenantId: string, id: string, name: string): Promise<void> {
  const others = await transaction.rows(sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND principal_name = ${name}`)
  if (others.length === 0)
    await transaction.change(sql`UPDATE users SET principal_name = ${name} WHERE tenant_id = ${tenantId} AND id = ${id}`)
}

async function fillEmails(transaction: Transaction): Promise<void> {
  let after = empty
  for (;;) {
    const rows = await transaction.rows<{ tenant_id: string; user_id: string; id: string; record: string; compared: string | null }>(
      sql`SELECT tenant_id, user_id, id, record, compared FROM profile_emails ${after} ORDER BY tenant_id, user_id, id LIMIT ${rowsAtOnce}`,
    )
    for (const row of rows) {
      const { tenant_id, user_id, id } = row
      const compared = renderCompared(itemEmail, JSON.parse(row.record) as Record<string, unknown>) // the itemEmail as it goes out
      if (compared !== row.compared)
        await transaction.change(
          sql`UPDATE profile_emails SET compared = ${compared} WHERE tenant_id = ${tenant_id} AND user_id = ${user_id} AND id = ${id}`,
        )
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) return
    after = sql`WHERE (tenant_id, user_id, id) > (${last.tenant_id}, ${last.user_id}, ${last.id})`
  }
}

/**
 * A domain becomes that of the one tenant whose users have names in it: the most used first, which is the tenant's default. Where
 * several tenants use it, or personal accounts do, it is nobody's until an operator says whose it is. Empty texts are no values any
 * more, and of identities that several users of a tenant have the first one counts.
 */
async function fillDomains(transaction: Transaction): Promise<void> {
  const uses = new Map<string, Map<string, number>>()
  let after = empty
  for (;;) {
    const rows = await transaction.rows<{ tenant_id: string; id: string; principal_name: string; record: string }>(
      sql`SELECT tenant_id, id, principal_name, record FROM users ${after} ORDER BY tenant_id, id LIMIT ${rowsAtOnce}`,
    )
    for (const { tenant_id, id, principal_name, record } of rows) {
      const domain = domainOf(principal_name)
      if (domain !== undefined) {
        const tenants = uses.get(domain) ?? new Map<string, number>()
        uses.set(domain, tenants.set(tenant_id, (tenants.get(tenant_id) ?? 0) + 1))
      }
      const person = JSON.parse(record) as Partial<User> // written by createUser, updateUser or import
      for (const identity of new Set(identitiesOf(person))) await changeIdentities(transaction, { tenantId: tenant_id, id }, [], [identity])
      await dropEmptyTexts(transaction, tenant_id, id, person)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) break
    after = sql`WHERE (tenant_id, id) > (${last.tenant_id}, ${last.id})`
  }
  for (const [tenantId, names] of domainsByTenant(uses)) {
    const domains = names.map((name, index) => ({ name, isDefault: index === 0, isInitial: false, type: 'Managed' }))
    await putDomains(transaction, tenantId, domains)
  }
}

/** The domains that one tenant alone uses, by tenant, the most used first. */
function domainsByTenant(uses: ReadonlyMap<string, ReadonlyMap<string, number>>): ReadonlyMap<string, readonly string[]> {
  const single = [...uses].flatMap(([domain, tenants]) => {
    const [[tenantId, users] = ['', 0], ...others] = tenants
    return others.length > 0 || tenantId === personalAccountsTenant ? [] : [{ domain, tenantId, users }]
  })
  const names = new Map<string, string[]>()
  for (const { domain, tenantId } of single.sort((a, b) => b.users - a.users || (a.domain < b.domain ? -1 : 1)))
    names.set(tenantId, [...(names.get(tenantId) ?? []), domain])
  return names
}

/** As the API has them now: a member that is an empty text is null, and an item of a list that is one is none. */
async function dropEmptyTexts(transaction: Transaction, tenantId: string, id: string, person: Partial<User>): Promise<void> {
  const kept = Object.fromEntries(
    Object.entries(person).map(([name, value]) => {
      if (!Object.hasOwn(propertiesOf(user), name)) return [name, value]
      return [name, value === '' ? null : Array.isArray(value) ? value.filter((item) => item !== '') : value]
    }),
  )
  const record = JSON.stringify(kept)
  if (record === JSON.stringify(person)) return
  await transaction.change(sql`
    UPDATE users SET record = ${record}, compared = ${renderCompared(user, kept)} WHERE tenant_id = ${tenantId} AND id = ${id}`)
}
