/** Tells when a client has gone before its answer, to those who ask. */

import type { Exchange } from './answers.ts'

/** Makes the signal when it is first asked for, and the same one each time: most requests never need it. */
export function disconnectSignalOf({ message: { socket }, response }: Exchange): () => AbortSignal {
  let signal: AbortSignal | undefined
  return () => {
    if (signal !== undefined) return signal
    const controller = new AbortController()
    signal = controller.signal
    const abort = () => controller.abort()
    if (socket.destroyed) {
      abort()
      return signal
    }
    socket.once('close', abort)
    response.once('close', () => {
      socket.off('close', abort)
      if (!response.writableFinished) abort()
    })
    return signal
  }
}
