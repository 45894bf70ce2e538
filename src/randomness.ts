/** Randomness of the operating system, which the program gets as arguments. Only main.ts takes from here; so do tests and benchmarks. */

import { getRandomValues, randomUUID, webcrypto } from 'node:crypto'

/** Makes the two halves of a key. */
export type NewKeys = (kind: KeyKind) => Promise<webcrypto.CryptoKeyPair>

// biome-ignore format: a table of facts, aligned by hand
const algorithms = {
  /** RSA with SHA-256, for tokens: the cheapest to verify, and what Graph's own tokens carry. */
  RS256: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
  /** Elliptic curve P-256, for certificates. */
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
} as const

export type KeyKind = keyof typeof algorithms

export const randomness = {
  /** A random UUID. */
  newId: (): string => randomUUID(),
  randomOctets: (count: number): Uint8Array => getRandomValues(new Uint8Array(count)),
  newKeys: (async (kind) =>
    (await webcrypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair) satisfies NewKeys, // all kinds are asymmetric
}
