/**
 * The host: listeners, limits, health, CORS, and stopping without losing a request. It knows where a request goes
 * and nothing of what is asked there.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { App } from '../app.ts'
import { exitCodes, GraphError, StartError } from '../errors.ts'
import { handle } from '../request/handle.ts'
import { largestBody, largestHeaders } from '../request/message.ts'
import { answerClientError, answerPreflight, type Ending, type Exchange, endingOf, write, writeError } from './answers.ts'
import { readRequestBody } from './body.ts'
import type { Certificate } from './certificate.ts'
import { type Connections, followConnections, tellSparingly } from './connections.ts'
import { drain } from './drain.ts'
import { goneOf } from './gone.ts'
import { inTurn } from './in-turn.ts'
import { type Timeouts, usualTimeouts } from './timeouts.ts'

export interface Listening {
  /** Origins, as a client on this machine reaches them. */
  readonly urls: readonly string[]
  /** Answers what has been asked, refuses nothing that was sent, and ends. */
  stop(): Promise<void>
}

export interface Listener {
  readonly scheme: 'https' | 'http'
  readonly host: string
  readonly port: number
  readonly certificate?: Certificate
}

/** Opens the listeners; `hurry` shortens what clients are waited for. Throws StartError with one line where a port cannot be had. */
export async function listen(app: App, listeners: readonly Listener[], hurry: Partial<Timeouts> = {}): Promise<Listening> {
  const onRefused = tellSparingly((refused) => app.observe({ kind: 'connectionsRefused', refused }), app.now)
  const state = { stopping: false, timeouts: { ...usualTimeouts, ...hurry }, onRefused }
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
      await Promise.all(opened.map(({ instance, connections }) => drain(instance, connections, state.timeouts)))
    },
  }
}

interface Opened {
  readonly instance: FastifyInstance
  readonly connections: Connections
  readonly url: string
  readonly port: number
}

interface State {
  readonly stopping: boolean
  readonly timeouts: Timeouts
  readonly onRefused: () => void
}

/** `localhost` is two addresses on most machines, and a client may try either. */
async function openOnEveryAddress(app: App, listener: Listener, state: State): Promise<readonly Opened[]> {
  if (listener.host !== 'localhost') return [await open(app, listener, state)]
  const first = await open(app, { ...listener, host: '127.0.0.1' }, state)
  const second = await open(app, { ...listener, host: '::1', port: first.port }, state).catch(async (error: unknown) => {
    // A machine without IPv6 is no failure. A port that somebody else has there is: clients would talk to them.
    if (listener.port === 0 || !(error instanceof StartError && error.exitCode === exitCodes.unavailable)) return undefined
    await first.instance.close()
    throw error
  })
  const url = `${listener.scheme}://localhost:${first.port}`
  return [first, ...(second === undefined ? [] : [second])].map((opened) => ({ ...opened, url }))
}

async function open(app: App, { scheme, host, port, certificate }: Listener, state: State): Promise<Opened> {
  const exchanges = new WeakMap<Duplex, Exchange>()
  const ending = endingOf(app, state, state.timeouts.linger)
  try {
    const instance = make(certificate, optionsFor(app, state, exchanges, ending), state.timeouts)
    const connections = followConnections(instance.server, app.config.mostConnections, state.onRefused)
    const pass = (message: IncomingMessage, response: ServerResponse) => instance.server.emit('request', message, response)
    // 100 Continue is said when the body is wanted; any other expectation may be passed over (RFC 9110, section 10.1.1).
    instance.server.on('checkContinue', pass).on('checkExpectation', pass)
    plantRoutes(instance, app, state)
    const toGraph = (exchange: Exchange) => {
      answer(app, exchange, scheme, ending).catch((error: unknown) => ending.onDefect(error, exchange))
    }
    instance.addHook('onRequest', ({ raw: message, is404 }, reply, done) => {
      if (!is404) return done()
      // Before Fastify looks at the content type: the body stays unread until permission is given.
      reply.hijack()
      toGraph({ message, response: reply.raw })
    })
    passGraphBy(instance, exchanges, toGraph)
    await instance.listen({ host, port })
    const address = instance.server.address()
    const actual = typeof address === 'object' && address !== null ? address.port : port
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
    return { instance, connections, url: `${scheme}://${name}:${actual}`, port: actual }
  } catch (error) {
    throw listenError(error, host, port, scheme)
  }
}

function make(certificate: Certificate | undefined, options: ReturnType<typeof optionsFor>, timeouts: Timeouts): FastifyInstance {
  const server = serverOptions(timeouts)
  if (certificate === undefined) return Fastify({ ...options, http: server })
  return Fastify({
    ...options,
    https: { ...server, handshakeTimeout: timeouts.handshake, cert: certificate.cert, key: certificate.key },
  }) as unknown as FastifyInstance // both are served alike
}

