/** Answers on their way out: with the headers of their mount, and those to what was not read to its end or is no HTTP. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { App } from '../app.ts'
import { codeOf, GraphError, renderError } from '../errors.ts'
import type { GraphResponse } from '../request/message.ts'
import { UnsentAnswers } from './unsent-answers.ts'

/** A request and what answers it. */
export interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
}

/** How the answers of a mount go out. */
export interface Delivery {
  /** Headers that each of them has, names and values in turn. */
  readonly headers: readonly string[]
  /** The server is stopping, as it is when an answer is written: no further request on this connection. */
  readonly stopping: boolean
  /** How long the rest of an unread body is let in. */
  readonly lingerMilliseconds: number
  /** Told what went wrong with an answer that could not be written. */
  readonly onDefect: (error: unknown, exchange: Exchange) => void
}

/** Answers an exchange with the headers of `delivery`; a promise that rejects is a defect, and ends the connection. */
export type Handler = (exchange: Exchange, delivery: Delivery) => Promise<void> | undefined

export function deliveryOf(
  app: App,
  server: { readonly stopping: boolean },
  lingerMilliseconds: number,
  headers: readonly string[],
): Delivery {
  return {
    headers,
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

/** Sets headers, given as names and values in turn, for an answer that others write. */
export function setHeaders(response: ServerResponse, headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at] ?? '', headers[at + 1] ?? '')
}

/** The header by which an answer is the last on its connection. */
export function endIfStopping({ stopping }: Delivery): { readonly Connection?: 'close' } {
  return stopping ? { Connection: 'close' } : {}
}

interface Ready {
  readonly exchange: Exchange
  readonly answer: GraphResponse
  readonly delivery: Delivery
}

let ready: Ready[] = []
const unsentAnswers = new UnsentAnswers()

/**
 * Writes an answer before the event loop waits again. The handlers of all requests that came in together run first, then their
 * answers are written one after the other: that takes less processor time than to alternate (decisions/0021-mounts.md).
 */
export function write(exchange: Exchange, answer: GraphResponse, delivery: Delivery): void {
  const { message } = exchange
  if (message.complete || message.destroyed) {
    if (ready.push({ exchange, answer, delivery }) === 1) setImmediate(writeReady)
    return
  }
  // The rest of the body is not needed. A small one is on its way already, and has come one turn later.
  message.resume()
  setImmediate(() => writeNow({ exchange, answer, delivery }, !message.complete && !message.destroyed))
}

function writeReady(): void {
  const all = ready
  ready = []
  for (const each of all) writeNow(each, false)
}

/** `unread`: the body has not come to its end. */
function writeNow({ exchange, answer, delivery }: Ready, unread: boolean): void {
  const { message, response } = exchange
  const { status, headers, body } = answer
  const octets = answer.octets ?? (body === undefined ? 0 : Buffer.byteLength(body))
  // One flat list: Node takes it as it is.
  const list = [...delivery.headers]
  for (const name in headers) list.push(name, headers[name] ?? '')
  if (body !== undefined) list.push('Content-Length', String(octets))
  if (delivery.stopping || unread) list.push('Connection', 'close')
  try {
    response.writeHead(status, list)
    // Node sends no body where HEAD was asked.
    if (!unread) {
      unsentAnswers.hold(response, octets)
      // As many octets as characters: plain ASCII, which needs no encoding.
      response.end(body, octets === body?.length ? 'latin1' : 'utf8')
      return
    }
    response.flushHeaders()
    if (body !== undefined) response.write(body)
    linger(message, response, delivery.lingerMilliseconds)
  } catch (error) {
    delivery.onDefect(error, exchange)
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

/** Refuses what is HTTP and no request that could be passed on. */
export function writeError(app: App, exchange: Exchange, error: GraphError, delivery: Delivery): void {
  const { requestId, body } = tell(app, exchange.message.method ?? '-', error)
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache',
    'request-id': requestId,
    'client-request-id': requestId,
  }
  write(exchange, { status: error.status, headers, body }, delivery)
}

/** Codes of Node's HTTP parser. All other errors come from the system or from TLS, whose handshake may be incomplete. */
const ofHttp = /^(HPE_|ERR_HTTP_)/

/** Answers what could not be read as HTTP, or not in time. `last`: the request that came before it on this connection, or is it. */
export function answerClientError(
  app: App,
  { error, socket, last }: { readonly error: Error & { code?: string }; readonly socket: Duplex; readonly last: Exchange | undefined },
  { lingerMilliseconds }: Delivery,
): void {
  const answering = last !== undefined && !last.response.writableEnded
  // After the first octets of an answer, a second answer would look like a part of it.
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
  // Pipelined requests are answered in their order.
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
