/**
 * May this caller do this operation? The only place where a Grant is made, and without one nothing is read or
 * written. Fails closed: whatever is not said to suffice is refused. A 403 tells in `details` what would have
 * sufficed, and nothing about the target.
 */

import { type ErrorName, GraphError } from '../errors.ts'
import { fold } from '../model/address.ts'
import { type Directory, type Person, personalAccountsTenant } from '../model/directory.ts'
import { type Caller, mfaAuthenticationContext } from './caller.ts'
import type { Needs, PersonNeeds, Sufficient, TenantNeeds } from './needs.ts'
import { detail, permissionMissing, roleMissing } from './refusals.ts'
import { mayActOn, mayApplicationActOn, type RoleName, rolesThatReach, roleTemplates } from './roles.ts'

/** The settings that rules depend on. */
export interface AccessRules {
  readonly allowApplications: boolean
  readonly allowPersonalAccounts: boolean
  readonly selfServiceMethods: boolean
  /** Seconds. */
  readonly mfaMaxAge: number | undefined
}

export interface Question {
  readonly needs: Needs
  readonly caller: Caller
  /** How the path names the person: `me`, an id or a principal name. */
  readonly target: { readonly me: boolean; readonly key: string | undefined }
}

declare const granted: unique symbol

interface Granted {
  readonly caller: Caller
  /** The signed-in person; undefined for an application. */
  readonly actor: Person | undefined
  /** Those of the caller's permissions that counted. */
  readonly permissions: readonly string[]
  readonly [granted]: true
}

/** Proof that a caller may do an operation on a person. */
export interface PersonGrant extends Granted {
  readonly on: 'person'
  readonly as: 'self' | 'other' | 'application'
  readonly person: Person
}

/** Proof that a caller may do an operation on its tenant. */
export interface TenantGrant extends Granted {
  readonly on: 'tenant'
  readonly tenantId: string
}

export type Grant = PersonGrant | TenantGrant

