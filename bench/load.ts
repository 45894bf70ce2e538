/**
 * The load: a process of its own that writes prepared requests into keep-alive connections, each one request at a
 * time. The status and the length of every answer are checked, and of each connection's first the whole body.
 */

import { readFileSync } from 'node:fs'
import { type Answered, Connection } from './connection.ts'
import { onAsk } from './control.ts'
import { holderOf } from './people.ts'
import { checkBody, requestOf, statusOf, type Work } from './requests.ts'

export interface Preparation {
  readonly tokensFile: string
  readonly people: number
  /** Octets of an answer's body. */
  readonly bodyLength: Readonly<Record<Work, number>>
}

export interface Run {
  readonly work: Work
  /** Numbers of the tokens that take part: from `first`, `size` of them. */
  readonly first: number
  readonly size: number
  /** `random`: any, again and again; otherwise one after the other, beginning with the one after `cycled`. */
  readonly order: 'random' | { readonly cycled: number }
  /** Set where the server answers everybody with the same octets: whose they are. */
  readonly replayed: number | undefined
  /** The run ends after this time, or after so many requests. */
  readonly milliseconds: number
  readonly limit: number
}

export interface Ran {
  readonly count: number
  readonly seconds: number
  /** Of this process. */
  readonly cpuMicroseconds: number
}

let prepared: (Preparation & { readonly tokens: readonly string[] }) | undefined
const requests: Record<Work, Buffer[]> = { get: [], post: [] }
let connections: Connection[] = []
let onAnswer: (connection: number, answer: Answered) => void = () => undefined
let onFailure: (error: Error) => void = () => undefined

onAsk('prepare', (preparation: Preparation) => {
  prepared = { ...preparation, tokens: readFileSync(preparation.tokensFile, 'utf8').trimEnd().split('\n') }
})

onAsk('connect', async ({ port, count }: { port: number; count: number }) => {
  await new Promise<void>((resolve, reject) => {
    onFailure = reject
    let open = 0
    connections = Array.from(
      { length: count },
      (_, number) =>
        new Connection(port, { onAnswer: (answer) => onAnswer(number, answer), onFailure: (error) => onFailure(error) }, () => {
          if (++open === count) resolve()
        }),
    )
  })
})

onAsk('close', () => {
  for (const connection of connections) connection.close()
  connections = []
})

onAsk('run', async (run: Run): Promise<Ran> => {
  prepareRequests(run)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const count = await drive(run)
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, seconds, cpuMicroseconds: user + system }
})

/** Made once for each token, before time is taken. */
function prepareRequests({ work, first, size }: Run): void {
  if (prepared === undefined) throw new Error('prepare comes first')
  const { tokens, people } = prepared
  for (let index = first; index < first + size; index++)
    requests[work][index] ??= requestOf(work, tokens[index] ?? '', holderOf(index, people))
}

/** Runs to the end; answers how many requests were answered. */
function drive(run: Run): Promise<number> {
  const { work, replayed, milliseconds, limit } = run
  const { bodyLength, people } = prepared ?? { bodyLength: { get: 0, post: 0 }, people: 0 }
  const next = pickerOf(run)
  const asked: number[] = []
  const checked = new Set<number>()
  let sent = 0
  let answered = 0
  let over = false
  const send = (number: number) => {
    const index = next(sent++)
    asked[number] = index
    connections[number]?.send(requests[work][index] ?? Buffer.alloc(0))
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => (over = true), milliseconds)
    onFailure = (error) => {
      clearTimeout(timer)
      reject(error)
    }
    onAnswer = (number, { status, body }) => {
      if (status !== statusOf[work] || body.length !== bodyLength[work])
        return onFailure(new Error(`${work}: expected ${statusOf[work]} with ${bodyLength[work]} octets, got ${status}: ${body}`))
      if (!checked.has(number)) {
        checked.add(number)
        checkBody(work, body.toString(), holderOf(replayed ?? asked[number] ?? 0, people))
      }
      answered++
      if (!over && sent < limit) return send(number)
      if (answered < sent) return
      clearTimeout(timer)
      resolve(answered)
    }
    for (let number = 0; number < connections.length && sent < limit; number++) send(number)
  })
}

/** Whose turn it is, by how many had theirs in this run. */
function pickerOf({ first, size, order }: Run): (sent: number) => number {
  if (order !== 'random') return (sent) => first + ((order.cycled + sent) % size)
  let seed = Date.now() >>> 0
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return first + Math.floor((seed / 2 ** 32) * size)
  }
}

// Questions come over the channel: it keeps this process.
process.channel?.ref()
