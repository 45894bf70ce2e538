/**
 * Runs of records at once, as an import writes them: what each is checked against is asked for the whole run, and
 * what the run itself changes on the way is remembered, so that the outcome is the one of putting them one by one.
 */

import sql from 'sql-template-tag'
import { fold } from '../model/address.ts'
import type { PersonKey } from '../model/directory.ts'
import type { Target, Transaction } from './database.ts'
import type { UserToPut } from './people.ts'
import type { EmailToPut } from './profile-emails.ts'

/** Which of the tenants there are. */
export async function existingTenants(transaction: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const wanted = transaction.dialect.given(
    ['id'],
    [...new Set(ids)].map((id) => [id]),
  )
  const found = await transaction.rows<{ id: string }>(sql`SELECT t.id FROM ${wanted} wanted CROSS JOIN tenants t WHERE t.id = wanted.id`)
  return new Set(found.map(({ id }) => id))
}

/** Says which of the persons there are. */
export async function existingUsers(transaction: Transaction, persons: readonly PersonKey[]): Promise<(person: PersonKey) => boolean> {
  const wanted = transaction.dialect.given(['tenant_id', 'id'], distinct(persons))
  const found = await transaction.rows<{ tenant_id: string; id: string }>(
    sql`SELECT u.tenant_id, u.id FROM ${wanted} wanted CROSS JOIN users u WHERE u.tenant_id = wanted.tenant_id AND u.id = wanted.id`,
  )
  const known = new Set(found.map((row) => `${row.tenant_id}/${row.id}`))
  return (person) => known.has(keyOf(person))
}

const users: Target = {
  table: 'users',
  columns: ['tenant_id', 'id', 'principal_name', 'account_enabled', 'record'],
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
      .map(({ tenantId, id, name, accountEnabled, record }) => [tenantId, id, name, accountEnabled ? 1 : 0, record]),
  )
  return puts
}

/** Who holds the names that the run speaks of, and which names its persons hold. */
async function namesAround(transaction: Transaction, run: readonly (PersonKey & { readonly name: string })[]) {
  interface NameRow {
    readonly tenant_id: string
    readonly id: string
    readonly principal_name: string
  }
  const { given } = transaction.dialect
  const names = given(['tenant_id', 'name'], distinct(run.map(({ tenantId, name }) => ({ tenantId, id: name }))))
  const persons = given(['tenant_id', 'id'], distinct(run))
  const found = [
    ...(await transaction.rows<NameRow>(sql`
      SELECT u.tenant_id, u.id, u.principal_name FROM ${names} wanted CROSS JOIN users u
      WHERE u.tenant_id = wanted.tenant_id AND u.principal_name = wanted.name`)),
    ...(await transaction.rows<NameRow>(sql`
      SELECT u.tenant_id, u.id, u.principal_name FROM ${persons} wanted CROSS JOIN users u
      WHERE u.tenant_id = wanted.tenant_id AND u.id = wanted.id`)),
  ].map((row) => [`${row.tenant_id}/${row.id}`, `${row.tenant_id}/${row.principal_name}`] as [string, string])
  return { nameOf: new Map(found), holderOf: new Map(found.map(([person, place]) => [place, person])) }
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
  const wanted = transaction.dialect.given(['tenant_id', 'id'], distinct(persons))
  const found = await transaction.rows<{ tenant_id: string; id: string; n: number }>(sql`
    SELECT u.tenant_id, u.id, (SELECT count(*) FROM profile_emails e WHERE e.tenant_id = u.tenant_id AND e.user_id = u.id) AS n
    FROM ${wanted} wanted CROSS JOIN users u WHERE u.tenant_id = wanted.tenant_id AND u.id = wanted.id`)
  return new Map(found.map((row) => [`${row.tenant_id}/${row.id}`, Number(row.n)]))
}

/** When those of the emails were made that exist. */
async function timesOf(transaction: Transaction, run: readonly EmailKey[]): Promise<Map<string, string>> {
  if (run.length === 0) return new Map()
  const keys = run.map(({ person, id }) => [person.tenantId, person.id, id])
  const wanted = transaction.dialect.given(['tenant_id', 'user_id', 'id'], keys)
  const found = await transaction.rows<{ tenant_id: string; user_id: string; id: string; created_at: string }>(sql`
    SELECT e.tenant_id, e.user_id, e.id, e.created_at FROM ${wanted} wanted CROSS JOIN profile_emails e
    WHERE e.tenant_id = wanted.tenant_id AND e.user_id = wanted.user_id AND e.id = wanted.id`)
  return new Map(found.map((row) => [`${row.tenant_id}/${row.user_id}/${row.id}`, row.created_at]))
}

const emails: Target = {
  table: 'profile_emails',
  columns: ['tenant_id', 'user_id', 'id', 'created_at', 'audiences', 'record'],
  key: ['tenant_id', 'user_id', 'id'],
}

/** As putEmail, for each in its order. */
export function putEmails(transaction: Transaction, run: readonly (EmailToPut & { readonly person: PersonKey })[]): Promise<void> {
  return transaction.putMany(
    emails,
    run.map(({ person, id, createdAt, audiences, record }) => [person.tenantId, person.id, id, createdAt, audiences, record]),
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
  const wanted = transaction.dialect.given(['tenant_id', 'user_id'], distinct(persons))
  const found = await transaction.rows<{ tenant_id: string; user_id: string; created_at: string }>(sql`
    SELECT m.tenant_id, m.user_id, m.created_at FROM ${wanted} wanted CROSS JOIN email_methods m
    WHERE m.tenant_id = wanted.tenant_id AND m.user_id = wanted.user_id`)
  const made = new Map(found.map((row) => [`${row.tenant_id}/${row.user_id}`, row.created_at]))
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

/** Ids hold no slash, so that two different persons never have one text. */
function keyOf({ tenantId, id }: PersonKey): string {
  return `${tenantId}/${id}`
}

function distinct(keys: readonly PersonKey[]): readonly (readonly [string, string])[] {
  return [...new Map(keys.map((key) => [keyOf(key), [key.tenantId, key.id] as const])).values()]
}
