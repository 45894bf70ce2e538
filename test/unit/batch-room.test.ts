/** How much the answers of a batch hold together. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { GraphError } from '../../src/errors.ts'
import { BatchRoom, largestBatchAnswer, readsAtOnce } from '../../src/request/batch-room.ts'

const sized = (octets: number) => ({ status: 200, headers: {}, octets })
const ask = async (room: BatchRoom, octets: number): Promise<GraphError | undefined> => {
  let told: GraphError | undefined
  await room.read(async (fault) => {
    told = fault
    return sized(octets)
  })
  return told
}

describe('The room of a batch', () => {
  it('is there until the answers before hold 8 MiB, and then a read is a 429 that says when to come again', async () => {
    const room = new BatchRoom()
    assert.equal(await ask(room, largestBatchAnswer - 1), undefined)
    assert.equal(await ask(room, 1), undefined)
    const fault = await ask(room, 0)
    assert.deepEqual([fault?.kind, fault?.status, fault?.particulars.headers], ['tooManyRequests', 429, { 'Retry-After': '1' }])
  })

  it('counts octets, of answers to writes as well', async () => {
    const room = new BatchRoom()
    room.note({ status: 201, headers: {}, body: 'é'.repeat(largestBatchAnswer / 2) })
    assert.equal((await ask(room, 0))?.status, 429)
  })

  it('lets so many reads be under way at once as it says, in their order, and goes on when one fails', async () => {
    const room = new BatchRoom()
    const begun: number[] = []
    const ends: (() => void)[] = []
    const reads = Array.from({ length: 10 }, (_, index) =>
      room.read(() => {
        begun.push(index)
        return new Promise((resolve, reject) => ends.push(() => (index % 2 === 0 ? resolve(sized(1)) : reject(new Error('failed')))))
      }),
    )
    const outcomes = Promise.allSettled(reads)
    for (let done = 0; done < 10; done++) {
      await new Promise(setImmediate)
      assert.deepEqual(
        begun,
        Array.from({ length: Math.min(10, done + readsAtOnce) }, (_, index) => index),
      )
      ends[done]?.()
    }
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
    )
  })
})
