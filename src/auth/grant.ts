/** Proof that a caller may do an operation. Only authorize.ts makes one. */

import type { GroupFacts, Person } from '../model/directory.ts'
import type { Caller } from './caller.ts'

declare const granted: unique symbol

interface Granted {
  readonly caller: Caller
  /** The signed-in person; undefined for an application. */
  readonly actor: Person | undefined
  /** The permissions of the caller that counted. */
  readonly permissions: readonly string[]
  readonly [granted]: true
}

/** On a person. */
export interface PersonGrant extends Granted {
  readonly on: 'person'
  readonly as: 'self' | 'other' | 'application'
  readonly person: Person
}

/** On the caller's tenant. */
export interface TenantGrant extends Granted {
  readonly on: 'tenant'
  readonly tenantId: string
}

/** On a group of the caller's tenant. */
export interface GroupGrant extends Granted {
  readonly on: 'group'
  readonly tenantId: string
  /** The group that the path names; undefined where one is to be made. */
  readonly group: GroupFacts | undefined
}

export type Grant = PersonGrant | TenantGrant | GroupGrant

/** A grant that nobody has vouched for yet. */
export type Unproven = Omit<PersonGrant, typeof granted> | Omit<TenantGrant, typeof granted> | Omit<GroupGrant, typeof granted>
