/**
 * The host: listeners, limits, health, CORS, and stopping without losing a request. It knows where a request goes
 * and nothing of what is asked there.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { App } from '../app.ts'
import { GraphError, renderError, StartError } from '../errors.ts'
import { type GraphResponse, handle } from '../handle.ts'
import { largestBody, readRequestBody } from './body.ts'
import type { Certificate } from './certificate.ts'

export interface Listening {
  /** Origins, as a client on this machine reaches them. */
  readonly urls: readonly string[]
  /** Answers what has been asked, refuses nothing that was sent, and ends. */
  stop(): Promise<void>
}

interface Listener {
  readonly scheme: 'https' | 'http'
  readonly host: string
  readonly port: number
  readonly certificate?: Certificate
}

/** Room for a token of 100 kB, so that it is refused as a token. */
const largestHeaders = 160 * 1024
const headersTimeoutMilliseconds = 20_000
const requestTimeoutMilliseconds = 30_000
const keepAliveMilliseconds = 65_000
/** How long a connection without a request is left open once the server is stopping. */
const idleGraceMilliseconds = 500
/** How long a request may take once the server is stopping. */
const stopTimeoutMilliseconds = 10_000

/** Opens the listeners. Throws StartError with one line where a port cannot be had. */
export async function listen(app: App, listeners: readonly Listener[]): Promise<Listening> {
  const state = { stopping: false }
  const opened: Opened[] = []
  try {
    for (const listener of listeners) opened.push(...(await openOnEveryAddress(app, listener, state)))
  } catch (error) {
    await Promise.all(opened.map(({ instance }) => instance.close()))
    throw error
  }
  return {
    urls: [...new Set(opened.map(({ url }) => url))],
    stop: async () => {
      state.stopping = true
      await Promise.all(opened.map(({ instance }) => drain(instance)))
    },
  }
}

interface Opened {
  readonly instance: FastifyInstance
  readonly url: string
  readonly port: number
}

interface State {
  readonly stopping: boolean
}

/** `localhost` is two addresses on most machines, and a client may try either. */
async function openOnEveryAddress(app: App, listener: Listener, state: State): Promise<readonly Opened[]> {
  if (listener.host !== 'localhost') return [await open(app, listener, state)]
  const first = await open(app, { ...listener, host: '127.0.0.1' }, state)
  const second = await open(app, { ...listener, host: '::1', port: first.port }, state).catch(() => undefined)
  const url = `${listener.scheme}://localhost:${first.port}`
  return [first, ...(second === undefined ? [] : [second])].map((opened) => ({ ...opened, url }))
}

async function open(app: App, { scheme, host, port, certificate }: Listener, state: State): Promise<Opened> {
  const options = {
    bodyLimit: largestBody,
    requestTimeout: requestTimeoutMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    frameworkErrors: (_: Error, request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }) => {
      reply.hijack()
      writeError(app, reply.raw, new GraphError('pathInvalid'), request.raw)
    },
    clientErrorHandler: (error: Error & { code?: string }, socket: { writable: boolean; end(text: string): void; destroy(): void }) =>
      answerClientError(app, error, socket),
  }
  const server = { maxHeaderSize: largestHeaders, headersTimeout: headersTimeoutMilliseconds, connectionsCheckingInterval: 5_000 }
  const instance = (
    certificate === undefined
      ? Fastify({ ...options, http: server })
      : Fastify({ ...options, https: { ...server, cert: certificate.cert, key: certificate.key } })
  ) as FastifyInstance // both are served alike
  plantRoutes(instance, app, scheme, state)
  try {
    await instance.listen({ host, port })
  } catch (error) {
    throw listenError(error, host, port, scheme)
  }
  const address = instance.server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return { instance, url: `${scheme}://${name}:${actual}`, port: actual }
}

function listenError(error: unknown, host: string, port: number, scheme: string): unknown {
  const setting = scheme === 'https' ? 'SELFGRAPH_HTTPS_PORT' : 'SELFGRAPH_HTTP_PORT'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new StartError(
      `port ${port} on ${host} is taken by another program: stop it, or choose another port with ${setting}`,
      'unavailable',
      error,
    )
  if (code === 'EACCES')
    return new StartError(`port ${port} may not be opened by this user: choose another with ${setting}`, 'unavailable', error)
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return new StartError(`${host} is no address of this machine: correct SELFGRAPH_HOST`, 'badConfig', error)
  if (error instanceof Error && 'library' in error)
    return new StartError(`the TLS certificate or key cannot be used: ${error.message}`, 'badConfig', error)
  return error
}

