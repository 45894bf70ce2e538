/** The index of users' identities: it keeps two users of a tenant from having the same one. */

import { hash } from 'node:crypto'
import sql from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import type { PersonKey, User } from '../../model/directory.ts'
import type { Target, Transaction } from '../database.ts'
import { distinct, keyOf, lookUp } from './run-keys.ts'

/** By what each identity of a user is found, in the order of the list. One without an issuer or an id of it is like no other. */
export function identitiesOf({ identities }: Partial<Pick<User, 'identities'>>): readonly string[] {
  return (identities ?? []).flatMap(({ issuer, issuerAssignedId }) =>
    issuer == null || issuerAssignedId == null ? [] : [hash('sha256', JSON.stringify([fold(issuer), fold(issuerAssignedId)]))],
  )
}

/** Gives a user these identities in place of those before. Answers false where one is there twice, or another user of the tenant has it. */
export async function changeIdentities(
  transaction: Transaction,
  { tenantId, id }: PersonKey,
  before: readonly string[],
  after: readonly string[],
): Promise<boolean> {
  if (before.join() === after.join()) return true
  if (before.length > 0) await transaction.change(sql`DELETE FROM identities WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  for (const identity of after) {
    const added = await transaction.change(
      sql`INSERT INTO identities (tenant_id, identity, user_id) VALUES (${tenantId}, ${identity}, ${id}) ON CONFLICT DO NOTHING`,
    )
    if (added === 0) return false
  }
  return true
}

const table = {
  table: 'identities',
  columns: ['tenant_id', 'identity', 'user_id'],
  key: ['tenant_id', 'identity'],
} as const satisfies Target

/** The identities that a run of users speaks of, as they become one user after the other. */
export interface HeldIdentities {
  /** Whether none of them is there twice, or another user's. */
  mayTake(person: PersonKey, identities: readonly string[]): boolean
  /** Gives the person these in place of those before. */
  take(person: PersonKey, identities: readonly string[]): void
  /** Writes what was taken. */
  put(transaction: Transaction): Promise<void>
}

export async function identitiesAround(
  transaction: Transaction,
  run: readonly (PersonKey & { readonly identities: readonly string[] })[],
): Promise<HeldIdentities> {
  const wanted = run.flatMap(({ tenantId, identities }) => identities.map((id) => ({ tenantId, id })))
  const [holders, before] = await Promise.all([
    lookUp(transaction, { table: 'identities', key: ['tenant_id', 'identity'], find: 'user_id' }, distinct(wanted)),
    heldBy(transaction, distinct(run)),
  ])
  const taken = new Map<string, PersonKey & { readonly identities: readonly string[] }>()
  const placeOf = ({ tenantId }: PersonKey, identity: string) => keyOf({ tenantId, id: identity })
  return {
    mayTake: (person, identities) =>
      new Set(identities).size === identities.length &&
      identities.every((identity) => (holders.get(placeOf(person, identity)) ?? person.id) === person.id),
    take: (person, identities) => {
      const key = keyOf(person)
      for (const identity of taken.get(key)?.identities ?? before.get(key) ?? []) holders.delete(placeOf(person, identity))
      for (const identity of identities) holders.set(placeOf(person, identity), person.id)
      if (identities.length > 0 || before.has(key) || taken.has(key))
        taken.set(key, { tenantId: person.tenantId, id: person.id, identities })
    },
    put: async ({ dialect, change, putMany }) => {
      const persons = [...taken].filter(([key]) => before.has(key)).map(([, { tenantId, id }]) => [tenantId, id])
      if (persons.length > 0)
        await change(
          sql`DELETE FROM identities WHERE (tenant_id, user_id) IN (SELECT tenant_id, user_id FROM ${dialect.valuesTable(['tenant_id', 'user_id'], persons)} wanted)`,
        )
      const rows = [...taken.values()].flatMap(({ tenantId, id, identities }) => identities.map((identity) => [tenantId, identity, id]))
      if (rows.length > 0) await putMany(table, rows)
    },
  }
}

/** The identities of those of the persons that have some. */
async function heldBy(transaction: Transaction, persons: readonly (readonly [string, string])[]): Promise<Map<string, string[]>> {
  const holders = await lookUp(transaction, { table: 'identities', key: ['tenant_id', 'user_id'], find: 'min(identity)' }, persons)
  const held = new Map<string, string[]>()
  if (holders.size === 0) return held
  const given = transaction.dialect.valuesTable(
    ['tenant_id', 'user_id'],
    persons.filter(([tenantId, id]) => holders.has(keyOf({ tenantId, id }))),
  )
  const rows = await transaction.rows<{ tenant_id: string; user_id: string; identity: string }>(
    sql`SELECT held.tenant_id, held.user_id, held.identity FROM ${given} wanted
      JOIN identities held ON held.tenant_id = wanted.tenant_id AND held.user_id = wanted.user_id`,
  )
  for (const { tenant_id: tenantId, user_id: id, identity } of rows) {
    const key = keyOf({ tenantId, id })
    held.set(key, [...(held.get(key) ?? []), identity])
  }
  return held
}
