/** The result of a check of `selfgraph doctor`. */

export type Verdict = 'ok' | 'warn' | 'bad'

export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  /** The finding and, unless it is good, the remedy. */
  readonly says: string
}

export function finding(check: string, verdict: Verdict, says: string): Finding {
  return { check, verdict, says }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
