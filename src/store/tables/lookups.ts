/** What is asked of the database about a person whom a request is about: of one, or of many in one statement. */

import type { Directory, PersonKey } from '../../model/directory.ts'
import { committed, type Readable } from '../database.ts'
import { type EmailMethodRow, emailMethodsOf, findEmailMethod } from './email-methods.ts'
import { gathered } from './gathered.ts'
import { peopleIn, personsOf } from './people.ts'
import { allEmails, type EmailRow, emailsInSight, emailsOf, type Sight } from './profile-emails.ts'
import { type Standing, standingOf, standingsOf } from './relations.ts'

export interface Lookups {
  /** How `other` stands to `owner`. */
  readonly standing: (owner: PersonKey, other: PersonKey) => Promise<Standing>
  /** Those in sight, in the order of their making. */
  readonly emails: (person: PersonKey, sight: Sight) => Promise<readonly EmailRow[]>
  readonly emailMethod: (person: PersonKey) => Promise<EmailMethodRow | undefined>
}

export interface Gathered {
  readonly directory: Directory
  readonly lookups: Lookups
}

/** Each by a statement of its own. */
export function lookupsIn(database: Readable): Lookups {
  return {
    standing: (owner, other) => standingOf(database, owner, other),
    emails: (person, sight) => (sight === 'all' ? allEmails(committed(database), person) : emailsInSight(database, person, sight)),
    emailMethod: (person) => findEmailMethod(committed(database), person),
  }
}

/** What is asked in one turn by one statement; for as many persons as are asked about side by side. */
export function gatheredIn(database: Readable): Gathered {
  const nameOf = ({ tenantId, id }: PersonKey) => `${tenantId}/${id}`
  const standing = gathered(
    ([owner, other]: readonly [PersonKey, PersonKey]) => `${nameOf(owner)} ${nameOf(other)}`,
    (pairs) => standingsOf(database, pairs),
  )
  const emails = gathered(
    ([person, sight]: readonly [PersonKey, Sight]) => `${nameOf(person)} ${sight === 'all' ? sight : sight.audiences}`,
    (wanted) => emailsOf(database, wanted),
  )
  return {
    directory: peopleIn(
      database,
      gathered(nameOf, (keys) => personsOf(database, keys)),
    ),
    lookups: {
      standing: (owner, other) => standing([owner, other]),
      emails: (person, sight) => emails([person, sight]),
      emailMethod: gathered(nameOf, (persons) => emailMethodsOf(database, persons)),
    },
  }
}
