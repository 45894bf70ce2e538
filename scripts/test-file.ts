/** Runs a test file as a process of its own and tells what came of it: a line for the file, and every failure with its reason. */

import type { EventData } from 'node:test'
import { run } from 'node:test'
import { inspect } from 'node:util'

/** What came of a file. */
export interface Outcome {
  readonly passed: number
  readonly skipped: number
  /** Each by its file, the names that lead to it, and why; to be shown as it is. */
  readonly failures: readonly string[]
  /** Whether Node's runner says so: it may know of what is not told as a failure. */
  readonly succeeded: boolean
}

export interface TestFile {
  /** Relative to `cwd`. */
  readonly file: string
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Follows the file's name in its line. */
  readonly where: string
  readonly say: (line: string) => void
}

/** `say` gets each failure as it happens, and then the line for the file. */
export async function runFile({ file, cwd, env, signal, where, say }: TestFile): Promise<Outcome> {
  const failures: string[] = []
  let outcome = { passed: 0, skipped: 0, succeeded: false }
  /** The names of the suites and the test that run now. */
  let within: readonly string[] = []
  const pathOf = ({ nesting, name }: EventData.TestFail | EventData.TestPass): string =>
    [file, ...within.slice(0, nesting), name].join(' › ')
  for await (const event of run({ files: [file], cwd, env, signal })) {
    switch (event.type) {
      case 'test:start':
        within = [...within.slice(0, event.data.nesting), event.data.name]
        break
      case 'test:pass':
        if (typeof event.data.skip === 'string' || event.data.skip === true)
          say(`- skipped: ${pathOf(event.data)}${event.data.skip === true ? '' : ` (${event.data.skip})`}`)
        break
      case 'test:fail': {
        if (isOfOthers(event.data.details.error)) break
        const failure = `✖ ${pathOf(event.data)}\n${reasonOf(event.data.details.error)}`
        failures.push(failure)
        say(failure)
        break
      }
      case 'test:stdout':
      case 'test:stderr':
        say(event.data.message.trimEnd())
        break
      case 'test:summary': {
        const { counts, duration_ms, success } = event.data
        // The last of them is about the whole run, which is the file's.
        if (event.data.file !== undefined) break
        outcome = { passed: counts.passed, skipped: counts.skipped, succeeded: success }
        say(`${success ? '✔' : '✖'} ${file}${where}: ${counts.passed} of ${counts.tests} in ${(duration_ms / 1000).toFixed(1)} s`)
      }
    }
  }
  return { ...outcome, failures }
}
/** A suite fails with what is in it, which is told by itself. */
function isOfOthers(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed'
}

function reasonOf(error: EventData.Error): string {
  // Of a file that ended by itself there is only the code.
  const reason = 'exitCode' in error ? `ended with exit code ${error.exitCode}` : inspect(error.cause ?? error, { depth: 4 })
  const lines = reason.split('\n').filter((line) => !/^\s+at .*\(?node:internal/.test(line))
  return lines.map((line) => `    ${line}`).join('\n')
}
