/**
 * What OData says that expressions mean: rows written from the text of OData 4.01, part 2 (URL conventions) unless the
 * section says `Protocol` (part 1), and from what a deliberate difference says where it says `Graph`. Not from the code.
 */

import { functionRows } from './odata-meaning-functions.ts'
import { lambdaRows } from './odata-meaning-lambdas.ts'
import { operatorRows } from './odata-meaning-operators.ts'

/** True, false or null of the item; or the status of the refusal. */
export type Outcome = true | false | null | 400 | 501

export interface Row {
  readonly of: 'email' | 'user'
  readonly expression: string
  /** Members of the item; those that an item cannot be without are filled in. */
  readonly data: Readonly<Record<string, unknown>>
  readonly outcome: Outcome
  readonly section: string
}

export const meaningRows: readonly Row[] = [...operatorRows, ...functionRows, ...lambdaRows]

export interface OrderRow {
  readonly of: 'email' | 'user'
  readonly orderby: string
  /** Items by the member that tells them apart in the outcome. */
  readonly items: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly outcome: string
  readonly section: string
}

const named = (member: string, values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [member]: value }]))

const texts = named('displayName', { a: 'b', b: '', c: null, d: 'a', e: 'ab' })
const scores = {
  a: { inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true } },
  b: { inference: null },
  c: { inference: { confidenceScore: 0, userHasVerifiedAccuracy: false } },
  d: { inference: { confidenceScore: 1, userHasVerifiedAccuracy: null } },
}
const times = named('createdDateTime', {
  a: '2026-01-01T00:00:00.5Z',
  b: '2026-01-01T00:00:00Z',
  c: null,
  d: '2025-12-31T23:59:59.9999999Z',
})
const twice = {
  a: { displayName: null, address: 'b@contoso.com' },
  b: { displayName: '', address: 'a@contoso.com' },
  c: { displayName: null, address: 'a@contoso.com' },
  d: { displayName: '', address: 'b@contoso.com' },
}

// biome-ignore format: a table
export const orderRows: readonly OrderRow[] = [
  { of: 'email', orderby: 'displayName', items: texts, outcome: 'c b d e a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'displayName asc', items: texts, outcome: 'c b d e a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'displayName desc', items: texts, outcome: 'a e d b c', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'displayName', items: texts, outcome: 'c b d e a', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'displayName desc', items: texts, outcome: 'a e d b c', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'city', items: named('city', { a: 'x', b: null, c: '' }), outcome: 'b c a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'displayName,address', items: twice, outcome: 'c a b d', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'displayName,address desc', items: twice, outcome: 'a c d b', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'displayName desc,address', items: twice, outcome: 'b d c a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'inference/confidenceScore', items: scores, outcome: 'b c a d', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'inference/confidenceScore desc', items: scores, outcome: 'd a c b', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'inference/userHasVerifiedAccuracy', items: { a: scores.a, b: scores.b, c: scores.c }, outcome: 'b c a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'inference/userHasVerifiedAccuracy desc', items: { a: scores.a, b: scores.b, c: scores.c }, outcome: 'a c b', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: "startswith(displayName,'a')", items: { a: { displayName: 'ab' }, b: { displayName: 'ba' }, c: { displayName: null } }, outcome: 'c b a', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'createdDateTime', items: times, outcome: 'c d b a', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'createdDateTime desc', items: times, outcome: 'a b d c', section: 'Protocol 11.2.6.2' },
  { of: 'user', orderby: 'date(createdDateTime) desc,time(createdDateTime)', items: times, outcome: 'b a d c', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'type', items: named('type', { a: 'other', b: 'work', c: 'unknown', d: 'main' }), outcome: 'c b d a', section: 'Protocol 11.2.6.2' },
  { of: 'email', orderby: 'length(displayName)', items: named('displayName', { a: 'Strasse', b: 'Straße', c: null, d: '' }), outcome: 'c d b a', section: '5.1.1.5.5' },
  { of: 'email', orderby: "indexof(displayName,'e') desc", items: named('displayName', { a: 'Straße', b: 'e', c: 'x', d: null }), outcome: 'a b c d', section: '5.1.1.5.4' },
  { of: 'user', orderby: 'otherMails/$count desc,displayName', items: { a: { otherMails: ['x'], displayName: 'z' }, b: { otherMails: [] }, c: { otherMails: ['x'], displayName: 'y' } }, outcome: 'c a b', section: 'Protocol 11.2.6.2' },
]
