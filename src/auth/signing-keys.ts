/**
 * The ring of signing keys while a server runs: does what key-ring.ts says is to be done, notices what other processes did, and is
 * the key source of the tokens that are signed here. Private keys are in memory only, opened once each.
 */

import { createLocalJWKSet, type JWK, type JWSHeaderParameters, type JWTPayload, errors as joseErrors } from 'jose'
import type { Observe } from '../observe.ts'
import { examineRing, guestOf, type KeyState, type NewKey, nameOfKey, nextEnd, publicHalf, type RingRow, stepsAt } from './key-ring.ts'
import type { GetKey, KeySource } from './key-source.ts'
import { type Maker, makeSigningKey, ownIssuer, signToken } from './own-key.ts'
import type { Seals } from './sealing.ts'

/** Where the ring is kept. Each change answers whether it was made by this call: else another process was first. */
export interface RingStore {
  rows(): Promise<readonly RingRow[]>
  add(row: RingRow): Promise<boolean>
  reseal(row: RingRow, sealed: string): Promise<boolean>
  drop(row: RingRow): Promise<boolean>
}

export interface SigningKeysOptions extends Maker {
  readonly store: RingStore
  readonly seals: Seals
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly observe: Observe
}

export interface SigningKeys {
  readonly source: KeySource
  /** The key set that others verify tokens with: public members only. */
  published(): { readonly keys: readonly JWK[] }
  /** Signs with the key that is current now. */
  sign(claims: JWTPayload): Promise<string>
  /** Settles when nothing is asked of the store any more that was asked until now. */
  settled(): Promise<void>
}

/** The ring is read again after this long, behind the answers. */
const freshMilliseconds = 30_000
/** After this long nothing is verified before the ring was read again: a key that was revoked meanwhile must not be used. */
const staleMilliseconds = 60_000
/** At most one reading in this time, however many unknown `kid`s come in. */
const cooldownMilliseconds = 100

interface Usable {
  readonly ring: readonly (RingRow & { readonly state: KeyState; readonly until: number | undefined; readonly key: JWK })[]
  readonly keys: GetKey
  readonly ids: string
  /** When a published key is published no longer. */
  readonly end: number
}

/**
 * Opens the ring, and makes its first key where it has none. `takeOver`: a key from before, or from another place, whose tokens
 * stay good. Throws StartError where a key cannot be opened.
 */
export async function openSigningKeys(options: SigningKeysOptions, takeOver: JWK | undefined): Promise<SigningKeys> {
  if (takeOver !== undefined) await addGuest(options, takeOver)
  const opened = new Map<string, JWK>()
  const ring = await openAll(options, await maintain(options), opened, (error) => {
    throw error
  })
  return new Ring(options, opened, usableAt(ring, options.now()))
}

class Ring implements SigningKeys {
  readonly source: KeySource
  readonly #options: SigningKeysOptions
  readonly #opened: Map<string, JWK>
  #usable: Usable
  #generation = 0
  #triedAt: number
  #readAt: number
  #refreshing: Promise<void> | undefined

  constructor(options: SigningKeysOptions, opened: Map<string, JWK>, usable: Usable) {
    this.#options = options
    this.#opened = opened
    this.#usable = usable
    this.#triedAt = this.#readAt = options.now()
    const generation = () => this.#generationNow()
    this.source = {
      issuers: () => [ownIssuer],
      tenantId: undefined,
      get generation() {
        return generation()
      },
      key: (header) => this.#key(header),
      refreshIfStale: () => void this.#refresh(freshMilliseconds),
    }
  }

