/**
 * The HTTP server of one listener: Node's, with its limits, in front of the mounts. Fastify stands behind them by its
 * `serverFactory` and is given the exchanges of its own mounts only.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import type { App } from '../app.ts'
import { GraphError } from '../errors.ts'
import { largestBody, largestHeaders } from '../request/message.ts'
import { answerClientError, type Delivery, deliveryOf, type Exchange, type Handler, setHeaders, writeError } from './answers.ts'
import type { Certificate } from './certificate.ts'
import { graphHandler } from './graph.ts'
import { plantHealth } from './health.ts'
import { mountsOf, serveFrom } from './mounts.ts'
import { limitPipelining } from './pipelining.ts'
import type { Timeouts } from './timeouts.ts'

/** State that all listeners of a server share. */
export interface State {
  readonly stopping: boolean
  readonly timeouts: Timeouts
  readonly onRefused: () => void
}

interface Secured {
  readonly scheme: 'https' | 'http'
  readonly certificate?: Certificate
}

/** Makes the server of a listener, which does not listen yet. Throws where the certificate cannot be used. */
export function makeHost(app: App, { scheme, certificate }: Secured, state: State): FastifyInstance {
  const deliveryWith = (headers: readonly string[]) => deliveryOf(app, state, state.timeouts.linger, headers)
  const neutral = deliveryWith([])
  const graph = graphHandler(app, scheme)
  const exchanges = new WeakMap<Duplex, Exchange>()
  const instance = Fastify({
    ...fastifyOptions(app, exchanges, neutral),
    serverFactory: (toFastify) => {
      const fastify: Handler = ({ message, response }, { headers }) => {
        setHeaders(response, headers)
        toFastify(message, response)
        return undefined
      }
      const take = limitPipelining(serveFrom(app, mountsOf(graph, fastify), deliveryWith))
      return makeServer(app, certificate, state.timeouts, (message, response) => {
        const exchange = { message, response }
        exchanges.set(message.socket, exchange)
        take(exchange)
      })
    },
  })
  instance.addHook('onRequest', ({ raw: message, is404 }, reply, done) => {
    if (!is404) return done()
    // Before Fastify looks at the content type: the body stays unread until permission is given.
    reply.hijack()
    const exchange = { message, response: reply.raw }
    graph(exchange, neutral)?.catch((error: unknown) => neutral.onDefect(error, exchange))
  })
  instance.setErrorHandler((error, { raw: message }, reply) => {
    reply.hijack()
    app.observe({ kind: 'failed', requestId: '-', error })
    writeError(app, { message, response: reply.raw }, new GraphError('internal', { cause: error }), neutral)
  })
  plantHealth(instance, app, state)
  return instance
}

function fastifyOptions(app: App, exchanges: WeakMap<Duplex, Exchange>, neutral: Delivery) {
  return {
    bodyLimit: largestBody,
    return503OnClosing: false,
    exposeHeadRoutes: true,
    // A path that its router cannot decode.
    frameworkErrors: (_: Error, { raw: message }: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }) => {
      reply.hijack()
      writeError(app, { message, response: reply.raw }, new GraphError('pathInvalid'), neutral)
    },
    clientErrorHandler: (error: Error, socket: Duplex) => answerClientError(app, { error, socket, last: exchanges.get(socket) }, neutral),
  }
}

type Take = (message: IncomingMessage, response: ServerResponse) => void

function makeServer({ config }: App, certificate: Certificate | undefined, timeouts: Timeouts, take: Take): Server {
  const options = {
    maxHeaderSize: largestHeaders,
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionsCheckingInterval: timeouts.checks,
    // No Host, or two of one header: looked at further on, and refused in Graph's own words.
    requireHostHeader: false,
    joinDuplicateHeaders: true,
  }
  const server =
    certificate === undefined
      ? createServer(options, take)
      : createSecureServer({ ...options, handshakeTimeout: timeouts.handshake, cert: certificate.cert, key: certificate.key }, take)
  // While the database is waited for, a connection is silent as well.
  server.setTimeout(Math.max(timeouts.silence, 2_000 * config.databaseTimeout, 2_000 * config.queryTimeout))
  // 100 Continue is said when the body is wanted; any other expectation may be passed over (RFC 9110, section 10.1.1).
  return server.on('checkContinue', take).on('checkExpectation', take)
}
