/**
 * Turns a bearer token (JWT, RFC 7519 and 9068) into a Caller: signature, algorithm, issuer, audience, time,
 * tenant and kind are checked, and a token that passed is remembered until it expires.
 */

import { decodeJwt, decodeProtectedHeader, type JWTPayload, errors as joseErrors } from 'jose'
import { LRUCache } from 'lru-cache'
import { GraphError } from '../errors.ts'
import { isSameName } from '../model/text.ts'
import type { Caller } from './caller.ts'
import { checkClaims, longestToken, readCaller } from './claims.ts'
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
      known.source.refreshIfStale()
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
    throw authorization === undefined || /^(bearer)? *$/i.test(authorization)
      ? new GraphError('tokenMissing')
      : new GraphError('tokenInvalid', { refused: 'malformed' })
  const token = match[1] ?? ''
  if (token.length > longestToken)
    throw new GraphError('tokenInvalid', { message: 'CompactToken parsing failed: the token is too long.', refused: 'malformed' })
  return token
}

async function verify(
  token: string,
  sources: readonly KeySource[],
  audiences: readonly string[],
  now: () => number,
): Promise<Omit<Remembered, 'authorization'>> {
  let stage: 'malformed' | 'signature' = 'malformed'
  try {
    const header = decodeProtectedHeader(token)
    const alg = checkHeader(header)
    const claims = decodeJwt(token)
    stage = 'signature'
    const source = sourceOf(claims, sources)
    const generation = source.generation
    await verifySignature(token, alg, await source.key({ ...header, alg }))
    checkClaims(claims, audiences, Math.floor(now() / 1000))
    return { caller: readCaller(claims, source.tenantId), source, generation }
  } catch (error) {
    if (error instanceof GraphError) throw error
    // WebCrypto's own errors: the issuer publishes a key that is none.
    if (error instanceof joseErrors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      throw new GraphError('tokenInvalid', { cause: error, refused: stage })
    throw error
  }
}

/** Answers `alg`. */
function checkHeader(header: Readonly<Record<string, unknown>>): string {
  for (const name of refusedHeaders) if (Object.hasOwn(header, name)) throw new GraphError('tokenInvalid', { refused: 'header' })
  const { typ, alg } = header
  if (typ !== undefined && (typeof typ !== 'string' || !/^(application\/)?(at\+)?jwt$/i.test(typ)))
    throw new GraphError('tokenInvalid', { refused: 'header' })
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw new GraphError('tokenInvalid', { refused: 'header' })
  return alg
}

/** An issuer may be set several times, for a tenant each. */
function sourceOf({ iss, tid }: JWTPayload, sources: readonly KeySource[]): KeySource {
  const candidates = sources.filter((candidate) => typeof iss === 'string' && candidate.issuers().includes(iss))
  const source =
    candidates.find(({ tenantId }) => typeof tid === 'string' && tenantId !== undefined && isSameName(tenantId, tid)) ?? candidates[0]
  if (source === undefined) throw new GraphError('tokenInvalid', { refused: 'issuer' })
  return source
}
