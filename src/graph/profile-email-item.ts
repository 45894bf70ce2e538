/** An email as it is stored, and as it is answered. */

import { allowedAudiences, type ItemEmail, itemEmail } from '../model/profile.ts'
import { sortableTime } from '../model/time.ts'
import { flagsValue } from '../odata/json/enum-values.ts'
import { type Item, renderStored } from '../odata/json/render.ts'
import { storedRecord } from '../odata/json/stored-record.ts'
import { renderCompared } from '../odata/query/compared.ts'
import { canonicalPath } from '../odata/url/path.ts'
import type { EmailRow, EmailToPut } from '../store/tables/profile-emails.ts'

export const path = '/users/{user}/profile/emails'
export const defaultAudiences = 'organization'
export const nothingInferred = { confidenceScore: null, userHasVerifiedAccuracy: null }

/** The stored form of an email, which takes the place of the record `before`. Throws `bodyInvalid` where it is too large. */
export function emailToPut(email: ItemEmail, before?: string): EmailToPut {
  const audiences = flagsValue(allowedAudiences, (email.allowedAudiences ?? defaultAudiences).split(','))
  const stored = normal(email)
  return {
    id: email.id,
    createdAt: sortableTime(email.createdDateTime ?? ''),
    audiences,
    record: storedRecord(renderStored(itemEmail, stored), before),
    compared: renderCompared(itemEmail, stored),
  }
}

/** Complex members with every declared member, so that answers have one form. */
function normal(email: ItemEmail): ItemEmail {
  return { ...email, inference: email.inference === null ? null : { ...nothingInferred, ...email.inference } }
}

export function rowOf({ id, createdAt, record }: EmailToPut): EmailRow {
  return { id, created_at: createdAt, record }
}

/** An email of the person whom `keys` name, as it is answered. */
export function itemOf({ id, record }: EmailRow, keys: Readonly<Record<string, string>>): Item {
  return { type: itemEmail, value: record, state: record, path: () => `${canonicalPath(path, keys)}('${encodeURIComponent(id)}')` }
}
