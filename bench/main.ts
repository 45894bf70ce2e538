/** `npm run bench`: measures the server side by side with what could be reached, and writes a table. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Prepared, prepareDatabase } from './data.ts'
import { type Measurement, measureGet, measurePost } from './measure.ts'
import { measureMoving } from './moving.ts'
import { help, type Options, readOptions } from './options.ts'
import { countPackages } from './packages.ts'
import { profileWork } from './profile.ts'
import { type MemoryPoint, type Results, renderReport } from './report.ts'
import type { Work } from './requests.ts'
import { type Stage, setStage } from './stage.ts'
import { measureStarts } from './starts.ts'

const bench = fileURLToPath(new URL('./', import.meta.url))
const args = process.argv.slice(2)

async function main(): Promise<void> {
  if (args[0] === 'moving') return measureMoving(args.slice(1), bench)
  const options = readOptions(args, bench)
  if (options === undefined) return console.log(help)
  const prepared = await prepareDatabase(options.emails, options.folder)
  await mkdir(options.folder, { recursive: true })
  const folder = await mkdtemp(join(options.folder, 'run-'))
  try {
    await (options.profile === undefined ? measure(prepared, folder, options) : profile(prepared, folder, options.profile, options))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(prepared: Prepared, folder: string, options: Options): Promise<void> {
  const onStage = options.only.includes('get') || options.only.includes('post')
  const staged = onStage ? await measureOnStage(prepared, folder, options) : { gets: [], posts: [], memory: [] }
  const results: Results = {
    options,
    command: ['npm run bench', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
    date: new Date(),
    ...staged,
    starts: options.only.includes('start') ? await measureStarts({ prepared, folder, starts: options.starts }) : [],
    packages: options.only.includes('packages') ? countPackages() : undefined,
  }
  const text = renderReport(results)
  console.log(text)
  if (options.out === undefined) return
  await writeFile(options.out, text)
  console.error(`Written to ${options.out}`)
}

async function measureOnStage(prepared: Prepared, folder: string, options: Options): Promise<Pick<Results, 'gets' | 'posts' | 'memory'>> {
  const stage = await setStage({ ...options, prepared, folder })
  const memory: MemoryPoint[] = [{ moment: 'after the start', bytes: stage.idleBytes }]
  const remember = async (moment: string) => void memory.push({ moment, bytes: (await stage.selfgraph.child.usage()).residentBytes })
  const gets: Measurement[] = []
  const posts: Measurement[] = []
  try {
    if (options.only.includes('get')) {
      gets.push(...(await measureGet(stage, 'seen before', { first: 0, size: options.warm }, options)))
      await remember(`after reading by ${options.warm} people`)
      gets.push(...(await measureGet(stage, 'spread', { first: 0, size: options.spread }, options)))
      await remember(`after reading by ${options.spread} people`)
    }
    if (options.only.includes('post')) {
      // The last of the writers is the one whose answers are replayed.
      const writers = { first: Math.max(options.spread, options.warm), size: options.writers - 1 }
      posts.push(...(await measurePost(stage, 'durable', writers, options)))
      await remember('after adding')
    }
    memory.push(await bareMemory(stage))
    return { gets, posts, memory }
  } finally {
    await stage.stop()
  }
}

async function bareMemory({ bare }: Stage): Promise<MemoryPoint> {
  return { moment: 'the bare server, after the same', bytes: (await bare.child.usage()).residentBytes }
}

async function profile(prepared: Prepared, folder: string, work: Work, options: Options): Promise<void> {
  const stage = await setStage({ ...options, prepared, folder })
  try {
    const { text, profile } = await profileWork(stage, work, options)
    const file = join(options.folder, `${work}.cpuprofile`)
    await writeFile(file, JSON.stringify(profile))
    console.log(`${text}\nFor a viewer: ${file}`)
  } finally {
    await stage.stop()
  }
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
