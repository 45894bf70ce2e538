/** What is measured on a stage: reading, with and without cache misses, and adding; beside whatever is given. */

import type { Child } from './child.ts'
import type { Ran, Run } from './load.ts'
import type { Options } from './options.ts'
import { tell } from './progress.ts'
import { isQuestion, queryCases } from './query-cases.ts'
import type { Asked } from './requests.ts'
import { alternate, type Round, type Side } from './rounds.ts'
import { type Pool, type Served, type Stage, usageOf } from './stage.ts'
import type { RowsRun, RowWork } from './statements.ts'

/** What Selfgraph is measured beside, apart from peers. */
export type Beside = 'bare' | RowWork | 'sync' | 'one' | 'peer'

export interface Measurement {
  readonly work: Asked
  readonly title: string
  readonly connections: number
  readonly selfgraph: readonly Round[]
  readonly beside: Readonly<Partial<Record<Beside, readonly Round[]>>>
}

export type Pace = Pick<Options, 'connections' | 'rounds' | 'milliseconds'>

const unlimited = Number.MAX_SAFE_INTEGER
/** A profile holds 250; three are there already. */
export const additionsPerPerson = 240

/** By people who were all seen before; or, where they are many, by people most of whom were forgotten. `work`: one that adds nothing. */
export function reading(stage: Stage, pool: Pool, { milliseconds }: Pick<Pace, 'milliseconds'>, work: Asked = 'get') {
  const run = { work, ...pool, order: 'random', milliseconds, limit: unlimited } as const
  return {
    of: (served: Served) => (connections: number) => () => loaded(stage, served, connections, { ...run, replayed: undefined }),
    bare: (connections: number) => () => loaded(stage, stage.bare, connections, { ...run, replayed: stage.replayed }),
    reads: (connections: number) => rowsSide(stage, 'reads', pool, milliseconds, connections),
  }
}

/**
 * Durable, where the server is Selfgraph. `planned`: how many rounds of it there will be on this stage. Where few people
 * are stored a round ends early, so that their profiles have room for all of them.
 */
export function adding(stage: Stage, { milliseconds }: Pace, planned: number) {
  const pool = stage.pools.writers
  const run = { work: 'post', ...pool, milliseconds } as const
  const capacity = pool.size * additionsPerPerson
  const share = Math.floor(capacity / planned)
  return {
    of:
      (served: Served) =>
      (connections: number): Side =>
      async () => {
        const cycled = stage.added.get('selfgraph') ?? 0
        const limit = Math.min(capacity - cycled, share)
        if (limit < connections) throw new Error('every profile is full: take more --writers, or fewer --rounds')
        const measured = await loaded(stage, served, connections, { ...run, order: { cycled }, limit, replayed: undefined })
        stage.added.set('selfgraph', cycled + measured.ran.count)
        return measured
      },
    /** Keeps no count: a peer has no limit. */
    peer: (served: Served) => (connections: number) => () =>
      loaded(stage, served, connections, { ...run, order: 'random', limit: unlimited, replayed: undefined }),
    bare: (connections: number) => () =>
      loaded(stage, stage.bare, connections, { ...run, order: 'random', limit: unlimited, replayed: stage.replayed }),
    rows: (work: RowWork) => (connections: number) => rowsSide(stage, work, pool, milliseconds, connections),
    sync: () => syncSide(stage, milliseconds),
  }
}

/** Rounds in turns at each number of connections. */
export async function inTurns(
  { work, title }: Pick<Measurement, 'work' | 'title'>,
  { connections: all, rounds }: Pace,
  selfgraph: (connections: number) => Side,
  beside: Readonly<Partial<Record<Beside, (connections: number) => Side>>>,
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  for (const connections of all) {
    const others = Object.fromEntries(Object.entries(beside).map(([name, side]) => [name, side(connections)]))
    const { selfgraph: ours = [], ...rest } = await alternate<string>(rounds, { selfgraph: selfgraph(connections), ...others })
    measurements.push({ work, title, connections, selfgraph: ours, beside: rest })
    tell(`${nameOf(work)}, ${title}, ${connections} connections: done`)
  }
  return measurements
}

export function nameOf(work: Asked): string {
  return isQuestion(work) ? queryCases[work].title : work.toUpperCase()
}

/** Everybody once, so that all are known; then a while at random, so that caches and compilers settle. */
export async function warmUp(stage: Stage, served: Served, pool: Pool, { milliseconds }: Pace, replayed?: number): Promise<void> {
  const run = { work: 'get', ...pool, order: 'random', limit: unlimited, replayed } as const
  if (served.dialect === 'graph' && replayed === undefined)
    await loaded(stage, served, 16, { ...run, order: { cycled: 0 }, limit: pool.size, milliseconds: 10 * 60_000 })
  await loaded(stage, served, 64, { ...run, milliseconds: 2 * milliseconds })
}

function rowsSide({ limits, added, people }: Stage, work: RowWork, pool: Pool, milliseconds: number, atOnce: number): Side {
  return async () => {
    const cycled = added.get(work) ?? 0
    const run: RowsRun = { work, ...pool, people, cycled, milliseconds, atOnce }
    const ran = await askLimits(limits, 'rows', run)
    added.set(work, cycled + ran.count)
    return { ran, cpuMicroseconds: ran.cpuMicroseconds }
  }
}

function syncSide({ limits, folder }: Stage, milliseconds: number): Side {
  return async () => {
    const ran = await askLimits(limits, 'sync', { folder, milliseconds })
    return { ran, cpuMicroseconds: ran.cpuMicroseconds }
  }
}

function askLimits(limits: Child | undefined, name: string, argument: unknown): Promise<Ran> {
  if (limits === undefined) throw new Error('this stage has no limits')
  return limits.ask<Ran>(name, argument)
}

/** One round: connections are opened before, and closed after, what is measured. */
export async function loaded(
  { load }: Pick<Stage, 'load'>,
  served: Served,
  connections: number,
  run: Omit<Run, 'dialect'>,
): Promise<Awaited<ReturnType<Side>>> {
  await load.ask('connect', { ports: served.ports, count: connections })
  try {
    const before = await usageOf(served)
    const ran = await load.ask<Ran>('run', { ...run, dialect: served.dialect } satisfies Run)
    const after = await usageOf(served)
    return {
      ran,
      cpuMicroseconds: after.cpuMicroseconds - before.cpuMicroseconds,
      loadShare: ran.cpuMicroseconds / 1e6 / ran.seconds,
    }
  } finally {
    await load.ask('close')
  }
}
