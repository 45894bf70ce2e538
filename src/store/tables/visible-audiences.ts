/** Maps the relation between a reader and the owner of a profile to the audiences that the reader belongs to. */

import { type PersonKey, personalAccountsTenant } from '../../model/directory.ts'
import { allowedAudiences } from '../../model/profile.ts'
import type { Readable } from '../database.ts'
import { countEmails } from './profile-emails.ts'
import { type Standing, standingOf } from './relations.ts'

const bit = allowedAudiences.members

/** The bits of the audiences that someone in this standing belongs to. */
export function audiencesOf(standing: Standing, owner: Pick<PersonKey, 'tenantId'>): number {
  // Personal accounts share a tenant, and nothing else.
  const areColleagues = standing.sameTenant && owner.tenantId !== personalAccountsTenant
  return (
    bit.everyone |
    (standing.family ? bit.family : 0) |
    (standing.contacts ? bit.contacts : 0) |
    (standing.sharesGroup ? bit.groupMembers : 0) |
    (areColleagues ? bit.organization | bit.federatedOrganizations : 0) |
    (standing.federated ? bit.federatedOrganizations : 0)
  )
}

/** Whether a person shows the reader any email. */
export async function showsAnything(database: Readable, owner: PersonKey, reader: PersonKey): Promise<boolean> {
  const standing = await standingOf(database, owner, reader)
  return (await countEmails(database, owner, { audiences: audiencesOf(standing, owner) })) > 0
}
