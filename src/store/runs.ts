/**
 * Runs of records at once, as an import writes them: what each is checked against is asked for the whole run, and
 * what the run itself changes on the way is remembered, so that the outcome is the one of putting them one by one.
 */

import sql, { join, raw } from 'sql-template-tag'
import { fold } from '../model/address.ts'
import type { PersonKey } from '../model/directory.ts'
import type { Target, Transaction } from './database.ts'
import type { UserToPut } from './people.ts'
import type { EmailToPut } from './profile-emails.ts'

/** Which of the tenants there are. */
export async function existingTenants(transaction: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const keys = [...new Set(ids)].map((id) => [id])
  return new Set((await lookUp(transaction, { table: 'tenants', key: ['id'], find: 'id' }, keys)).keys())
}

/** Says which of the persons there are. */
export async function existingUsers(transaction: Transaction, persons: readonly PersonKey[]): Promise<(person: PersonKey) => boolean> {
  const known = await lookUp(transaction, { table: 'users', key: ['tenant_id', 'id'], find: 'id' }, distinct(persons))
  return (person) => known.has(keyOf(person))
}

const users: Target = {
  table: 'users',
  columns: ['tenant_id', 'id', 'principal_name', 'account_enabled', 'record', 'display_name', 'mail', 'compared'],
  key: ['tenant_id', 'id'],
}

/** As putUser, for each in its order. */
export async function putUsers(transaction: Transaction, run: readonly UserToPut[]): Promise<readonly boolean[]> {
  const named = run.map((user) => ({ ...user, name: fold(user.userPrincipalName) }))
  const { holderOf, nameOf } = await namesAround(transaction, named)
  const puts = named.map(({ tenantId, id, name }) => {
    const [person, place] = [keyOf({ tenantId, id }), keyOf({ tenantId, id: name })]
    if ((holderOf.get(place) ?? person) !== person) return false
    const before = nameOf.get(person)
    if (before !== undefined) holderOf.delete(before)
    holderOf.set(place, person)
    nameOf.set(person, place)
    return true
  })
  await transaction.putMany(
    users,
    named
      .filter((_, index) => puts[index])
      .map(({ tenantId, id, name, accountEnabled, record, displayName, mail, compared }) => [
        tenantId,
        id,
        name,
        accountEnabled ? 1 : 0,
        record,
        displayName,
        mail,
        compared,
      ]),
  )
  return puts
}

/** Who holds the names that the run speaks of, and which names its persons hold. */
async function namesAround(transaction: Transaction, run: readonly (PersonKey & { readonly name: string })[]) {
  const places = distinct(run.map(({ tenantId, name }) => ({ tenantId, id: name })))
  const holders = await lookUp(transaction, { table: 'users', key: ['tenant_id', 'principal_name'], find: 'id' }, places)
  const names = await lookUp(transaction, { table: 'users', key: ['tenant_id', 'id'], find: 'principal_name' }, distinct(run))
  const tenantOf = (key: string) => key.slice(0, key.indexOf('/'))
  return {
    holderOf: new Map([...holders].map(([place, id]) => [place, `${tenantOf(place)}/${id}`])),
    nameOf: new Map([...names].map(([person, name]) => [person, `${tenantOf(person)}/${name}`])),
  }
}

export interface HeldEmails {
  /** How many a person has; undefined where there is no such person. */
  readonly count: (person: PersonKey) => number | undefined
  /** When an email was made, seven fraction digits; undefined where there is none of the id. */
  readonly createdAt: (person: PersonKey, id: string) => string | undefined
  /** Has the run's own email counted from here on. */
  readonly note: (person: PersonKey, id: string, createdAt: string) => void
}

type EmailKey = { readonly person: PersonKey; readonly id: string }

/** What there is of the persons of a run, and of emails with its ids. */
export async function emailsAround(transaction: Transaction, run: readonly EmailKey[]): Promise<HeldEmails> {
  const held = await countsOf(
    transaction,
    run.map(({ person }) => person),
  )
  // Where a person has none there is none to look for.
  const made = await timesOf(
    transaction,
    run.filter(({ person }) => (held.get(keyOf(person)) ?? 0) > 0),
  )
  return {
    count: (person) => held.get(keyOf(person)),
    createdAt: (person, id) => made.get(`${keyOf(person)}/${id}`),
    note: (person, id, createdAt) => {
      const key = `${keyOf(person)}/${id}`
      if (!made.has(key)) held.set(keyOf(person), (held.get(keyOf(person)) ?? 0) + 1)
      made.set(key, createdAt)
    },
  }
}

