/** A client that means no good: sends what it is told to, as fast as it can, and is not troubled by what comes back. */

import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface Asked {
  /** GET where it is not said and there is no body. */
  readonly method?: string
  readonly path: string
  readonly token: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or text as it is. */
  readonly body?: unknown
  /** The connection is cut after so long. */
  readonly giveUpAfterMilliseconds?: number
}

export interface Target {
  readonly httpPort: number
  readonly httpsPort: number
  /** Sends it in gzip; answers the status, or undefined where none came. */
  ask(asked: Asked): Promise<number | undefined>
  /** A connection on which anything may be written. */
  open(port: number): Socket
  /** Statuses that were answered, and how often. */
  readonly statuses: ReadonlyMap<number, number>
  close(): void
}

/** Connections of one attack at once. */
const connections = 16

export function targetOf(httpPort: number, httpsPort: number): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const sockets = new Set<Socket>()
  const statuses = new Map<number, number>()
  return {
    httpPort,
    httpsPort,
    statuses,
    ask: async (asked) => {
      const status = await send(agent, httpPort, asked)
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      return status
    },
    open: (port) => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      sockets.add(socket)
      return socket
    },
    close: () => {
      agent.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function send(agent: Agent, port: number, { method, path, token, headers, body, giveUpAfterMilliseconds }: Asked) {
  return new Promise<number | undefined>((resolve) => {
    const octets = body === undefined ? undefined : gzipSync(typeof body === 'string' ? body : JSON.stringify(body))
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          Authorization: `Bearer ${token}`,
          ...(octets === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': octets.length }),
          ...headers,
        },
      },
      (response) => {
        response.resume()
        response.on('close', () => resolve(response.statusCode))
      },
    )
    asking.on('error', () => resolve(undefined))
    if (giveUpAfterMilliseconds !== undefined) setTimeout(() => asking.destroy(), giveUpAfterMilliseconds)
    asking.end(octets)
  })
}

/** Does it over and over, `atOnce` beside each other, until the signal. */
export async function repeat(signal: AbortSignal, atOnce: number, work: (turn: number) => Promise<unknown>): Promise<void> {
  let turn = 0
  const worker = async () => {
    while (!signal.aborted) {
      // One that is refused at once must not starve this process.
      await Promise.all([work(turn++), new Promise((resolve) => setTimeout(resolve, 1))])
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
