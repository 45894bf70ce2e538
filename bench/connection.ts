/** A keep-alive connection with as little between it and the socket as possible: one request, one answer. */

import { connect, type Socket } from 'node:net'

export interface Answered {
  readonly status: number
  readonly head: Buffer
  readonly body: Buffer
}

interface Handlers {
  /** The octets are good until it returns. */
  readonly onAnswer: (answer: Answered) => void
  readonly onFailure: (error: Error) => void
}

const blank = Buffer.from('\r\n\r\n')
const lengthName = Buffer.from('\r\nContent-Length: ')
const chunked = Buffer.from('\r\nTransfer-Encoding: chunked')
const lastChunk = Buffer.from('0\r\n\r\n')
const largestAnswer = 64 * 1024

export class Connection {
  readonly #socket: Socket
  readonly #handlers: Handlers
  #held: Buffer | undefined

  constructor(port: number, handlers: Handlers, onOpen: () => void) {
    this.#handlers = handlers
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(largestAnswer),
        callback: (length, buffer) => {
          this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, length))
          return true
        },
      },
    })
    this.#socket.on('connect', onOpen)
    this.#socket.on('error', (error) => handlers.onFailure(error))
    this.#socket.on('end', () => handlers.onFailure(new Error('the server closed a connection')))
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.removeAllListeners('end')
    this.#socket.destroy()
  }

  #take(octets: Buffer): void {
    const all = this.#held === undefined ? octets : Buffer.concat([this.#held, octets])
    this.#held = undefined
    const end = all.indexOf(blank)
    const from = end < 0 ? 0 : end + blank.length
    const length = end < 0 ? Number.POSITIVE_INFINITY : lengthOf(all, end)
    if (all.length < from + length) this.#held = all === octets ? Buffer.from(octets) : all
    else if (all.length > from + length) this.#handlers.onFailure(new Error('more came than was asked for'))
    else this.#handlers.onAnswer({ status: statusIn(all), head: all.subarray(0, end), body: all.subarray(from) })
  }
}

/** `HTTP/1.1 200` */
function statusIn(octets: Buffer): number {
  const digit = (at: number) => (octets[at] ?? 0) - 0x30
  return digit(9) * 100 + digit(10) * 10 + digit(11)
}

/** Octets of the body. Infinite where it comes in chunks and the last is not there yet. */
function lengthOf(octets: Buffer, end: number): number {
  const name = octets.indexOf(lengthName)
  if (name < 0 || name > end) {
    if (!octets.subarray(0, end).includes(chunked)) return 0
    const from = end + blank.length
    return octets.subarray(-lastChunk.length).equals(lastChunk) ? octets.length - from : Number.POSITIVE_INFINITY
  }
  let length = 0
  for (let at = name + lengthName.length; (octets[at] ?? 0) >= 0x30; at++) length = length * 10 + (octets[at] ?? 0) - 0x30
  return length
}

/** One request on a connection of its own. */
export function exchange(port: number, request: Buffer): Promise<{ status: number; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    const connection = new Connection(
      port,
      {
        onAnswer: ({ status, head, body }) => {
          resolve({ status, head: head.toString('latin1'), body: body.toString() })
          connection.close()
        },
        onFailure: reject,
      },
      () => connection.send(request),
    )
  })
}
