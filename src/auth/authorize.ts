/**
 * May this caller do this operation? The only place where a Grant is made, and without one nothing is read or
 * written. Fails closed: whatever is not said to suffice is refused. A 403 tells in `details` what would have
 * sufficed, and nothing about the target.
 */

import { GraphError } from '../errors.ts'
import { fold } from '../model/address.ts'
import type { Directory, Person } from '../model/directory.ts'
import { type Caller, hasExpired } from './caller.ts'
import type { Grant, GroupGrant, PersonGrant, Unproven } from './grant.ts'
import type { GroupNeeds, Needs, PersonNeeds, TenantNeeds } from './needs.ts'
import { detail, permissionMissing } from './refusals.ts'
import {
  type AccessRules,
  accountKindRefused,
  isPersonal,
  requireMfa,
  requirePermission,
  requireReach,
  requireReachOfApplication,
  requireRole,
  rolesOf,
} from './require.ts'

export interface AccessRequest {
  readonly needs: Needs
  readonly caller: Caller
  readonly target: {
    /** How the path names the person: `me`, an id or a principal name. */
    readonly me: boolean
    readonly key: string | undefined
    /** The id of the group that the path names. */
    readonly group?: string | undefined
  }
}

export interface AccessContext {
  readonly rules: AccessRules
  readonly directory: Directory
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Answers with a Grant, or throws the 400, 401, 403 or 404 that says why not. */
export async function authorize(accessRequest: AccessRequest, context: AccessContext): Promise<Grant> {
  const { caller, needs, target } = accessRequest
  if (hasExpired(caller, context.now())) throw new GraphError('tokenInvalid', { refused: 'expired' })
  if (caller.kind === 'application') return authorizeApplication(accessRequest, context)
  const actor = await context.directory.person(caller.tenantId, caller.userId)
  if (actor === undefined || !actor.accountEnabled) throw new GraphError('tokenInvalid', { refused: 'account' })
  if (needs.on === 'tenant') return authorizeOnTenant(needs, caller, actor, context.rules)
  if (needs.on === 'group') return authorizeOnGroup(needs, caller, actor, target.group, context)
  return isSelf(actor, target)
    ? authorizeOnSelf(needs, caller, actor, context)
    : authorizeOnOther(needs, caller, actor, target.key ?? '', context)
}

/** The part of a decision that time alone can undo. Throws what authorize would. */
export function requireInTime({ caller, needs }: AccessRequest, grant: Grant, { rules, now }: Omit<AccessContext, 'directory'>): void {
  if (hasExpired(caller, now())) throw new GraphError('tokenInvalid', { refused: 'expired' })
  if (grant.on === 'person' && grant.as === 'self' && needs.on === 'person' && needs.mfa !== 'notAsked') requireMfa(caller, rules, now())
}

async function authorizeApplication({ needs, caller, target }: AccessRequest, { rules, directory }: AccessContext): Promise<Grant> {
  if (!(await directory.hasTenant(caller.tenantId))) throw new GraphError('tokenInvalid', { refused: 'tenant' })
  if (target.me) throw new GraphError('applicationOnMe')
  // Personal accounts share a tenant, and no organization that could let an application act on them.
  if (isPersonal(caller)) throw accountKindRefused()
  const permissions = requirePermission(needs.application, caller, rules, 'application')
  const shared = { caller, actor: undefined, permissions, tenantId: caller.tenantId }
  if (needs.on === 'tenant') return grant({ ...shared, on: 'tenant' })
  if (needs.on === 'group') {
    const group = await groupOf(directory, caller, target.group)
    if (group !== undefined) requireGroup(needs, caller, undefined, group.isRoleAssignable)
    return grant({ ...shared, on: 'group', group })
  }
  const person = await directory.find(caller.tenantId, target.key ?? '')
  if (person === undefined) throw new GraphError('notFound')
  if (needs.applicationWithinReach === true) requireReachOfApplication(needs.roles, caller, person)
  return grant({ on: 'person', as: 'application', caller, actor: undefined, permissions, person })
}

function authorizeOnTenant(needs: TenantNeeds, caller: Caller, actor: Person, rules: AccessRules): Grant {
  const permissions = requireUsersPermission(needs, caller, rules)
  requireRole(needs.roles, rolesOf(caller, actor))
  return grant({ on: 'tenant', caller, actor, permissions, tenantId: caller.tenantId })
}

/** Callers with neither list of roles are refused before the group is looked up, and so don't learn whether it exists. */
async function authorizeOnGroup(
  needs: GroupNeeds,
  caller: Caller,
  actor: Person,
  id: string | undefined,
  { rules, directory }: AccessContext,
): Promise<Grant> {
  const permissions = requireUsersPermission(needs, caller, rules)
  requireRole([...new Set([...needs.roles, ...needs.roleAssignable.roles])], rolesOf(caller, actor))
  const group = await groupOf(directory, caller, id)
  if (group !== undefined) requireGroup(needs, caller, actor, group.isRoleAssignable)
  return grant({ on: 'group', caller, actor, permissions, tenantId: caller.tenantId, group })
}

function requireUsersPermission(needs: TenantNeeds | GroupNeeds, caller: Caller, rules: AccessRules): readonly string[] {
  return isPersonal(caller)
    ? requirePermission(needs.personal, caller, rules, 'personal')
    : requirePermission(needs.delegated, caller, rules, 'delegated')
}

/** undefined: the group is to be made. */
async function groupOf(directory: Directory, { tenantId }: Caller, id: string | undefined): Promise<GroupGrant['group']> {
  if (id === undefined) return undefined
  const group = await directory.group(tenantId, id)
  if (group === undefined) throw new GraphError('notFound')
  return group
}

/** Role-assignable groups ask for more, since their members are out of the reach of most administrators. */
function requireGroup({ roles, roleAssignable }: GroupNeeds, caller: Caller, actor: Person | undefined, isRoleAssignable: boolean): void {
  if (isRoleAssignable && !roleAssignable.permissions.some((permission) => caller.permissions.has(permission)))
    throw permissionMissing(actor === undefined ? 'application' : 'delegated', roleAssignable.permissions)
  if (actor !== undefined) requireRole(isRoleAssignable ? roleAssignable.roles : roles, rolesOf(caller, actor))
}

function authorizeOnSelf(needs: PersonNeeds, caller: Caller, actor: Person, { rules, now }: AccessContext): Grant {
  const permissions = isPersonal(caller)
    ? requirePermission(needs.personal, caller, rules, 'personal')
    : requirePermission(needs.self, caller, rules, 'delegated')
  if (needs.mfa === 'change' && !rules.selfServiceMethods)
    throw new GraphError('selfServiceRefused', {
      details: [detail('setting', 'SELFGRAPH_SELF_SERVICE_METHODS', 'This server is set to refuse it; an administrator can do it.')],
    })
  if (needs.rolesOnSelf === true) requireReach(needs.roles, rolesOf(caller, actor), actor)
  if (needs.mfa !== 'notAsked') requireMfa(caller, rules, now())
  return grant({ on: 'person', as: 'self', caller, actor, permissions, person: actor })
}

async function authorizeOnOther(
  needs: PersonNeeds,
  caller: Caller,
  actor: Person,
  key: string,
  { rules, directory }: AccessContext,
): Promise<Grant> {
  if (needs.others.permissions.length === 0)
    throw new GraphError('notOwner', { details: [detail('owner', 'oid', 'Sign in as the owner of the profile.')] })
  if (isPersonal(caller) && needs.crossTenant !== true) throw accountKindRefused()
  const permissions = isPersonal(caller)
    ? requirePermission(needs.personal, caller, rules, 'personal')
    : requirePermission(needs.others, caller, rules, 'delegated')
  requireRole(needs.roles, rolesOf(caller, actor))
  const person = needs.crossTenant === true ? await directory.findAnywhere(actor, key) : await directory.find(caller.tenantId, key)
  if (person === undefined) throw new GraphError('notFound')
  if (needs.targets === 'withinReach') requireReach(needs.roles, rolesOf(caller, actor), person)
  return grant({ on: 'person', as: 'other', caller, actor, permissions, person })
}

function isSelf(actor: Person, { me, key }: AccessRequest['target']): boolean {
  return me || (key !== undefined && isNamedBy(actor, key))
}

/** Whether the path's key is the person's id or principal name. */
export function isNamedBy({ id, userPrincipalName }: Person, key: string): boolean {
  return key === id || fold(key) === fold(userPrincipalName)
}

/**
 * Checks the further needs of the members that a body changes. Throws where the permissions that counted don't open a member, where it
 * takes a role that reaches the person, where an application doesn't reach the person, and where roles can be assigned to a
 * new group and the caller may not make such a group.
 */
export function authorizeBody(needs: Needs, proof: Grant, body: Readonly<Record<string, unknown>>): void {
  if (proof.on === 'person' && needs.on === 'person') authorizeMembers(needs, proof, Object.keys(body))
  if (proof.on === 'group' && needs.on === 'group' && proof.group === undefined)
    requireGroup(needs, proof.caller, proof.actor, body.isAssignableToRole === true)
}

function authorizeMembers(needs: PersonNeeds, { as, caller, actor, person, permissions }: PersonGrant, names: readonly string[]): void {
  const { members } = needs
  if (members === undefined) return
  const candidates =
    as === 'application' ? needs.application : as === 'other' ? needs.others : isPersonal(caller) ? needs.personal : needs.self
  for (const name of names) {
    const opens = (permission: string) => members.narrow[permission]?.includes(name) ?? !members.guarded.includes(name)
    if (permissions.some(opens)) continue
    const sufficient = candidates.permissions.filter(opens)
    throw sufficient.length === 0 ? accountKindRefused() : permissionMissing(as === 'application' ? 'application' : 'delegated', sufficient)
  }
  if (as === 'self' && actor !== undefined && names.some((name) => !members.own.includes(name)))
    requireReach(needs.roles, rolesOf(caller, actor), actor)
  if (as === 'application' && names.some((name) => members.sensitive.includes(name))) requireReachOfApplication(needs.roles, caller, person)
}

function grant(proven: Unproven): Grant {
  return proven as Grant // the one place where the mark is given
}
