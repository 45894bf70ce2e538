/** Chance that can be had again: the same seed gives the same choices. */

export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from 0 to `end`, without `end`. */
  below(end: number): number
  pick<T>(list: readonly T[]): T
  /** One of its own that follows from this one. */
  branch(): Random
}

/** Mulberry32: small, and even enough to choose by. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    next,
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number], // below() stays inside the list
    branch: () => seeded(below(2 ** 32)),
  }
}
