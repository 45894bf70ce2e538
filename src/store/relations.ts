/** How two persons stand to each other: what decides who is in an audience. */

import sql from 'sql-template-tag'
import type { PersonKey } from '../model/directory.ts'
import type { Readable } from './database.ts'

export interface Standing {
  /** The owner lists the other as family. */
  readonly family: boolean
  readonly contacts: boolean
  readonly sharesGroup: boolean
  readonly sameTenant: boolean
  /** The owner's tenant lists the other's as federated. */
  readonly federated: boolean
}

interface StandingRow {
  readonly family: number
  readonly contacts: number
  readonly shared: number
  readonly federated: number
}

/** How `other` stands to `owner`, seen from the owner. */
export async function standingOf(database: Readable, owner: PersonKey, other: PersonKey): Promise<Standing> {
  const listed = (relation: string) => sql`
    SELECT count(*) FROM relations WHERE tenant_id = ${owner.tenantId} AND user_id = ${owner.id} AND relation = ${relation}
      AND other_tenant_id = ${other.tenantId} AND other_user_id = ${other.id}`
  const [row] = await database.read<StandingRow>(sql`
    SELECT
      (${listed('family')}) AS family,
      (${listed('contacts')}) AS contacts,
      (SELECT count(*) FROM group_members mine JOIN group_members theirs ON theirs.tenant_id = mine.tenant_id AND theirs.group_id = mine.group_id
        WHERE mine.tenant_id = ${owner.tenantId} AND mine.user_id = ${owner.id} AND mine.relation = 'member'
          AND theirs.tenant_id = ${other.tenantId} AND theirs.user_id = ${other.id} AND theirs.relation = 'member') AS shared,
      (SELECT count(*) FROM federations WHERE tenant_id = ${owner.tenantId} AND federated_tenant_id = ${other.tenantId}) AS federated`)
  return {
    family: Number(row?.family) > 0,
    contacts: Number(row?.contacts) > 0,
    sharesGroup: Number(row?.shared) > 0,
    sameTenant: owner.tenantId === other.tenantId,
    federated: Number(row?.federated) > 0,
  }
}
