/** `npm run bench -- moving`: import and export beside a raw load and a raw dump of the same rows, on both databases. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { makeDatabase, startPostgres } from '../test/support/postgres.ts'
import { root, withoutSettings } from './child.ts'
import { filledTables } from './moving-raw.ts'
import { recordsOf } from './people.ts'

const help = `Usage: npm run bench -- moving [OPTIONS]

Measures import and export into SQLite and PostgreSQL beside a raw load and a raw dump of the same rows, in turns:
prepared inserts, a thousand a commit, with the same settings of SQLite; COPY with PostgreSQL. Whole processes are
timed, start and all. Then the most memory that an import and an export take, at a quarter of the records and at all.

  --records N   records, three quarters of them emails (default: 200000)
  --rounds N    rounds of each (default: 3)
  --quick       20,000 records, one round
  --out FILE    where the table is written as well`

interface Ran {
  readonly seconds: number
  readonly megabytes: number
}

/** Tells the most memory that the process took, when it ends. */
const tellMemory = "process.on('exit',()=>process.stderr.write('\\nkB '+process.resourceUsage().maxRSS))"

async function run(program: readonly string[], folder: string, settings: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const [file = '', ...args] = program
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${tellMemory}`, `${root}${file}`, ...args], {
    cwd: folder,
    env: { ...withoutSettings(), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program.join(' ')} ended with ${code}: ${said}`)
  return { seconds: (performance.now() - startedAt) / 1000, megabytes: Number(/kB (\d+)$/.exec(said)?.[1]) / 1024 }
}

/** A place to import into: fresh each time. */
interface ImportTarget {
  readonly settings: Readonly<Record<string, string>>
  /** What the raw loader is told after its folder of rows. */
  readonly rawArguments: readonly string[]
  readonly data: string
  drop(): Promise<void>
}

type Engine = readonly [name: string, place: () => Promise<ImportTarget>]

interface Turn {
  readonly load: Ran
  readonly imported: Ran
  readonly dump: Ran
  readonly exported: Ran
}

async function turn([, place]: Engine, folder: string, file: string): Promise<Turn> {
  const [raw, ours] = [await place(), await place()]
  const rawRun = (work: string) => run(['bench/moving-raw.ts', work, raw.data, folder, ...raw.rawArguments], folder)
  try {
    const load = await rawRun('load')
    const imported = await run(['src/main.ts', 'import', file], folder, ours.settings)
    const dump = await rawRun('dump')
    const exported = await run(['src/main.ts', 'export', join(folder, 'out.ndjson')], folder, ours.settings)
    return { load, imported, dump, exported }
  } finally {
    await raw.drop()
    await ours.drop()
  }
}

