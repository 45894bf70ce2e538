/** The octets of a body: which of them wait for their turn, and in which form they wait. */

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { GraphError } from '../../src/errors.ts'
import { readRequestBody } from '../../src/http/request-body.ts'

const small = 4 * 1024
const largest = 1024 * 1024

/** Reads a body as it comes from a socket; answers how many octets were waited for, and what came of it. */
async function read(octets: Uint8Array, encoding = 'identity', giveWay = () => Promise.resolve()) {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
  const message = Object.assign(Readable.from([octets]), { headers }) as unknown as IncomingMessage // a stream with headers is all that is read
  const waited: number[] = []
  const whole = await readRequestBody(message, {
    wanted: () => undefined,
    giveWay: (count) => {
      waited.push(count)
      return giveWay()
    },
  }).catch((error: unknown) => error)
  return { waited, whole }
}

const zeros = (length: number) => Buffer.alloc(length, '0')

describe('A body', () => {
  for (const [what, octets, encoding, waited] of [
    ['of 4,096 octets', zeros(small), 'identity', []],
    ['of one octet more', zeros(small + 1), 'identity', [small + 1]],
    ['that inflates to 4,096 octets', gzipSync(zeros(small)), 'gzip', []],
    ['that inflates to one octet more', gzipSync(zeros(small + 1)), 'gzip', [largest]],
    ['that inflates to the most that there may be', gzipSync(zeros(largest)), 'gzip', [largest]],
  ] as const)
    it(`${what} waits for ${waited.length === 0 ? 'nobody' : 'its turn'}`, async () => {
      const { waited: found, whole } = await read(octets, encoding)
      assert.deepEqual(found, waited)
      assert.ok(whole instanceof Uint8Array && whole.every((octet) => octet === 0x30))
    })

  it('is not inflated while it waits', async () => {
    const refused = new Error('its turn never came')
    assert.equal((await read(gzipSync(zeros(largest + 1)), 'gzip', () => Promise.reject(refused))).whole, refused)
  })

  it('that inflates to more than there may be is refused as too large', async () => {
    const { whole } = await read(gzipSync(zeros(largest + 1)), 'gzip')
    assert.ok(whole instanceof GraphError && whole.kind === 'bodyTooLarge')
  })

  it('that is no gzip is refused without waiting', async () => {
    const { waited, whole } = await read(zeros(small), 'gzip')
    assert.ok(whole instanceof GraphError && whole.kind === 'bodyUnreadable')
    assert.deepEqual(waited, [])
  })
})
