/** HTTP as octets: what no client would send, and each answer that came back on the connection. */

import { connect, type Socket } from 'node:net'
import type { Json } from './ask.ts'

export interface WireAnswer {
  readonly status: number
  /** Names in lower case; several of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body as JSON; an empty object where there is none. */
  readonly json: Json
}

export interface Wire {
  /** Resolves when all of it is on its way: whether that could be done. */
  send(octets: string | Uint8Array): Promise<boolean>
  /** The next answer. `bodiless`: it was asked for with HEAD. Throws where none comes. */
  answer(options?: { readonly bodiless?: boolean }): Promise<WireAnswer>
  /** Resolves when the server has closed the connection. Throws where it does not. */
  closed(): Promise<void>
  /** Closes it from this side. */
  end(): void
}

const patienceMilliseconds = 15_000

/** Opens a connection to the server behind an origin such as `http://localhost:8080`. */
export function open(origin: string): Wire {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  const incoming = follow(socket)
  return {
    send: (octets) => new Promise((resolve) => socket.write(octets, (error) => resolve(error === null || error === undefined))),
    answer: ({ bodiless = false } = {}) =>
      until(socket, incoming, 'an answer', () => {
        const parsed = parse(incoming.received, bodiless)
        if (parsed !== undefined) incoming.received = incoming.received.subarray(parsed.length)
        return parsed?.answer
      }),
    closed: async () => void (await until(socket, incoming, 'the end of the connection', () => (incoming.ended ? true : undefined))),
    end: () => void socket.destroy(),
  }
}

/** What came in on a connection. */
interface Incoming {
  received: Buffer
  /** The server has ended it. */
  ended: boolean
  /** Nothing will come any more, however that came about. */
  gone: boolean
  /** Called after each change. */
  wake: () => void
}

function follow(socket: Socket): Incoming {
  const incoming: Incoming = { received: Buffer.alloc(0), ended: false, gone: false, wake: () => {} }
  socket.on('data', (chunk) => {
    incoming.received = Buffer.concat([incoming.received, chunk])
    incoming.wake()
  })
  socket.on('end', () => {
    incoming.ended = true
    incoming.wake()
  })
  // What a reset took away is missed by whoever waits for it.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    incoming.gone = true
    incoming.wake()
  })
  return incoming
}

async function until<T>(socket: Socket, incoming: Incoming, what: string, look: () => T | undefined): Promise<T> {
  const deadline = setTimeout(() => socket.destroy(), patienceMilliseconds)
  try {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (incoming.gone) throw new Error(`${what} did not come; ${JSON.stringify(incoming.received.toString('latin1').slice(0, 200))} did`)
      await new Promise<void>((resolve) => {
        incoming.wake = resolve
      })
    }
  } finally {
    clearTimeout(deadline)
  }
}

/** Sends one request on a connection of its own, and takes its answer. */
export async function sendOnce(origin: string, octets: string | Uint8Array): Promise<WireAnswer> {
  const wire = open(origin)
  try {
    wire.send(octets)
    return await wire.answer()
  } finally {
    wire.end()
  }
}

/** The first answer in what was received, once it is complete; interim ones (1xx) are answers as well. */
function parse(received: Buffer, bodiless: boolean): { readonly answer: WireAnswer; readonly length: number } | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [first = '', ...lines] = received.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
  const hasBody = !bodiless && status >= 200 && status !== 204
  const bodyLength = hasBody ? Number(headers['content-length']) : 0
  if (Number.isNaN(status) || Number.isNaN(bodyLength)) throw new Error(`this is no answer with a length: ${first}`)
  const length = headEnd + 4 + bodyLength
  if (received.length < length) return undefined
  const text = received.subarray(headEnd + 4, length).toString()
  return { answer: { status, headers, text, json: text.startsWith('{') ? JSON.parse(text) : {} }, length }
}
