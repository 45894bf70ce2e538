/** Runs of emails, as an import writes them: see runs.ts. */

import sql from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Target, Transaction } from '../database.ts'
import type { PackedRows } from '../packed-rows.ts'
import type { KnownPersons } from './known-persons.ts'
import type { EmailToPut } from './profile-emails.ts'
import { keyOf, lookUp } from './run-keys.ts'

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

/** One whose time was said. */
export type TimedKey = readonly [tenantId: string, userId: string, id: string, createdAt: string, ...further: unknown[]]

export interface HeldEmails {
  /** Whether its person is there. */
  readonly exists: (email: EmailKey) => boolean
  /** Whether its person has no room for one more. */
  readonly isFull: (email: EmailKey) => boolean
  /** When the email of its id was made, seven fraction digits; undefined where there is none, or where it matters to nobody. */
  readonly createdAt: (email: EmailKey) => string | undefined
  /** Has the run's own email counted from here on. */
  readonly note: (email: TimedKey) => void
}

/** The existing persons of a run, and the existing emails with its ids. A person holds `most` emails at most. */
export async function emailsAround(
  transaction: Transaction,
  run: readonly EmailKey[],
  { most, known }: { readonly most: number; readonly known: KnownPersons },
): Promise<HeldEmails> {
  const personOf = ([tenantId, id]: EmailKey) => keyOf({ tenantId, id })
  const { missing, crowded } = await personsAround(transaction, run, { most, known })
  const close = run.filter((email) => email[3] === null || crowded.has(personOf(email)))
  const noted = new Set(close.map(personOf))
  const made = await timesOf(transaction, close)
  const placeOf = (email: EmailKey) => `${personOf(email)}/${email[2]}`
  return {
    exists: (email) => missing.size === 0 || !missing.has(personOf(email)),
    isFull: (email) => crowded.size > 0 && (crowded.get(personOf(email)) ?? 0) >= most,
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

/** Counts exactly only for profiles near the limit; the others cannot reach it in this batch. */
const roomAhead = 50

interface AskedPerson {
  readonly key: readonly [string, string]
  /** Facts of the run. */
  emails: number
}

/** The persons of a run who are not there; and how many emails those have who might get more than `most` by it. */
async function personsAround(
  transaction: Transaction,
  run: readonly EmailKey[],
  { most, known }: { readonly most: number; readonly known: KnownPersons },
) {
  const persons = new Map<string, AskedPerson>()
  let largest = 0
  for (const [tenantId, id] of run) {
    const place = keyOf({ tenantId, id })
    const person = persons.get(place) ?? { key: [tenantId, id], emails: 0 }
    if (++person.emails === 1) persons.set(place, person)
    largest = Math.max(largest, person.emails)
  }
  const missing = new Set<string>()
  const crowded = new Map<string, number>()
  const unknown = new Map<string, AskedPerson>()
  for (const [place, person] of persons) {
    const held = known.emailsOf(place)
    if (held === undefined || held + person.emails > most) unknown.set(place, person)
    else known.note(place, held + person.emails)
  }
  const enough = most - largest - roomAhead
  const told = unknown.size === 0 ? new Map<string, number | undefined>() : await emailsHeld(transaction, [...unknown.values()], enough)
  for (const [place, { emails }] of unknown) {
    const held = told.has(place) ? told.get(place) : Math.max(0, enough)
    if (held === undefined) missing.add(place)
    else known.note(place, held + emails)
    if (held !== undefined && held > most - largest) crowded.set(place, held)
  }
  return { missing, crowded }
}

/** How many emails the persons hold, of those who hold more than `enough`; undefined for one who is not there. */
async function emailsHeld(
  transaction: Transaction,
  persons: readonly AskedPerson[],
  enough: number,
): Promise<Map<string, number | undefined>> {
  const key = ['tenant_id', 'id'] as const
  const keys = persons.map((person) => person.key)
  const rows = await transaction.rows<{ tenant_id: string; id: string; there: unknown; held: number | string }>(sql`
    SELECT tenant_id, id, there, held FROM (
      SELECT tenant_id, id,
        (SELECT 1 FROM users WHERE tenant_id = wanted.tenant_id AND id = wanted.id) AS there,
        (SELECT count(*) FROM profile_emails WHERE tenant_id = wanted.tenant_id AND user_id = wanted.id) AS held
      FROM ${transaction.dialect.valuesTable(key, keys)} wanted
    ) asked WHERE there IS NULL OR held > ${enough}`)
  return new Map(
    rows.map(({ tenant_id: tenantId, id, there, held }) => [keyOf({ tenantId, id }), there === null ? undefined : Number(held)]),
  )
}

/** When those of the emails were made that exist. */
async function timesOf(transaction: Transaction, run: readonly EmailKey[]): Promise<Map<string, string>> {
  const keys = run.map(([tenantId, userId, id]) => [tenantId, userId, id])
  return lookUp(transaction, { table: 'profile_emails', key: ['tenant_id', 'user_id', 'id'], find: 'created_at' }, keys)
}

/** As putEmail, for each in its order. */
export function putEmails(transaction: Transaction, run: readonly EmailCells[] | PackedRows): Promise<void> {
  return transaction.putMany(emails, run)
}
