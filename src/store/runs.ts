/**
 * Runs of records at once, as an import writes them: what each is checked against is asked for the whole run, and
 * what the run itself changes on the way is remembered, so that the outcome is the one of putting them one by one.
 * What is asked is answered for the keys that matter alone: most rows of an import are new and unhindered.
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

/** Says which of the persons are not there. */
export async function missingUsers(transaction: Transaction, persons: readonly PersonKey[]): Promise<(person: PersonKey) => boolean> {
  const missing = await missingOf(transaction, distinct(persons))
  return (person) => missing.has(keyOf(person))
}

const users = {
  table: 'users',
  columns: ['tenant_id', 'id', 'principal_name', 'account_enabled', 'record', 'display_name', 'mail', 'compared'],
  key: ['tenant_id', 'id'],
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

export function cellsOfUser(user: UserToPut): UserCells {
  const { tenantId, id, userPrincipalName, accountEnabled, record, displayName, mail, compared } = user
  return [tenantId, id, fold(userPrincipalName), accountEnabled ? 1 : 0, record, displayName, mail, compared]
}

/** As putUser, for each in its order. */
export async function putUsers(transaction: Transaction, run: readonly UserCells[]): Promise<readonly boolean[]> {
  const { holderOf, nameOf } = await namesAround(transaction, run)
  const puts = run.map(([tenantId, id, name]) => {
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
    run.filter((_, index) => puts[index]),
  )
  return puts
}

/** Who holds the names that the run speaks of, and which names its persons hold. */
async function namesAround(transaction: Transaction, run: readonly UserCells[]) {
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

const emails = {
  table: 'profile_emails',
  columns: ['tenant_id', 'user_id', 'id', 'created_at', 'audiences', 'record', 'compared'],
  key: ['tenant_id', 'user_id', 'id'],
} as const satisfies Target

/** A row of `profile_emails`. */
export type EmailCells = readonly [
  tenantId: string,
  userId: string,
  id: string,
  createdAt: string,
  audiences: number,
  record: string,
  compared: string | null,
]

export function cellsOfEmail(person: PersonKey, { id, createdAt, audiences, record, compared }: EmailToPut): EmailCells {
  return [person.tenantId, person.id, id, createdAt, audiences, record, compared]
}

/** The beginning of a row; `createdAt` is null where nobody said it. */
export type EmailKey = readonly [tenantId: string, userId: string, id: string, createdAt: string | null, ...further: unknown[]]

export interface HeldEmails {
  /** Whether its person is there. */
  readonly exists: (email: EmailKey) => boolean
  /** Whether its person has no room for one more. */
  readonly isFull: (email: EmailKey) => boolean
  /** When the email of its id was made, seven fraction digits; undefined where there is none, or where it matters to nobody. */
  readonly createdAt: (email: EmailKey) => string | undefined
  /** Has the run's own email counted from here on. */
  readonly note: (email: EmailCells) => void
}

/** What there is of the persons of a run, and of emails with its ids. A person holds `most` emails at most. */
export async function emailsAround(transaction: Transaction, run: readonly EmailKey[], most: number): Promise<HeldEmails> {
  const personOf = ([tenantId, id]: EmailKey) => keyOf({ tenantId, id })
  const { missing, crowded } = await personsAround(transaction, run, most)
  const close = run.filter((email) => email[3] === null || crowded.has(personOf(email)))
  const noted = new Set(close.map(personOf))
  const made = await timesOf(transaction, close)
  const placeOf = (email: EmailKey) => `${personOf(email)}/${email[2]}`
  return {
    exists: (email) => missing.size === 0 || !missing.has(personOf(email)),
    isFull: (email) => (crowded.get(personOf(email)) ?? 0) >= most,
    createdAt: (email) => (noted.size === 0 ? undefined : made.get(placeOf(email))),
    note: (email) => {
      const person = noted.size === 0 ? '' : personOf(email)
      if (!noted.has(person)) return
      const [place, held] = [placeOf(email), crowded.get(person)]
      if (held !== undefined && !made.has(place)) crowded.set(person, held + 1)
      made.set(place, email[3])
    },
  }
}

/** The persons of a run who are not there; and how many emails those have who might get more than `most` by it. */
async function personsAround(transaction: Transaction, run: readonly EmailKey[], most: number) {
  const persons = new Map<string, { readonly key: readonly [string, string]; emails: number }>()
  let largest = 0
  for (const [tenantId, id] of run) {
    const place = keyOf({ tenantId, id })
    const person = persons.get(place) ?? { key: [tenantId, id], emails: 0 }
    persons.set(place, person)
    largest = Math.max(largest, ++person.emails)
  }
  const key = ['tenant_id', 'id'] as const
  const keys = [...persons.values()].map((person) => person.key)
  const rows = await transaction.rows<{ tenant_id: string; id: string; there: unknown; held: number | string }>(sql`
    SELECT tenant_id, id, there, held FROM (
      SELECT tenant_id, id,
        (SELECT 1 FROM users WHERE tenant_id = wanted.tenant_id AND id = wanted.id) AS there,
        (SELECT count(*) FROM profile_emails WHERE tenant_id = wanted.tenant_id AND user_id = wanted.id) AS held
      FROM ${transaction.dialect.given(key, keys)} wanted
    ) asked WHERE there IS NULL OR held > ${most - largest}`)
  const told = rows.map(({ tenant_id: tenantId, id, there, held }) => ({ place: keyOf({ tenantId, id }), there, held: Number(held) }))
  return {
    missing: new Set(told.filter(({ there }) => there === null).map(({ place }) => place)),
    crowded: new Map(told.filter(({ held }) => held > most - largest).map(({ place, held }) => [place, held])),
  }
}

/** When those of the emails were made that exist. */
async function timesOf(transaction: Transaction, run: readonly EmailKey[]): Promise<Map<string, string>> {
  const keys = run.map(([tenantId, userId, id]) => [tenantId, userId, id])
  return lookUp(transaction, { table: 'profile_emails', key: ['tenant_id', 'user_id', 'id'], find: 'created_at' }, keys)
}

/** As putEmail, for each in its order. */
export function putEmails(transaction: Transaction, run: readonly EmailCells[]): Promise<void> {
  return transaction.putMany(emails, run)
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

interface Question {
  readonly table: string
  /** An index begins with these columns. */
  readonly key: readonly string[]
  readonly find: string
}

/** What is found for each of the keys, by its texts joined with `/`; nothing where there is no such row. */
async function lookUp(
  transaction: Transaction,
  { table, key, find }: Question,
  keys: readonly (readonly string[])[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const same = join(
    key.map((column) => sql`held.${raw(column)} = wanted.${raw(column)}`),
    ' AND ',
  )
  // A question for each key, and no join: a planner might read the whole table for that.
  const rows = await transaction.rows<Readonly<Record<string, string>>>(sql`
    SELECT * FROM (
      SELECT ${raw(key.join(', '))}, (SELECT ${raw(find)} FROM ${raw(table)} held WHERE ${same}) AS found
      FROM ${transaction.dialect.given(key, keys)} wanted
    ) asked WHERE found IS NOT NULL`)
  return new Map(rows.map((row) => [key.map((column) => row[column]).join('/'), String(row.found)]))
}

/** Which of the persons are not there. */
async function missingOf(transaction: Transaction, keys: readonly (readonly string[])[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set()
  const key = ['tenant_id', 'id'] as const
  const rows = await transaction.rows<{ tenant_id: string; id: string }>(sql`
    SELECT tenant_id, id FROM ${transaction.dialect.given(key, keys)} wanted
    WHERE (SELECT 1 FROM users WHERE tenant_id = wanted.tenant_id AND id = wanted.id) IS NULL`)
  return new Set(rows.map(({ tenant_id: tenantId, id }) => keyOf({ tenantId, id })))
}

/** Ids hold no slash, so that two different persons never have one text. */
function keyOf({ tenantId, id }: PersonKey): string {
  return `${tenantId}/${id}`
}

function distinct(keys: readonly PersonKey[]): readonly (readonly [string, string])[] {
  return [...new Map(keys.map((key) => [keyOf(key), [key.tenantId, key.id] as const])).values()]
}
