/** A clock that a test moves. */

import type { Clock } from '../../src/clock.ts'

export interface MovableClock extends Clock {
  /** Moves the time on, and ends the waits whose time has come, in its order. */
  advance(milliseconds: number): void
  /** How many wait for their time. */
  waiting(): number
}

/** Waits end when the test moves the clock, and by nothing else. `base`: time that passes by itself in `now`; by default none does. */
export function movableClock(base: () => number = () => Date.parse('2026-01-01T00:00:00Z')): MovableClock {
  let offset = 0
  const waits = new Set<{ readonly until: number; readonly end: () => void }>()
  const now = () => base() + offset
  return {
    now,
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true || milliseconds <= 0) return resolve()
        const end = () => {
          waits.delete(wait)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const wait = { until: now() + milliseconds, end }
        waits.add(wait)
        signal?.addEventListener('abort', end)
      }),
    advance: (milliseconds) => {
      offset += milliseconds
      const over = [...waits].filter(({ until }) => until <= now())
      for (const { end } of over.sort((a, b) => a.until - b.until)) end()
    },
    waiting: () => waits.size,
  }
}
