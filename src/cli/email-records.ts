/** The records of people's addresses: emails of profiles, email methods, and the policy of the method. */

import { parse, v5 } from 'uuid'
import { emailToPut } from '../graph/profile-emails.ts'
import type { PersonKey } from '../model/directory.ts'
import { complexType, entityType } from '../model/edm.ts'
import { defaultEmailMethodPolicy, emailAuthenticationMethodConfiguration } from '../model/policy.ts'
import { emailsPerProfile, type ItemEmail, itemEmail } from '../model/profile.ts'
import { parseDateTime, sortableTime } from '../model/time.ts'
import { tenantExists } from '../store/directory.ts'
import { putEmailMethodPolicy } from '../store/policies.ts'
import type { EmailToPut } from '../store/profile-emails.ts'
import { emailsAround, existingUsers, type MethodToPut, methodsAround, putEmailMethods, putEmails } from '../store/runs.ts'
import { id, kind, noTenant, noUser, oneByOne, personOf, tenantId } from './record-kind.ts'

/** In the order in which they depend on each other, after those of the directory. */
export const emailKinds = {
  emailMethodPolicy: kind({
    type: entityType('emailMethodPolicy', { tenantId: id }, { base: emailAuthenticationMethodConfiguration }),
    required: ['tenantId'],
    put: oneByOne(async (transaction, { tenantId: tenant, ...record }) => {
      const key = tenantId(tenant)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putEmailMethodPolicy(
        transaction,
        key,
        JSON.stringify({ ...defaultEmailMethodPolicy, ...record, id: defaultEmailMethodPolicy.id }),
      )
      return undefined
    }),
    table: 'email_method_policies',
    key: ['tenant_id'],
    out: (row) => ({ tenantId: row.tenant_id, ...(JSON.parse(String(row.record)) as object) }),
  }),

  email: kind({
    type: entityType('email', { tenantId: id, userId: id }, { base: itemEmail }),
    required: ['tenantId', 'userId', 'address'],
    put: async (transaction, run, { now }) => {
      const items = run.map(({ tenantId: tenant, userId, ...record }) => {
        const person = personOf({ tenantId: tenant, userId })
        return { person, record, id: record.id ?? idOfContent(person, record) }
      })
      const held = await emailsAround(transaction, items)
      const puts: (EmailToPut & { readonly person: PersonKey })[] = []
      const refusals = items.map(({ person, record, id: emailId }) => {
        const count = held.count(person)
        if (count === undefined) return noUser(person)
        const known = held.createdAt(person, emailId)
        if (known === undefined && count >= emailsPerProfile) return `the profile of ${person.id} holds ${emailsPerProfile} emails already`
        const madeAt = parseDateTime(known ?? new Date(now()).toISOString()) ?? null
        const createdDateTime = record.createdDateTime ?? madeAt
        const put = { person, ...emailToPut(completeEmail({ ...record, id: emailId, createdDateTime })) }
        held.note(person, emailId, put.createdAt)
        puts.push(put)
        return undefined
      })
      await putEmails(transaction, puts)
      return refusals
    },
    table: 'profile_emails',
    key: ['tenant_id', 'user_id', 'id'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, ...(JSON.parse(String(row.record)) as object) }),
  }),

  emailMethod: kind({
    type: complexType('emailMethod', {
      tenantId: id,
      userId: id,
      emailAddress: { type: 'Edm.String', format: 'email' },
      createdDateTime: { type: 'Edm.DateTimeOffset' },
    }),
    required: ['tenantId', 'userId', 'emailAddress'],
    put: async (transaction, run, { now }) => {
      const persons = run.map(personOf)
      const exists = await existingUsers(transaction, persons)
      const held = await methodsAround(transaction, persons)
      const puts: MethodToPut[] = []
      const refusals = run.map((record) => {
        const person = personOf(record)
        if (!exists(person)) return noUser(person)
        const given = record.createdDateTime == null ? held.createdAt(person) : sortableTime(record.createdDateTime)
        const createdAt = given ?? sortableTime(new Date(now()).toISOString())
        held.note(person, createdAt)
        puts.push({ person, address: record.emailAddress ?? '', createdAt })
        return undefined
      })
      await putEmailMethods(transaction, puts)
      return refusals
    },
    table: 'email_methods',
    key: ['tenant_id', 'user_id'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, emailAddress: row.email_address, createdDateTime: row.created_at }),
  }),
} as const

/** Any namespace of our own (RFC 9562, version 5). */
const emailNamespace = parse('6f1d2f4e-5a0b-4d0c-9a52-5b9a1d3c7e08')

/** A record without an id gets the one that follows from what it says, so that putting it again finds it. */
function idOfContent({ tenantId: tenant, id: person }: PersonKey, record: object): string {
  return v5(Buffer.from(JSON.stringify([tenant, person, record])), emailNamespace)
}

/** An email with every member. */
function completeEmail(record: Partial<ItemEmail> & Pick<ItemEmail, 'id' | 'createdDateTime'>): ItemEmail {
  const { id: emailId, createdDateTime } = record
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
