/** What is asked in OData's query language: the same of Selfgraph and of peers, and what the answer must be. */

import { fold } from '../src/model/address.ts'
import { user } from '../src/model/directory.ts'
import { renderSkiptoken } from '../src/odata/query/skiptoken.ts'
import { additionAt, addressesAt, personAt } from './people.ts'
import type { Dialect } from './requests.ts'

export interface QueryCase {
  /** As the report names it. */
  readonly title: string
  readonly asker: 'person' | 'administrator'
  /** Undecoded, for the dialects that can ask it. `person` is a number of people.ts, of `people`: who asks, or whom it is about. */
  readonly urls: Readonly<Partial<Record<Dialect, (person: number, people: number) => string>>>
  /** A question with a body is a POST. */
  readonly body?: (person: number) => object
  readonly wanted: (person: number, people: number) => readonly string[]
  /** What an answer says, to be compared with `wanted`. */
  readonly said: (answer: unknown) => readonly string[]
}

const pageSize = 20
/** People whose names begin alike: all but the last two digits. */
const alike = 100
/** Of Graph's documents: the most that a batch may have. */
export const batchParts = 20

const emails = '/beta/me/profile/emails'
const users = '/v1.0/users'
const of = (person: number) => personAt(person).id

/** Own emails that a filter leaves, sorted: the one question that peers with a query language are asked as well. */
function filtered(title: string, filter: string, jsonFilter: string, wanted: QueryCase['wanted']): QueryCase {
  return {
    title,
    asker: 'person',
    urls: {
      graph: () => `${emails}?$filter=${filter}&$orderby=address desc&$top=2`,
      cap: (person) => `/profile/Emails?$filter=user_ID eq ${of(person)} and ${filter}&$orderby=address desc&$top=2`,
      jsonServer: (person) => `/emails?userId=${of(person)}&${jsonFilter}&_sort=address&_order=desc&_limit=2`,
    },
    wanted,
    said: (answer) => membersOf(answer, 'address'),
  }
}

/** Of all people, by an administrator. */
function ofUsers(title: string, search: (person: number, people: number) => string, wanted: QueryCase['wanted']): QueryCase {
  return {
    title,
    asker: 'administrator',
    urls: { graph: (person, people) => `${users}?${search(person, people)}` },
    wanted,
    said: (answer) => membersOf(answer, 'displayName'),
  }
}

function batch(title: string, request: (person: number) => object, wanted: (person: number) => string, said: (body: unknown) => string) {
  return {
    title,
    asker: 'person',
    urls: { graph: () => '/beta/$batch' },
    body: (person) => ({ requests: Array.from({ length: batchParts }, (_, id) => ({ id: String(id), ...request(person) })) }),
    wanted: (person) => Array.from({ length: batchParts }, () => wanted(person)),
    said: (answer) => partsOf(answer).map(({ status, body }) => `${status} ${said(body)}`),
  } as const satisfies QueryCase
}

