/** `/users/{user}/profile`: what holds the emails. It is there for every user and has nothing of its own. */

import { emailsPerProfile, profile, profileId } from '../model/profile.ts'
import type { Item } from '../odata/json.ts'
import { canonicalPath } from '../odata/path.ts'
import { belongingsOf } from '../store/person-memory.ts'
import { dropAllEmails, listEmails } from '../store/profile-emails.ts'
import { sightOf } from './audiences.ts'
import type { PersonContext, Resource } from './operation.ts'
import { itemOf, profileEmails, readProfile, writeProfile } from './profile-emails.ts'

const path = '/users/{user}/profile'

export const profiles: Resource<typeof profile> = {
  path,
  type: profile,
  workload: 'profile',
  versions: 'beta',
  expandable: ['emails'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    get:    { verb: 'GET',    on: 'single', needs: readProfile,  query: ['select', 'expand'], answers: 'entity',  run: get },
    remove: { verb: 'DELETE', on: 'single', needs: writeProfile,                              answers: 'nothing', run: remove },
  },
}

type Profile = PersonContext<typeof profile>

async function get({ app: { database }, grant, query, keys, contextOf }: Profile): Promise<Item> {
  const sight = await sightOf(database, grant)
  const item: Item = { type: profile, value: { id: profileId }, path: () => canonicalPath(path, keys) }
  if (!query.expand.includes('emails')) return item
  const rows = await listEmails(database, grant.person, { sight, after: undefined, skip: 0, limit: emailsPerProfile })
  const context = contextOf(canonicalPath(profileEmails.path, keys))
  return { ...item, expanded: { emails: { context, items: rows.map((row) => itemOf(row, keys)) } } }
}

/** Empties the profile; an empty one is no error, since the profile itself is always there. */
async function remove({ app, grant }: Profile): Promise<void> {
  await app.database.write(belongingsOf(grant.person), (transaction) => dropAllEmails(transaction, grant.person))
}
