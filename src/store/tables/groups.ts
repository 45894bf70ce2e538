/** The groups of a tenant, and who is in them. */

import sql, { empty } from 'sql-template-tag'
import type { GroupFacts, PersonKey } from '../../model/directory.ts'
import type { StoredRecord } from '../../odata/json/stored-record.ts'
import type { Source, Transaction } from '../database.ts'

export interface GroupRow {
  readonly id: string
  readonly display_name: string | null
  readonly is_role_assignable: number
  /** The members that have no column, JSON text; null for a group that was imported without any. */
  readonly record: string | null
}

/** How somebody stands to a group. */
export type GroupRelation = 'member' | 'owner'

interface PageOf {
  /** Id of the last one of the page before. */
  readonly after: string | undefined
  readonly skip: number
  readonly limit: number
}

/** Groups by id. */
export function listGroups(source: Source, tenantId: string, { after, skip, limit }: PageOf): Promise<readonly GroupRow[]> {
  const beyond = after === undefined ? empty : sql`AND id > ${after}`
  return source.rows(sql`
    SELECT id, display_name, is_role_assignable, record FROM groups WHERE tenant_id = ${tenantId} ${beyond}
    ORDER BY id LIMIT ${limit} OFFSET ${skip}`)
}

export async function countGroups(source: Source, tenantId: string): Promise<number> {
  const [row] = await source.rows<{ n: number }>(sql`SELECT count(*) AS n FROM groups WHERE tenant_id = ${tenantId}`)
  return Number(row?.n ?? 0)
}

export async function findGroup(source: Source, tenantId: string, id: string): Promise<GroupRow | undefined> {
  const [row] = await source.rows<GroupRow>(
    sql`SELECT id, display_name, is_role_assignable, record FROM groups WHERE tenant_id = ${tenantId} AND id = ${id}`,
  )
  return row
}

/** The facts of a group that decide which callers may change it. */
export async function findGroupFacts(source: Source, tenantId: string, id: string): Promise<GroupFacts | undefined> {
  const [row] = await source.rows<{ is_role_assignable: number }>(
    sql`SELECT is_role_assignable FROM groups WHERE tenant_id = ${tenantId} AND id = ${id}`,
  )
  return row === undefined ? undefined : { tenantId, id, isRoleAssignable: Number(row.is_role_assignable) === 1 }
}

export interface GroupToAdd {
  readonly id: string
  readonly displayName: string | null
  readonly isRoleAssignable: boolean
  readonly record: StoredRecord
}

export async function addGroup(
  transaction: Transaction,
  tenantId: string,
  { id, displayName, isRoleAssignable, record }: GroupToAdd,
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO groups (tenant_id, id, display_name, is_role_assignable, record)
    VALUES (${tenantId}, ${id}, ${displayName}, ${isRoleAssignable ? 1 : 0}, ${record})`)
}

export async function changeGroup(
  transaction: Transaction,
  tenantId: string,
  { id, displayName, record }: Omit<GroupToAdd, 'isRoleAssignable'>,
): Promise<void> {
  await transaction.change(
    sql`UPDATE groups SET display_name = ${displayName}, record = ${record} WHERE tenant_id = ${tenantId} AND id = ${id}`,
  )
}

/** Keeps the group as it is until the transaction ends: others who would change or remove it wait. Answers false where there is none. */
export async function holdGroup(transaction: Transaction, tenantId: string, id: string): Promise<boolean> {
  // Asked for as rows: nothing is changed that would count.
  const held = await transaction.rows(
    sql`UPDATE groups SET display_name = display_name WHERE tenant_id = ${tenantId} AND id = ${id} RETURNING id`,
  )
  return held.length > 0
}

/** Takes a group away with its memberships. Answers false where there is none. */
export async function dropGroup(transaction: Transaction, tenantId: string, id: string): Promise<boolean> {
  if ((await transaction.change(sql`DELETE FROM groups WHERE tenant_id = ${tenantId} AND id = ${id}`)) === 0) return false
  await transaction.change(sql`DELETE FROM group_members WHERE tenant_id = ${tenantId} AND group_id = ${id}`)
  return true
}

export interface MemberRow {
  readonly id: string
  /** The user's, JSON text. */
  readonly record: string
  /** The user's. */
  readonly changes: number
}

/** The members or owners of a group, by id. */
export function listMembers(
  source: Source,
  tenantId: string,
  groupId: string,
  relation: GroupRelation,
  { after, skip, limit }: PageOf,
): Promise<readonly MemberRow[]> {
  const beyond = after === undefined ? empty : sql`AND m.user_id > ${after}`
  return source.rows(sql`
    SELECT u.id, u.record, u.changes FROM group_members m JOIN users u ON u.tenant_id = ${tenantId} AND u.id = m.user_id
    WHERE m.tenant_id = ${tenantId} AND m.group_id = ${groupId} AND m.relation = ${relation} ${beyond}
    ORDER BY m.user_id LIMIT ${limit} OFFSET ${skip}`)
}

/** One member or owner; undefined where the person does not stand so to the group. */
export async function findMember(
  source: Source,
  { tenantId, id }: PersonKey,
  groupId: string,
  relation: GroupRelation,
): Promise<MemberRow | undefined> {
  const [row] = await source.rows<MemberRow>(sql`
    SELECT u.id, u.record, u.changes FROM group_members m JOIN users u ON u.tenant_id = ${tenantId} AND u.id = m.user_id
    WHERE m.tenant_id = ${tenantId} AND m.user_id = ${id} AND m.group_id = ${groupId} AND m.relation = ${relation}`)
  return row
}

export async function countMembers(source: Source, tenantId: string, groupId: string, relation: GroupRelation): Promise<number> {
  const [row] = await source.rows<{ n: number }>(sql`
    SELECT count(*) AS n FROM group_members WHERE tenant_id = ${tenantId} AND group_id = ${groupId} AND relation = ${relation}`)
  return Number(row?.n ?? 0)
}

/** Answers false where the person stands so to the group already. */
export async function addMember(
  transaction: Transaction,
  { tenantId, id }: PersonKey,
  groupId: string,
  relation: GroupRelation,
): Promise<boolean> {
  return (
    (await transaction.change(sql`
      INSERT INTO group_members (tenant_id, user_id, group_id, relation) VALUES (${tenantId}, ${id}, ${groupId}, ${relation})
      ON CONFLICT (tenant_id, user_id, group_id, relation) DO NOTHING`)) > 0
  )
}

/** Answers false where the person does not stand so to the group. */
export async function dropMember(
  transaction: Transaction,
  { tenantId, id }: PersonKey,
  groupId: string,
  relation: GroupRelation,
): Promise<boolean> {
  return (
    (await transaction.change(
      sql`DELETE FROM group_members WHERE tenant_id = ${tenantId} AND user_id = ${id} AND group_id = ${groupId} AND relation = ${relation}`,
    )) > 0
  )
}