/** How many emails each of the persons has who exist. */
async function countsOf(transaction: Transaction, persons: readonly PersonKey[]): Promise<Map<string, number>> {
  const keys = distinct(persons)
  const users = await lookUp(transaction, { table: 'users', key: ['tenant_id', 'id'], find: 'id' }, keys)
  const counts = await lookUp(transaction, { table: 'profile_emails', key: ['tenant_id', 'user_id'], find: 'count(*)' }, keys)
  return new Map([...users.keys()].map((person) => [person, Number(counts.get(person))]))
}

/** When those of the emails were made that exist. */
async function timesOf(transaction: Transaction, run: readonly EmailKey[]): Promise<Map<string, string>> {
  if (run.length === 0) return new Map()
  const keys = run.map(({ person, id }) => [person.tenantId, person.id, id])
  return lookUp(transaction, { table: 'profile_emails', key: ['tenant_id', 'user_id', 'id'], find: 'created_at' }, keys)
}

const emails: Target = {
  table: 'profile_emails',
  columns: ['tenant_id', 'user_id', 'id', 'created_at', 'audiences', 'record', 'compared'],
  key: ['tenant_id', 'user_id', 'id'],
}

/** As putEmail, for each in its order. */
export function putEmails(transaction: Transaction, run: readonly (EmailToPut & { readonly person: PersonKey })[]): Promise<void> {
  return transaction.putMany(
    emails,
    run.map(({ person, id, createdAt, audiences, record, compared }) => [
      person.tenantId,
      person.id,
      id,
      createdAt,
      audiences,
      record,
      compared,
    ]),
  )
}

export interface HeldMethods {
  /** When a person's method was made, seven fraction digits; undefined where there is none. */
  readonly createdAt: (person: PersonKey) => string | undefined
  /** Has the run's own method counted from here on. */
  readonly note: (person: PersonKey, createdAt: string) => void
}

/** What there is of email methods of the persons of a run. */
export async function methodsAround(transaction: Transaction, persons: readonly PersonKey[]): Promise<HeldMethods> {
  const made = await lookUp(transaction, { table: 'email_methods', key: ['tenant_id', 'user_id'], find: 'created_at' }, distinct(persons))
  return { createdAt: (person) => made.get(keyOf(person)), note: (person, createdAt) => void made.set(keyOf(person), createdAt) }
}

export interface MethodToPut {
  readonly person: PersonKey
  readonly address: string
  readonly createdAt: string
}

const methods: Target = {
  table: 'email_methods',
  columns: ['tenant_id', 'user_id', 'email_address', 'created_at'],
  key: ['tenant_id', 'user_id'],
}

/** Adds email methods, or replaces the one that a person has. */
export function putEmailMethods(transaction: Transaction, run: readonly MethodToPut[]): Promise<void> {
  return transaction.putMany(
    methods,
    run.map(({ person, address, createdAt }) => [person.tenantId, person.id, address, createdAt]),
  )
}

interface Question {
  readonly table: string
  /** An index begins with these columns. */
  readonly key: readonly string[]
  /** A column or an aggregate. */
  readonly find: string
}

/** What is found for each of the keys, by its texts joined with `/`; nothing where there is no such row. */
async function lookUp(
  transaction: Transaction,
  { table, key, find }: Question,
  keys: readonly (readonly string[])[],
): Promise<Map<string, string>> {
  const same = join(
    key.map((column) => sql`held.${raw(column)} = wanted.${raw(column)}`),
    ' AND ',
  )
  // A question for each key, and no join: a planner might read the whole table for that.
  const rows = await transaction.rows<Readonly<Record<string, string | null>>>(sql`
    SELECT ${raw(key.join(', '))}, (SELECT ${raw(find)} FROM ${raw(table)} held WHERE ${same}) AS found
    FROM ${transaction.dialect.given(key, keys)} wanted`)
  return new Map(rows.flatMap(({ found, ...row }) => (found == null ? [] : [[key.map((column) => row[column]).join('/'), found]])))
}

/** Ids hold no slash, so that two different persons never have one text. */
function keyOf({ tenantId, id }: PersonKey): string {
  return `${tenantId}/${id}`
}

function distinct(keys: readonly PersonKey[]): readonly (readonly [string, string])[] {
  return [...new Map(keys.map((key) => [keyOf(key), [key.tenantId, key.id] as const])).values()]
}
