/** Answers on their way out: the headers that each of them has, and those to what was not read to its end or is no HTTP. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { App } from '../app.ts'
import { codeOf, GraphError, renderError } from '../errors.ts'
import type { GraphResponse } from '../request/message.ts'
import { Untaken } from './untaken.ts'

/** A request and what answers it. */
export interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
}

/** How answers end, as it is when they are written. */
export interface Ending {
  /** The server is stopping: no further request on this connection. */
  readonly stopping: boolean
  /** How long the rest of an unread body is let in. */
  readonly lingerMilliseconds: number
  /** Told what went wrong with an answer that could not be written. */
  readonly onDefect: (error: unknown, exchange: Exchange) => void
}

export function endingOf(app: App, server: { readonly stopping: boolean }, lingerMilliseconds: number): Ending {
  return {
    get stopping() {
      return server.stopping
    },
    lingerMilliseconds,
    // Nothing could still be said to the client: one connection goes, not the server.
    onDefect: (error, { response }) => {
      app.observe({ kind: 'failed', requestId: '-', error })
      response.destroy()
    },
  }
}

const corsOpen = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After',
}

const corsList = Object.entries(corsOpen).flat()

interface Ready {
  readonly exchange: Exchange
  readonly answer: GraphResponse
  readonly ending: Ending
}

let ready: Ready[] = []
const untaken = new Untaken()

/**
 * Has an answer written in a moment: first all requests that came in together are looked at, then their answers go out one
 * behind the other. That takes less than to turn from one to the other, and whoever waits for them is woken once.
 */
export function write(exchange: Exchange, answer: GraphResponse, ending: Ending): void {
  const { message } = exchange
  if (message.complete || message.destroyed) {
    if (ready.push({ exchange, answer, ending }) === 1) setImmediate(writeReady)
    return
  }
  // Nobody wants what is left of the body. A small one is on its way already: one turn later it has come.
  message.resume()
  setImmediate(() => writeNow({ exchange, answer, ending }, !message.complete && !message.destroyed))
}

function writeReady(): void {
  const all = ready
  ready = []
  for (const each of all) writeNow(each, false)
}

/** `unread`: the body has not come to its end. */
function writeNow({ exchange, answer, ending }: Ready, unread: boolean): void {
  const { message, response } = exchange
  const { status, headers, body } = answer
  const octets = answer.octets ?? (body === undefined ? 0 : Buffer.byteLength(body))
  // One flat list: Node takes it as it is.
  const list = [...corsList]
  for (const name in headers) list.push(name, headers[name] ?? '')
  if (body !== undefined) list.push('Content-Length', String(octets))
  if (ending.stopping || unread) list.push('Connection', 'close')
  try {
    response.writeHead(status, list)
    // Node sends no body where HEAD was asked.
    if (!unread) {
      untaken.hold(response, octets)
      // As many octets as characters: plain ASCII, which needs no encoding.
      response.end(body, octets === body?.length ? 'latin1' : 'utf8')
      return
    }
    response.flushHeaders()
    if (body !== undefined) response.write(body)
    linger(message, response, ending.lingerMilliseconds)
  } catch (error) {
    ending.onDefect(error, exchange)
  }
}

/** Lets the rest of a body in, for nothing: to close on a client that still sends would take the answer away from it. */
function linger(message: IncomingMessage, response: ServerResponse, milliseconds: number): void {
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, milliseconds)
  message.once('end', end).once('close', end)
}

export function answerPreflight({ message, response }: Exchange, { stopping }: Pick<Ending, 'stopping'>): void {
  response.writeHead(204, {
    ...corsOpen,
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': message.headers['access-control-request-headers'] ?? 'Authorization, Content-Type',
    'Access-Control-Max-Age': '3600',
    'Cache-Control': 'no-cache',
    ...(stopping ? { Connection: 'close' } : {}),
  })
  response.end()
}

/** Refuses what is HTTP and no request that could be passed on. */
export function writeError(app: App, exchange: Exchange, error: GraphError, ending: Ending): void {
  const { requestId, body } = tell(app, exchange.message.method ?? '-', error)
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache',
    'request-id': requestId,
    'client-request-id': requestId,
  }
  write(exchange, { status: error.status, headers, body }, ending)
}

/** What Node's HTTP says of a connection; everything else is of the system or of TLS, whose handshake may never have been done. */
const ofHttp = /^(HPE_|ERR_HTTP_)/

/** Answers what could not be read as HTTP, or not in time. `last`: the request that came before it on this connection, or is it. */
export function answerClientError(
  app: App,
  { error, socket, last }: { readonly error: Error & { code?: string }; readonly socket: Duplex; readonly last: Exchange | undefined },
  { lingerMilliseconds }: Ending,
): void {
  const answering = last !== undefined && !last.response.writableEnded
  // Of an answer that has begun, a second one would seem to be a part.
  if (!ofHttp.test(error.code ?? '') || !socket.writable || (answering && last.response.headersSent)) {
    socket.destroy()
    return
  }
  const answer = () => {
    answerUnparsed(app, error, socket)
    // A client that does not close its side would keep the connection for ever.
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds)
    socket.once('close', () => clearTimeout(timer))
  }
  // Whoever sends requests without waiting gets the answers in the same order.
  if (answering && last.message.complete) last.response.once('close', answer)
  else answer()
}

function answerUnparsed(app: App, { code }: { readonly code?: string }, socket: Duplex): void {
  const kind = code === 'HPE_HEADER_OVERFLOW' ? 'headersTooLarge' : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'timeout' : 'pathInvalid'
  const error = new GraphError(kind, kind === 'pathInvalid' ? { message: 'The request is not valid HTTP.' } : {})
  const { requestId, body } = tell(app, '-', error)
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nrequest-id: ${requestId}\r\nclient-request-id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Words for a refusal before there was a Graph request, told to the operator too: without a route, since none was looked for. */
function tell(app: App, method: string, error: GraphError): { readonly requestId: string; readonly body: string } {
  const requestId = app.newId()
  const { status, kind } = error
  app.observe({ kind: 'answered', method, route: '-', status, code: codeOf(kind, 'gateway'), milliseconds: 0, requestId })
  return { requestId, body: renderError(error, { workload: 'gateway', requestId, clientRequestId: requestId, date: new Date(app.now()) }) }
}
