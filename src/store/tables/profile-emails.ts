/** The emails of profiles. */

import sql, { empty, type Sql } from 'sql-template-tag'
import type { Asker } from '../../model/asker.ts'
import type { PersonKey } from '../../model/directory.ts'
import type { StoredRecord } from '../../odata/json/stored-record.ts'
import type { Condition } from '../../odata/query/condition.ts'
import type { Readable, Source, Transaction } from '../database.ts'
import { countSelected, type Found, type PagePosition, type Selection, selectPage } from '../query/pages.ts'
import type { Table } from '../query/where.ts'

/** The items that a reader may see: all, or the ones whose audience shares a bit with the mask. */
export type VisibleAudiences = 'all' | { readonly audiences: number }

export interface EmailRow {
  readonly id: string
  /** Seven fraction digits. */
  readonly created_at: string
  /** The itemEmail as JSON text. */
  readonly record: string
}

/** `created_at` and `id` of the last item of the page before. */
type Behind = readonly [createdAt: string, id: string]

/**
 * Emails in the order of their making, then of their ids. A profile is small: LIMIT and OFFSET would cost an embedded database
 * more than the rows that they save.
 */
export function visibleEmails(
  database: Readable,
  person: PersonKey,
  visible: VisibleAudiences,
  after?: Behind,
): Promise<readonly EmailRow[]> {
  const beyond = after === undefined ? empty : sql`AND (created_at > ${after[0]} OR (created_at = ${after[0]} AND id > ${after[1]}))`
  return database.read(sql`
    SELECT id, created_at, record FROM profile_emails
    WHERE tenant_id = ${person.tenantId} AND user_id = ${person.id} ${within(visible)} ${beyond}
    ORDER BY created_at, id`)
}

/** The same for many persons, each with the audiences that are visible of them; in their order. */
export async function emailsOf(
  database: Readable,
  persons: readonly (readonly [person: PersonKey, visible: VisibleAudiences])[],
): Promise<readonly (readonly EmailRow[])[]> {
  const wanted = database.dialect.valuesTable(
    ['place', 'tenant_id', 'id', 'mask'],
    persons.map(([{ tenantId, id }, visible], place) => [String(place), tenantId, id, visible === 'all' ? '' : String(visible.audiences)]),
  )
  const rows = await database.read<EmailRow & { readonly place: string }>(sql`
    SELECT wanted.place, e.id, e.created_at, e.record
    FROM ${wanted} wanted JOIN profile_emails e ON e.tenant_id = wanted.tenant_id AND e.user_id = wanted.id
    WHERE wanted.mask = '' OR (e.audiences & CAST(CASE wanted.mask WHEN '' THEN '0' ELSE wanted.mask END AS INTEGER)) <> 0
    ORDER BY e.created_at, e.id`)
  const byPlace = Map.groupBy(rows, ({ place }) => place)
  return persons.map((_, place) => byPlace.get(String(place)) ?? [])
}

/** Every email of a person, in the same order. */
export function allEmails(source: Source, person: PersonKey): Promise<readonly EmailRow[]> {
  return source.rows(sql`
    SELECT id, created_at, record FROM profile_emails WHERE tenant_id = ${person.tenantId} AND user_id = ${person.id}
    ORDER BY created_at, id`)
}

/** How emails are found by what is asked of them. */
export const emailsTable: Table = {
  name: 'profile_emails',
  read: ['id', 'created_at', 'record'],
  isLarge: false,
  columns: { id: ['exact', 'id'], createdDateTime: ['exact', 'created_at'], allowedAudiences: ['mask', 'audiences'] },
}

interface SelectionOfEmails extends Selection {
  readonly asker: Asker
  readonly visible: VisibleAudiences
  readonly after: PagePosition | undefined
  readonly skip: number
  readonly limit: number
}

/** Emails that a filter takes, in the order that is asked for; those that are alike by id. */
export function selectEmails(
  database: Readable,
  person: PersonKey,
  { visible, ...page }: SelectionOfEmails,
): Promise<readonly Found<EmailRow>[]> {
  return selectPage(database, emailsTable, { within: ofPerson(person, visible), ...page })
}

