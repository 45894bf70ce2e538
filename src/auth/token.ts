/**
 * Who asks? A bearer token (JWT, RFC 7519 and 9068) to a Caller: signature, algorithm, issuer, audience, time,
 * tenant and kind are checked, and a token that passed is remembered until it expires.
 */

import { decodeJwt, decodeProtectedHeader, type JWTPayload, errors as joseErrors } from 'jose'
import { LRUCache } from 'lru-cache'
import { GraphError } from '../errors.ts'
import { isSameName } from '../model/text.ts'
import { type Caller, clockToleranceSeconds, mfaAuthenticationContext } from './caller.ts'
import type { KeySource } from './key-source.ts'
import { verifySignature } from './signature.ts'

/** From the Authorization header to the caller. Throws `tokenMissing`, `tokenInvalid`, or `unavailable`. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller> | Caller

interface Options {
  readonly sources: readonly KeySource[]
  readonly audiences: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Asymmetric ones only: with a shared secret, a published key would sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Headers by which a token would bring or fetch its own key, and the one that asks for what nobody here understands. */
const refusedHeaders = ['jku', 'jwk', 'x5u', 'x5c', 'crit'] as const
const longestToken = 32 * 1024
/** Characters of an id or a name. */
const longestClaim = 256
/** How many verified tokens are remembered at most. */
export const rememberedTokens = 10_000
const rememberedCharacters = 16 * 1024 * 1024
/** Characters of a signature's end that an entry is found by: few, so that V8 copies them and keeps no header for their sake. */
const keyLength = 12

interface Remembered {
  /** The whole header: an entry is found by its end alone. */
  readonly authorization: string
  readonly caller: Caller
  readonly source: KeySource
  readonly generation: number
}

export function createAuthenticate({ sources, audiences, now }: Options): Authenticate {
  const remembered = new LRUCache<string, Remembered>({
    max: rememberedTokens,
    maxSize: rememberedCharacters,
    sizeCalculation: (entry) => entry.authorization.length,
  })
  return (authorization) => {
    // Hashing a whole header takes longer than all the rest: the end of the signature finds the entry, and the whole is compared.
    const known = authorization === undefined ? undefined : remembered.get(authorization.slice(-keyLength))
    if (
      known !== undefined &&
      known.authorization === authorization &&
      known.source.generation === known.generation &&
      now() / 1000 < known.caller.expiresAt
    ) {
      known.source.attend()
      return known.caller
    }
    const token = bearerToken(authorization)
    return verify(token, sources, audiences, now).then(({ caller, source, generation }) => {
      const header = authorization ?? '' // a token came with it
      remembered.set(header.slice(-keyLength), { authorization: header, caller, source, generation })
      return caller
    })
  }
}

/** RFC 6750, section 2.1; the scheme in any case. */
function bearerToken(authorization: string | undefined): string {
  const match = authorization === undefined ? null : /^bearer +([^\s,]+) *$/i.exec(authorization)
  if (match === null)
    throw new GraphError(authorization === undefined || /^(bearer)? *$/i.test(authorization) ? 'tokenMissing' : 'tokenInvalid')
  const token = match[1] ?? ''
  if (token.length > longestToken) throw new GraphError('tokenInvalid', { message: 'CompactToken parsing failed: the token is too long.' })
  return token
}

async function verify(
  token: string,
  sources: readonly KeySource[],
  audiences: readonly string[],
  now: () => number,
): Promise<Omit<Remembered, 'authorization'>> {
  try {
    const header = decodeProtectedHeader(token)
    const alg = checkHeader(header)
    const claims = decodeJwt(token)
    const source = sourceOf(claims, sources)
    const generation = source.generation
    await verifySignature(token, alg, await source.key({ ...header, alg }))
    checkClaims(claims, audiences, Math.floor(now() / 1000))
    return { caller: readCaller(claims, source), source, generation }
  } catch (error) {
    if (error instanceof GraphError) throw error
    // WebCrypto's own errors: the issuer publishes a key that is none.
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      throw new GraphError('tokenInvalid', { cause: error })
    throw error
  }
}