export const queryCases = {
  workEmails: filtered("own emails, `$filter=type eq 'work'&$orderby=address desc&$top=2`", "type eq 'work'", 'type=work', (person) =>
    addressesAt(person).slice(0, 1),
  ),
  twoEmails: filtered("own emails, `$filter=type ne 'other'&$orderby=address desc&$top=2`", "type ne 'other'", 'type_ne=other', (person) =>
    addressesAt(person).slice(0, 2),
  ),
  foundEmails: {
    title: 'own emails, `$search=personal`',
    asker: 'person',
    urls: { graph: () => `${emails}?$search=personal` },
    wanted: (person) => addressesAt(person).slice(1, 2),
    said: (answer) => membersOf(answer, 'address'),
  },
  usersByPrefix: ofUsers(
    "users, `$filter=startswith(displayName,'…')&$top=20`, of 100 that begin so",
    (person, people) => `$filter=startswith(displayName,'${nameAt(hundredOf(person, people)).slice(0, -2)}')&$top=${pageSize}`,
    // In the order of their names, which is that of their numbers.
    (person, people) => run(hundredOf(person, people), pageSize, people).map(nameAt),
  ),
  usersByWidePrefix: ofUsers(
    "users, `$filter=startswith(displayName,'Person')&$top=20`, of all",
    () => widePrefix,
    (_, people) => run(0, pageSize, people).map(nameAt),
  ),
  usersInOrder: ofUsers(
    'users, `$orderby=displayName&$top=20`',
    () => inOrder,
    (_, people) => run(0, pageSize, people).map(nameAt),
  ),
  usersFurther: ofUsers(
    'users, `$orderby=displayName&$top=20&$skiptoken=…`, from anywhere on',
    (person, people) => `${inOrder}&$skiptoken=${tokenBehind(placeOf(person, people))}`,
    (person, people) => run(placeOf(person, people) + 1, pageSize, people).map(nameAt),
  ),
  userByMail: ofUsers(
    "users, `$filter=mail eq '…'`",
    (person) => `$filter=mail eq '${personAt(person).principalName}'`,
    (person) => [nameAt(person)],
  ),
  userByName: ofUsers(
    "users, `$filter=userPrincipalName eq '…'`",
    (person) => `$filter=userPrincipalName eq '${personAt(person).principalName}'`,
    (person) => [nameAt(person)],
  ),
  batchGet: batch(
    `batch of ${batchParts} GETs`,
    () => ({ method: 'GET', url: '/me/profile/emails' }),
    (person) => `200 ${addressesAt(person).join(' ')}`,
    (body) => membersOf(body, 'address').join(' '),
  ),
  batchPost: batch(
    `batch of ${batchParts} POSTs`,
    (person) => ({
      ...{ method: 'POST', url: '/me/profile/emails' },
      ...{ headers: { 'Content-Type': 'application/json' }, body: additionAt(person) },
    }),
    (person) => `201 ${additionAt(person).address}`,
    (body) => String(Object(body).address),
  ),
} as const satisfies Readonly<Record<string, QueryCase>>

export type QueryCaseName = keyof typeof queryCases

/** Those whose time must not grow with what is stored. */
export const asked = [
  ...(['workEmails', 'foundEmails'] as const),
  ...(['usersByPrefix', 'usersByWidePrefix', 'usersInOrder', 'usersFurther', 'userByMail', 'userByName'] as const),
] as const

export function isQuestion(name: string): name is QueryCaseName {
  return Object.hasOwn(queryCases, name)
}

const widePrefix = `$filter=startswith(displayName,'Person')&$top=${pageSize}`
const inOrder = `$orderby=displayName&$top=${pageSize}`

/** The link to the next page, behind a person, as the server writes it. */
function tokenBehind(person: number): string {
  const { displayName, id } = personAt(person)
  return renderSkiptoken([fold(displayName), id], user, { linkOptions: [['$orderby', 'displayName']] })
}

function nameAt(person: number): string {
  return personAt(person).displayName
}

/** The first of a hundred people whose names begin alike, and who are all there. */
function hundredOf(person: number, people: number): number {
  return (Math.floor(person / alike) % Math.max(1, Math.floor(people / alike))) * alike
}

/** Somebody behind whom there is more than a page. */
function placeOf(person: number, people: number): number {
  return person % Math.max(1, people - pageSize - 1)
}

function run(first: number, length: number, people: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.min(length, people - first)) }, (_, at) => first + at)
}

/** Of a list, which Graph and CAP put into `value`. */
function membersOf(answer: unknown, name: 'address' | 'displayName'): readonly string[] {
  const list: unknown = Array.isArray(answer) ? answer : Object(answer).value
  return Array.isArray(list) ? list.map((item: unknown) => String(Object(item)[name])) : []
}

function partsOf(answer: unknown): readonly { readonly status?: unknown; readonly body?: unknown }[] {
  const { responses } = Object(answer) as { responses?: unknown } // as of a batch
  return Array.isArray(responses) ? responses.map((part: unknown) => Object(part)) : []
}
