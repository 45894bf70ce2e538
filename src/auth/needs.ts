/** The needs of an operation (permissions, roles, MFA) as data. Each operation's row has one; nothing is open unless it says so. */

import type { RoleName } from './roles.ts'

/** Permissions of which any one suffices, least powerful first, and the setting without which they do not count. */
export interface Sufficient {
  readonly permissions: readonly string[]
  readonly onlyWith?: 'allowApplications' | 'allowPersonalAccounts'
}

/** Sufficient for nobody: the operation is refused to this kind of caller. */
export const nobody: Sufficient = { permissions: [] }

export const anyOf = (...permissions: readonly string[]): Sufficient => ({ permissions })

export const whenAllowed = (onlyWith: NonNullable<Sufficient['onlyWith']>, { permissions }: Sufficient): Sufficient => ({
  permissions,
  onlyWith,
})

/** An operation on what belongs to a person. */
export interface PersonNeeds {
  readonly on: 'person'
  /** Delegated, work or school account, on oneself: by `/me`, own id or own principal name. */
  readonly self: Sufficient
  /** Delegated, work or school account, on somebody else. */
  readonly others: Sufficient
  /** Delegated, personal account; always on oneself, unless `crossTenant`. */
  readonly personal: Sufficient
  readonly application: Sufficient
  /** Besides `others`: one of these roles. `none`: no role is asked for. */
  readonly roles: readonly RoleName[] | 'none'
  /** The role must reach the target (roles.ts), or may act on any user of the tenant. */
  readonly targets: 'withinReach' | 'anyUser'
  /** On oneself a role that reaches oneself is asked for as well. */
  readonly rolesOnSelf?: true
  /** An application without such a role acts on those only whom applications reach (roles.ts). */
  readonly applicationWithinReach?: true
  /** Further needs, by the members that a body changes. */
  readonly members?: MemberNeeds
  /** On oneself: the sign-in satisfied MFA. `change` is subject to the settings for self-service as well. */
  readonly mfa: 'notAsked' | 'asked' | 'change'
  /** Somebody else may be of another tenant; what they see is decided item by item. */
  readonly crossTenant?: true
}

/** Needs of single members, applied once the body shows which ones change. */
export interface MemberNeeds {
  /** Members of oneself that need no role; all others need a role that reaches oneself. */
  readonly own: readonly string[]
  /** Members that an application without a role changes only for users within its reach (roles.ts). */
  readonly sensitive: readonly string[]
  /** Permissions that open these members only. */
  readonly narrow: Readonly<Record<string, readonly string[]>>
  /** Members that their narrow permission opens and no other does. */
  readonly guarded: readonly string[]
}

/** An operation on what belongs to the tenant of the caller. */
export interface TenantNeeds {
  readonly on: 'tenant'
  readonly delegated: Sufficient
  readonly personal: Sufficient
  readonly application: Sufficient
  /** Besides `delegated`: one of these roles. */
  readonly roles: readonly RoleName[] | 'none'
}

/** An operation that changes a group: the one that the path names, or a new one. */
export interface GroupNeeds {
  readonly on: 'group'
  readonly delegated: Sufficient
  readonly personal: Sufficient
  readonly application: Sufficient
  /** Besides `delegated`, on a group that roles cannot be assigned to: one of these roles. */
  readonly roles: readonly RoleName[]
  /** On a group that roles can be assigned to: one of these permissions besides, and one of these roles in place of `roles`. */
  readonly roleAssignable: { readonly permissions: readonly string[]; readonly roles: readonly RoleName[] }
}

export type Needs = PersonNeeds | TenantNeeds | GroupNeeds
