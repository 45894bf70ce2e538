/**
 * The mounts of a listener: which path is served by which part of the program, and the headers that all answers of that
 * part have. One part's headers never reach another's answers. What a part answers is its own affair.
 */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { App } from '../app.ts'
import { GraphError } from '../errors.ts'
import { type Delivery, type Exchange, endIfStopping, type Handler, setHeaders, writeError } from './answers.ts'
import { corsHeaders, isGraphPath, preflightHeaders } from './graph.ts'
import { isHealthPath } from './health.ts'
import { pathOf } from './url.ts'

export interface Mount {
  readonly name: string
  /** `path` is undecoded, begins with `/` and has its query. The first mount that matches serves it. */
  readonly matches: (path: string) => boolean
  /** Headers of each answer, names and values in turn. */
  readonly headers: readonly string[]
  /** Headers of the answer to OPTIONS beside `headers`. Absent: OPTIONS is a method like any other. */
  readonly preflight?: (message: IncomingMessage) => OutgoingHttpHeaders
  /** Whether HTTP/1.1 without exactly one Host is refused (RFC 9112, section 3.2). Probes of health often send none. */
  readonly needsHost: boolean
  readonly handle: Handler
}

const anyPath = () => true
const noHeaders: readonly string[] = []

/** The table of mounts. `graph` is the handler of Graph's requests, `fastify` passes an exchange to Fastify's routes. */
export function mountsOf(graph: Handler, fastify: Handler): readonly Mount[] {
  // biome-ignore format: a table of facts, aligned by hand
  return [
    { name: 'graph',     matches: isGraphPath,  headers: corsHeaders, preflight: preflightHeaders, needsHost: true,  handle: graph },
    { name: 'health',    matches: isHealthPath, headers: noHeaders,                                needsHost: false, handle: fastify },
    // Graph's error in answer to what leads nowhere, without its CORS: a stranger's 401, else a 400 that asks for a version.
    { name: 'elsewhere', matches: anyPath,      headers: noHeaders,                                needsHost: true,  handle: graph },
  ]
}

/** Serves each exchange from its mount; `deliveryWith` makes the delivery of answers with a mount's headers. */
export function serveFrom(app: App, mounts: readonly Mount[], deliveryWith: (headers: readonly string[]) => Delivery) {
  const served = mounts.map((mount) => ({ mount, delivery: deliveryWith(mount.headers) }))
  return (exchange: Exchange): void => {
    const { message } = exchange
    const path = pathOf(message)
    for (const { mount, delivery } of served) {
      if (!mount.matches(path)) continue
      if (mount.needsHost && !hasOneHost(message))
        writeError(app, exchange, new GraphError('headerInvalid', { target: 'Host', message: 'Expected one Host header.' }), delivery)
      else if (message.method === 'OPTIONS' && mount.preflight !== undefined) answerPreflight(exchange, mount.preflight(message), delivery)
      else mount.handle(exchange, delivery)?.catch((error: unknown) => delivery.onDefect(error, exchange))
      return
    }
  }
}

function hasOneHost({ httpVersion, headers: { host } }: IncomingMessage): boolean {
  return httpVersion !== '1.1' || (host !== undefined && !host.includes(','))
}

function answerPreflight({ response }: Exchange, headers: OutgoingHttpHeaders, delivery: Delivery): void {
  setHeaders(response, delivery.headers)
  response.writeHead(204, { ...headers, ...endIfStopping(delivery) }).end()
}
