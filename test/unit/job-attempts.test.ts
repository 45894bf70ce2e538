import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GraphError } from '../../src/errors.ts'
import { delayAfter, errorCode, outcomeOfFailure, outcomeOfSuccess } from '../../src/jobs/attempts.ts'
import type { JobKind } from '../../src/jobs/kinds.ts'

const once: JobKind = { run: async () => undefined, mostAttempts: 3, leaseSeconds: 60 }
const hourly: JobKind = { ...once, everySeconds: 3_600 }
const now = 1_000_000
const day = 86_400_000

describe('An attempt at a job', () => {
  it('is followed by a pause that doubles from two seconds to an hour, less a random part of up to a half', () => {
    const delays = (random: number) => [1, 2, 3, 4, 11, 12, 13, 1_000].map((attempts) => delayAfter(attempts, random))
    assert.deepEqual(delays(0), [2_000, 4_000, 8_000, 16_000, 2_048_000, 3_600_000, 3_600_000, 3_600_000])
    assert.deepEqual(delays(0.5), [1_500, 3_000, 6_000, 12_000, 1_536_000, 2_700_000, 2_700_000, 2_700_000])
  })

  it('that succeeds ends the job, and is followed by the next turn of a recurring one', () => {
    assert.equal(outcomeOfSuccess(once, { attempts: 2, now }), 'done')
    assert.deepEqual(outcomeOfSuccess(hourly, { attempts: 2, now }), {
      nextAt: now + 3_600_000,
      attempts: 0,
      isDead: false,
      lastError: null,
    })
  })

  it('that fails is followed by another, until the last leaves the job dead for thirty days', () => {
    const error = new TypeError('kim@contoso.com is secret')
    const of = (attempts: number) => outcomeOfFailure(once, { attempts, now }, error, 0)
    assert.deepEqual(of(1), { nextAt: now + 2_000, attempts: 1, isDead: false, lastError: 'TypeError' })
    assert.deepEqual(of(2), { nextAt: now + 4_000, attempts: 2, isDead: false, lastError: 'TypeError' })
    assert.deepEqual(of(3), { nextAt: now + 30 * day, attempts: 3, isDead: true, lastError: 'TypeError' })
  })

  it('that fails leaves a recurring job alive, whose pause is never longer than its interval', () => {
    const of = (attempts: number, everySeconds: number) =>
      outcomeOfFailure({ ...hourly, everySeconds }, { attempts, now }, new GraphError('unavailable'), 0)
    assert.deepEqual(of(50, 3_600), { nextAt: now + 3_600_000, attempts: 50, isDead: false, lastError: 'unavailable' })
    assert.equal(of(3, 5).nextAt, now + 5_000)
  })

  it('leaves a code of what went wrong, and nothing of its message', () => {
    const coded = (code: unknown) => Object.assign(new Error('to kim@contoso.com'), { code })
    assert.deepEqual(
      [
        new GraphError('storageFull'),
        coded('ECONNREFUSED'),
        coded(421),
        coded('550 <kim@contoso.com>'),
        coded('x'.repeat(41)),
        'text',
        null,
      ].map(errorCode),
      ['storageFull', 'ECONNREFUSED', '421', 'unknown', 'unknown', 'unknown', 'unknown'],
    )
  })
})
