/** Who sees which item of a profile. An item out of sight does not exist for the one who asks. */

import type { PersonGrant } from '../auth/grant.ts'
import { GraphError } from '../errors.ts'
import { type Person, personalAccountsTenant } from '../model/directory.ts'
import { allowedAudiences } from '../model/profile.ts'
import { countEmails, type Sight } from '../store/profile-emails.ts'
import type { Standing } from '../store/relations.ts'
import type { Means } from './operation.ts'

const bit = allowedAudiences.members

/**
 * What the holder of the grant sees of the person's profile. Throws `notFound` where a person of another organization
 * shows nothing to the caller: such a person cannot be told from one who does not exist.
 */
export async function sightOf(
  { database, lookups }: Pick<Means, 'database' | 'lookups'>,
  { as, actor, person }: PersonGrant,
): Promise<Sight> {
  if (as === 'self') return 'all'
  // An application sees what any member of its organization would.
  if (actor === undefined) return { audiences: bit.organization | bit.federatedOrganizations | bit.everyone }
  const standing = await lookups.standing(person, actor)
  const sight = { audiences: audiencesOf(standing, person) }
  if (!areColleagues(standing, person) && (await countEmails(database, person, sight)) === 0) throw new GraphError('notFound')
  return sight
}

/** The bits of the audiences that someone in this standing belongs to. */
export function audiencesOf(standing: Standing, owner: Pick<Person, 'tenantId'>): number {
  const colleagues = areColleagues(standing, owner)
  return (
    bit.everyone |
    (standing.family ? bit.family : 0) |
    (standing.contacts ? bit.contacts : 0) |
    (standing.sharesGroup ? bit.groupMembers : 0) |
    (colleagues ? bit.organization | bit.federatedOrganizations : 0) |
    (standing.federated ? bit.federatedOrganizations : 0)
  )
}

/** Personal accounts share a tenant, and nothing else. */
function areColleagues({ sameTenant }: Standing, { tenantId }: Pick<Person, 'tenantId'>): boolean {
  return sameTenant && tenantId !== personalAccountsTenant
}
