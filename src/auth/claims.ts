/**
 * From the claims of a token whose signature is good to its caller. A claim that says whose the token is, or what it opens, has the
 * form that it must have, or the token is refused; it never counts as absent. A claim that proves something more (MFA, roles, what
 * the client can do) proves nothing in another form.
 */

import type { JWTPayload } from 'jose'
import { GraphError } from '../errors.ts'
import { isSameName } from '../model/text.ts'
import { type Caller, clockToleranceSeconds, mfaAuthenticationContext } from './caller.ts'

export const longestToken = 32 * 1024
/** Characters of an id or a name. */
const longestName = 256

/** An id or name must be storable and no longer than the longest one. */
function isName(claim: unknown): claim is string {
  return isText(claim) && claim !== '' && claim.length <= longestName
}

function isText(claim: unknown): claim is string {
  return typeof claim === 'string' && !claim.includes('\u0000') && claim.isWellFormed()
}

function areTexts(claim: unknown): claim is readonly string[] {
  return Array.isArray(claim) && claim.every(isText)
}

const isTime = (claim: unknown) => typeof claim === 'number' && Number.isFinite(claim)

/** The form of each claim that says whose the token is, when it counts and what it opens, where the claim is there at all. */
// biome-ignore format: a table of facts, aligned by hand
const forms = {
  exp: isTime, nbf: isTime, iat: isTime,
  tid: isName, oid: isName, sub: isName,
  scp: isText, roles: areTexts, idtyp: (claim: unknown) => claim === 'user' || claim === 'app',
  appid: isName, azp: isName, client_id: isName, app_displayname: isText,
} as const satisfies Readonly<Record<string, (claim: unknown) => boolean>>

/** For us and for nobody else besides, now, and in the right form: `now` in whole seconds. Whose it is was found by its issuer. */
export function checkClaims(claims: JWTPayload, audiences: readonly string[], now: number): void {
  for (const [name, hasForm] of Object.entries(forms))
    if (Object.hasOwn(claims, name) && !hasForm(claims[name])) throw new GraphError('tokenInvalid', { refused: 'claims' })
  const { aud, exp, nbf } = claims
  const isForUs = (Array.isArray(aud) ? aud : [aud]).every((audience) => typeof audience === 'string' && audiences.includes(audience))
  const hasBegun = nbf === undefined || nbf <= now + clockToleranceSeconds
  const lasts = exp !== undefined && exp > now - clockToleranceSeconds
  const fault = !isForUs || aud?.length === 0 ? 'audience' : !hasBegun ? 'notYetValid' : !lasts ? 'expired' : undefined
  if (fault !== undefined) throw new GraphError('tokenInvalid', { refused: fault })
}

/** Takes claims that checkClaims has passed. `pinned`: the tenant that the issuer speaks for; undefined: any. */
export function readCaller(claims: JWTPayload, pinned: string | undefined): Caller {
  const tenantId = textOf(claims.tid) ?? pinned
  if (tenantId === undefined || (pinned !== undefined && !isSameName(tenantId, pinned)))
    throw new GraphError('tokenInvalid', { refused: 'tenant' })
  const base = {
    tenantId: tenantId.toLowerCase(),
    application: {
      id: textOf(claims.appid) ?? textOf(claims.azp) ?? textOf(claims.client_id) ?? null,
      displayName: shortened(textOf(claims.app_displayname)),
    },
    roleIds: textsOf(claims.wids),
    mfa: {
      satisfied:
        textsOf(claims.amr).some((method) => method === 'mfa' || method === 'ngcmfa') ||
        textsOf(claims.acrs).includes(mfaAuthenticationContext),
      authenticatedAt: typeof claims.auth_time === 'number' ? claims.auth_time : undefined,
    },
    answersChallenges: textsOf(claims.xms_cc).some((capability) => isSameName(capability, 'cp1')),
    expiresAt: claims.exp ?? 0,
  }
  const kind = kindOf(claims)
  if (kind === 'application') return { ...base, kind, permissions: new Set(textsOf(claims.roles)) }
  const userId = textOf(claims.oid)
  if (userId === undefined) throw new GraphError('tokenInvalid', { refused: 'claims' })
  return { ...base, kind, userId, permissions: new Set((textOf(claims.scp) ?? '').split(' ').filter((scope) => scope !== '')) }
}

/** Claims that only the sign-in of a user brings. */
const signsOfAUser = ['upn', 'unique_name', 'preferred_username', 'name', 'given_name', 'family_name', 'email', 'amr', 'acrs', 'auth_time']

/**
 * Scopes make a user's token. Roles without scopes make an application's where `idtyp` says so, or where nothing speaks of a user:
 * none of the claims above, and no `oid` but that of the application itself, which Entra gives as `sub` too. `idtyp` may
 * not contradict.
 */
function kindOf(claims: JWTPayload): Caller['kind'] {
  const { scp, roles, idtyp, oid, sub } = claims
  if (typeof scp === 'string' && scp !== '' && idtyp !== 'app') return 'user'
  const isSignedIn = signsOfAUser.some((name) => Object.hasOwn(claims, name)) || (oid !== undefined && oid !== sub)
  if (scp === undefined && roles !== undefined && (idtyp === 'app' || (idtyp === undefined && !isSignedIn))) return 'application'
  throw new GraphError('tokenInvalid', { refused: 'claims' })
}

function textOf(claim: unknown): string | undefined {
  return isText(claim) && claim !== '' ? claim : undefined
}

function shortened(name: string | undefined): string | null {
  return name === undefined || name.length > longestName ? null : name
}

function textsOf(claim: unknown): readonly string[] {
  return areTexts(claim) ? claim : []
}
