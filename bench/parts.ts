/** The parts of the benchmark that stand on a stage: each sets its own, measures, and takes it down. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Prepared } from './data.ts'
import { adding, inTurns, type Measurement, type Pace, reading, warmUp } from './measure.ts'
import type { BenchPart, Options } from './options.ts'
import { reasonOf } from './reason.ts'
import type { Failure } from './report.ts'
import { type DatabaseSetup, type Engine, setUpPostgres, setUpSqlite } from './setups.ts'
import { type Crowd, type Served, type Stage, setStage, usageOf } from './stage.ts'

/** Memory of a server at some moment. */
export interface MemoryPoint {
  readonly moment: string
  readonly bytes: number
}

export interface Measured {
  readonly engine: Engine
  readonly measurements: readonly Measurement[]
  readonly memory: readonly MemoryPoint[]
}

/** What a part is given. */
export interface Setting {
  readonly prepared: Prepared
  /** Folder of this run alone. */
  readonly folder: string
  readonly options: Options
}

/** `get` and `post`, as far as they are asked for, on SQLite. */
export async function measureSqlite({ prepared, folder, options }: Setting): Promise<Measured> {
  const setup = await setUpSqlite(prepared, join(folder, 'sqlite'), { withLimits: true })
  return onStage({ prepared, folder: join(folder, 'sqlite'), options }, setup, options, (stage) =>
    besideLimits(stage, options, options.only),
  )
}

interface PostgresMeasured extends Measured {
  readonly processes: readonly Measurement[]
  /** Of `processes` alone. */
  readonly failure: Failure | undefined
}

/** The same on PostgreSQL; then with two servers on the one database. */
export async function measurePostgres(setting: Setting): Promise<PostgresMeasured> {
  const { prepared, folder, options } = setting
  const setup = await setUpPostgres(prepared, folder)
  return onStage(setting, setup, options, async (stage) => {
    const only: readonly BenchPart[] = options.only.includes('postgres') ? ['get', 'post'] : []
    const measured = only.length === 0 ? { measurements: [], memory: [] } : await besideLimits(stage, options, only)
    if (!options.only.includes('processes')) return { ...measured, processes: [], failure: undefined }
    try {
      return { ...measured, processes: await besideOne(stage, options), failure: undefined }
    } catch (error) {
      return { ...measured, processes: [], failure: { part: 'processes', reason: reasonOf(error) } }
    }
  })
}

/** Sets the stage, and takes it down whatever happens; its folder is given back, since others need the room. */
export async function onStage<T>(
  { prepared, folder, options }: Setting,
  setup: DatabaseSetup,
  crowd: Crowd,
  work: (stage: Stage) => Promise<T>,
): Promise<T & { readonly engine: Engine }> {
  const { spread, warm, writers } = crowd
  const stage = await setStage({ prepared, setup, folder, spread, warm, writers, logLevel: options.logLevel })
  try {
    return { engine: setup.engine, ...(await work(stage)) }
  } finally {
    await stage.stop()
    for (const data of setup.dataFolders) await rm(data, { recursive: true, force: true })
  }
}

async function besideLimits(stage: Stage, options: Options, only: readonly BenchPart[]): Promise<Omit<Measured, 'engine'>> {
  const { selfgraph, bare, pools, idleBytes } = stage
  const memory: MemoryPoint[] = [{ moment: 'after the start', bytes: idleBytes }]
  const measurements: Measurement[] = []
  const remember = async (moment: string, served: Served = selfgraph) =>
    void memory.push({ moment, bytes: (await usageOf(served)).residentBytes })
  if (only.includes('get'))
    for (const [title, pool] of [
      ['seen before', pools.warm],
      ['spread', pools.spread],
    ] as const) {
      await warmUp(stage, selfgraph, pool, options)
      await warmUp(stage, bare, pool, options, stage.replayed)
      const sides = reading(stage, pool, options)
      measurements.push(...(await inTurns({ work: 'get', title }, options, sides.of(selfgraph), { bare: sides.bare, reads: sides.reads })))
      await remember(`after reading by ${pool.size} people`)
    }
  if (only.includes('post')) {
    await warmUp(stage, selfgraph, pools.writers, options)
    const { of, bare: replaying, rows, sync } = adding(stage, options, roundsOnStage(options))
    const beside = { bare: replaying, together: rows('together'), each: rows('each'), grouped: rows('grouped'), sync }
    measurements.push(...(await inTurns({ work: 'post', title: 'durable' }, options, of(selfgraph), beside)))
    await remember('after adding')
  }
  await remember('the bare server, after the same', bare)
  return { measurements, memory }
}

/** Two processes against one, the load spread over both. */
async function besideOne(stage: Stage, options: Options): Promise<readonly Measurement[]> {
  const { selfgraph: one, pools } = stage
  const second = await stage.another()
  const both: Served = { children: [...one.children, ...second.children], ports: [...one.ports, ...second.ports], dialect: 'graph' }
  const pace: Pace = { ...options, connections: options.connections.filter((connections) => connections > 1).slice(-2) }
  const read = reading(stage, pools.warm, options)
  const add = adding(stage, options, roundsOnStage(options))
  for (const served of [one, second]) {
    await warmUp(stage, served, pools.warm, options)
    // Those who add have added by now: a list of theirs is no longer as long as the others.
    await add.of(served)(64)()
  }
  return [
    ...(await inTurns({ work: 'get', title: 'two processes' }, pace, read.of(both), { one: read.of(one) })),
    ...(await inTurns({ work: 'post', title: 'two processes' }, pace, add.of(both), { one: add.of(one) })),
  ]
}

/** Of Selfgraph adding: at each number of connections, and twice at two of them for the processes, which warm up by it. */
function roundsOnStage({ rounds, connections }: Pace): number {
  return rounds * (connections.length + 4) + 2
}
