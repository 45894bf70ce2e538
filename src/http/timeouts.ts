/** How long clients are waited for. Tests shorten what they would otherwise wait out. */

/** All in milliseconds. */
export interface Timeouts {
  /** Until the TLS handshake is done. */
  readonly handshake: number
  readonly headers: number
  /** Headers and body together. */
  readonly request: number
  readonly keepAlive: number
  /** Without an octet either way: a client that does not read its answer holds no place for longer. */
  readonly silence: number
  /** How long the server goes on reading from a client whose request was refused. */
  readonly linger: number
  /** How often connections are looked at: by so much a limit may be overstepped. */
  readonly checks: number
  /** While the server stops, new connections are still taken in for so long: the system has accepted some already, and would cut them off with the listener. */
  readonly accept: number
  /** While the server stops, a connection without a request is left open for so long: one may be on its way. */
  readonly idle: number
  /** While the server stops, a request may take so long. Those who start servers often give them ten seconds to end. */
  readonly stop: number
}

export const usualTimeouts: Timeouts = {
  handshake: 10_000,
  headers: 20_000,
  request: 30_000,
  keepAlive: 65_000,
  silence: 120_000,
  linger: 5_000,
  checks: 5_000,
  accept: 250,
  idle: 2_000,
  stop: 7_000,
}
