/** `/users/{user}/profile`: what holds the emails. It is there for every user and has nothing of its own. */

import type { PersonKey } from '../model/directory.ts'
import { profile, profileId } from '../model/profile.ts'
import type { Item } from '../odata/json/render.ts'
import { canonicalPath } from '../odata/url/path.ts'
import { belongingsOf } from '../store/person-memory.ts'
import { allEmails, dropAllEmails, type EmailRow } from '../store/tables/profile-emails.ts'
import { visibleAudiencesOf } from './audiences.ts'
import { type PersonContext, type Resource, readOptions } from './operation.ts'
import { readProfile, writeProfile } from './profile-emails.ts'

const path = '/users/{user}/profile'

export const profiles: Resource<typeof profile> = {
  path,
  type: profile,
  workload: 'profile',
  versions: 'beta',
  expandable: ['emails'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    get:    { verb: 'GET',    on: 'single', needs: readProfile,  query: [...readOptions, 'expand'], answers: 'entity',  run: get },
    remove: { verb: 'DELETE', on: 'single', needs: writeProfile,                              answers: 'nothing', run: remove },
  },
}

type Profile = PersonContext<typeof profile>

async function get({ app, grant, keys }: Profile): Promise<Item> {
  const { person } = grant
  // Read before what is expanded beside it, so that a tag never speaks of emails that are newer than those.
  const all = (await visibleAudiencesOf(app, grant)) === 'all' ? await app.lookups.emails(person, 'all') : undefined
  return {
    type: profile,
    value: { id: profileId },
    state: all === undefined ? undefined : stateOf(person, all),
    path: () => canonicalPath(path, keys),
  }
}

/** Empties the profile; an empty one is no error, since the profile itself is always there. */
async function remove({ grant, checkPreconditions, write }: Profile): Promise<void> {
  const { person } = grant
  await write(belongingsOf(person), async (transaction) => {
    await checkPreconditions(async () => stateOf(person, await allEmails(transaction, person)))
    await dropAllEmails(transaction, person)
  })
}

/** A profile is its emails. Its owner alone has a tag of it, since others may not see all of them. */
function stateOf({ tenantId, id }: PersonKey, emails: readonly EmailRow[]): string {
  return JSON.stringify([tenantId, id, ...emails.map(({ record }) => record)])
}
