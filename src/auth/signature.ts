/**
 * Is a token's signature good? jose says so, but for RSASSA-PKCS1-v1_5: what nearly every issuer signs with is checked
 * where we are, since the way to another thread and back costs several times what there is to do. No I/O.
 */

import { KeyObject, verify } from 'node:crypto'
import { base64url, type CryptoKey, compactVerify, errors as joseErrors } from 'jose'

/** Bits; a shorter key is none (RFC 7518, section 3.3). */
const leastModulus = 2048
/** Bits; with a longer key it takes so long that it must not keep others waiting. */
const largestModulusAtOnce = 4096

interface AtOnce {
  /** `alg` of the tokens that the key is for: the key was imported for it alone. */
  readonly algorithm: string
  readonly hash: string
  readonly key: KeyObject
}

const known = new WeakMap<CryptoKey, AtOnce | 'elsewhere'>()

/**
 * Throws a JOSEError or a TypeError where `token` (three parts that can be decoded) was not signed with `key` by `alg`.
 * The key is one that jose chose for the token's header. Headers that are critical are the caller's affair.
 */
export async function verifySignature(token: string, alg: string, key: CryptoKey): Promise<void> {
  const end = token.lastIndexOf('.')
  const signature = base64url.decode(token.slice(end + 1))
  // OpenSSL lets a PSS signature pass that has lost zeros at its beginning (RFC 8017, section 8.1.2, step 1).
  const { modulusLength } = key.algorithm as { modulusLength?: number } // as Web Crypto describes RSA keys
  if (modulusLength !== undefined && signature.length !== Math.ceil(modulusLength / 8))
    throw new joseErrors.JWSSignatureVerificationFailed()
  const atOnce = wayOf(key)
  // jose looks at a key that is not for this algorithm as well, and refuses it.
  if (atOnce === 'elsewhere' || atOnce.algorithm !== alg) {
    await compactVerify(token, key, { algorithms: [alg] })
    return
  }
  if (!isSigned(Buffer.from(token.slice(0, end), 'latin1'), signature, atOnce)) throw new joseErrors.JWSSignatureVerificationFailed()
}

function isSigned(octets: Buffer, signature: Uint8Array, { hash, key }: AtOnce): boolean {
  try {
    return verify(hash, octets, key, signature)
  } catch {
    return false // the issuer publishes a key that is none
  }
}

function wayOf(key: CryptoKey): AtOnce | 'elsewhere' {
  const before = known.get(key)
  if (before !== undefined) return before
  const way = findWay(key)
  known.set(key, way)
  return way
}

function findWay(key: CryptoKey): AtOnce | 'elsewhere' {
  const { name, hash, modulusLength = 0 } = key.algorithm as { name: string; hash?: { name: string }; modulusLength?: number } // as Web Crypto describes RSA keys; others lack members
  const bits = /^SHA-(256|384|512)$/.exec(hash?.name ?? '')?.[1]
  if (name !== 'RSASSA-PKCS1-v1_5' || bits === undefined || key.type !== 'public') return 'elsewhere'
  if (modulusLength < leastModulus || modulusLength > largestModulusAtOnce) return 'elsewhere'
  return { algorithm: `RS${bits}`, hash: `sha${bits}`, key: KeyObject.from(key) }
}
