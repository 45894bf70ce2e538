/** Graph over HTTP: its paths, its CORS, and the way of an exchange through `handle`. Fastify has no part in it. */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { App } from '../app.ts'
import { handle } from '../request/handle.ts'
import { type Handler, write } from './answers.ts'
import { disconnectSignalOf } from './disconnect.ts'
import { readRequestBody } from './request-body.ts'
import { originOf, pathOf } from './url.ts'

/** The versions, in any case, as `handle` takes them. */
export function isGraphPath(path: string): boolean {
  return /^\/(?:v1\.0|beta)(?:[/?]|$)/i.test(path)
}

/** Any web page may read what its own token lets it. */
export const corsHeaders: readonly string[] = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After',
]

export function preflightHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  return {
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? 'Authorization, Content-Type',
    'Access-Control-Max-Age': '3600',
    'Cache-Control': 'no-cache',
  }
}

/** Answers as Graph; what is not below a version is refused there too. */
export function graphHandler(app: App, scheme: string): Handler {
  return async (exchange, delivery) => {
    const { message, response } = exchange
    const { expect } = message.headers
    const answer = await handle(app, {
      method: message.method ?? 'GET',
      url: pathOf(message),
      headers: message.headers,
      origin: originOf(app, message, scheme),
      gone: disconnectSignalOf(exchange),
      body: (giveWay) => {
        const wanted = () => {
          if (expect?.toLowerCase() === '100-continue') response.writeContinue()
        }
        return readRequestBody(message, { wanted, giveWay })
      },
    })
    write(exchange, answer, delivery)
  }
}
