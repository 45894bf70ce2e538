/** Requests to a test server, over its http listener, and what came back: whatever it is, it is held against our own OpenAPI documents. */

import { checkAgainstOpenApi } from './conformance.ts'
import type { TestServer } from './server.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; an empty object where there is none. */
  readonly json: Json
}

/** JSON as a test reads it: any member may be asked for. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into answers whose form is what it tests
export type Json = any

export interface Asking {
  readonly token?: string
  /** Sent as JSON, unless it is text or octets already. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** `ask(server, 'GET /v1.0/me', { token })` */
export async function ask(server: Pick<TestServer, 'http'>, request: string, { token, body, headers = {} }: Asking = {}): Promise<Answer> {
  const [method = '', path = ''] = request.split(/ (.*)/s)
  const sent = body === undefined ? undefined : typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(server.http + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(sent === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent as Uint8Array<ArrayBuffer> | string }),
  })
  const text = await response.text()
  checkAgainstOpenApi({ method, url: server.http + path, status: response.status, headers: response.headers, body: text })
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {},
  }
}