interface Context {
  readonly rules: AccessRules
  readonly directory: Directory
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Answers with a Grant, or throws the 400, 401, 403 or 404 that says why not. */
export async function authorize(question: Question, context: Context): Promise<Grant> {
  const { caller, needs, target } = question
  if (caller.kind === 'application') return authorizeApplication(question, context)
  const actor = await context.directory.person(caller.tenantId, caller.userId)
  if (actor === undefined || !actor.accountEnabled) throw new GraphError('tokenInvalid')
  if (needs.on === 'tenant') return authorizeOnTenant(needs, caller, actor, context.rules)
  return isSelf(actor, target)
    ? authorizeOnSelf(needs, caller, actor, context)
    : authorizeOnOther(needs, caller, actor, target.key ?? '', context)
}

async function authorizeApplication({ needs, caller, target }: Question, { rules, directory }: Context): Promise<Grant> {
  if (!(await directory.hasTenant(caller.tenantId))) throw new GraphError('tokenInvalid')
  if (target.me) throw new GraphError('applicationOnMe')
  // Personal accounts share a tenant, and no organization that could let an application act on them.
  if (isPersonal(caller)) throw accountKindRefused()
  const permissions = requirePermission(needs.application, caller, rules, 'application')
  if (needs.on === 'tenant') return grant({ on: 'tenant', caller, actor: undefined, permissions, tenantId: caller.tenantId })
  const person = await directory.find(caller.tenantId, target.key ?? '')
  if (person === undefined) throw new GraphError('notFound')
  if (needs.applicationWithinReach === true) requireReachOfApplication(needs.roles, caller, person)
  return grant({ on: 'person', as: 'application', caller, actor: undefined, permissions, person })
}

function authorizeOnTenant(needs: TenantNeeds, caller: Caller, actor: Person, rules: AccessRules): Grant {
  const permissions = isPersonal(caller)
    ? requirePermission(needs.personal, caller, rules, 'personal')
    : requirePermission(needs.delegated, caller, rules, 'delegated')
  // Which of the two is asked for is known when it is known what group it is about (authorizeGroup).
  const { roles, roleAssignable } = needs
  requireRole(roles === 'none' ? roles : [...new Set([...roles, ...(roleAssignable?.roles ?? [])])], rolesOf(caller, actor))
  return grant({ on: 'tenant', caller, actor, permissions, tenantId: caller.tenantId })
}

function authorizeOnSelf(needs: PersonNeeds, caller: Caller, actor: Person, { rules, now }: Context): Grant {
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
  { rules, directory }: Context,
): Promise<Grant> {
  if (needs.others.permissions.length === 0)
    throw new GraphError('notOwner', { details: [detail('owner', 'oid', 'Sign in as the owner of the profile.')] })
  if (isPersonal(caller) && needs.crossTenant !== true) throw accountKindRefused()
  const permissions = isPersonal(caller)
    ? requirePermission(needs.personal, caller, rules, 'personal')
    : requirePermission(needs.others, caller, rules, 'delegated')
  requireRole(needs.roles, rolesOf(caller, actor))
  const person =
    needs.crossTenant === true ? await directory.findAnywhere(caller.tenantId, key) : await directory.find(caller.tenantId, key)
  if (person === undefined) throw new GraphError('notFound')
  if (needs.targets === 'withinReach') requireReach(needs.roles, rolesOf(caller, actor), person)
  return grant({ on: 'person', as: 'other', caller, actor, permissions, person })
}

function isSelf(actor: Person, { me, key }: Question['target']): boolean {
  return me || key === actor.id || (key !== undefined && fold(key) === fold(actor.userPrincipalName))
}

function isPersonal(caller: Caller): boolean {
  return caller.tenantId === personalAccountsTenant
}

function rolesOf(caller: Caller, actor: Person): ReadonlySet<string> {
  return new Set([...caller.roleIds, ...actor.tenantRoleIds])
}

/** The permissions that count. Throws where there is none. */
function requirePermission(
  { permissions, onlyWith }: Sufficient,
  caller: Caller,
  rules: AccessRules,
  kind: 'delegated' | 'personal' | 'application',
): readonly string[] {
  if (permissions.length === 0) throw accountKindRefused()
  if (onlyWith !== undefined && !rules[onlyWith]) throw accountKindClosed(onlyWith)
  const held = permissions.filter((permission) => caller.permissions.has(permission))
  if (held.length > 0) return held
  throw permissionMissing(kind, permissions)
}

function accountKindRefused(): GraphError {
  return new GraphError('accountKindRefused', { details: [detail('account', 'idtyp', 'Sign in with a work or school account.')] })
}

function accountKindClosed(setting: NonNullable<Sufficient['onlyWith']>): GraphError {
  const name = { allowApplications: 'SELFGRAPH_ALLOW_APPLICATIONS', allowPersonalAccounts: 'SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS' }[setting]
  return new GraphError('accountKindRefused', {
    details: [
      detail('account', 'idtyp', 'Sign in with a work or school account.'),
      detail('setting', name, 'This server is set to refuse it.'),
    ],
  })
}

/** Those of the roles asked for that the caller holds. Throws where one is asked for and none is held. */
function requireRole(asked: readonly RoleName[] | 'none', held: ReadonlySet<string>): readonly RoleName[] {
  if (asked === 'none') return []
  const roles = asked.filter((role) => held.has(roleTemplates[role]))
  if (roles.length === 0) throw roleMissing(asked)
  return roles
}

/** One of the roles asked for is held, and reaches the person. */
function requireReach(asked: readonly RoleName[] | 'none', held: ReadonlySet<string>, { protection }: Person): void {
  if (asked === 'none' || requireRole(asked, held).some((role) => mayActOn(role, protection))) return
  throw roleMissing(rolesThatReach(asked, protection))
}

/** The application reaches the person, by itself or by a role that its token brings. */
function requireReachOfApplication(asked: readonly RoleName[] | 'none', caller: Caller, person: Person): void {
  if (!mayApplicationActOn(person.protection)) requireReach(asked, new Set(caller.roleIds), person)
}

/**
 * What a body asks for by the members that it changes. Throws where the permissions that counted don't open a member,
 * where it takes a role that reaches the person, and where an application doesn't reach the person.
 */
export function authorizeMembers(
  needs: PersonNeeds,
  { as, caller, actor, person, permissions }: PersonGrant,
  names: readonly string[],
): void {
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

/** What an operation on a group asks further, once it is known whether roles can be assigned to the group. Throws where it is not there. */
export function authorizeGroup({ roles, roleAssignable }: TenantNeeds, { caller, actor }: TenantGrant, isAssignable: boolean): void {
  if (roleAssignable === undefined) return
  if (isAssignable && !roleAssignable.permissions.some((permission) => caller.permissions.has(permission)))
    throw permissionMissing(actor === undefined ? 'application' : 'delegated', roleAssignable.permissions)
  if (actor !== undefined) requireRole(isAssignable ? roleAssignable.roles : roles, rolesOf(caller, actor))
}

function requireMfa(caller: Caller, { mfaMaxAge }: AccessRules, now: number): void {
  const { mfa } = caller
  const recent = mfaMaxAge === undefined || (mfa.authenticatedAt !== undefined && now / 1000 - mfa.authenticatedAt <= mfaMaxAge)
  if (mfa.satisfied && recent) return
  const ask =
    mfaMaxAge === undefined
      ? 'Sign in with MFA: the token needs amr with mfa.'
      : `Sign in with MFA: the token needs amr with mfa and an auth_time of the last ${mfaMaxAge} seconds.`
  const details = [detail('mfa', 'amr', ask)]
  if (!caller.answersChallenges) throw new GraphError('mfaMissing', { details })
  const kind: ErrorName = 'mfaChallenge'
  throw new GraphError(kind, { details, challenge: stepUpChallenge() })
}

/** The part of the bearer challenge for clients that can step up (OpenID Connect `claims`, as Entra's continuous access evaluation has it). */
function stepUpChallenge(): string {
  const claims = { access_token: { acrs: { essential: true, value: mfaAuthenticationContext } } }
  return `error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString('base64')}", cc_type="authcontext"`
}

type Unproven<G extends Grant> = Omit<G, typeof granted>

function grant(proven: Unproven<PersonGrant> | Unproven<TenantGrant>): Grant {
  return proven as Grant // the one place where the mark is given
}
