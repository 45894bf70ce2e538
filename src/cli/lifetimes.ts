/** The parts of the running program: started in order and stopped in reverse order, each within its bound. */

import type { Clock } from '../clock.ts'
import type { Observe } from '../observe.ts'

/** A part of the program that is started and stopped. */
export interface Part<T> {
  /** For the log. */
  readonly name: string
  readonly start: () => Promise<T>
  readonly stop: (started: T) => Promise<void>
  /** The stop may take so long. Then the part is left behind, and those before it are stopped. */
  readonly stopMilliseconds: number
}

interface Started {
  readonly name: string
  readonly stop: () => Promise<void>
  readonly stopMilliseconds: number
}

export class Lifetimes {
  readonly #clock: Clock
  readonly #observe: Observe
  readonly #started: Started[] = []
  #stopped: Promise<readonly string[]> | undefined

  constructor(clock: Clock, observe: Observe) {
    this.#clock = clock
    this.#observe = observe
  }

  /** Starts a part after all before it. When it fails, the parts that have started are stopped, and its error is thrown. */
  async start<T>({ name, start, stop, stopMilliseconds }: Part<T>): Promise<T> {
    return this.guard(async () => {
      const started = await start()
      this.#started.push({ name, stop: () => stop(started), stopMilliseconds })
      return started
    })
  }

  /** Does what comes between two parts. When it fails, the parts that have started are stopped, and its error is thrown. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      // Report the first error: later ones follow from it.
      await this.stop().catch(() => undefined)
      throw error
    }
  }

  /**
   * Stops all parts in the reverse order of their start; answers the names of those that are left behind. A part that throws does
   * not keep the others from being stopped; the first error is thrown when they are. May be called again; the answer is the same.
   */
  stop(): Promise<readonly string[]> {
    this.#stopped ??= this.#stopAll()
    return this.#stopped
  }

  async #stopAll(): Promise<readonly string[]> {
    const leftBehind: string[] = []
    const errors: unknown[] = []
    for (const part of this.#started.reverse()) {
      try {
        if (!(await this.#stopsInTime(part))) leftBehind.push(part.name)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
    return leftBehind
  }

  async #stopsInTime({ name, stop, stopMilliseconds }: Started): Promise<boolean> {
    const over = new AbortController()
    const stopping = stop().then(() => true)
    // Left behind, it may still fail: nobody is there to be told.
    stopping.catch(() => undefined)
    try {
      const inTime = await Promise.race([stopping, this.#clock.wait(stopMilliseconds, over.signal).then(() => false)])
      if (!inTime) this.#observe({ kind: 'leftBehind', part: name, milliseconds: stopMilliseconds })
      return inTime
    } finally {
      over.abort()
    }
  }
}
