import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { createItemIds } from '../../src/cli/item-ids.ts'

const many = (ids: () => string, count: number) => Array.from({ length: count }, ids)

describe('The id of an item', () => {
  it('is a UUID of version 7 that begins with the time', () => {
    const id = createItemIds({ now: () => 0x0123456789ab, fillRandomly: randomFillSync })()
    assert.match(id, /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it('comes after those before it, within a millisecond, from one to the next, and when the clock is set back', () => {
    let at = 1_800_000_000_000
    const ids = createItemIds({ now: () => at, fillRandomly: randomFillSync })
    const made = many(ids, 1000)
    at++
    made.push(...many(ids, 1000))
    at -= 5000
    made.push(...many(ids, 1000))
    assert.deepEqual(made.toSorted(), made)
    assert.equal(new Set(made).size, made.length)
  })

  it('cannot be told from the one before it', () => {
    const ends = many(createItemIds({ now: () => 1_800_000_000_000, fillRandomly: randomFillSync }), 2000).map((id) => id.slice(-12))
    assert.equal(new Set(ends).size, ends.length)
  })

  it('is another one from each who makes them', () => {
    const makers = Array.from({ length: 50 }, () => createItemIds({ now: () => 1_800_000_000_000, fillRandomly: randomFillSync }))
    assert.equal(new Set(makers.flatMap((ids) => many(ids, 50))).size, 2500)
  })
})