  published() {
    return { keys: this.#current().ring.map(({ key }) => publicHalf(key)) }
  }

  sign(claims: JWTPayload): Promise<string> {
    this.source.refreshIfStale()
    const { ring } = this.#current()
    const id = examineRing(ring, this.#options.now()).find(({ state }) => state === 'current')?.id
    const signer = ring.find((each) => each.id === id)
    if (signer === undefined) throw new Error('the ring has no key that signs')
    return signToken(signer.key, claims)
  }

  async settled(): Promise<void> {
    await this.#refreshing
  }

  /** Cached tokens are valid only for the key ring that they were verified with. */
  #generationNow(): number {
    this.#current()
    if (this.#isStale()) this.#generation++
    return this.#generation
  }

  async #key(header: JWSHeaderParameters): ReturnType<GetKey> {
    if (this.#isStale()) await this.#refresh(cooldownMilliseconds)
    else this.source.refreshIfStale()
    try {
      return await this.#current().keys(header)
    } catch (error) {
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error
      await this.#refresh(cooldownMilliseconds)
      return this.#current().keys(header)
    }
  }

  #isStale(): boolean {
    return Math.abs(this.#options.now() - this.#readAt) > staleMilliseconds
  }

  /** A key whose time is over goes without anybody being asked. */
  #current(): Usable {
    const now = this.#options.now()
    if (now >= this.#usable.end) this.#use(usableAt(this.#usable.ring, now))
    return this.#usable
  }

  #use(usable: Usable): void {
    if (usable.ids !== this.#usable.ids) this.#generation++
    this.#usable = usable
  }

  /** Does nothing where the ring was asked for less than `after` milliseconds ago. */
  #refresh(after: number): Promise<void> {
    if (this.#refreshing !== undefined) return this.#refreshing
    const { now, observe } = this.#options
    if (Math.abs(now() - this.#triedAt) < after) return Promise.resolve()
    this.#triedAt = now()
    this.#refreshing = this.#read()
      .catch((error: unknown) => observe({ kind: 'keysUnusable', error }))
      .finally(() => {
        this.#refreshing = undefined
      })
    return this.#refreshing
  }

  async #read(): Promise<void> {
    const { now, observe } = this.#options
    const rows = await maintain(this.#options)
    const ring = await openAll(this.#options, rows, this.#opened, (error) => observe({ kind: 'keysUnusable', error }))
    this.#use(usableAt(ring, now()))
    this.#readAt = now()
  }
}

/** Opens what the ring needs to sign at `now`, for a process that only looks on. Undefined where there is no key yet. */
export function findSigner(rows: readonly RingRow[], seals: Seals, now: number): JWK | undefined {
  const signer = examineRing(rows, now).find(({ state }) => state === 'current')
  return signer === undefined ? undefined : openKey(signer, seals).key
}

/** Does what is due; answers the rows as they are then. Of several processes at once one adds a key. */
async function maintain(options: SigningKeysOptions): Promise<readonly RingRow[]> {
  const { store, now, observe } = options
  const rows = await store.rows()
  const { drop, add } = stepsAt(rows, now())
  for (const row of drop) if (await store.drop(row)) observe({ kind: 'keyDropped', key: row.id })
  if (add !== undefined) {
    const row = await makeRow(options, add)
    if ((await store.add(row)) && rows.length > 0)
      observe({ kind: 'keyAdded', key: row.id, signsFrom: new Date(row.signsAt).toISOString() })
  }
  return drop.length === 0 && add === undefined ? rows : store.rows()
}

/** A row with a new key, for `store.add`. */
export async function makeRow(options: Maker & Pick<SigningKeysOptions, 'seals'>, place: NewKey): Promise<RingRow> {
  return rowOf(options.seals, await makeSigningKey(options), place)
}

function rowOf(seals: Seals, key: JWK & { readonly kid: string }, place: NewKey): RingRow {
  return { ...place, id: key.kid, sealed: seals.seal(nameOfKey(key.kid), JSON.stringify(key)) }
}

/** Adds a key from outside; nothing where the ring has it. */
async function addGuest({ store, seals, now, newId }: SigningKeysOptions, guest: JWK): Promise<void> {
  const key = { ...guest, kid: guest.kid ?? newId() }
  for (;;) {
    const rows = await store.rows()
    // Another process may be doing the same: then the number or the key is there the next time.
    if (rows.some(({ id }) => id === key.kid) || (await store.add(rowOf(seals, key, guestOf(rows, now()))))) return
  }
}

/** The keys of the rows; `unusable` is told of one that cannot be opened, and may throw. Seals anew what a previous secret sealed. */
async function openAll(
  { store, seals }: SigningKeysOptions,
  rows: readonly RingRow[],
  opened: Map<string, JWK>,
  unusable: (error: unknown) => void,
): Promise<readonly (RingRow & { readonly key: JWK })[]> {
  const found: (RingRow & { readonly key: JWK })[] = []
  for (const row of rows) {
    try {
      const known = opened.get(`${row.id}/${row.sealed}`)
      const { key, isStale } = known === undefined ? openKey(row, seals) : { key: known, isStale: false }
      if (isStale) await store.reseal(row, seals.seal(nameOfKey(row.id), JSON.stringify(key)))
      else opened.set(`${row.id}/${row.sealed}`, key)
      found.push({ ...row, key })
    } catch (error) {
      unusable(error)
    }
  }
  const kept = new Set(rows.map(({ id, sealed }) => `${id}/${sealed}`))
  for (const place of opened.keys()) if (!kept.has(place)) opened.delete(place)
  return found
}

function openKey({ id, sealed }: Pick<RingRow, 'id' | 'sealed'>, seals: Seals): { readonly key: JWK; readonly isStale: boolean } {
  const { text, isStale } = seals.open(nameOfKey(id), sealed)
  return { key: JSON.parse(text) as JWK, isStale } // what was sealed was made here
}

/** The keys that are published at `now`. */
function usableAt(opened: readonly (RingRow & { readonly key: JWK })[], now: number): Usable {
  const states = examineRing(opened, now)
  const ring = states.flatMap((row) => {
    const key = opened.find(({ id }) => id === row.id)?.key
    return key === undefined || row.state === 'over' ? [] : [{ ...row, key }]
  })
  return {
    ring,
    keys: createLocalJWKSet({ keys: ring.map(({ key }) => publicHalf(key)) }),
    ids: ring.map(({ id }) => id).join(),
    end: nextEnd(states),
  }
}
