/** The JSON of a body, in its turn. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GraphError } from '../../src/errors.ts'
import { Pace } from '../../src/pace.ts'
import { readJson } from '../../src/request/json-body.ts'
import type { GiveWay } from '../../src/request/message.ts'

const whole = Buffer.from('{"a":1}')
const afterTurn = async (giveWay: GiveWay) => {
  await giveWay(1_000_000)
  return whole
}

describe('The JSON of a large body', () => {
  const askerOf = (gone: AbortSignal) => ({ tenantId: 't', name: 't/a', gone: () => gone })

  it('is read when its turn has come', async () => {
    assert.deepEqual(await readJson({ pace: new Pace() }, askerOf(new AbortController().signal), { body: afterTurn }), { a: 1 })
  })

  it('is not read for a client that went while it waited', async () => {
    const controller = new AbortController()
    const pace = new Pace()
    const first = readJson({ pace }, askerOf(new AbortController().signal), { body: afterTurn })
    const second = readJson({ pace }, askerOf(controller.signal), { body: afterTurn })
    controller.abort()
    assert.deepEqual(await first, { a: 1 })
    await assert.rejects(second, (error) => error instanceof GraphError && error.kind === 'timeout')
  })
})
