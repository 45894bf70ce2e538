/** Decides which items of a profile a caller sees. To the caller, a hidden item does not exist. */

import type { PersonGrant } from '../auth/grant.ts'
import { allowedAudiences } from '../model/profile.ts'
import type { VisibleAudiences } from '../store/tables/profile-emails.ts'
import { audiencesOf } from '../store/tables/visible-audiences.ts'
import type { OperationServices } from './operation.ts'

const bit = allowedAudiences.members

/**
 * The items of the person's profile that the holder of the grant sees. On a person of another organization who shows nothing nobody gets a
 * grant: such a person cannot be told from one who does not exist (store/tables/people.ts, findAnywhere).
 */
export async function visibleAudiencesOf(
  { lookups }: Pick<OperationServices, 'lookups'>,
  { as, actor, person }: PersonGrant,
): Promise<VisibleAudiences> {
  if (as === 'self') return 'all'
  // An application sees what any member of its organization would.
  if (actor === undefined) return { audiences: bit.organization | bit.federatedOrganizations | bit.everyone }
  return { audiences: audiencesOf(await lookups.standing(person, actor), person) }
}
