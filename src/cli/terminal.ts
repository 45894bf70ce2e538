/** The outside world as a command sees it; tests pass their own. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Clock } from '../clock.ts'
import { StartError } from '../errors.ts'
import type { LogSink } from '../observe.ts'
import type { NewKeys } from '../randomness.ts'

export interface Terminal extends Clock {
  /** Throws StartError where it cannot be read. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Such as `24.1.0`. */
  readonly nodeVersion: string
  /** Files have owners, and rights for others, as Unix has them. */
  readonly unixModes: boolean
  readonly newId: () => string
  readonly newItemId: () => string
  readonly randomOctets: (count: number) => Uint8Array
  readonly newKeys: NewKeys
  /** In [0, 1). */
  readonly random: () => number
  readonly fetch: typeof fetch
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Somebody looks on: progress may be drawn. */
  readonly interactive: boolean
  /** Where log lines go; `flush` puts them all there. */
  readonly log: LogSink & { flush(): void }
  /** Ends the process at once, whatever it still waits for. */
  readonly exit: (code: number) => void
  /** Calls back when the program is asked to end. */
  readonly onStop: (stop: (signal: string) => void) => void
}

export interface Command {
  /** One line for the list of commands. */
  readonly says: string
  /** The whole of `--help`. */
  readonly help: string
  /** Answers the exit code; throws StartError for what is the caller's to mend. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>
}

/** `parseArgs`, with its complaints as one line and the usage exit code. */
export function readArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message.split('. ')[0] : String(error)}; --help shows what there is`, 'usage')
  }
}
