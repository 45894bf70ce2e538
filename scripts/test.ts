/**
 * Runs the tests: every file as a process, on each database that its folder is for. With arguments: the files that they name,
 * on the embedded database; `--postgres` or `--serializable` before them: on that.
 */

import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../test/support/postgres.ts'
import { type Engine, environmentOf, type Run } from '../test/support/run.ts'
import { makeTemplate } from '../test/support/template.ts'
import { type Outcome, runFile } from './test-file.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/**
 * On which databases the files of a folder run, the longest folders first, so that none is left alone at the end. Serializable is
 * how every transaction runs on engines that are spread over machines: it can only matter to writes.
 */
// biome-ignore format: a table of facts, aligned by hand
const folders: readonly (readonly [folder: string, ...engines: readonly Engine[]])[] = [
  ['test/spec/host',    'embedded'],                              // the process around it
  ['test/spec/cli',     'embedded'],
  ['test/rules',        'embedded'],
  ['test/spec/engines', 'embedded', 'serializable'],              // brings the databases that it compares, PostgreSQL included
  ['test/spec/storage', 'embedded', 'postgres'],
  ['test/spec/writes',  'embedded', 'postgres', 'serializable'],
  ['test/spec/api',     'embedded', 'postgres'],
  ['test/clients',      'embedded', 'postgres'],
  ['test/unit',         'embedded'],
]

const words: Readonly<Record<Engine, string>> = {
  embedded: 'the embedded database',
  postgres: 'PostgreSQL',
  serializable: 'PostgreSQL, serializable',
}
/** On two cores: a file waits much of its time. */
const filesAtOnce = 4
/** A file that never ends fails, instead of keeping everything from ending. */
const longestMinutes = 10
/** What one process has compiled, the others need not compile again. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/selfgraph-tests/', import.meta.url))

interface Task {
  readonly file: string
  readonly engine: Engine
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const ended: (Task & { readonly outcome: Outcome })[] = []
await runAll(tasksOf(process.argv.slice(2)))
tell()

function tasksOf([first, ...rest]: readonly string[]): readonly Task[] {
  const only = first === '--postgres' ? 'postgres' : first === '--serializable' ? 'serializable' : undefined
  const named = only === undefined && first !== undefined ? [first, ...rest] : rest
  if (named.length > 0) return named.map((file) => ({ file, engine: only ?? 'embedded' }))
  const tasks = folders.flatMap(([folder, ...engines]) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: root })
      .sort()
      .flatMap((file) => engines.map((engine) => ({ file, engine }))),
  )
  return only === undefined ? tasks : tasks.filter(({ engine }) => engine === only)
}

/** Makes what the files share, runs several of them at a time, and takes it away again. */
async function runAll(tasks: readonly Task[]): Promise<void> {
  const onPostgres = tasks.some(({ engine }) => engine !== 'embedded')
  const server = onPostgres ? await startPostgres({ durable: false }) : undefined
  try {
    const template = await makeTemplate(server?.url)
    try {
      const shared = { postgres: server?.url, templateFolder: template.folder, templateDatabase: template.database }
      const left = tasks.values()
      await Promise.all(Array.from({ length: filesAtOnce }, () => runFrom(left, shared)))
    } finally {
      await template.drop()
    }
  } finally {
    await server?.stop()
  }
}

async function runFrom(left: Iterator<Task> & Iterable<Task>, shared: Omit<Run, 'engine'>): Promise<void> {
  for (const { file, engine } of left) {
    if (stopping.signal.aborted) return
    const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, ...environmentOf({ engine, ...shared }) }
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(longestMinutes * 60_000)])
    const where = engine === 'embedded' ? '' : ` (${words[engine]})`
    ended.push({ file, engine, outcome: await runFile({ file, cwd: root, env, signal, where, say: console.log }) })
  }
}

/** Says at the end what there was to see on the way. */
function tell(): void {
  for (const { outcome, engine } of ended)
    if (outcome.failures.length > 0) console.log(`\nFailed on ${words[engine]}:\n\n${outcome.failures.join('\n\n')}`)
  console.log('')
  for (const engine of Object.keys(words) as Engine[]) {
    // its own keys
    const outcomes = ended.filter((task) => task.engine === engine).map(({ outcome }) => outcome)
    const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0)
    if (outcomes.length > 0)
      console.log(
        `${words[engine]}: ${sum(({ passed }) => passed)} passed, ${sum(({ failures }) => failures.length)} failed, ${sum(({ skipped }) => skipped)} skipped`,
      )
  }
  const succeeded = ended.length > 0 && ended.every(({ outcome }) => outcome.succeeded && outcome.failures.length === 0)
  process.exitCode = succeeded && !stopping.signal.aborted ? 0 : 1
}
