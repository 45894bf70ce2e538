import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  examineRing,
  guestOf,
  keyLifetimeMilliseconds,
  leadMilliseconds,
  longestTokenMilliseconds,
  nextEnd,
  type RingRow,
  stepsAt,
} from '../../src/auth/key-ring.ts'

const key = (number: number, signsAt: number): RingRow => ({ number, id: `key${number}`, signsAt, sealed: '' })
const statesAt = (rows: readonly RingRow[], now: number) => examineRing(rows, now).map(({ id, state }) => `${id} ${state}`)
const start = 1_000_000

describe('The ring of keys', () => {
  it('makes its first key at once', () => {
    assert.deepEqual(stepsAt([], start), { drop: [], add: { number: 1, signsAt: start } })
  })

  it('publishes the next key a day before it signs, and once only', () => {
    const [first, due] = [key(1, start), start + keyLifetimeMilliseconds - leadMilliseconds]
    assert.equal(stepsAt([first], due - 1).add, undefined)
    assert.deepEqual(stepsAt([first], due).add, { number: 2, signsAt: start + keyLifetimeMilliseconds })
    assert.equal(stepsAt([first, key(2, start + keyLifetimeMilliseconds)], due).add, undefined)
  })

  it('gives a key its lead also where no server ran when it was due', () => {
    const late = start + 3 * keyLifetimeMilliseconds
    assert.deepEqual(stepsAt([key(1, start)], late).add, { number: 2, signsAt: late + leadMilliseconds })
  })

  it('has one key that signs at any time, publishes those before it until the longest token has expired, and drops them then', () => {
    const turn = start + keyLifetimeMilliseconds
    const end = turn + longestTokenMilliseconds
    const rows = [key(2, turn), key(1, start)]
    assert.deepEqual(statesAt(rows, turn - 1), ['key1 current', 'key2 next'])
    assert.deepEqual(statesAt(rows, turn), ['key1 retired', 'key2 current'])
    assert.deepEqual(statesAt(rows, end - 1), ['key1 retired', 'key2 current'])
    assert.deepEqual(statesAt(rows, end), ['key1 over', 'key2 current'])
    assert.deepEqual(
      stepsAt(rows, end).drop.map(({ id }) => id),
      ['key1'],
    )
    assert.equal(nextEnd(examineRing(rows, turn)), end)
    assert.equal(nextEnd(examineRing(rows, turn - 1)), Number.POSITIVE_INFINITY)
  })

  it('counts a key as retired from when the first of those after it signs', () => {
    const rows = [key(1, 0), key(2, start + 500), key(3, start)]
    assert.deepEqual(statesAt(rows, start), ['key1 retired', 'key2 retired', 'key3 current'])
    assert.equal(examineRing(rows, start)[0]?.until, start + longestTokenMilliseconds)
  })

  it('takes a key from outside as its first, or as one that is retired from that moment on', () => {
    assert.deepEqual(guestOf([], start), { number: 1, signsAt: start })
    const rows = [key(1, start)]
    const guest = { ...key(0, 0), ...guestOf(rows, start + 7) }
    const [state] = examineRing([...rows, guest], start + 7)
    assert.deepEqual([guest.number, state?.state, state?.until], [0, 'retired', start + 7 + longestTokenMilliseconds])
  })

  it('has a key that signs where the clock was set back before the first one', () => {
    assert.deepEqual(statesAt([key(1, start), key(2, start + 1)], start - 1), ['key1 current', 'key2 next'])
  })
})
