/** What every refusal looks like. */

import assert from 'node:assert/strict'
import type { Answer } from './ask.ts'

/** Asserts that the answer is an error with this status and code, and with `target` where one is given. */
export function assertRefused(answer: Answer, status: number, code: string, target?: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers.get('content-type'), 'application/json')
  assert.equal(answer.json.error.code, code, answer.text)
  assert.notEqual(answer.json.error.message, '')
  if (target !== undefined) assert.equal(answer.json.error.target, target, answer.text)
}

/** An error without what differs from request to request. */
export function comparable({ status, headers, json }: Answer) {
  const { innerError, ...error } = json.error
  const names = [...headers.keys()].filter((name) => !['date', 'request-id', 'client-request-id'].includes(name))
  return { status, error, innerError: Object.keys(innerError), headers: names.map((name) => [name, headers.get(name)]) }
}
