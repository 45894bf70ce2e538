/**
 * The statements that the server runs, asked of its own functions: their texts, and the values for a person. So that
 * what is measured without a server is never anything else than what the server does.
 */

import type { Sql } from 'sql-template-tag'
import { emailToPut } from '../src/graph/profile-email-item.ts'
import { emailsPerProfile } from '../src/model/profile.ts'
import type { Database, Transaction } from '../src/store/database.ts'
import { PersonMemory } from '../src/store/person-memory.ts'
import { peopleIn } from '../src/store/tables/people.ts'
import { accountEnabled } from '../src/store/tables/people-unchanged.ts'
import { addEmail, putEmail, visibleEmails } from '../src/store/tables/profile-emails.ts'
import { additionAt, benchApplication, holderOf, personAt, tenantId } from './people.ts'

/** What limits.ts measures, beside `sync`. */
export const rowWorks = ['reads', 'together', 'each', 'grouped'] as const
export type RowWork = (typeof rowWorks)[number]

export interface RowsRun {
  readonly work: RowWork
  /** As in load.ts. */
  readonly first: number
  readonly size: number
  readonly cycled: number
  readonly people: number
  readonly milliseconds: number
  /** How many wait at the same time: as many as there are connections beside it. */
  readonly atOnce: number
}

/** Values of a statement; the id of a new email is put in each time. */
interface Template {
  readonly values: readonly unknown[]
  /** Places where the id is, and the texts around it. */
  readonly marked: readonly (readonly [place: number, around: readonly string[]])[]
}

/** What the statements of `textsOf` take for a person. */
export interface PersonValues {
  /** Tenant and person. */
  readonly key: readonly [string, string]
  readonly person: readonly unknown[]
  readonly list: readonly unknown[]
  readonly add: Template
  readonly row: Template
}

/** Whose turn it is, again and again. */
export type Next = () => PersonValues
/** Does some of the work, and says how many requests or rows it was. */
export type Step = (next: Next, atOnce: number, isOver: () => boolean) => number | Promise<number>
export interface Rows extends Readonly<Record<RowWork, Step>> {
  /** Called after each round: leaves no work behind that would disturb the next. */
  readonly settle?: () => void
}

const idMark = '00000000-0000-7000-8000-000000000000'

type Name = 'person' | 'list' | 'add' | 'row'

/**
 * `sql` has `?` for values, `text` has `$1`. `person` and `list` are what a list of emails takes where nothing is
 * remembered, `add` is what an addition takes; `row` puts the same as a plain insert, its values are those of `columns`.
 */
export function textsOf(form: 'sql' | 'text'): Readonly<Record<Name | 'columns', string>> {
  const { person, list, add, row } = statementsOf(0)
  const [, plain = '', columns = ''] = /^\s*(INSERT INTO \w+ \(([^)]+)\)\s*VALUES \([^)]+\))/.exec(row[form]) ?? []
  if (columns.split(',').length !== row.values.length)
    throw new Error('putEmail of src/store/tables/profile-emails.ts is no insert of values')
  return { person: person[form], list: list[form], add: add[form], row: plain, columns }
}

/** `index` is a number of `holderOf`. */
export function valuesOf(index: number, people: number): PersonValues {
  const holder = holderOf(index, people)
  const { person, list, add, row } = statementsOf(holder)
  const key = [tenantId, personAt(holder).id] as const
  return { key, person: person.values, list: list.values, add: templateOf(add), row: templateOf(row) }
}

function templateOf({ values }: Sql): Template {
  const marked = values.flatMap((value, place) =>
    typeof value === 'string' && value.includes(idMark) ? [[place, value.split(idMark)] as const] : [],
  )
  if (marked.length === 0) throw new Error('a statement that adds an email does not name its id')
  return { values, marked }
}

export function filled({ values, marked }: Template, id: string): unknown[] {
  const row = [...values]
  for (const [place, around] of marked) row[place] = around.join(id)
  return row
}

function statementsOf(person: number): Readonly<Record<Name, Sql>> {
  const key = { tenantId, id: personAt(person).id }
  const email = additionOf(person)
  return {
    person: asked((database) => peopleIn(database).person(key.tenantId, key.id)),
    list: asked((database) => visibleEmails(database, key, 'all')),
    add: addEmail(accountEnabled(key), key, email, emailsPerProfile),
    row: asked((_, transaction) => putEmail(transaction, key, email)),
  }
}

/** The first statement that `work` asks for. */
function asked(work: (database: Database, transaction: Transaction) => Promise<unknown>): Sql {
  let found: Sql | undefined
  const answer = async (statement: Sql) => {
    found ??= statement
    return []
  }
  const change = (...asked: readonly unknown[]) => answer(asked.at(-1) as Sql) // a transaction's has nothing before it, a database's whom it touches
  const memory = new PersonMemory({ enabled: false })
  const database = { memory, read: answer, rows: answer, change } as unknown as Database & Transaction // no more of them is used
  work(database, database).catch(() => undefined) // what they make of no rows is of no interest
  if (found === undefined) throw new Error('a function of src/store asks for nothing any more')
  return found
}

function additionOf(person: number) {
  const { id, displayName } = personAt(person)
  const at = '2026-11-21T12:00:00.000Z'
  const by = { application: benchApplication, device: null, user: { displayName, id } }
  return emailToPut({
    ...additionAt(person),
    id: idMark,
    createdDateTime: at,
    createdBy: by,
    lastModifiedDateTime: at,
    lastModifiedBy: by,
    source: null,
  })
}
