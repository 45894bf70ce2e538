/** Random batches, near what is served and far from it. A failure prints the seed and the smallest batch that fails. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { anyRequest } from '../../support/anything.ts'
import { assertPartRefused, sendBatch } from '../../support/batch.ts'
import { holds } from '../../support/property.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()

describe('Any batch that a client may send', () => {
  it('has an answer that is never a defect, and so has each of its parts', async () => {
    const own = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Policy.ReadWrite.AuthenticationMethod'
    const all = await token(server, 'kim', { scope: own, mfa: true, wids: ['Authentication Policy Administrator'] })
    const sometimes = <T>(value: fc.Arbitrary<T>, usual: fc.Arbitrary<unknown>) =>
      fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: value })
    const ids = fc.constantFrom(...'abcdefghijklmnopqrstuvw')
    const text = fc.string({ unit: 'binary', maxLength: 30 })
    const part = anyRequest.chain(({ method, url, headers, body }) =>
      fc.record(
        {
          id: sometimes(fc.jsonValue(), ids),
          method: sometimes(fc.jsonValue(), fc.constant(/^(GET|POST|PATCH|PUT|DELETE)$/.test(method) ? method : 'GET')),
          url: sometimes(text, fc.constant(url)),
          headers: sometimes(fc.jsonValue(), fc.constant({ 'Content-Type': 'application/json', ...Object.fromEntries(headers) })),
          body: fc.constant(jsonOf(body)),
          dependsOn: sometimes(fc.jsonValue(), fc.array(ids, { maxLength: 1 })),
        },
        { requiredKeys: ['id', 'method', 'url'] },
      ),
    )
    const requests = fc.oneof(
      { weight: 8, arbitrary: fc.uniqueArray(part, { maxLength: 6, selector: ({ id }) => id }) },
      { weight: 1, arbitrary: fc.jsonValue() },
    )
    let served = 0
    const property = fc.asyncProperty(requests, async (sent) => {
      const { status, text: told, parts } = await sendBatch(server, sent, { token: all })
      assert.ok(status === 200 || status === 400, told)
      for (const answer of parts) {
        assert.ok(answer.status < 500 || answer.status === 501, JSON.stringify(answer))
        if (answer.status >= 400) assertPartRefused(answer, answer.status, answer.body.error.code)
        else served++
      }
    })
    await holds(property, { what: 'batches', runs: 800 })
    assert.ok(served > 0, 'some of them are served, or they are not near enough to what is')
    assert.deepEqual(
      server.log.filter((line) => line.includes('"failed"')),
      [],
    )
  })
})

function jsonOf(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return String(body)
  }
}
