/** `npm run bench`: measures the server side by side with what could be reached and with its peers, and writes a page. */

import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { prepareDatabase } from './data.ts'
import { measureGrowth } from './growth.ts'
import { measureHostile } from './hostile.ts'
import { measureMoving } from './moving.ts'
import { type BenchPart, help, type Options, readOptions } from './options.ts'
import { countPackages } from './packages.ts'
import { measurePostgres, measureSqlite, onStage, type Setting } from './parts.ts'
import { profileWork } from './profile.ts'
import { tell } from './progress.ts'
import { measureQueries } from './queries.ts'
import { reasonOf } from './reason.ts'
import { type Failure, type Results, renderReport } from './report.ts'
import type { Work } from './requests.ts'
import { measurePeers } from './rivals.ts'
import { measureSecrecy } from './secrecy.ts'
import { isInMemory, setUpSqlite } from './setups.ts'
import { measureStarts } from './starts.ts'

const bench = fileURLToPath(new URL('.//', import.meta.url))
const args = process.argv.slice(2)
const interrupted = 130

async function main(): Promise<void> {
  if (args[0] === 'moving') return measureMoving(args.slice(1), bench)
  if (args[0] === 'hostile') return measureHostile(args.slice(1), bench)
  if (args[0] === 'secrecy') return measureSecrecy(args.slice(1), bench)
  const options = readOptions(args, bench)
  if (options === undefined) return console.log(help)
  await mkdir(options.folder, { recursive: true })
  const folder = await mkdtemp(join(options.folder, 'run-'))
  // Children go when this process does; what they wrote must not stay.
  const sweep = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', sweep)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(interrupted))
  try {
    await (options.profile === undefined ? measure(folder, options) : profile(folder, options.profile, options))
  } finally {
    await rm(folder, { recursive: true, force: true })
    process.off('exit', sweep)
  }
}

/** Part after part. One that fails is reported, and the others are measured nevertheless. */
async function measure(folder: string, options: Options): Promise<void> {
  const startedAt = performance.now()
  const failures: Failure[] = []
  const attempt = async <T>(wanted: readonly BenchPart[], work: () => T | Promise<T>): Promise<T | undefined> => {
    const asked = wanted.filter((part) => options.only.includes(part))
    if (asked.length === 0) return undefined
    tell(`Part ${asked.join(', ')}`)
    try {
      return await work()
    } catch (error) {
      tell(`Part ${asked.join(', ')} failed: ${error instanceof Error ? error.message : String(error)}`)
      failures.push({ part: asked.join(', '), reason: reasonOf(error) })
      return undefined
    }
  }
  const setting = async (): Promise<Setting> => ({ prepared: await prepareDatabase(options.emails, options.folder), folder, options })
  const sqlite = await attempt(['get', 'post'], async () => measureSqlite(await setting()))
  const postgres = await attempt(['postgres', 'processes'], async () => measurePostgres(await setting()))
  const rivals = (await attempt(['peers'], () => measurePeers(folder, options))) ?? []
  const growth = (await attempt(['growth'], () => measureGrowth(folder, options))) ?? []
  const queries = await attempt(['queries'], () => measureQueries(folder, options))
  const starts = (await attempt(['start'], async () => measureStarts({ ...(await setting()), starts: options.starts }))) ?? []
  const packages = await attempt(['packages'], countPackages)
  if (postgres?.failure !== undefined) failures.push(postgres.failure)
  if (queries !== undefined) failures.push(...queries.failures)
  await publish(options, {
    ...{ options, sqlite, postgres, processes: postgres?.processes ?? [], rivals, growth, queries, starts, packages, failures },
    command: ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
    date: new Date(),
    minutes: (performance.now() - startedAt) / 60_000,
    isOnDisk: ![options.folder, tmpdir()].some(isInMemory),
  })
  if (failures.length > 0) process.exitCode = 1
}

async function publish({ out }: Options, results: Results): Promise<void> {
  const text = renderReport(results)
  console.log(text)
  if (out === undefined) return
  await writeFile(out, text)
  tell(`Written to ${out}`)
}

async function profile(folder: string, work: Work, options: Options): Promise<void> {
  const prepared = await prepareDatabase(options.emails, options.folder)
  const place = await setUpSqlite(prepared, folder, { withLimits: false })
  const { text, profile: profiled } = await onStage({ prepared, folder, options }, place, options, (stage) =>
    profileWork(stage, work, options),
  )
  const file = join(options.folder, `${work}.cpuprofile`)
  await writeFile(file, JSON.stringify(profiled))
  console.log(`${text}\nFor a viewer: ${file}`)
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
