/** The people whom a body refers to, to be put into a group. */

import type { GroupGrant } from '../../auth/grant.ts'
import { permissionMissing } from '../../auth/refusals.ts'
import { GraphError, invalidMember } from '../../errors.ts'
import type { PersonKey } from '../../model/directory.ts'
import type { Binding, Bindings } from '../../odata/url/reference.ts'
import { committed } from '../../store/database.ts'
import { groupExists } from '../../store/tables/directory.ts'
import type { GroupRelation } from '../../store/tables/groups.ts'
import type { OperationServices } from '../operation.ts'

/** Collections of Graph whose items can be in a group there. */
const otherMembers = ['contacts', 'devices', 'groups', 'serviceprincipals']
const guid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The user, in the tenant of the caller. Throws `bodyInvalid`, `notFound` and `notImplemented` with the member that the reference stands in. */
export async function personOf(
  { directory, database }: OperationServices,
  tenantId: string,
  { reference, target }: Binding,
): Promise<PersonKey> {
  const { collection, key, tenant, type = 'user' } = reference
  if (otherMembers.includes(collection) || !['user', 'directoryobject'].includes(type)) throw notUser(target)
  if (collection !== 'users' && collection !== 'directoryobjects')
    throw invalidMember(target, 'Expected the URL of a user or a directoryObject.')
  const isElsewhere = tenant !== undefined && guid.test(tenant) && tenant !== tenantId.toLowerCase()
  if (isElsewhere) throw new GraphError('notFound', { target })
  const person = collection === 'users' ? await directory.find(tenantId, key) : await directory.person(tenantId, key)
  if (person !== undefined) return { tenantId, id: person.id }
  if (await groupExists(committed(database), tenantId, key)) throw notUser(target)
  throw new GraphError('notFound', { target })
}

function notUser(target: string): GraphError {
  return new GraphError('notImplemented', { target, message: 'Only users can be in a group on this server.' })
}

/** Graph's words, for a member or owner that is one already. */
export function memberAlready(name: string, target?: string): GraphError {
  return new GraphError('bodyInvalid', {
    ...(target === undefined ? {} : { target }),
    message: `One or more added object references already exist for the following modified properties: '${name}'.`,
  })
}

export interface Bound {
  readonly person: PersonKey
  readonly name: 'members' | 'owners'
  readonly relation: GroupRelation
  readonly target: string
}

const relations = { members: 'member', owners: 'owner' } as const

/** The people whom a new group is to have. `permissions`: one of these puts somebody into a group; to make groups does not suffice. */
export async function boundPeople(
  app: OperationServices,
  { caller, tenantId }: GroupGrant,
  bindings: Bindings,
  permissions: readonly string[],
): Promise<readonly Bound[]> {
  const bound: Bound[] = []
  for (const name of ['members', 'owners'] as const)
    for (const binding of bindings[name] ?? []) {
      if (!permissions.some((permission) => caller.permissions.has(permission))) throw permissionMissing('application', permissions)
      bound.push({ person: await personOf(app, tenantId, binding), name, relation: relations[name], target: binding.target })
    }
  return bound
}
