/** Connections below HTTP: how many there may be, and ending those that never became a request. */

import type { Server, Socket } from 'node:net'

export interface Connections {
  /** Destroys those on which nothing has been asked yet: not an octet came, or none after the TLS handshake. */
  endSilent(): void
  endAll(): void
}

/** Follows every connection of a server from its first moment. `onRefused` is called for each that found no place. */
export function followConnections(server: Server, most: number, onRefused: () => void): Connections {
  const open = new Set<Socket>()
  const follow = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  server.maxConnections = most
  server.on('drop', onRefused)
  // The TCP connection; `secureConnection` is what TLS makes of it, and ends with it.
  server.on('connection', follow).on('secureConnection', follow)
  const end = (ends: (socket: Socket) => boolean) => {
    for (const socket of open) if (ends(socket)) socket.destroy()
  }
  return {
    endSilent: () => end(({ bytesRead }) => bytesRead === 0),
    endAll: () => end(() => true),
  }
}

const quietMilliseconds = 60_000

/** Counts refusals and tells of them once a minute at most: a line for each would be one more thing to flood. */
export function throttledReport(tell: (refused: number) => void, now: () => number): () => void {
  let refused = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return () => {
    refused++
    if (now() - toldAt < quietMilliseconds) return
    tell(refused)
    refused = 0
    toldAt = now()
  }
}