function plantRoutes(instance: FastifyInstance, app: App, scheme: string, state: State): void {
  instance.removeAllContentTypeParsers()
  // The body stays unread until permission is given.
  instance.addContentTypeParser('*', (_, payload, done) => done(null, payload))
  instance.get('/health/live', (_, reply) => reply.send({ status: 'live' }))
  instance.get('/health/ready', async (_, reply) => {
    const ready = !state.stopping && (await app.database.isReady())
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'unavailable' })
  })
  instance.setNotFoundHandler((request, reply) => {
    reply.hijack()
    void answer(app, request.raw, reply.raw, scheme, state)
  })
}

const corsOpen = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'ETag, Location, Preference-Applied, Content-Range, request-id, client-request-id, ReadWriteConsistencyToken, SdkVersion, WWW-Authenticate, x-ms-client-gcc-tenant, Retry-After',
}

async function answer(app: App, message: IncomingMessage, response: ServerResponse, scheme: string, state: State): Promise<void> {
  if (message.method === 'OPTIONS') {
    answerPreflight(message, response)
    return
  }
  let bodyRead = message.headers['content-length'] === undefined && message.headers['transfer-encoding'] === undefined
  const { status, headers, body } = await handle(app, {
    method: message.method ?? 'GET',
    url: message.url ?? '/',
    headers: message.headers,
    origin: originOf(app, message, scheme),
    body: async () => {
      const bytes = await readRequestBody(message)
      bodyRead = true
      return bytes
    },
  })
  write(response, { status, headers, ...(body === undefined ? {} : { body }) }, state.stopping || !bodyRead)
}

function write(response: ServerResponse, { status, headers, body }: GraphResponse, close: boolean): void {
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
  // What is left of an unread body would have to be read to the end otherwise.
  const connection = close ? { Connection: 'close' } : {}
  response.writeHead(status, { ...headers, ...corsOpen, ...length, ...connection })
  response.end(body)
}

function answerPreflight(message: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    ...corsOpen,
    'Access-Control-Allow-Methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': message.headers['access-control-request-headers'] ?? 'Authorization, Content-Type',
    'Access-Control-Max-Age': '3600',
    'Cache-Control': 'no-cache',
  })
  response.end()
}

const loopbackName = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

/** Where links point: the configured URL; else the loopback name that was called, never another name from `Host`. */
function originOf({ config }: App, { headers, socket }: IncomingMessage, scheme: string): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/$/, '')
  const { host } = headers
  if (host !== undefined && loopbackName.test(host)) return `${scheme}://${host.toLowerCase()}`
  return `${scheme}://${config.host}:${socket.localPort ?? ''}`
}

function writeError(app: App, response: ServerResponse, error: GraphError, message?: IncomingMessage): void {
  const requestId = app.newId()
  const given = message?.headers['client-request-id']
  const body = renderError(error, {
    workload: 'gateway',
    requestId,
    clientRequestId: typeof given === 'string' ? given.slice(0, 128) : requestId,
    date: new Date(app.now()),
  })
  write(
    response,
    {
      status: error.status,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache', 'request-id': requestId, 'client-request-id': requestId },
      body,
    },
    true,
  )
}

/** What could not be read as HTTP at all. */
function answerClientError(
  app: App,
  error: Error & { code?: string },
  socket: { writable: boolean; end(text: string): void; destroy(): void },
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const kind =
    error.code === 'HPE_HEADER_OVERFLOW' ? 'headersTooLarge' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'timeout' : 'pathInvalid'
  const failure = new GraphError(kind, kind === 'pathInvalid' ? { message: 'The request is not valid HTTP.' } : {})
  const requestId = app.newId()
  const body = renderError(failure, { workload: 'gateway', requestId, clientRequestId: requestId, date: new Date(app.now()) })
  socket.end(
    `HTTP/1.1 ${failure.status} Error\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nrequest-id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** Stops listening, lets every request that was sent be answered (with `Connection: close`), then ends. */
async function drain(instance: FastifyInstance): Promise<void> {
  const { server } = instance
  // net.Server's own close: that of http.Server cuts idle connections at once, and a request may be on its way in one.
  Server.prototype.close.call(server)
  await new Promise((resolve) => setTimeout(resolve, idleGraceMilliseconds))
  const force = setTimeout(() => server.closeAllConnections(), stopTimeoutMilliseconds)
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  while ((await openConnections(server)) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  clearTimeout(force)
  clearInterval(idle)
  await instance.close()
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0))
  })
}
