import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { batchedLookup } from '../../src/store/tables/batched-lookup.ts'

describe('Questions that are gathered', () => {
  it('are put together, each once, and each is answered with its own', async () => {
    const loads: (readonly number[])[] = []
    const find = batchedLookup(String, async (keys: readonly number[]) => {
      loads.push(keys)
      return keys.map((key) => key * 10)
    })
    const through = async (key: number) => find(await find(key))
    assert.deepEqual(await Promise.all([find(3), find(1), find(3), through(2), through(4)]), [30, 10, 30, 200, 400])
    assert.deepEqual(loads, [
      [3, 1, 2, 4],
      [20, 40],
    ])
    assert.equal(await find(1), 10)
    assert.equal(loads.length, 2)
  })

  it('fail together', async () => {
    const find = batchedLookup(String, () => Promise.reject<readonly number[]>(new Error('gone')))
    for (const asked of [find(1), find(2)]) await assert.rejects(asked, /gone/)
  })
})
