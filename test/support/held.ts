/** Clients that hold a connection without doing what one is for, and the server's side of each connection. */

import { subscribe } from 'node:diagnostics_channel'
import { connect, type Socket } from 'node:net'
import { after } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

export type Scheme = 'http' | 'https'

export interface Kind {
  readonly on: readonly Scheme[]
  /** What is sent, after the TLS handshake unless it is `raw`. */
  readonly sends?: (token: string) => string | Buffer
  /** Without TLS on the https port. */
  readonly raw?: true
  /** Nothing that comes is read. */
  readonly deaf?: true
  /** A server that stops waits for the rest of it as for any request. */
  readonly begun?: true
}

/** The beginning of a ClientHello of 512 octets. */
const halfHello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), Buffer.alloc(40, 7)])
const both = ['http', 'https'] as const
const create = 'POST /beta/me/profile/emails HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n'
const live = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'
const big = 'GET /beta/$metadata HTTP/1.1\r\nHost: localhost\r\n\r\n'

export const kinds: Readonly<Record<string, Kind>> = {
  'that says nothing': { on: both, raw: true },
  'that sends half a ClientHello': { on: ['https'], raw: true, sends: () => halfHello, begun: true },
  'that sends what is no TLS': { on: ['https'], raw: true, sends: () => Buffer.alloc(2000, 'x') },
  'that speaks http to the https port': { on: ['https'], raw: true, sends: () => live },
  'that speaks TLS to the http port': { on: ['http'], sends: () => halfHello, begun: true },
  'that says nothing after the TLS handshake': { on: ['https'] },
  'that sends half a request line': { on: both, sends: () => 'GET /v1.0/m', begun: true },
  'whose headers never end': { on: both, sends: () => 'GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', begun: true },
  'whose body never ends': { on: both, sends: (token) => `${create}Authorization: Bearer ${token}\r\n\r\n{`, begun: true },
  'whose refused body never ends': { on: both, sends: () => `${create}\r\n{`, begun: true },
  'that asks once and then says nothing': { on: both, sends: () => live },
  'that never reads its answers': { on: both, sends: () => big.repeat(100), deaf: true, begun: true },
}

/** Opens such a connection, to be closed with the test that asks for it; resolves when what it sends is on its way. */
export async function hold({ raw, sends, deaf }: Kind, origin: string, token: string): Promise<Socket> {
  const { protocol, port } = new URL(origin)
  const secure = protocol === 'https:' && raw === undefined
  // A stranger to whom the certificate does not matter.
  const options = { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false, allowHalfOpen: true }
  const socket = secure ? connectTls(options) : connect(options)
  after(() => socket.destroy())
  socket.on('error', () => undefined)
  await new Promise((resolve, reject) => socket.once(secure ? 'secureConnect' : 'connect', resolve).once('error', reject))
  if (deaf === undefined) socket.resume()
  if (sends !== undefined) socket.write(sends(token))
  return socket
}

/** The connections of this process's servers, by port. */
const accepted = new Map<number, Set<Socket>>()

subscribe('net.server.socket', (message) => {
  const { socket } = message as { readonly socket: Socket } // so Node's documentation says
  const port = socket.localPort ?? 0
  const open = accepted.get(port) ?? new Set()
  accepted.set(port, open.add(socket))
  socket.once('close', () => open.delete(socket))
})

/** Resolves when the server of this process behind the origin holds so many connections. */
export async function holding(origin: string, count: number): Promise<void> {
  const { port } = new URL(origin)
  while ((accepted.get(Number(port))?.size ?? 0) !== count) await pause(10)
}
