/**
 * Has long work give way: what is heavy is done in pieces, and each turn of the event loop does so much of it for all requests
 * together, whoever asks. Work in plain sight of a request (a single item, a short list) takes no turn.
 */

import type { Asker } from './model/asker.ts'

/** A unit is an item of a list, read or written: about 10 µs. So a turn takes about 2 ms. */
const unitsOfATurn = 200

interface Waiting {
  readonly units: number
  readonly go: () => void
}

export class Pace {
  #left = unitsOfATurn
  #turning = false
  /** By asker, in the order in which their turn comes. */
  readonly #waiting = new Map<string, Waiting[]>()

  /** Settles when `units` of work may be done. Askers go in turn, one piece each. A piece that is larger than a turn has one to itself. */
  take({ name }: Pick<Asker, 'name'>, units: number): Promise<void> {
    if (!this.#turning) {
      this.#turning = true
      setImmediate(() => this.#turn())
    }
    if (this.#waiting.size === 0 && this.#left > 0) {
      this.#left -= units
      return Promise.resolve()
    }
    return new Promise((go) => {
      const own = this.#waiting.get(name)
      if (own === undefined) this.#waiting.set(name, [{ units, go }])
      else own.push({ units, go })
    })
  }

  #turn(): void {
    this.#left = unitsOfATurn
    const isIdle = this.#waiting.size === 0
    while (this.#left > 0) {
      const [name, own] = this.#waiting.entries().next().value ?? []
      if (name === undefined || own === undefined) break
      const next = own.shift()
      this.#waiting.delete(name)
      if (own.length > 0) this.#waiting.set(name, own)
      this.#left -= next?.units ?? 0
      next?.go()
    }
    this.#turning = !isIdle
    if (this.#turning) setImmediate(() => this.#turn())
  }
}
