/** A batch of twenty beside twenty requests: over one connection, and over more. */

import { join } from 'node:path'
import { prepareDatabase } from './data.ts'
import { crowdOf } from './growth.ts'
import { additionsPerPerson, loaded, warmUp } from './measure.ts'
import type { Options } from './options.ts'
import { onStage } from './parts.ts'
import { tell } from './progress.ts'
import { batchParts } from './query-cases.ts'
import type { Work } from './requests.ts'
import { alternate, type Round, type Side } from './rounds.ts'
import { setUpSqlite } from './setups.ts'
import type { Pool, Stage } from './stage.ts'

export interface Batched {
  readonly work: Work
  /** Of the batches, and of the single requests beside them. */
  readonly connections: readonly [batches: number, singles: number]
  readonly batches: readonly Round[]
  readonly singles: readonly Round[]
}

/** On SQLite. `connections`: few, and more. */
export async function measureBatches(folder: string, options: Options, connections: readonly number[]): Promise<readonly Batched[]> {
  tell('Batches')
  const prepared = await prepareDatabase(options.emails, options.folder)
  const own = join(folder, 'batches')
  const place = await setUpSqlite(prepared, own, { withLimits: false })
  const { batched } = await onStage({ prepared, folder: own, options }, place, crowdOf(options.emails, options), async (stage) => {
    await warmUp(stage, stage.selfgraph, stage.pools.warm, options)
    return { batched: [...(await compare(stage, 'get', options, connections)), ...(await compare(stage, 'post', options, connections))] }
  })
  return batched
}

async function compare(stage: Stage, work: Work, options: Options, connections: readonly number[]): Promise<readonly Batched[]> {
  // Each number of connections has its rounds, and one before them, in which caches and compilers settle.
  const planned = connections.length * (options.rounds + 1)
  const [batching, asking] = work === 'get' ? readers(stage, options) : writers(stage, options, planned)
  const sides = Object.fromEntries(
    connections.flatMap((count): [string, Side][] => [
      [`batches ${count}`, batching(count)],
      [`singles ${count}`, asking(count)],
    ]),
  )
  await alternate<string>(1, sides)
  const rounds = await alternate<string>(options.rounds, sides)
  const [few = 1, more = few] = connections
  const pairs = [
    [few, few],
    [few, more],
    [more, more],
  ] as const
  tell(`Batches of ${batchParts}, ${work.toUpperCase()}: done`)
  return (more === few ? pairs.slice(0, 1) : pairs).map(([ofBatches, ofSingles]) => ({
    ...{ work, connections: [ofBatches, ofSingles] },
    ...{ batches: rounds[`batches ${ofBatches}`] ?? [], singles: rounds[`singles ${ofSingles}`] ?? [] },
  }))
}

type Sides = readonly [batching: (connections: number) => Side, asking: (connections: number) => Side]

function readers(stage: Stage, { milliseconds }: Options): Sides {
  const run = { ...stage.pools.warm, order: 'random', milliseconds, limit: Number.MAX_SAFE_INTEGER, replayed: undefined } as const
  const side = (work: 'get' | 'batchGet') => (connections: number) => () => loaded(stage, stage.selfgraph, connections, { work, ...run })
  return [side('batchGet'), side('get')]
}

/** Those who add by batches are others than those who add one by one: each profile has room for all the rounds. */
function writers(stage: Stage, { milliseconds }: Options, planned: number): Sides {
  const { first, size } = stage.pools.writers
  const half = Math.floor(size / 2)
  const side = (work: 'post' | 'batchPost', pool: Pool, perPerson: number) => {
    const share = Math.floor((pool.size * perPerson) / planned)
    let cycled = 0
    return (connections: number): Side =>
      async () => {
        if (share < connections) throw new Error('the profiles have no room for so many rounds: take more --writers, or fewer --rounds')
        const run = { work, ...pool, order: { cycled }, milliseconds, limit: share, replayed: undefined } as const
        const measured = await loaded(stage, stage.selfgraph, connections, run)
        cycled += measured.ran.count
        return measured
      }
  }
  return [
    side('batchPost', { first, size: half }, Math.floor(additionsPerPerson / batchParts)),
    side('post', { first: first + half, size: half }, additionsPerPerson),
  ]
}
