/**
 * The slots for long queries: how many run side by side, whose turn is next, and when a query is stopped. A query is
 * stopped when it takes too long, when its client has gone, and when the database is closed.
 */

import { GraphError } from '../errors.ts'
import type { Asker } from '../model/asker.ts'

/** Queries of one asker that run or wait: as many as a batch may hold. */
const mostOfOneAsker = 20
/** Queries that wait, of all askers. */
const mostWaiting = 200
const retryAfterSeconds = 10

export interface QuerySlotsOptions {
  /** Queries that run side by side. */
  readonly most: number
  /** A query may run for so long; it may wait for its slot twice as long. */
  readonly milliseconds: number
}

interface Entry {
  readonly asker: Asker
  readonly begin: () => void
  readonly refuse: (error: GraphError) => void
}

interface Running {
  readonly asker: Asker
  readonly stop: (error: GraphError) => void
}

/** Stands for the program itself, which has no client. */
const program: Asker = { tenantId: '', name: '', gone: () => new AbortController().signal }

export class QuerySlots {
  readonly #most: number
  readonly #milliseconds: number
  /** In order: the next to run comes first. */
  #waiting: Entry[] = []
  readonly #running = new Set<Running>()
  #closed = false

  constructor({ most, milliseconds }: QuerySlotsOptions) {
    this.#most = most
    this.#milliseconds = milliseconds
  }

  /**
   * Runs `work` when its turn has come. `stop` is aborted when nobody wants the outcome: the asker is answered at once, and the
   * slot is free when `work` has settled. Throws `tooManyRequests`, `queryTooLong`, `unavailable`, or `timeout` where the client has gone.
   */
  async run<T>(work: (stop: AbortSignal) => Promise<T>, asker: Asker = program): Promise<T> {
    const gone = asker.gone()
    if (gone.aborted) throw abandoned()
    const own = [...this.#running, ...this.#waiting].filter((other) => other.asker.name === asker.name).length
    if (own >= mostOfOneAsker) throw tooMany()
    if (this.#closed || this.#waiting.length >= mostWaiting) throw unavailable('no place is free, and too many wait for one')
    let leave = () => {}
    try {
      return await new Promise<T>((resolve, reject) => {
        const timeout = setTimeout(() => refuse(unavailable('no place was free in time')), 2 * this.#milliseconds)
        const begin = () => {
          clearTimeout(timeout)
          const running = this.#begin(asker, work, resolve, reject)
          abandon = running.stop
        }
        const refuse = (error: GraphError) => {
          clearTimeout(timeout)
          this.#waiting = this.#waiting.filter((other) => other !== entry)
          reject(error)
        }
        let abandon = refuse
        leave = () => abandon(abandoned())
        gone.addEventListener('abort', leave)
        const entry: Entry = { asker, begin, refuse }
        this.#waiting.push(entry)
        this.#next()
      })
    } finally {
      gone.removeEventListener('abort', leave)
    }
  }

  /** Stops what runs, refuses what waits, and takes nothing more. */
  close(): void {
    this.#closed = true
    for (const { refuse } of this.#waiting) refuse(unavailable('the database is closed'))
    for (const { stop } of this.#running) stop(unavailable('the database is closed'))
  }

  #begin<T>(
    asker: Asker,
    work: (stop: AbortSignal) => Promise<T>,
    resolve: (outcome: T) => void,
    reject: (error: unknown) => void,
  ): Running {
    const stopping = new AbortController()
    const stop = (error: GraphError) => {
      reject(error)
      stopping.abort()
    }
    const timer = setTimeout(() => stop(tooLong(this.#milliseconds)), this.#milliseconds)
    const running: Running = { asker, stop }
    this.#running.add(running)
    const done = () => {
      clearTimeout(timer)
      this.#running.delete(running)
      this.#next()
    }
    work(stopping.signal).then(resolve, reject).finally(done)
    return running
  }

  /**
   * Gives a free slot to the first that waits, of the tenant that holds the fewest. One asker never holds all of them. Those of the
   * same asker, and of the same tenant, then wait behind all others.
   */
  #next(): void {
    if (this.#running.size >= this.#most) return
    const held = (of: keyof Asker, value: string) => [...this.#running].filter(({ asker }) => asker[of] === value).length
    const mostOfOne = Math.max(1, this.#most - 1)
    const able = this.#waiting.filter(({ asker }) => held('name', asker.name) < mostOfOne)
    const [next] = able.sort((one, other) => held('tenantId', one.asker.tenantId) - held('tenantId', other.asker.tenantId))
    if (next === undefined) return
    const rank = ({ asker }: Entry) => (asker.name === next.asker.name ? 2 : asker.tenantId === next.asker.tenantId ? 1 : 0)
    this.#waiting = this.#waiting.filter((other) => other !== next).sort((one, other) => rank(one) - rank(other))
    next.begin()
    this.#next()
  }
}

function unavailable(reason: string): GraphError {
  return new GraphError('unavailable', { cause: new Error(reason), headers: { 'Retry-After': String(retryAfterSeconds) } })
}

function tooMany(): GraphError {
  return new GraphError('tooManyRequests', {
    message: `At most ${mostOfOneAsker} questions that look at everybody may be asked at once. Try again after the time in Retry-After.`,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}

function tooLong(milliseconds: number): GraphError {
  return new GraphError('queryTooLong', {
    message: `The query took longer than ${milliseconds / 1000} seconds. Narrow it: ask for fewer conditions, or begin with eq or startsWith on id, userPrincipalName, mail or displayName.`,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}

/** Nobody hears it. */
function abandoned(): GraphError {
  return new GraphError('timeout', { message: 'The client has gone.' })
}
