/** Runs test files and tells what came of them: a line for each file, and every failure with its reason. */

import { relative } from 'node:path'
import type { EventData } from 'node:test'
import { run } from 'node:test'
import { inspect } from 'node:util'

/** What came of the files of a lane. */
export interface Outcome {
  readonly passed: number
  readonly skipped: number
  /** Each by its file, the names that lead to it, and why; to be shown as it is. */
  readonly failures: readonly string[]
  /** Whether Node's runner says so: it may know of what is not told as a failure. */
  readonly succeeded: boolean
}

export interface Lane {
  /** Relative to `cwd`. */
  readonly files: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** How many files run at once, each as a process. */
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Runs the files; answers when all have ended. `say` gets a line for each file and, as it happens, each failure. */
export async function runLane({ files, cwd, env, concurrency, signal, say }: Lane): Promise<Outcome> {
  const failures: string[] = []
  let passed = 0
  let skipped = 0
  let succeeded = false
  /** The names of the suites and the test that a file is in, by file. */
  const within = new Map<string, string[]>()
  const nameOf = (file: string | undefined): string => (file === undefined ? '' : relative(cwd, file))
  const pathOf = ({ file = '', nesting, name }: EventData.TestFail | EventData.TestPass): string =>
    [nameOf(file), ...(within.get(file) ?? []).slice(0, nesting), name].join(' › ')
  for await (const event of run({ files: [...files], cwd, env, concurrency, signal })) {
    switch (event.type) {
      case 'test:start': {
        const { file = '', nesting, name } = event.data
        within.set(file, [...(within.get(file) ?? []).slice(0, nesting), name])
        break
      }
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
        const { file, counts, duration_ms, success } = event.data
        if (file === undefined) {
          succeeded = success
          break
        }
        passed += counts.passed
        skipped += counts.skipped
        say(`${success ? '✔' : '✖'} ${nameOf(file)}: ${counts.passed} of ${counts.tests} in ${(duration_ms / 1000).toFixed(1)} s`)
      }
    }
  }
  return { passed, skipped, failures, succeeded }
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
