/** Role assignments and their scope: `/` is the whole tenant, `/administrativeUnits/{id}` a unit of it. */

import sql, { empty } from 'sql-template-tag'
import type { Source, Transaction } from '../database.ts'

export interface RoleAssignmentKey {
  readonly tenantId: string
  readonly userId: string
  /** Template id. */
  readonly roleId: string
  readonly scope: string
}

export interface RoleAssignmentRow {
  readonly user_id: string
  readonly role_id: string
  readonly scope: string
}

interface PageOfRoleAssignments {
  readonly tenantId: string
  /** The last one of the page before. */
  readonly after: readonly [userId: string, roleId: string, scope: string] | undefined
  readonly skip: number
  readonly limit: number
}

/** Role assignments of a tenant, by user, role and scope. */
export function listRoleAssignments(
  source: Source,
  { tenantId, after, skip, limit }: PageOfRoleAssignments,
): Promise<readonly RoleAssignmentRow[]> {
  const beyond = after === undefined ? empty : sql`AND (user_id, role_id, scope) > (${after[0]}, ${after[1]}, ${after[2]})`
  return source.rows(sql`
    SELECT user_id, role_id, scope FROM role_assignments WHERE tenant_id = ${tenantId} ${beyond}
    ORDER BY user_id, role_id, scope LIMIT ${limit} OFFSET ${skip}`)
}

export async function countRoleAssignments(source: Source, tenantId: string): Promise<number> {
  const [row] = await source.rows<{ n: number }>(sql`SELECT count(*) AS n FROM role_assignments WHERE tenant_id = ${tenantId}`)
  return Number(row?.n ?? 0)
}

export async function roleAssignmentExists(source: Source, { tenantId, userId, roleId, scope }: RoleAssignmentKey): Promise<boolean> {
  const found = await source.rows(
    sql`SELECT 1 FROM role_assignments WHERE tenant_id = ${tenantId} AND user_id = ${userId} AND role_id = ${roleId} AND scope = ${scope}`,
  )
  return found.length > 0
}

/** Answers false where the user holds the role over the scope already. */
export async function addRoleAssignment(
  transaction: Transaction,
  { tenantId, userId, roleId, scope }: RoleAssignmentKey,
): Promise<boolean> {
  return (
    (await transaction.change(sql`
      INSERT INTO role_assignments (tenant_id, user_id, role_id, scope) VALUES (${tenantId}, ${userId}, ${roleId}, ${scope})
      ON CONFLICT (tenant_id, user_id, role_id, scope) DO NOTHING`)) > 0
  )
}

/** Answers false where there is none. */
export async function dropRoleAssignment(
  transaction: Transaction,
  { tenantId, userId, roleId, scope }: RoleAssignmentKey,
): Promise<boolean> {
  return (
    (await transaction.change(
      sql`DELETE FROM role_assignments WHERE tenant_id = ${tenantId} AND user_id = ${userId} AND role_id = ${roleId} AND scope = ${scope}`,
    )) > 0
  )
}

export async function administrativeUnitExists(source: Source, tenantId: string, id: string): Promise<boolean> {
  return (await source.rows(sql`SELECT 1 FROM administrative_units WHERE tenant_id = ${tenantId} AND id = ${id}`)).length > 0
}
