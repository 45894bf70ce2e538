/** The records of people's addresses: emails of profiles, email methods, and the policy of the method. */

import { hash } from 'node:crypto'
import { emailToPut } from '../graph/profile-email-item.ts'
import type { PersonKey } from '../model/directory.ts'
import { complexType, entityType } from '../model/edm.ts'
import { defaultEmailMethodPolicy, type EmailMethodPolicy, emailAuthenticationMethodConfiguration } from '../model/policy.ts'
import { emailsPerProfile, type ItemEmail, itemEmail } from '../model/profile.ts'
import { parseDateTime, renderDateTime, sortableTime } from '../model/time.ts'
import { type StoredRecord, storedRecord } from '../odata/json/stored-record.ts'
import { headsOf, isPacked, pickRows } from '../store/packed-rows.ts'
import { tenantExists } from '../store/tables/directory.ts'
import { cellsOfEmail, type EmailCells, emailsAround, putEmails, type TimedKey } from '../store/tables/email-runs.ts'
import { putEmailMethodPolicy } from '../store/tables/policies.ts'
import { type MethodCells, methodsAround, missingUsers, putEmailMethods } from '../store/tables/runs.ts'
import { id, kind, noTenant, noUser, oneByOne, personOf, tenantId, withMembers } from './record-kind.ts'

/** How many cells of an email are looked at when it is put. */
const emailHeads = 4

/** In the order in which they depend on each other, after those of the directory. */
export const emailKinds = {
  emailMethodPolicy: oneByOne({
    type: entityType('emailMethodPolicy', { tenantId: id }, { base: emailAuthenticationMethodConfiguration }),
    required: ['tenantId'],
    check: (record) => void policyOf(record),
    put: async (transaction, record) => {
      const key = tenantId(record.tenantId)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putEmailMethodPolicy(transaction, key, policyOf(record))
      return undefined
    },
    table: 'email_method_policies',
    key: ['tenant_id'],
    columns: ['record'],
    out: (row) => withMembers({ tenantId: row.tenant_id }, String(row.record)),
  }),

  email: kind({
    type: entityType('email', { tenantId: id, userId: id }, { base: itemEmail }),
    required: ['tenantId', 'userId', 'address'],
    prepare: ({ tenantId: tenant, userId, ...record }): EmailCells | UntimedEmail => {
      const person = personOf({ tenantId: tenant, userId })
      const emailId = record.id ?? idOfContent(person, record)
      if (record.createdDateTime == null) {
        // When it was made is known when it is put, and too late to say that it is too large.
        if (mayBeLarge(record)) emailToPut(completeEmail(record, emailId, longestTime))
        return [person.tenantId, person.id, emailId, null, record]
      }
      return cellsOfEmail(person, emailToPut(completeEmail(record, emailId, record.createdDateTime)))
    },
    packed: { isRow: ([, , , madeAt]) => madeAt !== null, heads: emailHeads },
    put: async (transaction, run, { now }, known) => {
      const emails = headsOf<EmailHead>(run, emailHeads)
      const held = await emailsAround(transaction, emails, { most: emailsPerProfile, known })
      const puts: TimedKey[] = []
      const refusals = emails.map((email) => {
        const [tenant, person] = email
        if (!held.exists(email)) return noUser({ tenantId: tenant, id: person })
        const known = held.createdAt(email)
        if (known === undefined && held.isFull(email)) return `the profile of ${person} holds ${emailsPerProfile} emails already`
        const put = isUntimed(email) ? timed(email, known ?? renderDateTime(now())) : email
        held.note(put)
        puts.push(put)
        return undefined
      })
      const isPut = (index: number) => refusals[index] === undefined
      await putEmails(transaction, isPacked(run) ? pickRows(run, isPut) : (puts as readonly unknown[] as readonly EmailCells[])) // whole, where they are not packed
      return refusals
    },
    table: 'profile_emails',
    key: ['tenant_id', 'user_id', 'id'],
    columns: ['record'],
    out: (row) => withMembers({ tenantId: row.tenant_id, userId: row.user_id }, String(row.record)),
  }),

  emailMethod: kind({
    type: complexType('emailMethod', {
      tenantId: id,
      userId: id,
      emailAddress: { type: 'Edm.String', format: 'email', maxLength: 254 },
      createdDateTime: { type: 'Edm.DateTimeOffset' },
    }),
    required: ['tenantId', 'userId', 'emailAddress'],
    prepare: (record): MethodCells | UntimedMethod => {
      const person = personOf(record)
      const createdAt = record.createdDateTime == null ? null : sortableTime(record.createdDateTime)
      return [person.tenantId, person.id, record.emailAddress ?? '', createdAt]
    },
    put: async (transaction, given, { now }) => {
      const run = isPacked(given) ? [] : given // no row has its time for sure
      const persons = run.map(([tenant, person]) => ({ tenantId: tenant, id: person }))
      const missing = await missingUsers(transaction, persons)
      const held = await methodsAround(transaction, persons)
      const puts: MethodCells[] = []
      const refusals = run.map(([tenant, person, address, madeAt]) => {
        const key = { tenantId: tenant, id: person }
        if (missing(key)) return noUser(key)
        const createdAt = madeAt ?? held.createdAt(key) ?? sortableTime(renderDateTime(now()))
        held.note(key, createdAt)
        puts.push([tenant, person, address, createdAt])
        return undefined
      })
      await putEmailMethods(transaction, puts)
      return refusals
    },
    table: 'email_methods',
    key: ['tenant_id', 'user_id'],
    columns: ['email_address', 'created_at'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, emailAddress: row.email_address, createdDateTime: row.created_at }),
  }),
} as const

