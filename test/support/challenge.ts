/** What every refusal of a token looks like. */

import assert from 'node:assert/strict'
import type { Answer } from './ask.ts'
import { assertRefused } from './refusal.ts'

/** Asserts the 401 of RFC 6750 in Graph's form, which repeats nothing of what was sent. */
export function assertChallenged(answer: Answer, sent?: string): void {
  assertRefused(answer, 401, 'InvalidAuthenticationToken')
  const challenge = answer.headers.get('www-authenticate') ?? ''
  assert.match(challenge, /^Bearer realm="", authorization_uri="[^"]+", client_id="00000003-0000-0000-c000-000000000000"/)
  assert.equal(challenge.includes('error="invalid_token"'), sent !== undefined)
  assert.deepEqual(Object.keys(answer.json.error), ['code', 'message', 'innerError'])
  assert.equal(answer.json.error.innerError['request-id'], answer.headers.get('request-id'))
  if (sent !== undefined && sent.length > 8) assert.ok(!answer.text.includes(sent), 'the answer repeats what was sent')
}
