/**
 * Runs of records at once, as an import writes them: what each is checked against is asked for the whole run, and
 * what the run itself changes on the way is remembered, so that the outcome is the one of putting them one by one.
 * Look-ups cover only the keys that matter: most rows of an import are new and conflict with nothing.
 */

import { fold } from '../../model/address.ts'
import type { PersonKey } from '../../model/directory.ts'
import type { Target, Transaction } from '../database.ts'
import { headsOf, type PackedRows, pickRows } from '../packed-rows.ts'
import { identitiesAround } from './identities.ts'
import type { KnownPersons } from './known-persons.ts'
import type { UserToPut } from './people.ts'
import { distinct, keyOf, lookUp, missingOf } from './run-keys.ts'

/** The tenants that exist. */
export async function existingTenants(transaction: Transaction, ids: readonly string[], known: KnownPersons): Promise<ReadonlySet<string>> {
  const asked = new Set(ids)
  const keys = [...asked].filter((id) => !known.hasTenant(id)).map((id) => [id])
  const found = await lookUp(transaction, { table: 'tenants', key: ['id'], find: 'id' }, keys)
  const existing = new Set([...asked].filter((id) => known.hasTenant(id) || found.has(id)))
  for (const id of existing) known.noteTenant(id)
  return existing
}

/** Says which of the persons are not there. */
export async function missingUsers(transaction: Transaction, persons: readonly PersonKey[]): Promise<(person: PersonKey) => boolean> {
  const missing = await missingOf(transaction, distinct(persons))
  return (person) => missing.has(keyOf(person))
}

const users = {
  table: 'users',
  columns: ['tenant_id', 'id', 'principal_name', 'account_enabled', 'record', 'display_name', 'mail', 'compared'],
  key: ['tenant_id', 'id'],
  keeps: 'changes',
} as const satisfies Target

/** A row of `users`. */
export type UserCells = readonly [
  tenantId: string,
  id: string,
  principalName: string,
  accountEnabled: number,
  record: string,
  displayName: string,
  mail: string,
  compared: string | null,
]

/** The beginning of one: so many cells. */
export const userHeads = 3
export type UserKey = readonly [tenantId: string, id: string, principalName: string, ...further: unknown[]]

export function cellsOfUser(user: UserToPut): UserCells {
  const { tenantId, id, userPrincipalName, accountEnabled, record, displayName, mail, compared } = user
  return [tenantId, id, fold(userPrincipalName), accountEnabled ? 1 : 0, record, displayName, mail, compared]
}

/** Outcome of putting a user: put, or refused since the name or an identity is another user's. */
export type UserPut = 'put' | 'nameTaken' | 'identityTaken'

/** Puts users, each in its order. `identities`: those of each as identitiesOf has them, or nothing where no user has one. */
export async function putUsers(
  transaction: Transaction,
  run: readonly UserCells[] | PackedRows,
  identities: readonly (readonly string[])[],
  known: KnownPersons,
): Promise<readonly UserPut[]> {
  const keys = headsOf<UserKey>(run, userHeads)
  // New persons have no identities yet.
  if (identities.every((each) => each.length === 0) && (await transaction.addMany?.(users, run)) === true) {
    // New persons have no emails: emails are removed with their person.
    for (const [tenantId, id] of keys) known.note(keyOf({ tenantId, id }), 0)
    return keys.map(() => 'put')
  }
  const [{ holderOf, nameOf }, held] = await Promise.all([
    namesAround(transaction, keys),
    identitiesAround(
      transaction,
      keys.map(([tenantId, id], index) => ({ tenantId, id, identities: identities[index] ?? [] })),
    ),
  ])
  const puts = keys.map(([tenantId, id, name], index): UserPut => {
    const [person, place] = [keyOf({ tenantId, id }), keyOf({ tenantId, id: name })]
    if ((holderOf.get(place) ?? person) !== person) return 'nameTaken'
    if (!held.mayTake({ tenantId, id }, identities[index] ?? [])) return 'identityTaken'
    held.take({ tenantId, id }, identities[index] ?? [])
    const before = nameOf.get(person)
    if (before !== undefined) holderOf.delete(before)
    holderOf.set(place, person)
    nameOf.set(person, place)
    return 'put'
  })
  await transaction.putMany(
    users,
    pickRows(run, (index) => puts[index] === 'put'),
  )
  await held.put(transaction)
  return puts
}

/** The holders of the names in the run, and the names that the persons of the run hold. */
async function namesAround(transaction: Transaction, run: readonly UserKey[]) {
  const places = distinct(run.map(([tenantId, , name]) => ({ tenantId, id: name })))
  const persons = distinct(run.map(([tenantId, id]) => ({ tenantId, id })))
  const [holders, names] = await Promise.all([
    lookUp(transaction, { table: 'users', key: ['tenant_id', 'principal_name'], find: 'id' }, places),
    lookUp(transaction, { table: 'users', key: ['tenant_id', 'id'], find: 'principal_name' }, persons),
  ])
  const tenantOf = (key: string) => key.slice(0, key.indexOf('/'))
  return {
    holderOf: new Map([...holders].map(([place, id]) => [place, `${tenantOf(place)}/${id}`])),
    nameOf: new Map([...names].map(([person, name]) => [person, `${tenantOf(person)}/${name}`])),
  }
}

export interface HeldMethods {
  /** When a person's method was made, seven fraction digits; undefined where there is none. */
  readonly createdAt: (person: PersonKey) => string | undefined
  /** Has the run's own method counted from here on. */
  readonly note: (person: PersonKey, createdAt: string) => void
}

/** The existing email methods of the persons of a run. */
export async function methodsAround(transaction: Transaction, persons: readonly PersonKey[]): Promise<HeldMethods> {
  const made = await lookUp(transaction, { table: 'email_methods', key: ['tenant_id', 'user_id'], find: 'created_at' }, distinct(persons))
  return { createdAt: (person) => made.get(keyOf(person)), note: (person, createdAt) => void made.set(keyOf(person), createdAt) }
}

const methods = {
  table: 'email_methods',
  columns: ['tenant_id', 'user_id', 'email_address', 'created_at'],
  key: ['tenant_id', 'user_id'],
} as const satisfies Target

/** A row of `email_methods`. */
export type MethodCells = readonly [tenantId: string, userId: string, address: string, createdAt: string]

/** Adds email methods, or replaces the one that a person has. */
export function putEmailMethods(transaction: Transaction, run: readonly MethodCells[]): Promise<void> {
  return transaction.putMany(methods, run)
}