/** Writes records as `import` reads them. */
async function writeRecords(people: number, file: string): Promise<void> {
  const lines = function* () {
    for (const record of recordsOf(people)) yield `${JSON.stringify(record)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
}

/** Writes the rows that an import made, in the order in which it made them, as the raw loaders read them. */
async function writeRows({ data }: ImportTarget, folder: string): Promise<void> {
  const database = new DatabaseSync(join(data, 'selfgraph.db'), { readOnly: true })
  for (const [table, { columns }] of Object.entries(filledTables)) {
    const statement = database.prepare(`SELECT ${columns} FROM ${table} ORDER BY rowid`)
    const lines = (render: (cells: readonly unknown[]) => string) =>
      function* () {
        for (const row of statement.iterate()) yield `${render(Object.values(row))}\n`
      }
    await pipeline(
      lines((cells) => JSON.stringify(cells)),
      createWriteStream(join(folder, `${table}.rows`)),
    )
    // The benchmark's texts hold backslashes nowhere but in JSON.
    await pipeline(
      lines((cells) => cells.map((cell) => (cell === null ? '\\N' : String(cell).replaceAll('\\', '\\\\'))).join('\t')),
      createWriteStream(join(folder, `${table}.copy`)),
    )
  }
  database.close()
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function row(name: string, records: number, raw: readonly Ran[], ours: readonly Ran[]): string {
  const rate = (runs: readonly Ran[]) => Math.round(records / median(runs.map(({ seconds }) => seconds))).toLocaleString('en')
  const ratios = raw.map(({ seconds }, index) => seconds / (ours[index]?.seconds ?? Number.NaN))
  const shown = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`
  return `| ${name} | ${rate(raw)} | ${rate(ours)} | ${shown} |`
}

async function measureEngine(engine: Engine, folder: string, sizes: readonly [small: number, large: number], rounds: number) {
  const [name] = engine
  const [few, many] = [join(folder, 'few.ndjson'), join(folder, 'many.ndjson')]
  const turns: Turn[] = []
  for (let round = 0; round < rounds; round++) {
    console.error(`${name}, round ${round + 1} of ${rounds}…`)
    turns.push(await turn(engine, folder, many))
  }
  const place = await engine[1]()
  const small = await run(['src/main.ts', 'import', few], folder, place.settings)
  const smallOut = await run(['src/main.ts', 'export', join(folder, 'out.ndjson')], folder, place.settings)
  await place.drop()
  const of = (part: keyof Turn) => turns.map((each) => each[part])
  const largest = (part: keyof Turn) => Math.round(Math.max(...of(part).map(({ megabytes }) => megabytes)))
  return {
    rates: [row(`import, ${name}`, sizes[1], of('load'), of('imported')), row(`export, ${name}`, sizes[1], of('dump'), of('exported'))],
    memory: [
      `| import, ${name} | ${Math.round(small.megabytes)} MB | ${largest('imported')} MB |`,
      `| export, ${name} | ${Math.round(smallOut.megabytes)} MB | ${largest('exported')} MB |`,
    ],
  }
}

export async function measureMoving(args: readonly string[], bench: string): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean' },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return console.log(help)
  const records = Number(values.records ?? (values.quick === true ? 20_000 : 200_000))
  const rounds = Number(values.rounds ?? (values.quick === true ? 1 : 3))
  await mkdir(join(bench, 'data'), { recursive: true })
  const folder = await mkdtemp(join(bench, 'data', 'moving-'))
  const postgres = await startPostgres()
  try {
    const people = Math.floor(records / 4)
    await writeRecords(Math.floor(people / 4), join(folder, 'few.ndjson'))
    await writeRecords(people, join(folder, 'many.ndjson'))
    const engines = enginesIn(folder, postgres.url)
    const pattern = await engines[0][1]()
    await run(['src/main.ts', 'import', join(folder, 'many.ndjson')], folder, pattern.settings)
    await writeRows(pattern, folder)
    await pattern.drop()
    const sizes = [Math.floor(people / 4) * 4, people * 4] as const
    const found = []
    for (const engine of engines) found.push(await measureEngine(engine, folder, sizes, rounds))
    const text = report(sizes, rounds, found)
    console.log(text)
    if (values.out !== undefined) await writeFile(values.out, text)
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function enginesIn(folder: string, url: string): readonly [Engine, Engine] {
  let made = 0
  const embedded = async (): Promise<ImportTarget> => {
    const data = join(folder, `data-${++made}`)
    return { data, settings: { SELFGRAPH_DATA: data }, rawArguments: [], drop: () => rm(data, { recursive: true, force: true }) }
  }
  const server = async (): Promise<ImportTarget> => {
    const database = await makeDatabase(url, `moving_${process.pid}_${++made}`)
    const settings = { SELFGRAPH_DATA: folder, SELFGRAPH_DATABASE_URL: database.url }
    return { data: folder, settings, rawArguments: [database.url], drop: database.drop }
  }
  return [
    ['SQLite', embedded],
    ['PostgreSQL', server],
  ]
}

function report(sizes: readonly [number, number], rounds: number, found: readonly Awaited<ReturnType<typeof measureEngine>>[]): string {
  const [few, many] = sizes.map((size) => size.toLocaleString('en'))
  return `# Moving data

${many} records, three quarters of them emails; median of ${rounds} rounds in turns, ratio with the least and the most.

| | raw, rows/s | Selfgraph, records/s | ratio |
| --- | ---: | ---: | ---: |
${found.flatMap(({ rates }) => rates).join('\n')}

Most memory of the process:

| | ${few} records | ${many} records |
| --- | ---: | ---: |
${found.flatMap(({ memory }) => memory).join('\n')}
`
}