/** Answers `alg`. */
function checkHeader(header: Readonly<Record<string, unknown>>): string {
  for (const name of refusedHeaders) if (name in header) throw new GraphError('tokenInvalid')
  const { typ, alg } = header
  if (typ !== undefined && (typeof typ !== 'string' || !/^(application\/)?(at\+)?jwt$/i.test(typ))) throw new GraphError('tokenInvalid')
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw new GraphError('tokenInvalid')
  return alg
}

/** For us and for nobody else besides, and now: `now` in whole seconds. Whose it is was found by its issuer. */
function checkClaims({ aud, exp, nbf, iat }: JWTPayload, audiences: readonly string[], now: number): void {
  const isForUs = (Array.isArray(aud) ? aud : [aud]).every((audience) => typeof audience === 'string' && audiences.includes(audience))
  const hasBegun = nbf === undefined || (typeof nbf === 'number' && nbf <= now + clockToleranceSeconds)
  const lasts = typeof exp === 'number' && exp > now - clockToleranceSeconds
  if (!isForUs || aud?.length === 0 || !hasBegun || !lasts || (iat !== undefined && typeof iat !== 'number'))
    throw new GraphError('tokenInvalid')
}

/** An issuer may be set several times, for a tenant each. */
function sourceOf({ iss, tid }: JWTPayload, sources: readonly KeySource[]): KeySource {
  const candidates = sources.filter((candidate) => typeof iss === 'string' && candidate.issuers().includes(iss))
  const source =
    candidates.find(({ tenantId }) => typeof tid === 'string' && tenantId !== undefined && isSameName(tenantId, tid)) ?? candidates[0]
  if (source === undefined) throw new GraphError('tokenInvalid')
  return source
}

function readCaller(claims: JWTPayload, source: KeySource): Caller {
  const tenantId = text(claims.tid) ?? source.tenantId
  if (tenantId === undefined || (source.tenantId !== undefined && !isSameName(tenantId, source.tenantId)))
    throw new GraphError('tokenInvalid')
  const scopes = text(claims.scp, longestToken)
  const base = {
    tenantId: tenantId.toLowerCase(),
    application: {
      id: text(claims.appid) ?? text(claims.azp) ?? text(claims.client_id) ?? null,
      displayName: text(claims.app_displayname) ?? null,
    },
    roleIds: texts(claims.wids),
    mfa: {
      satisfied:
        texts(claims.amr).some((method) => method === 'mfa' || method === 'ngcmfa') ||
        texts(claims.acrs).includes(mfaAuthenticationContext),
      authenticatedAt: typeof claims.auth_time === 'number' ? claims.auth_time : undefined,
    },
    answersChallenges: texts(claims.xms_cc).some((capability) => isSameName(capability, 'cp1')),
    expiresAt: claims.exp ?? 0,
  }
  const kind = kindOf(claims, scopes)
  if (kind === 'application') return { ...base, kind, permissions: new Set(texts(claims.roles)) }
  const userId = text(claims.oid)
  if (userId === undefined) throw new GraphError('tokenInvalid')
  return { ...base, kind, userId, permissions: new Set((scopes ?? '').split(' ').filter((scope) => scope !== '')) }
}

/** Scopes make a user's token, app roles alone an application's; `idtyp` may confirm it and may not contradict. */
function kindOf(claims: JWTPayload, scopes: string | undefined): Caller['kind'] {
  const kind = scopes !== undefined ? 'user' : Array.isArray(claims.roles) && claims.scp === undefined ? 'application' : undefined
  const claimed = claims.idtyp === 'app' ? 'application' : claims.idtyp === undefined ? kind : claims.idtyp
  if (kind === undefined || claimed !== kind) throw new GraphError('tokenInvalid')
  return kind
}

function text(claim: unknown, longest = longestClaim): string | undefined {
  // What no database can hold is nobody's id or name, and neither is what is longer than any.
  if (typeof claim !== 'string' || claim === '' || claim.length > longest) return undefined
  return !claim.includes('\u0000') && claim.isWellFormed() ? claim : undefined
}

function texts(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((member): member is string => typeof member === 'string') : []
}
