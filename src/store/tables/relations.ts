/** How two persons stand to each other: what decides who is in an audience. */

import sql, { type Sql } from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Readable } from '../database.ts'

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

type Key = Readonly<Record<keyof PersonKey, string | Sql>>

/** How `other` stands to `owner`, seen from the owner. */
export async function standingOf(database: Readable, owner: PersonKey, other: PersonKey): Promise<Standing> {
  const [row] = await database.read<StandingRow>(sql`SELECT ${standingColumns(owner, other)}`)
  return standing(row, owner, other)
}

/** The same for pairs of an owner and another, in their order. */
export async function standingsOf(
  database: Readable,
  pairs: readonly (readonly [owner: PersonKey, other: PersonKey])[],
): Promise<readonly Standing[]> {
  const wanted = database.dialect.valuesTable(
    ['place', 'tenant_id', 'id', 'other_tenant_id', 'other_id'],
    pairs.map(([owner, other], place) => [String(place), owner.tenantId, owner.id, other.tenantId, other.id]),
  )
  const columns = standingColumns(
    { tenantId: sql`wanted.tenant_id`, id: sql`wanted.id` },
    { tenantId: sql`wanted.other_tenant_id`, id: sql`wanted.other_id` },
  )
  const rows = await database.read<StandingRow & { readonly place: string }>(sql`SELECT wanted.place, ${columns} FROM ${wanted} wanted`)
  const byPlace = new Map(rows.map((row) => [row.place, row]))
  return pairs.map(([owner, other], place) => standing(byPlace.get(String(place)), owner, other))
}

function standingColumns(owner: Key, other: Key): Sql {
  const listed = (relation: string) => sql`
    SELECT count(*) FROM relations l WHERE l.tenant_id = ${owner.tenantId} AND l.user_id = ${owner.id} AND l.relation = ${relation}
      AND l.other_tenant_id = ${other.tenantId} AND l.other_user_id = ${other.id}`
  return sql`
    (${listed('family')}) AS family,
    (${listed('contacts')}) AS contacts,
    (SELECT count(*) FROM group_members mine JOIN group_members theirs ON theirs.tenant_id = mine.tenant_id AND theirs.group_id = mine.group_id
      WHERE mine.tenant_id = ${owner.tenantId} AND mine.user_id = ${owner.id} AND mine.relation = 'member'
        AND theirs.tenant_id = ${other.tenantId} AND theirs.user_id = ${other.id} AND theirs.relation = 'member') AS shared,
    (SELECT count(*) FROM federations f WHERE f.tenant_id = ${owner.tenantId} AND f.federated_tenant_id = ${other.tenantId}) AS federated`
}

function standing(row: StandingRow | undefined, owner: PersonKey, other: PersonKey): Standing {
  return {
    family: Number(row?.family) > 0,
    contacts: Number(row?.contacts) > 0,
    sharesGroup: Number(row?.shared) > 0,
    sameTenant: owner.tenantId === other.tenantId,
    federated: Number(row?.federated) > 0,
  }
}
