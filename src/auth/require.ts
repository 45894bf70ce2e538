/** The single conditions that authorization is made of: each passes, or throws the 401 or 403 that says what would have sufficed. */

import { type ErrorName, GraphError } from '../errors.ts'
import { type Person, personalAccountsTenant } from '../model/directory.ts'
import { type Caller, clockToleranceSeconds, mfaAuthenticationContext } from './caller.ts'
import type { Sufficient } from './needs.ts'
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

export function isPersonal(caller: Caller): boolean {
  return caller.tenantId === personalAccountsTenant
}

export function rolesOf(caller: Caller, actor: Person): ReadonlySet<string> {
  return new Set([...caller.roleIds, ...actor.tenantRoleIds])
}

/** The permissions that count. Throws where there is none. */
export function requirePermission(
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

export function accountKindRefused(): GraphError {
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

/** The needed roles that the caller holds. Throws where a role is needed and none is held. */
export function requireRole(asked: readonly RoleName[] | 'none', held: ReadonlySet<string>): readonly RoleName[] {
  if (asked === 'none') return []
  const roles = asked.filter((role) => held.has(roleTemplates[role]))
  if (roles.length === 0) throw roleMissing(asked)
  return roles
}

/** One of the roles asked for is held, and reaches the person. */
export function requireReach(asked: readonly RoleName[] | 'none', held: ReadonlySet<string>, { protection }: Person): void {
  if (asked === 'none' || requireRole(asked, held).some((role) => mayActOn(role, protection))) return
  throw roleMissing(rolesThatReach(asked, protection))
}

/** The application reaches the person, by itself or by a role that its token brings. */
export function requireReachOfApplication(asked: readonly RoleName[] | 'none', caller: Caller, person: Person): void {
  if (!mayApplicationActOn(person.protection)) requireReach(asked, new Set(caller.roleIds), person)
}

/** `now`: milliseconds since 1970. */
export function requireMfa(caller: Caller, { mfaMaxAge }: AccessRules, now: number): void {
  const { mfa } = caller
  const recent = mfaMaxAge === undefined || isWithin(now / 1000 - (mfa.authenticatedAt ?? Number.NEGATIVE_INFINITY), mfaMaxAge)
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

/** A sign-in in the future is none. */
function isWithin(ageSeconds: number, longestSeconds: number): boolean {
  return ageSeconds <= longestSeconds && ageSeconds >= -clockToleranceSeconds
}

/** The part of the bearer challenge for clients that can step up (OpenID Connect `claims`, as Entra's continuous access evaluation has it). */
function stepUpChallenge(): string {
  const claims = { access_token: { acrs: { essential: true, value: mfaAuthenticationContext } } }
  return `error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString('base64')}", cc_type="authcontext"`
}
