/** Health, for whoever watches the server: open to all, and no word beyond the state. A plugin of Fastify. */

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { App } from '../app.ts'

export function isHealthPath(path: string): boolean {
  return path.startsWith('/health/')
}

/** Plants the routes; `server` tells whether the server is stopping, which is no longer ready. */
export function plantHealth(instance: FastifyInstance, app: App, server: { readonly stopping: boolean }): void {
  instance.get('/health/live', (_, reply) => lastWhen(server.stopping, reply).send({ status: 'live' }))
  instance.get('/health/ready', async (_, reply) => {
    const ready = !server.stopping && (await app.database.isReady())
    return lastWhen(server.stopping, reply)
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'unavailable' })
  })
}

/** The last answer on its connection once the server is stopping. */
function lastWhen(stopping: boolean, reply: FastifyReply): FastifyReply {
  return stopping ? reply.header('Connection', 'close') : reply
}
