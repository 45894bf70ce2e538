/** Batches sent to a test server, and the answers of their parts. */

import assert from 'node:assert/strict'
import { type Answer, type Asking, ask, type Json } from './ask.ts'
import type { TestServer } from './server.ts'

/** A part as a client writes it; what is left out is a good GET of `/me`. */
export type BatchPart = Readonly<Record<string, unknown>>

export interface BatchAnswer extends Answer {
  /** The parts' answers, in their order. */
  readonly parts: readonly Json[]
}

type Options = Asking & { readonly version?: 'v1.0' | 'beta' }

/** Sends `{ requests }` as it is. */
export async function sendBatch(
  server: Pick<TestServer, 'http'>,
  requests: unknown,
  { version = 'v1.0', ...asking }: Options,
): Promise<BatchAnswer> {
  const answer = await ask(server, `POST /${version}/$batch`, { body: { requests }, ...asking })
  return { ...answer, parts: answer.json.responses ?? [] }
}

/** Sends parts with the ids 1, 2, 3 where they have none, and says that the batch could be read. */
export async function batch(server: Pick<TestServer, 'http'>, parts: readonly BatchPart[], options: Options): Promise<readonly Json[]> {
  const requests = parts.map((part, index) => ({ id: String(index + 1), method: 'GET', url: '/me', ...part }))
  const answer = await sendBatch(server, requests, options)
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(
    answer.parts.map(({ id }) => id),
    requests.map(({ id }) => id),
  )
  return answer.parts
}

/** A part with a body, and the header that it needs. */
export function write(method: string, url: string, body: unknown, more: BatchPart = {}): BatchPart {
  return { method, url, headers: { 'Content-Type': 'application/json' }, body, ...more }
}

/** Asserts that a part was refused with this status and code, in Graph's form, and gives back the error. */
export function assertPartRefused(part: Json, status: number, code: string): Json {
  assert.equal(part.status, status, JSON.stringify(part))
  assert.equal(part.headers['Content-Type'], 'application/json')
  const { error } = part.body
  assert.equal(error.code, code, JSON.stringify(part))
  assert.notEqual(error.message, '')
  assert.equal(error.innerError['request-id'], part.headers['request-id'])
  return error
}
