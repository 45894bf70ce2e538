/** The tables around people in the directory: tenants and their federation, roles, groups, administrative units, relations. */

import sql from 'sql-template-tag'
import type { StoredRecord } from '../../odata/json/stored-record.ts'
import type { Source, Transaction } from '../database.ts'

export async function putTenant(
  transaction: Transaction,
  id: string,
  displayName: string | null,
  federatedWith: readonly string[],
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO tenants (id, display_name) VALUES (${id}, ${displayName})
    ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name`)
  await transaction.change(sql`DELETE FROM federations WHERE tenant_id = ${id}`)
  for (const other of federatedWith)
    await transaction.change(sql`INSERT INTO federations (tenant_id, federated_tenant_id) VALUES (${id}, ${other}) ON CONFLICT DO NOTHING`)
}

/** Adds a tenant, or names the one that is there; `displayName` undefined leaves its name. */
export async function putTenantName(transaction: Transaction, id: string, displayName: string | undefined): Promise<void> {
  await transaction.change(sql`
    INSERT INTO tenants (id, display_name) VALUES (${id}, ${displayName ?? null})
    ON CONFLICT (id) DO UPDATE SET display_name = coalesce(excluded.display_name, tenants.display_name)`)
}

export function listTenants(source: Source): Promise<readonly { readonly id: string; readonly display_name: string | null }[]> {
  return source.rows(sql`SELECT id, display_name FROM tenants ORDER BY id`)
}

/** Takes a tenant away, with all that hangs on it but users. Answers false where there is none. */
export async function dropTenant(transaction: Transaction, id: string): Promise<boolean> {
  if ((await transaction.change(sql`DELETE FROM tenants WHERE id = ${id}`)) === 0) return false
  await transaction.change(sql`DELETE FROM federations WHERE tenant_id = ${id} OR federated_tenant_id = ${id}`)
  await transaction.change(sql`DELETE FROM domains WHERE tenant_id = ${id}`)
  await transaction.change(sql`DELETE FROM administrative_units WHERE tenant_id = ${id}`)
  await transaction.change(sql`DELETE FROM groups WHERE tenant_id = ${id}`)
  await transaction.change(sql`DELETE FROM email_method_policies WHERE tenant_id = ${id}`)
  return true
}

export async function hasUsers(source: Source, tenantId: string): Promise<boolean> {
  return (await source.rows(sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} LIMIT 1`)).length > 0
}

export async function tenantExists(source: Source, id: string): Promise<boolean> {
  return (await source.rows(sql`SELECT 1 FROM tenants WHERE id = ${id}`)).length > 0
}

export async function putRoleAssignment(
  transaction: Transaction,
  tenantId: string,
  userId: string,
  roleId: string,
  scope: string,
): Promise<void> {
  await transaction.change(
    sql`INSERT INTO role_assignments (tenant_id, user_id, role_id, scope) VALUES (${tenantId}, ${userId}, ${roleId}, ${scope}) ON CONFLICT DO NOTHING`,
  )
}

export async function putAdministrativeUnit(
  transaction: Transaction,
  tenantId: string,
  id: string,
  displayName: string | null,
  isRestricted: boolean,
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO administrative_units (tenant_id, id, display_name, is_restricted) VALUES (${tenantId}, ${id}, ${displayName}, ${isRestricted ? 1 : 0})
    ON CONFLICT (tenant_id, id) DO UPDATE SET display_name = excluded.display_name, is_restricted = excluded.is_restricted`)
}

interface GroupToPut {
  readonly id: string
  readonly displayName: string | null
  readonly isRoleAssignable: boolean
  /** The members that have no column. */
  readonly record: StoredRecord | null
}

/** Adds a group, or replaces the one with its id. */
export async function putGroup(
  transaction: Transaction,
  tenantId: string,
  { id, displayName, isRoleAssignable, record }: GroupToPut,
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO groups (tenant_id, id, display_name, is_role_assignable, record)
    VALUES (${tenantId}, ${id}, ${displayName}, ${isRoleAssignable ? 1 : 0}, ${record})
    ON CONFLICT (tenant_id, id) DO UPDATE
    SET display_name = excluded.display_name, is_role_assignable = excluded.is_role_assignable, record = excluded.record`)
}

export async function groupExists(source: Source, tenantId: string, id: string): Promise<boolean> {
  return (await source.rows(sql`SELECT 1 FROM groups WHERE tenant_id = ${tenantId} AND id = ${id}`)).length > 0
}

export async function putGroupMember(
  transaction: Transaction,
  tenantId: string,
  groupId: string,
  userId: string,
  relation: string,
): Promise<void> {
  await transaction.change(
    sql`INSERT INTO group_members (tenant_id, user_id, group_id, relation) VALUES (${tenantId}, ${userId}, ${groupId}, ${relation}) ON CONFLICT DO NOTHING`,
  )
}

export async function putRelation(
  transaction: Transaction,
  tenantId: string,
  userId: string,
  relation: string,
  otherTenantId: string,
  otherUserId: string,
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO relations (tenant_id, user_id, relation, other_tenant_id, other_user_id)
    VALUES (${tenantId}, ${userId}, ${relation}, ${otherTenantId}, ${otherUserId}) ON CONFLICT DO NOTHING`)
}
