/** Limits for the cost of a query, in the steps that cost.ts counts, and the errors beyond them. */

import { GraphError } from '../../errors.ts'
import type { Span } from '../grammar/syntax.ts'
import type { Condition, SortKey } from './condition.ts'
import { type Cost, costOf, costOfOrder } from './cost.ts'
import { refusal, type Scope } from './scope.ts'

/** So much is done at once on the thread that answers requests: about a millisecond. */
export const mostStepsHere = 1_000_000
/** A question that needs more for one item is refused, wherever it would be asked. */
export const mostStepsEach = 2_000_000
/** A text that is put together of constants is refused beyond this length. */
export const longestConstant = 4096

/** Counts steps before they are taken, those of all options of a request together. Throws `queryInvalid` with the place. */
export function spend(scope: Scope, at: Pick<Span, 'at'>, steps: number): void {
  scope.spent.steps += steps
  if (scope.spent.steps > mostStepsHere)
    throw refusal(scope, at, `to work out the constants takes more than ${mostStepsHere} steps; use fewer or shorter texts.`)
}

/** The condition, where asking it costs no more than it may. `target`: the option that it comes from. */
export function affordable(target: string, condition: Condition): Condition {
  check(target, costOf(condition))
  return condition
}

export function affordableOrder(target: string, order: readonly SortKey[]): readonly SortKey[] {
  check(target, costOfOrder(order))
  return order
}

function check(target: string, { constants, each }: Cost): void {
  if (constants > mostStepsHere) throw tooCostly(target, `the texts in it take ${constants} steps to read`, mostStepsHere)
  if (each > mostStepsEach) throw tooCostly(target, `it may take ${each} steps for each item`, mostStepsEach)
}

interface Rows {
  readonly count: number
  /** Octets of the records and of their compared forms. */
  readonly octets: number
}

/** To take a record apart. */
const stepsOfOctet = 3
/** A step in so many is spent on each octet of a record again, to find a member in it. */
const stepsAnOctetDelays = 4000

/** Whether a question may be asked on the thread that answers requests. */
export function isShort({ statement, each }: Cost, { count, octets }: Rows): boolean {
  return statement + count * each + octets * (stepsOfOctet + each / stepsAnOctetDelays) <= mostStepsHere
}

export function tooCostly(target: string, words: string, most: number): GraphError {
  return new GraphError('queryInvalid', {
    target,
    message: `This is too expensive: ${words}, and at most ${most} are taken. Use fewer or shorter texts and conditions.`,
  })
}
