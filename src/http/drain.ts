/** Stopping without losing a request. */

import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Connections } from './connections.ts'
import type { Timeouts } from './timeouts.ts'

/** Lets in who is at the door, stops listening, lets every request that was sent be answered (with `Connection: close`), then ends. */
export async function drain(instance: FastifyInstance, connections: Connections, { accept, idle, stop }: Timeouts): Promise<void> {
  const { server } = instance
  await new Promise((resolve) => setTimeout(resolve, accept))
  // net.Server's own close: that of http.Server cuts idle connections at once, and a request may be on its way in one.
  Server.prototype.close.call(server)
  const force = setTimeout(() => {
    server.closeAllConnections()
    // The former knows of HTTP only, and nothing of a TLS handshake that never ends.
    connections.endAll()
  }, stop)
  let grace = true
  const graceOver = setTimeout(() => {
    grace = false
  }, idle)
  while ((await openConnections(server)) > 0) {
    if (!grace) {
      server.closeIdleConnections()
      connections.endSilent()
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  clearTimeout(force)
  clearTimeout(graceOver)
  await instance.close()
}

function openConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 0))
  })
}