export async function countEmails(
  database: Readable,
  person: PersonKey,
  visible: VisibleAudiences,
  filter?: Condition,
  asker?: Asker,
): Promise<number> {
  return countSelected(database, emailsTable, { asker, within: ofPerson(person, visible), filter })
}

function ofPerson({ tenantId, id }: PersonKey, visible: VisibleAudiences): Sql {
  return sql`tenant_id = ${tenantId} AND user_id = ${id} ${within(visible)}`
}

/** One item. An item that is not visible takes the same path as one that does not exist. */
export async function findEmail(source: Source, person: PersonKey, id: string, visible: VisibleAudiences): Promise<EmailRow | undefined> {
  const [row] = await source.rows<EmailRow>(sql`
    SELECT id, created_at, record FROM profile_emails
    WHERE tenant_id = ${person.tenantId} AND user_id = ${person.id} AND id = ${id} ${within(visible)}`)
  return row
}

export interface EmailToPut {
  readonly id: string
  readonly createdAt: string
  readonly audiences: number
  readonly record: StoredRecord
  /** As renderCompared makes it. */
  readonly compared: string | null
}

/** Adds an email with a new id to a profile that holds fewer than `most`, where the condition holds. */
export function addEmail(
  condition: Sql,
  { tenantId, id: userId }: PersonKey,
  { id, createdAt, audiences, record, compared }: EmailToPut,
  most: number,
): Sql {
  return sql`
    INSERT INTO profile_emails (tenant_id, user_id, id, created_at, audiences, record, compared)
    SELECT ${tenantId}, ${userId}, ${id}, ${createdAt}, ${audiences}, ${record}, ${compared}
    WHERE ${condition} AND (SELECT count(*) FROM profile_emails WHERE tenant_id = ${tenantId} AND user_id = ${userId}) < ${most}`
}

/** Adds an email, or replaces the one with its id. */
export async function putEmail(
  transaction: Transaction,
  person: PersonKey,
  { id, createdAt, audiences, record, compared }: EmailToPut,
): Promise<void> {
  await transaction.change(sql`
    INSERT INTO profile_emails (tenant_id, user_id, id, created_at, audiences, record, compared)
    VALUES (${person.tenantId}, ${person.id}, ${id}, ${createdAt}, ${audiences}, ${record}, ${compared})
    ON CONFLICT (tenant_id, user_id, id) DO UPDATE
    SET created_at = excluded.created_at, audiences = excluded.audiences, record = excluded.record, compared = excluded.compared`)
}

/** Puts an email in the place of the record `before`, where that is still there and the condition holds. */
export function changeEmail(
  condition: Sql,
  { tenantId, id: userId }: PersonKey,
  { id, createdAt, audiences, record, compared }: EmailToPut,
  before: string,
): Sql {
  return sql`
    UPDATE profile_emails SET created_at = ${createdAt}, audiences = ${audiences}, record = ${record}, compared = ${compared}
    WHERE tenant_id = ${tenantId} AND user_id = ${userId} AND id = ${id} AND record = ${before} AND ${condition}`
}

/** Takes an email away, where the condition holds; `before`: only while that is its record. */
export function dropEmail(condition: Sql, { tenantId, id: userId }: PersonKey, id: string, before?: string): Sql {
  const same = before === undefined ? empty : sql`AND record = ${before}`
  return sql`DELETE FROM profile_emails WHERE tenant_id = ${tenantId} AND user_id = ${userId} AND id = ${id} ${same} AND ${condition}`
}

export async function dropAllEmails(transaction: Transaction, person: PersonKey): Promise<number> {
  return transaction.change(sql`DELETE FROM profile_emails WHERE tenant_id = ${person.tenantId} AND user_id = ${person.id}`)
}

function within(visible: VisibleAudiences): Sql {
  return visible === 'all' ? empty : sql`AND (audiences & ${visible.audiences}) <> 0`
}
