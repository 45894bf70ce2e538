/**
 * The load: a process of its own that writes prepared requests into keep-alive connections, each one request at a
 * time. The status and the length of every answer are checked, and of each connection's first the whole body.
 */

import { readFileSync } from 'node:fs'
import { type Answered, Connection } from './connection.ts'
import { onAsk } from './control.ts'
import { Latencies, type Latency } from './latency.ts'
import { holderOf } from './people.ts'
import { isQuestion, queryCases } from './query-cases.ts'
import { type Asked, checkAnswer, checkBody, type Dialect, requestFor, requestOf, statusOf, type Work } from './requests.ts'

export interface Preparation {
  readonly tokensFile: string
  /** Tokens of those who may read everybody. */
  readonly administratorsFile: string
  readonly people: number
  /** Octets of the body of an answer of Selfgraph. */
  readonly bodyLength: Readonly<Record<Work, number>>
}

export interface Run {
  readonly work: Asked
  readonly dialect: Dialect
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
  /** Of the requests; undefined where there were none. */
  readonly latency?: Latency
}

/** How long a server may take for what was asked when the time of a round was over. */
const patienceMilliseconds = 60_000

/** Of an answer that is not what it should be. */
const shownCharacters = 300

let prepared: (Preparation & Readonly<Record<'tokens' | 'administrators', readonly string[]>>) | undefined
const requests = new Map<string, Buffer[]>()
let connections: Connection[] = []
let onAnswer: (connection: number, answer: Answered) => void = () => undefined
let onFailure: (error: Error) => void = () => undefined

onAsk('prepare', (preparation: Preparation) => {
  const { tokensFile, administratorsFile } = preparation
  prepared = { ...preparation, tokens: linesOf(tokensFile), administrators: linesOf(administratorsFile) }
})

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n')
}

/** Connections go round over the ports. */
onAsk('connect', async ({ ports, count }: { ports: readonly number[]; count: number }) => {
  await new Promise<void>((resolve, reject) => {
    onFailure = reject
    let open = 0
    connections = Array.from(
      { length: count },
      (_, number) =>
        new Connection(
          ports[number % ports.length] ?? 0,
          { onAnswer: (answer) => take(number, answer), onFailure: (error) => onFailure(error) },
          () => {
            if (++open === count) resolve()
          },
        ),
    )
  })
})

/** What is not as it must be ends the round. */
function take(number: number, answer: Answered): void {
  try {
    onAnswer(number, answer)
  } catch (error) {
    onFailure(error instanceof Error ? error : new Error(String(error)))
  }
}

onAsk('close', () => {
  for (const connection of connections) connection.close()
  connections = []
})

onAsk('run', async (run: Run): Promise<Ran> => {
  const made = prepareRequests(run)
  const latencies = new Latencies()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const count = await drive(run, made, latencies)
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, seconds, cpuMicroseconds: user + system, latency: latencies.summary() }
})

/** Made once for each token, before time is taken. */
function prepareRequests({ work, dialect, first, size }: Run): readonly Buffer[] {
  if (prepared === undefined) throw new Error('prepare comes first')
  const { tokens, administrators, people } = prepared
  const render = (index: number): Buffer => {
    const person = holderOf(index, people)
    if (!isQuestion(work)) return requestOf(work, tokens[index] ?? '', person, dialect)
    const token = queryCases[work].asker === 'person' ? tokens[index] : administrators[index % administrators.length]
    return requestFor(work, token ?? '', person, people, dialect)
  }
  const made = requests.get(`${dialect} ${work}`) ?? []
  requests.set(`${dialect} ${work}`, made)
  for (let index = first; index < first + size; index++) made[index] ??= render(index)
  return made
}

/** Runs to the end; answers how many requests were answered. */
function drive(run: Run, made: readonly Buffer[], latencies: Latencies): Promise<number> {
  const { milliseconds, limit } = run
  const next = pickerOf(run)
  const check = checkerOf(run)
  const asked: number[] = []
  const askedAt = new Float64Array(connections.length)
  const checked = new Set<number>()
  let sent = 0
  let answered = 0
  let over = false
  const send = (number: number, now: number) => {
    const index = next(sent++)
    asked[number] = index
    askedAt[number] = now
    connections[number]?.send(made[index] ?? Buffer.alloc(0))
  }
  return new Promise((resolve, reject) => {
    const timers = [
      setTimeout(() => (over = true), milliseconds),
      setTimeout(() => onFailure(new Error(`no answer for ${patienceMilliseconds / 1000} s`)), milliseconds + patienceMilliseconds),
    ]
    onFailure = (error) => {
      timers.forEach(clearTimeout)
      reject(error)
    }
    onAnswer = (number, answer) => {
      const now = performance.now()
      latencies.note(now - (askedAt[number] ?? now))
      check(answer, checked.has(number) ? undefined : asked[number])
      checked.add(number)
      answered++
      if (!over && sent < limit) return send(number, now)
      if (answered < sent) return
      timers.forEach(clearTimeout)
      resolve(answered)
    }
    for (let number = 0; number < connections.length && sent < limit; number++) send(number, performance.now())
  })
}

/** Throws where an answer is not the one that was asked for; `index` is given where the whole body is to be looked at. */
function checkerOf({ work, dialect, replayed }: Run): (answer: Answered, index: number | undefined) => void {
  const { bodyLength, people } = prepared ?? { bodyLength: { get: 0, post: 0 }, people: 0 }
  const status = isQuestion(work) ? 200 : statusOf[work]
  let length = dialect === 'graph' && !isQuestion(work) ? bodyLength[work] : undefined
  return (answer, index) => {
    const { body } = answer
    if (answer.status !== status || (length !== undefined && body.length !== length))
      throw new Error(
        `${work}: expected ${status} with ${length ?? 'some'} octets, got ${answer.status} with ${body.length}: ${body.toString().slice(0, shownCharacters)}`,
      )
    if (index === undefined) return
    const person = holderOf(replayed ?? index, people)
    if (!isQuestion(work)) return checkBody(work, body.toString(), person)
    checkAnswer(work, body.toString(), person, people)
    // All answers of Selfgraph to one question are as long as this one, which was the right one.
    if (dialect === 'graph') length = body.length
  }
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
