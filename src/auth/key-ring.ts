/**
 * The ring of signing keys, as pure functions over its rows: which key signs at a time, which are published, and what has to be done.
 *
 *   next ──signsAt──▶ current ──signsAt of a higher number──▶ retired ──longest token──▶ over (dropped)
 *
 * A state is never stored: it follows from the rows and the time, so that all processes agree without telling each other.
 */

import type { JWK } from 'jose'

export interface RingRow {
  /** The order of the ring: a key with a higher number takes over from those below it. */
  readonly number: number
  /** `kid` of the tokens. */
  readonly id: string
  /** From when on the key signs: milliseconds since 1970. */
  readonly signsAt: number
  /** The private key as a JWK, sealed. */
  readonly sealed: string
}

export type KeyState = 'next' | 'current' | 'retired' | 'over'

export interface RingKey extends RingRow {
  readonly state: KeyState
  /** When it is published no longer; undefined while it may still sign. */
  readonly until: number | undefined
}

const day = 86_400_000
/** How long a key signs. */
export const keyLifetimeMilliseconds = 90 * day
/** How long a key is published before it signs: as long as others may keep a set of keys without asking again. */
export const leadMilliseconds = day
/** How long a retired key stays published: tokens that it signed are good for no longer. */
export const longestTokenMilliseconds = 30 * day

/** The keys in the order of their numbers, with their states at `now`. */
export function examineRing(rows: readonly RingRow[], now: number): readonly RingKey[] {
  const ring = [...rows].sort((a, b) => a.number - b.number)
  const current = ring.findLast(({ signsAt }) => signsAt <= now) ?? ring[0]
  return ring.map((row, index) => {
    if (current === undefined || row.number >= current.number)
      return { ...row, state: row.number === current?.number ? 'current' : 'next', until: undefined }
    // A key that was taken over beside a ring never signed here: it retires when it comes.
    const retiredAt = Math.max(row.signsAt, Math.min(...ring.slice(index + 1).map(({ signsAt }) => signsAt)))
    const until = retiredAt + longestTokenMilliseconds
    return { ...row, state: until <= now ? 'over' : 'retired', until }
  })
}

/** A key that is to be made. */
export type NewKey = Pick<RingRow, 'number' | 'signsAt'>

/** The step that the ring needs at `now`. */
export function stepsAt(rows: readonly RingRow[], now: number): { readonly drop: readonly RingRow[]; readonly add: NewKey | undefined } {
  const ring = examineRing(rows, now)
  const current = ring.find(({ state }) => state === 'current')
  const drop = ring.filter(({ state }) => state === 'over')
  if (current === undefined) return { drop, add: { number: 1, signsAt: now } }
  const retiresAt = current.signsAt + keyLifetimeMilliseconds
  const isDue = current === ring.at(-1) && now >= retiresAt - leadMilliseconds
  return { drop, add: isDue ? { number: current.number + 1, signsAt: Math.max(retiresAt, now + leadMilliseconds) } : undefined }
}

/** The key that would come after all others, and signs from `signsAt` on. */
export function successorOf(rows: readonly RingRow[], signsAt: number): NewKey {
  return { number: Math.max(0, ...rows.map(({ number }) => number)) + 1, signsAt }
}

/** A key from outside the ring: it signs where there is no other, else it is retired from the beginning. */
export function guestOf(rows: readonly RingRow[], now: number): NewKey {
  return { number: rows.length === 0 ? 1 : Math.min(...rows.map(({ number }) => number)) - 1, signsAt: now }
}

/** When the set of published keys changes by time alone. */
export function nextEnd(ring: readonly RingKey[]): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...ring.flatMap(({ state, until }) => (state === 'retired' && until !== undefined ? [until] : [])),
  )
}

/** The associated data that a key is sealed with. */
export function nameOfKey(id: string): string {
  return `signing key/${id}`
}

/** The public members of a key, as others get it. */
export function publicHalf({ kty, n, e, kid, alg, use }: JWK): JWK {
  return JSON.parse(JSON.stringify({ kty, n, e, kid, alg, use })) as JWK // drops absent members
}
