/** Answers that wait in memory until their clients take them: counted over all connections, and bounded. */

import type { ServerResponse } from 'node:http'

/** Octets. */
const mostUntaken = 256 * 1024 * 1024
/** The system's own buffers take smaller ones at once. */
const smallestCounted = 64 * 1024

export class UnsentAnswers {
  readonly #most: number
  /** The octets of each, the oldest first. */
  readonly #answers = new Map<ServerResponse, number>()
  #octets = 0

  constructor(most = mostUntaken) {
    this.#most = most
  }

  /** Counts an answer until it is gone. Where that is too much, the connections end that have kept theirs waiting for longest. */
  hold(response: ServerResponse, octets: number): void {
    if (octets < smallestCounted) return
    this.#answers.set(response, octets)
    this.#octets += octets
    response.once('close', () => this.#release(response))
    for (const oldest of this.#answers.keys()) {
      if (this.#octets <= this.#most || oldest === response) return
      this.#release(oldest)
      oldest.destroy()
    }
  }

  #release(response: ServerResponse): void {
    this.#octets -= this.#answers.get(response) ?? 0
    this.#answers.delete(response)
  }
}
