/**
 * Runs the tests: everything on the embedded database, then what speaks of behaviour once more on a real PostgreSQL,
 * and once more there with every transaction serializable, as engines are that spread over machines. With arguments:
 * the files that they name, on the embedded database; `--postgres` or `--serializable` before them: on that.
 */

import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../test/support/postgres.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

const everything = ['test/unit/**/*.test.ts', 'test/rules/**/*.test.ts', 'test/spec/**/*.test.ts', 'test/clients/**/*.test.ts']
/** What is asked of a server, whatever it keeps its data in. */
const behaviour = ['test/spec/**/*.test.ts', 'test/clients/**/*.test.ts']
/** Whose subject is the embedded database, a process, or the host: a second database would tell nothing new. */
const notOfTheDatabase =
  /\/(backup|cli|start|hostile-(anything|authorization|cli|connections|text|tokens)|crash|stop|durability|health|logs|issuers|limits|import-export)[^/]*\.test\.ts$/
/** Each file is a process that waits much of its time. */
const filesAtOnce = 4

type Engine = 'embedded' | 'postgres' | 'serializable'

const [first, ...rest] = process.argv.slice(2)
const only = first === '--postgres' ? 'postgres' : first === '--serializable' ? 'serializable' : undefined
const named = only === undefined ? process.argv.slice(2) : rest
process.exitCode = await main()

async function main(): Promise<number> {
  if (only !== undefined)
    return onPostgres([only], named.length > 0 ? named : filesOf(behaviour).filter((file) => !notOfTheDatabase.test(file)))
  if (named.length > 0) return run('embedded', named)
  const embedded = await run('embedded', filesOf(everything))
  const files = filesOf(behaviour).filter((file) => !notOfTheDatabase.test(file))
  const postgres = await onPostgres(['postgres', 'serializable'], files)
  return embedded === 0 ? postgres : embedded
}

async function onPostgres(engines: readonly Engine[], files: readonly string[]): Promise<number> {
  const server = await startPostgres()
  try {
    let worst = 0
    for (const engine of engines) worst = Math.max(worst, await run(engine, files, server.url))
    return worst
  } finally {
    await server.stop()
  }
}

function filesOf(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort()
}

/** Runs test files with Node's runner; answers its exit code. */
function run(engine: Engine, files: readonly string[], url?: string): Promise<number> {
  const words = { embedded: 'the embedded database', postgres: 'PostgreSQL', serializable: 'PostgreSQL, serializable' }[engine]
  console.log(`\n${files.length} test files on ${words}\n`)
  const postgres =
    url === undefined ? {} : { SELFGRAPH_TEST_POSTGRES: url, ...(engine === 'serializable' ? { SELFGRAPH_TEST_SERIALIZABLE: '1' } : {}) }
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', `--test-concurrency=${filesAtOnce}`, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...postgres },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
