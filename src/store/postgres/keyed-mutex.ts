/** Has those who would change the same thing do so one after the other, as far as they are of this process. */

import { GraphError } from '../../errors.ts'

const retryAfterSeconds = 2

export class KeyedMutex {
  /** By key: settles when everyone who came so far is done. */
  readonly #ends = new Map<string, Promise<void>>()

  /** Runs `work` after those that came before under the same key. Throws `unavailable` where they take too long. */
  async run<T>(key: string, milliseconds: number, work: () => Promise<T>): Promise<T> {
    const before = this.#ends.get(key)
    let leave = () => {}
    const mine = new Promise<void>((resolve) => {
      leave = resolve
    })
    const end = before === undefined ? mine : before.then(() => mine)
    this.#ends.set(key, end)
    try {
      if (before !== undefined) await within(milliseconds, before)
      return await work()
    } finally {
      leave()
      void end.then(() => {
        if (this.#ends.get(key) === end) this.#ends.delete(key)
      })
    }
  }
}

async function within(milliseconds: number, event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GraphError('unavailable', { headers: { 'Retry-After': String(retryAfterSeconds) } })), milliseconds)
  })
  try {
    await Promise.race([event, late])
  } finally {
    clearTimeout(timer)
  }
}
