/** Stopping without losing a request. */

import { Server } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** How long a connection without a request is left open once the server is stopping. */
const idleGraceMilliseconds = 500
/** How long a request may take once the server is stopping. Whoever starts servers often gives them ten seconds to end. */
const stopTimeoutMilliseconds = 8_000

/** Stops listening, lets every request that was sent be answered (with `Connection: close`), then ends. */
export async function drain(instance: FastifyInstance): Promise<void> {
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
