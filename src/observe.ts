/**
 * Every thing worth telling an operator, once. The code says what happened; this file says how it is told.
 * No token, code, address or body is ever part of an event: a request is named by its route, not its URL.
 */

import type { Logger } from 'pino'

export type Event =
  | { readonly kind: 'started'; readonly urls: readonly string[]; readonly database: string }
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'answered'
      readonly method: string
      /** The route's template, such as `/users/{user}/profile/emails`; `-` where none matched. */
      readonly route: string
      readonly status: number
      readonly code?: string
      readonly milliseconds: number
      readonly requestId: string
      readonly tenant?: string
      readonly application?: string
    }
  | { readonly kind: 'failed'; readonly requestId: string; readonly error: unknown }
  | { readonly kind: 'issuerUnreachable'; readonly issuer: string; readonly error: unknown }
  | { readonly kind: 'imported'; readonly file: string; readonly records: number; readonly refused: number }

export type Observe = (event: Event) => void

const levels = {
  started: 'info',
  stopping: 'info',
  stopped: 'info',
  answered: 'info',
  failed: 'error',
  issuerUnreachable: 'warn',
  imported: 'info',
} as const satisfies Record<Event['kind'], 'info' | 'warn' | 'error'>

/** Tells events as JSON lines. */
export function observeInto(logger: Logger): Observe {
  return (event) => {
    const level = levels[event.kind]
    if (!logger.isLevelEnabled(level)) return
    const { kind, ...facts } = event
    logger[level]('error' in facts ? { ...facts, error: describe(facts.error) } : facts, kind)
  }
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : describe(error.cause),
  }
}
