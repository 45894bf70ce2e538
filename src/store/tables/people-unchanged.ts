/**
 * Conditions of SQL that hold as long as a person is as authorization saw them. A statement with them changes nothing once the
 * facts that a decision was made on are others.
 */

import sql, { type Sql } from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import type { Person, PersonKey } from '../../model/directory.ts'
import { always, type Dialect } from '../database.ts'

type Account = Pick<Person, 'tenantId' | 'id' | 'userPrincipalName' | 'accountEnabled'>

/** The person is there, and may act. */
export function accountEnabled({ tenantId, id }: PersonKey): Sql {
  return sql`EXISTS (SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND id = ${id} AND account_enabled = 1)`
}

/** The person is there, under the same principal name, and enabled or not as before. */
export function accountUnchanged({ tenantId, id, userPrincipalName, accountEnabled: wasEnabled }: Account): Sql {
  return sql`EXISTS (
    SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND id = ${id}
    AND principal_name = ${fold(userPrincipalName)} AND account_enabled = ${wasEnabled ? 1 : 0})`
}

/**
 * As accountUnchanged, and the roles and the protection are the same. undefined: a role over an administrative unit is among them,
 * whose facts a Person does not have.
 */
export function personUnchanged(dialect: Dialect, person: Person): Sql | undefined {
  const { tenantId, id, tenantRoleIds, protection } = person
  const count = tenantRoleIds.length
  if (protection.roleIds.length !== count) return undefined
  const assigned = sql`SELECT count(*) FROM role_assignments WHERE tenant_id = ${tenantId} AND user_id = ${id}`
  const named = dialect.valuesTable(
    ['role_id'],
    tenantRoleIds.map((roleId) => [roleId]),
  )
  const same = count === 0 ? always : sql`(${assigned} AND scope = '/' AND role_id IN (SELECT role_id FROM ${named} wanted)) = ${count}`
  const inRoleGroup = sql`EXISTS (
    SELECT 1 FROM group_members m JOIN groups g ON g.tenant_id = ${tenantId} AND g.id = m.group_id
    WHERE m.tenant_id = ${tenantId} AND m.user_id = ${id} AND g.is_role_assignable = 1)`
  return sql`${accountUnchanged(person)} AND (${assigned}) = ${count} AND ${same}
    AND ${protection.restricted ? inRoleGroup : sql`NOT ${inRoleGroup}`}`
}

/** The tenant is there, for which an application acts. */
export function tenantUnchanged(tenantId: string): Sql {
  return sql`EXISTS (SELECT 1 FROM tenants WHERE id = ${tenantId})`
}
