/** What is measured on the stage: reading, with and without cache misses, and adding. */

import type { Child } from './child.ts'
import type { Ran, Run } from './load.ts'
import type { Options } from './options.ts'
import { alternate, type Round, type Side } from './rounds.ts'
import type { RowsRun } from './rows.ts'
import type { Stage } from './stage.ts'

export interface Measurement {
  readonly title: string
  readonly connections: number
  readonly selfgraph: readonly Round[]
  readonly bare: readonly Round[]
  readonly rows?: readonly Round[]
}

type People = Pick<Run, 'first' | 'size'>

const unlimited = Number.MAX_SAFE_INTEGER
/** A profile holds 250; three are there already. */
export const additionsPerPerson = 240

/** GET by people who were all seen before; or, where they are many, by people most of whom were forgotten. */
export async function measureGet(stage: Stage, title: string, people: People, options: Options): Promise<readonly Measurement[]> {
  const run = { work: 'get', ...people, order: 'random', milliseconds: options.milliseconds, limit: unlimited } as const
  await warmUp(stage, people, run)
  const measurements: Measurement[] = []
  for (const connections of options.connections) {
    const measured = await alternate(options.rounds, {
      selfgraph: () => loaded(stage, stage.selfgraph, connections, { ...run, replayed: undefined }),
      bare: () => loaded(stage, stage.bare, connections, { ...run, replayed: stage.replayed }),
    })
    measurements.push({ title, connections, ...measured })
    console.error(`${title}, ${connections} connections: done`)
  }
  return measurements
}

/** Everybody once, so that all are known; then a while at random, so that caches and compilers settle. */
async function warmUp(stage: Stage, people: People, run: Omit<Run, 'replayed'>): Promise<void> {
  await loaded(stage, stage.selfgraph, 16, {
    ...run,
    order: { cycled: 0 },
    limit: people.size,
    milliseconds: 10 * 60_000,
    replayed: undefined,
  })
  for (const { server, replayed } of [
    { server: stage.selfgraph, replayed: undefined },
    { server: stage.bare, replayed: stage.replayed },
  ])
    await loaded(stage, server, 64, { ...run, milliseconds: 2 * run.milliseconds, replayed })
}

/** POST, durable, beside a bare server that keeps nothing, and beside the same rows written without a server. */
export async function measurePost(stage: Stage, title: string, people: People, options: Options): Promise<readonly Measurement[]> {
  const run = { work: 'post', ...people, milliseconds: options.milliseconds } as const
  await warmUp(stage, people, { ...run, work: 'get', order: 'random', limit: unlimited })
  const done = { selfgraph: 0, rows: 0 }
  const measurements: Measurement[] = []
  const selfgraph =
    (connections: number): Side =>
    async () => {
      const limit = people.size * additionsPerPerson - done.selfgraph
      if (limit < connections) throw new Error('every profile is full: take more --writers, or fewer --rounds')
      const measured = await loaded(stage, stage.selfgraph, connections, {
        ...run,
        order: { cycled: done.selfgraph },
        limit,
        replayed: undefined,
      })
      done.selfgraph += measured.ran.count
      return measured
    }
  const rows: Side = async () => {
    const argument: RowsRun = { ...people, people: stage.people, cycled: done.rows, milliseconds: options.milliseconds }
    const ran = await stage.rows.ask<Ran>('insert', argument)
    done.rows += ran.count
    return { ran, cpuMicroseconds: ran.cpuMicroseconds }
  }
  for (const connections of options.connections) {
    const measured = await alternate(options.rounds, {
      selfgraph: selfgraph(connections),
      bare: () => loaded(stage, stage.bare, connections, { ...run, order: 'random', limit: unlimited, replayed: stage.replayed }),
      rows,
    })
    measurements.push({ title, connections, ...measured })
    console.error(`${title}, ${connections} connections: done`)
  }
  return measurements
}

/** One round: connections are opened before, and closed after, what is measured. */
export async function loaded(
  { load }: Pick<Stage, 'load'>,
  { child, port }: { readonly child: Child; readonly port: number },
  connections: number,
  run: Run,
): ReturnType<Side> {
  await load.ask('connect', { port, count: connections })
  const before = await child.usage()
  const ran = await load.ask<Ran>('run', run)
  const after = await child.usage()
  await load.ask('close')
  return {
    ran,
    cpuMicroseconds: after.cpuMicroseconds - before.cpuMicroseconds,
    loadShare: ran.cpuMicroseconds / 1e6 / ran.seconds,
  }
}