/** Throws `bodyInvalid` where the policy is too large. */
function policyOf({ tenantId: _, ...record }: { readonly tenantId?: string | null } & Partial<EmailMethodPolicy>): StoredRecord {
  return storedRecord(JSON.stringify({ ...defaultEmailMethodPolicy, ...record, id: defaultEmailMethodPolicy.id }))
}

const longestTime = '2026-01-01T00:00:00.1234567Z'

/** Without these members the limits of the others keep an email small. */
function mayBeLarge({ source, createdBy, lastModifiedBy }: Partial<ItemEmail>): boolean {
  return source != null || createdBy != null || lastModifiedBy != null
}

/** An email without a time of its own: its first cells, and the record. */
type UntimedEmail = readonly [tenantId: string, userId: string, id: string, createdAt: null, record: Partial<ItemEmail>]
/** The beginning of an email at least. */
type EmailHead = TimedKey | UntimedEmail
type UntimedMethod = readonly [tenantId: string, userId: string, address: string, createdAt: null]

function isUntimed(email: EmailHead): email is UntimedEmail {
  return email[3] === null
}

/** `madeAt`: any time that can be read. */
function timed([tenant, person, emailId, , record]: UntimedEmail, madeAt: string): EmailCells {
  const createdDateTime = parseDateTime(madeAt) ?? null
  return cellsOfEmail({ tenantId: tenant, id: person }, emailToPut(completeEmail(record, emailId, createdDateTime)))
}

/** Any namespace of our own (RFC 9562, version 5). */
const emailNamespace = Buffer.from('6f1d2f4e5a0b4d0c9a525b9a1d3c7e08', 'hex')
const leastScratch = 16 * 1024
let scratch = Buffer.alloc(0)

/** A record without an id gets the one that follows from what it says, so that putting it again finds it. */
function idOfContent({ tenantId: tenant, id: person }: PersonKey, record: object): string {
  const content = JSON.stringify([tenant, person, record])
  const room = emailNamespace.length + content.length * 3
  if (scratch.length < room) {
    scratch = Buffer.alloc(Math.max(room, leastScratch))
    emailNamespace.copy(scratch)
  }
  const end = emailNamespace.length + scratch.write(content, emailNamespace.length)
  const digest = hash('sha1', scratch.subarray(0, end), 'hex')
  const variant = '89ab'[Number.parseInt(digest.charAt(16), 16) & 3]
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

/** An email with every member. */
function completeEmail(record: Partial<ItemEmail>, emailId: string, createdDateTime: string | null): ItemEmail {
  return {
    id: emailId,
    allowedAudiences: record.allowedAudiences ?? 'organization',
    inference: record.inference ?? null,
    createdDateTime,
    createdBy: record.createdBy ?? null,
    lastModifiedDateTime: record.lastModifiedDateTime ?? createdDateTime,
    lastModifiedBy: record.lastModifiedBy ?? null,
    source: record.source ?? null,
    address: record.address ?? null,
    displayName: record.displayName ?? null,
    type: record.type ?? 'unknown',
  }
}
