/** The figures of many rounds, and how they are told. */

import assert from 'node:assert/strict'
import type { Findings, Ledger } from './ledger.ts'

export interface Tally {
  readonly rounds: number
  readonly acknowledged: number
  readonly inDoubt: number
  readonly findings: Findings
  /** Answers that nothing explains. */
  readonly unexpected: readonly string[]
}

/** Told a line now and then. */
export type Report = (line: string) => void

export class Rounds {
  readonly #name: string
  readonly #planned: number
  readonly #ledger: Ledger
  readonly #report: Report
  readonly #startedAt = performance.now()
  readonly #findings: Findings = { lost: [], doubled: [], torn: [] }
  readonly #unexpected: string[] = []
  #rounds = 0
  #slowestMilliseconds = 0

  constructor(name: string, planned: number, ledger: Ledger, report: Report) {
    this.#name = name
    this.#planned = planned
    this.#ledger = ledger
    this.#report = report
  }

  /** `slowestMilliseconds`: the longest that somebody waited for an answer, where that is looked at. */
  add({ lost, doubled, torn }: Findings, unexpected: readonly string[], slowestMilliseconds = 0): void {
    this.#slowestMilliseconds = Math.max(this.#slowestMilliseconds, slowestMilliseconds)
    this.#rounds++
    this.#findings.lost.push(...lost)
    this.#findings.doubled.push(...doubled)
    this.#findings.torn.push(...torn)
    this.#unexpected.push(...unexpected)
    const every = Math.max(1, Math.floor(this.#planned / 10))
    if (this.#rounds % every === 0 || this.#rounds === this.#planned) this.#report(this.#line())
  }

  tally(): Tally {
    const { acknowledged, inDoubt } = this.#ledger
    return { rounds: this.#rounds, acknowledged, inDoubt, findings: this.#findings, unexpected: this.#unexpected }
  }

  #line(): string {
    const { rounds, acknowledged, inDoubt, findings, unexpected } = this.tally()
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1)
    const counts = `lost ${findings.lost.length}, doubled ${findings.doubled.length}, torn ${findings.torn.length}, unexpected ${unexpected.length}`
    const slowest = this.#slowestMilliseconds === 0 ? '' : `, longest wait ${(this.#slowestMilliseconds / 1000).toFixed(1)} s`
    return `${this.#name}: round ${rounds} of ${this.#planned}, ${acknowledged} writes acknowledged, ${inDoubt} in doubt; ${counts}${slowest} (${seconds} s)`
  }
}

const mostTold = 5

/** Fails with the first few of what was found. */
export function assertNothingHappened({ acknowledged, findings: { lost, doubled, torn }, unexpected }: Tally): void {
  const told = [...lost, ...doubled, ...torn, ...unexpected].slice(0, mostTold)
  const found = { lost: lost.length, doubled: doubled.length, torn: torn.length, unexpected: unexpected.length, told }
  assert.deepEqual(found, { lost: 0, doubled: 0, torn: 0, unexpected: 0, told: [] })
  assert.ok(acknowledged > 0, 'nothing was acknowledged, so nothing was shown')
}
