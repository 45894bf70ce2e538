/** The caller of a request, as a verified token describes it. */

import type { Asker } from '../model/asker.ts'

/** The value of `acrs` that a challenge asks for, and that counts as MFA when a token brings it. */
export const mfaAuthenticationContext = 'c1'

interface CallerBase {
  readonly tenantId: string
  readonly application: { readonly id: string | null; readonly displayName: string | null }
  /** Scopes of a user's token, app roles of an application's. */
  readonly permissions: ReadonlySet<string>
  /** Role template ids that the token brings (`wids`). */
  readonly roleIds: readonly string[]
  readonly mfa: {
    readonly satisfied: boolean
    /** Seconds since 1970; undefined where the token does not say. */
    readonly authenticatedAt: number | undefined
  }
  /** The client handles claims challenges (`xms_cc` has `cp1`). */
  readonly answersChallenges: boolean
  /** Seconds since 1970. */
  readonly expiresAt: number
}

export interface UserCaller extends CallerBase {
  readonly kind: 'user'
  readonly userId: string
}

export interface ApplicationCaller extends CallerBase {
  readonly kind: 'application'
}

export type Caller = UserCaller | ApplicationCaller

/** The caller as work is shared out between askers. `gone`: aborted once nobody waits for the answer. */
export function askerOf(caller: Caller, gone: Asker['gone']): Asker {
  const { tenantId } = caller
  return { tenantId, name: `${tenantId}/${caller.kind === 'user' ? caller.userId : (caller.application.id ?? '')}`, gone }
}

/** How far the clocks of issuers may be from this server's. */
export const clockToleranceSeconds = 5

/** Whether the token is over. `now`: milliseconds since 1970. */
export function hasExpired({ expiresAt }: Caller, now: number): boolean {
  return now / 1000 >= expiresAt + clockToleranceSeconds
}
