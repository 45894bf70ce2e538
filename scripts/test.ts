/**
 * Runs the tests: everything on the embedded database, then what speaks of behaviour once more on a real PostgreSQL,
 * and once more there with every transaction serializable, as engines are that spread over machines. With arguments:
 * the files that they name, on the embedded database; `--postgres` or `--serializable` before them: on that.
 */

import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../test/support/postgres.ts'
import { type Outcome, runLane } from './test-lane.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

const everything = ['test/unit/**/*.test.ts', 'test/rules/**/*.test.ts', 'test/spec/**/*.test.ts', 'test/clients/**/*.test.ts']
/** What is asked of a server, whatever it keeps its data in. The subject of `spec/host` and `spec/cli` is the process and its embedded database. */
const behaviour = ['test/spec/api/**/*.test.ts', 'test/spec/storage/**/*.test.ts', 'test/clients/**/*.test.ts']
/** Each file is a process that waits much of its time. */
const filesAtOnce = 4
/** Of a lane: a file that never ends fails, instead of keeping everything from ending. */
const longestMinutes = 25

/** Each file is a process: what one has compiled, the others need not compile again. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/selfgraph-tests/', import.meta.url))

type Engine = 'embedded' | 'postgres' | 'serializable'

const words: Readonly<Record<Engine, string>> = {
  embedded: 'the embedded database',
  postgres: 'PostgreSQL',
  serializable: 'PostgreSQL, serializable',
}

const [first, ...rest] = process.argv.slice(2)
const only = first === '--postgres' ? 'postgres' : first === '--serializable' ? 'serializable' : undefined
const named = only === undefined ? process.argv.slice(2) : rest
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const ended: { readonly engine: Engine; readonly outcome: Outcome }[] = []
await main()
tell()

async function main(): Promise<void> {
  const onBoth = () => filesOf(behaviour)
  if (only !== undefined) return onPostgres([only], named.length > 0 ? named : onBoth())
  await lane('embedded', named.length > 0 ? named : filesOf(everything))
  if (named.length === 0) await onPostgres(['postgres', 'serializable'], onBoth())
}

async function onPostgres(engines: readonly Engine[], files: readonly string[]): Promise<void> {
  const server = await startPostgres()
  try {
    for (const engine of engines) await lane(engine, files, server.url)
  } finally {
    await server.stop()
  }
}

function filesOf(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
}

async function lane(engine: Engine, files: readonly string[], url?: string): Promise<void> {
  if (stopping.signal.aborted) return
  console.log(`\n${files.length} test files on ${words[engine]}\n`)
  const postgres =
    url === undefined ? {} : { SELFGRAPH_TEST_POSTGRES: url, ...(engine === 'serializable' ? { SELFGRAPH_TEST_SERIALIZABLE: '1' } : {}) }
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, ...postgres }
  const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(longestMinutes * 60_000)])
  const outcome = await runLane({ files, cwd: root, env, concurrency: filesAtOnce, signal, say: console.log })
  ended.push({ engine, outcome })
}

/** Says at the end what there was to see on the way. */
function tell(): void {
  const failed = ended.filter(({ outcome }) => outcome.failures.length > 0)
  for (const { engine, outcome } of failed) console.log(`\nFailed on ${words[engine]}:\n\n${outcome.failures.join('\n\n')}`)
  console.log('')
  for (const { engine, outcome } of ended)
    console.log(`${words[engine]}: ${outcome.passed} passed, ${outcome.failures.length} failed, ${outcome.skipped} skipped`)
  const succeeded = ended.every(({ outcome }) => outcome.succeeded && outcome.passed > 0)
  process.exitCode = succeeded && failed.length === 0 && !stopping.signal.aborted ? 0 : 1
}
