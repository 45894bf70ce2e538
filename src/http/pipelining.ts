/** Requests of one connection: a client may send many without waiting, and few of them are in progress at a time. */

import type { Duplex } from 'node:stream'
import type { Exchange } from './answers.ts'

const mostAtOnce = 4
/** With so many that wait, nothing more is read from the connection, apart from what has been read already. */
const mostWaiting = 16

interface Line {
  inProgress: number
  pausing: boolean
  readonly waiting: Exchange[]
}

/** Has `begin` called for each exchange in the order in which they came, the next ones when answers have gone out. */
export function limitPipelining(begin: (exchange: Exchange) => void): (exchange: Exchange) => void {
  const lines = new WeakMap<Duplex, Line>()
  const next = (line: Line) => {
    const exchange = line.waiting.shift()
    if (exchange === undefined) return
    if (line.waiting.length === mostWaiting - 1) exchange.message.socket.resume()
    start(exchange, line)
  }
  const start = (exchange: Exchange, line: Line) => {
    line.inProgress++
    // Start no further request of a closed connection.
    exchange.response.once('close', () => {
      line.inProgress--
      if (exchange.message.socket.destroyed) line.waiting.length = 0
      else next(line)
    })
    begin(exchange)
  }
  return (exchange) => {
    const { socket } = exchange.message
    const line = lines.get(socket) ?? { inProgress: 0, pausing: false, waiting: [] }
    lines.set(socket, line)
    if (line.inProgress < mostAtOnce) start(exchange, line)
    else if (line.waiting.push(exchange) >= mostWaiting && !line.pausing) {
      line.pausing = true
      // Node goes on reading when a request has come to its end: so not before what has been read is taken apart.
      queueMicrotask(() => {
        line.pausing = false
        if (line.waiting.length >= mostWaiting) socket.pause()
      })
    }
  }
}
