/** How much the answers of a batch hold together, by counting: what reads waits for a place, and is refused where no room is left. */

import { GraphError } from '../errors.ts'
import type { GraphResponse } from './message.ts'

/** Octets of bodies: a read that begins when the answers before it have so many is not run. */
export const largestBatchAnswer = 8 * 1024 * 1024
/** Each may hold a whole page before its size is known. */
export const readsAtOnce = 4
const retryAfterSeconds = 1

export class BatchRoom {
  #octets = 0
  #reading = 0
  readonly #waiting: (() => void)[] = []

  /** Has a read answered in its turn: with the fault instead of what it asks for, where no room is left. */
  async read(answer: (fault: GraphError | undefined) => Promise<GraphResponse>): Promise<GraphResponse> {
    if (this.#reading >= readsAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#reading++
    try {
      return this.note(await answer(this.#octets >= largestBatchAnswer ? noRoom() : undefined))
    } finally {
      // The place goes to the next one, which then is counted already.
      const next = this.#waiting.shift()
      if (next === undefined) this.#reading--
      else next()
    }
  }

  /** Counts an answer. */
  note(answer: GraphResponse): GraphResponse {
    this.#octets += answer.octets ?? Buffer.byteLength(answer.body ?? '')
    return answer
  }
}

function noRoom(): GraphError {
  return new GraphError('tooManyRequests', {
    message: `The answers of this batch hold more than ${largestBatchAnswer} octets. Send this request again in another batch, or ask for smaller pages.`,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}