/** Requests to Graph go straight to it: Fastify's routing and its records of a request would add a fifth to what they cost. */
function passGraphBy({ server }: FastifyInstance, exchanges: WeakMap<Duplex, Exchange>, toGraph: (exchange: Exchange) => void): void {
  const listeners = server.listeners('request') as ((message: IncomingMessage, response: ServerResponse) => void)[] // so it emits
  const take = inTurn((exchange) => {
    const { message, response } = exchange
    if (message.url?.startsWith('/v1.0/') === true || message.url?.startsWith('/beta/') === true) toGraph(exchange)
    else for (const listener of listeners) listener.call(server, message, response)
  })
  server.removeAllListeners('request').on('request', (message: IncomingMessage, response: ServerResponse) => {
    const exchange = { message, response }
    exchanges.set(message.socket, exchange)
    take(exchange)
  })
}

function optionsFor(app: App, state: State, exchanges: WeakMap<Duplex, Exchange>, ending: Ending) {
  return {
    bodyLimit: largestBody,
    // While the database is waited for, a connection is silent as well.
    connectionTimeout: Math.max(state.timeouts.silence, 2_000 * app.config.databaseTimeout, 2_000 * app.config.queryTimeout),
    requestTimeout: state.timeouts.request,
    keepAliveTimeout: state.timeouts.keepAlive,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    frameworkErrors: (_: Error, { raw: message }: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }) => {
      reply.hijack()
      writeError(app, { message, response: reply.raw }, new GraphError('pathInvalid'), ending)
    },
    clientErrorHandler: (error: Error, socket: Duplex) => answerClientError(app, { error, socket, last: exchanges.get(socket) }, ending),
  }
}

function serverOptions(timeouts: Timeouts) {
  return {
    maxHeaderSize: largestHeaders,
    headersTimeout: timeouts.headers,
    // Node compares the two; Fastify sets the latter once more.
    requestTimeout: timeouts.request,
    connectionsCheckingInterval: timeouts.checks,
    // No Host, or two of one header: looked at further on, and refused in Graph's own words.
    requireHostHeader: false,
    joinDuplicateHeaders: true,
  }
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
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EADDRNOTAVAIL')
    return new StartError(`${host} is no address of this machine: correct SELFGRAPH_HOST`, 'badConfig', error)
  if (error instanceof Error && 'library' in error)
    return new StartError(`the TLS certificate or key cannot be used: ${error.message}`, 'badConfig', error)
  return error
}

function plantRoutes(instance: FastifyInstance, app: App, state: State): void {
  instance.get('/health/live', (_, reply) => lastWhen(state.stopping, reply).send({ status: 'live' }))
  instance.get('/health/ready', async (_, reply) => {
    const ready = !state.stopping && (await app.database.isReady())
    return lastWhen(state.stopping, reply)
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'unavailable' })
  })
}

/** The last answer on its connection once the server is stopping. */
function lastWhen(stopping: boolean, reply: FastifyReply): FastifyReply {
  return stopping ? reply.header('Connection', 'close') : reply
}

async function answer(app: App, exchange: Exchange, scheme: string, ending: Ending): Promise<void> {
  const { message, response } = exchange
  const { host, expect } = message.headers
  if (message.httpVersion === '1.1' && (host === undefined || host.includes(','))) {
    writeError(app, exchange, new GraphError('headerInvalid', { target: 'Host', message: 'Expected one Host header.' }), ending)
    return
  }
  if (message.method === 'OPTIONS') {
    answerPreflight(exchange, ending)
    return
  }
  const answered = await handle(app, {
    method: message.method ?? 'GET',
    url: pathOf(message.url ?? '/'),
    headers: message.headers,
    origin: originOf(app, message, scheme),
    gone: goneOf(exchange),
    body: () =>
      readRequestBody(message, () => {
        if (expect?.toLowerCase() === '100-continue') response.writeContinue()
      }),
  })
  write(exchange, answered, ending)
}

/** Path and query of a URL that may be absolute (RFC 9112, section 3.2.2). Whose authority it names is not looked at. */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

const loopbackName = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

/** Where links point: the configured URL; else the loopback name that was called, never another name from `Host`. */
function originOf({ config }: App, { headers, socket }: IncomingMessage, scheme: string): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/$/, '')
  const { host } = headers
  if (host !== undefined && loopbackName.test(host)) return `${scheme}://${host.toLowerCase()}`
  return `${scheme}://${config.host}:${socket.localPort ?? ''}`
}
