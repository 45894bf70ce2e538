/** How long answers took, one number each; what is made of them is made when the round is over. */

export interface Latency {
  /** Milliseconds. */
  readonly median: number
  /** 99 of 100 were faster. */
  readonly p99: number
}

const firstCapacity = 1 << 16

export class Latencies {
  #milliseconds = new Float64Array(firstCapacity)
  #count = 0

  note(milliseconds: number): void {
    if (this.#count === this.#milliseconds.length) {
      const larger = new Float64Array(2 * this.#count)
      larger.set(this.#milliseconds)
      this.#milliseconds = larger
    }
    this.#milliseconds[this.#count++] = milliseconds
  }

  /** NaN where there is none. */
  summary(): Latency {
    const sorted = this.#milliseconds.subarray(0, this.#count).sort()
    const at = (share: number) => sorted[Math.min(this.#count - 1, Math.floor(share * this.#count))] ?? Number.NaN
    return { median: at(0.5), p99: at(0.99) }
  }
}
