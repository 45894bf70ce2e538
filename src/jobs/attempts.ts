/** Decides the fate of a job after an attempt, as a pure function: when it is tried again, and when it is dead. */

import { GraphError } from '../errors.ts'
import type { Outcome } from '../store/tables/jobs.ts'
import type { JobKind } from './kinds.ts'

const firstDelaySeconds = 2
const longestDelaySeconds = 3_600
/** Dead jobs are kept so long, to be looked at and tried again. */
export const keptDeadDays = 30
const dayMilliseconds = 86_400_000

/**
 * Milliseconds before the next attempt: twice as long after each, up to an hour, less a random part of up to a half, so that what
 * failed together does not come back together. `random` in [0, 1).
 */
export function delayAfter(attempts: number, random: number): number {
  const seconds = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(attempts - 1, 30))
  return Math.round(seconds * 1000 * (1 - random / 2))
}

/** When a dead job is swept away. */
export function sweptAfter(now: number): number {
  return now + keptDeadDays * dayMilliseconds
}

/** `attempts`: this one included. */
export interface Attempt {
  readonly attempts: number
  readonly now: number
}

export function outcomeOfSuccess({ everySeconds }: JobKind, { now }: Attempt): Outcome | 'done' {
  if (everySeconds === undefined) return 'done'
  return { nextAt: now + everySeconds * 1000, attempts: 0, isDead: false, lastError: null }
}

export function outcomeOfFailure(kind: JobKind, { attempts, now }: Attempt, error: unknown, random: number): Outcome {
  const lastError = errorCode(error)
  const delay = delayAfter(attempts, random)
  if (kind.everySeconds !== undefined)
    return { nextAt: now + Math.min(delay, kind.everySeconds * 1000), attempts, isDead: false, lastError }
  if (attempts >= kind.mostAttempts) return { nextAt: sweptAfter(now), attempts, isDead: true, lastError }
  return { nextAt: now + delay, attempts, isDead: false, lastError }
}

const codePattern = /^\w{1,40}$/

/** A word for an error that is kept with the job. Never its message, which may hold an address or a secret. */
export function errorCode(error: unknown): string {
  if (error instanceof GraphError) return error.kind
  if (!(error instanceof Error)) return 'unknown'
  const code = 'code' in error ? String(error.code) : error.name
  return codePattern.test(code) ? code : 'unknown'
}
