/** Where the keys of an issuer come from: this server's own ring (signing-keys.ts), or an issuer found by OpenID Connect Discovery. */

import { type CryptoKey, createLocalJWKSet, type JSONWebKeySet, type JWSHeaderParameters, errors as joseErrors } from 'jose'
import { GraphError } from '../errors.ts'
import type { Observe } from '../observe.ts'

/** The public key that a token's header names, imported for the header's `alg` alone. Throws a JOSEError where there is not exactly one. */
export type GetKey = (header: JWSHeaderParameters) => Promise<CryptoKey>

/** The keys of one issuer. */
export interface KeySource {
  /** The spellings of `iss` that belong to it. */
  readonly issuers: () => readonly string[]
  /** The one tenant that it may speak for; undefined: any that this server has. */
  readonly tenantId: string | undefined
  /** Goes up whenever the set of keys changes: what was verified before is verified anew. */
  readonly generation: number
  readonly key: GetKey
  /** Has the keys asked for again, behind the answers, where they have grown old. For those who ask for no key. */
  refreshIfStale(): void
}

/** Keys that are at hand. */
export function localKeySource(issuer: string, keys: JSONWebKeySet): KeySource {
  return { issuers: () => [issuer], tenantId: undefined, generation: 0, key: createLocalJWKSet(keys), refreshIfStale: () => undefined }
}

interface DiscoveryOptions {
  /** As in the setting: `URL` or `URL|tenant id`. */
  readonly setting: string
  readonly now: () => number
  readonly observe: Observe
  readonly fetch: typeof fetch
}

/** Keys are asked for again after this long, behind the answers. */
const freshMilliseconds = 10 * 60_000
/** How long keys stay good while their issuer cannot be reached. */
const usableMilliseconds = 24 * 60 * 60_000
/** At most one fetch in this time, however many unknown `kid`s come in. */
const cooldownMilliseconds = 30_000
const fetchTimeoutMilliseconds = 5_000
/** Octets. */
const largestDocument = 512 * 1024

/**
 * Keys by OpenID Connect Discovery 1.0: fetched when first needed, then kept; asked for again when old or when a
 * `kid` is unknown, at a bounded rate; an issuer that is down for a while does no harm to keys already known.
 */
export function discoveredKeySource({ setting, now, observe, fetch }: DiscoveryOptions): KeySource {
  const [url = '', pinned] = setting.split('|')
  const base = url.replace(/\/$/, '')
  // Entra puts the tenant into the issuer's URL; such an issuer speaks for that tenant alone.
  const tenantId = pinned ?? /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(base)?.[0]
  let known: { keys: GetKey; text: string; at: number } | undefined
  let generation = 0
  let triedAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined

  const refresh = (): Promise<void> => {
    if (running !== undefined) return running
    if (now() - triedAt < cooldownMilliseconds) return Promise.resolve()
    triedAt = now()
    running = fetchKeys(base, fetch)
      .then((text) => {
        if (text !== known?.text) generation++
        known = { keys: createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), text, at: now() } // createLocalJWKSet checks the shape
      })
      .catch((error: unknown) => observe({ kind: 'issuerUnreachable', issuer: base, error }))
      .finally(() => {
        running = undefined
      })
    return running
  }

  const refreshIfStale = () => {
    if (known !== undefined && now() - known.at > freshMilliseconds) void refresh()
  }

  const usable = (): GetKey => {
    if (known === undefined || now() - known.at > usableMilliseconds)
      throw new GraphError('unavailable', { headers: { 'Retry-After': String(cooldownMilliseconds / 1000) } })
    return known.keys
  }

  return {
    issuers: () => [base, `${base}/`],
    tenantId,
    get generation() {
      return generation
    },
    key: async (header) => {
      if (known === undefined || now() - known.at > usableMilliseconds) await refresh()
      else refreshIfStale()
      try {
        return await usable()(header)
      } catch (error) {
        if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error
        await refresh()
        return usable()(header)
      }
    },
    refreshIfStale,
  }
}

/** How many keys an issuer publishes, asked just now; `setting` as in DiscoveryOptions. Throws where nothing usable is answered. */
export async function countKeys(setting: string, get: typeof fetch): Promise<number> {
  const keys = JSON.parse(await fetchKeys((setting.split('|')[0] ?? '').replace(/\/$/, ''), get)) as JSONWebKeySet // fetchKeys checked it
  return keys.keys.length
}

async function fetchKeys(base: string, get: typeof fetch): Promise<string> {
  const configuration = JSON.parse(await fetchText(`${base}/.well-known/openid-configuration`, get)) as {
    issuer?: unknown
    jwks_uri?: unknown
  } // both members are checked below
  const { issuer, jwks_uri: address } = configuration
  if (typeof issuer !== 'string' || issuer.replace(/\/$/, '') !== base)
    throw new Error(`the discovery document of ${base} names another issuer`)
  const scheme = typeof address === 'string' ? URL.parse(address)?.protocol : undefined
  if (typeof address !== 'string' || (scheme !== 'https:' && !(scheme === 'http:' && base.startsWith('http:'))))
    throw new Error(`the discovery document of ${base} has no usable jwks_uri`)
  const text = await fetchText(address, get)
  createLocalJWKSet(JSON.parse(text) as JSONWebKeySet) // throws where it is no key set
  return text
}

async function fetchText(url: string, get: typeof fetch): Promise<string> {
  const response = await get(url, {
    signal: AbortSignal.timeout(fetchTimeoutMilliseconds),
    headers: { Accept: 'application/json' },
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > largestDocument) throw new Error(`${url} answered more than ${largestDocument} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
