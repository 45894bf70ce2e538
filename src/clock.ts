/** Time as the program is given it: main.ts hands in the machine's clock, a test one that it moves itself. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Settles when so much time has passed, or `signal` is aborted; never rejects. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>
}
