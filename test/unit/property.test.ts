/** What a property with random values proves depends on how often it was tried. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { holds } from '../support/property.ts'

describe('A property that is tried with random values', () => {
  it('holds when it was tried as often as it should be', async () => {
    let tried = 0
    await holds(
      fc.asyncProperty(fc.nat(), async () => void tried++),
      { what: 'numbers', runs: 20 },
    )
    assert.equal(tried, 20)
  })

  it('fails when it does not hold, with the smallest value', async () => {
    const property = fc.asyncProperty(fc.nat(), async (number) => assert.ok(number < 7))
    await assert.rejects(holds(property, { what: 'numbers', runs: 100 }), /Counterexample: \[7\]/)
  })

  it('fails when time let it be tried too seldom', async () => {
    const property = fc.asyncProperty(fc.nat(), () => pause(50))
    await assert.rejects(holds(property, { what: 'pauses', runs: 1000, longestMilliseconds: 200 }), /only \d+ of 1000 runs in 0\.2 s/)
  })
})
