/** The listeners: opened at every address of theirs, and stopped together without losing a request. */

import type { FastifyInstance } from 'fastify'
import type { App } from '../app.ts'
import { exitCodes, StartError } from '../errors.ts'
import type { Certificate } from './certificate.ts'
import { type Connections, followConnections, throttledReport } from './connections.ts'
import { drain } from './drain.ts'
import { makeHost, type State } from './host.ts'
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
  const onRefused = throttledReport((refused) => app.observe({ kind: 'connectionsRefused', refused }), app.now)
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

async function open(app: App, listener: Listener, state: State): Promise<Opened> {
  const { scheme, host, port } = listener
  try {
    const instance = makeHost(app, listener, state)
    const connections = followConnections(instance.server, app.config.mostConnections, state.onRefused)
    await instance.listen({ host, port })
    const address = instance.server.address()
    const actual = typeof address === 'object' && address !== null ? address.port : port
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
    return { instance, connections, url: `${scheme}://${name}:${actual}`, port: actual }
  } catch (error) {
    throw listenError(error, host, port, scheme)
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
