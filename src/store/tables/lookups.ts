/** Look-ups about the person that a request names: for one, or for many in one statement. */

import type { Directory, PersonKey } from '../../model/directory.ts'
import { committed, type Readable } from '../database.ts'
import { batchedLookup } from './batched-lookup.ts'
import { type EmailMethodRow, emailMethodsOf, findEmailMethod } from './email-methods.ts'
import { peopleIn, personsOf } from './people.ts'
import { allEmails, type EmailRow, emailsOf, type VisibleAudiences, visibleEmails } from './profile-emails.ts'
import { type Standing, standingOf, standingsOf } from './relations.ts'

export interface Lookups {
  /** How `other` stands to `owner`. */
  readonly standing: (owner: PersonKey, other: PersonKey) => Promise<Standing>
  /** The visible ones, in the order of their creation. */
  readonly emails: (person: PersonKey, visible: VisibleAudiences) => Promise<readonly EmailRow[]>
  readonly emailMethod: (person: PersonKey) => Promise<EmailMethodRow | undefined>
}

export interface BatchedLookups {
  readonly directory: Directory
  readonly lookups: Lookups
}

/** Each by a statement of its own. */
export function lookupsIn(database: Readable): Lookups {
  return {
    standing: (owner, other) => standingOf(database, owner, other),
    emails: (person, visible) => (visible === 'all' ? allEmails(committed(database), person) : visibleEmails(database, person, visible)),
    emailMethod: (person) => findEmailMethod(committed(database), person),
  }
}

/** Look-ups that one turn of the event loop joins into one statement for all persons. */
export function batchedLookupsIn(database: Readable): BatchedLookups {
  const nameOf = ({ tenantId, id }: PersonKey) => `${tenantId}/${id}`
  const standing = batchedLookup(
    ([owner, other]: readonly [PersonKey, PersonKey]) => `${nameOf(owner)} ${nameOf(other)}`,
    (pairs) => standingsOf(database, pairs),
  )
  const emails = batchedLookup(
    ([person, visible]: readonly [PersonKey, VisibleAudiences]) => `${nameOf(person)} ${visible === 'all' ? visible : visible.audiences}`,
    (wanted) => emailsOf(database, wanted),
  )
  return {
    directory: peopleIn(
      database,
      batchedLookup(nameOf, (keys) => personsOf(database, keys)),
    ),
    lookups: {
      standing: (owner, other) => standing([owner, other]),
      emails: (person, visible) => emails([person, visible]),
      emailMethod: batchedLookup(nameOf, (persons) => emailMethodsOf(database, persons)),
    },
  }
}
