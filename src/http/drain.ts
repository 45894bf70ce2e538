/** Stopping without losing a request. */

import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long connections are still taken in: those that the system has accepted for us would be cut off with the listener. */
const acceptGraceMilliseconds = 250
/** How long a connection without a request is left open once the server is stopping. */
const idleGraceMilliseconds = 2_000
/** How long a request may take once the server is stopping. Whoever starts servers often gives them ten seconds to end. */
const stopTimeoutMilliseconds = 8_000

/** Lets in who is at the door, stops listening, lets every request that was sent be answered (with `Connection: close`), then ends. */
export async function drain(instance: FastifyInstance): Promise<void> {
  const { server } = instance
  await new Promise((resolve) => setTimeout(resolve, acceptGraceMilliseconds))
  // net.Server's own close: that of http.Server cuts idle connections at once, and a request may be on its way in one.
  Server.prototype.close.call(server)
  const force = setTimeout(() => server.closeAllConnections(), stopTimeoutMilliseconds)
  let grace = true
  const graceOver = setTimeout(() => {
    grace = false
  }, idleGraceMilliseconds)
  while ((await openConnections(server)) > 0) {
    if (!grace) server.closeIdleConnections()
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
