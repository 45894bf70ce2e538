/** How the server fares as more and more is stored: the same requests with a thousand emails, and with millions. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { databaseBytes, prepareDatabase } from './data.ts'
import { adding, inTurns, type Measurement, type Pace, reading, warmUp } from './measure.ts'
import type { Options } from './options.ts'
import { onStage } from './parts.ts'
import { emailsPerPerson } from './people.ts'
import { tell } from './progress.ts'
import { reasonOf } from './reason.ts'
import { setUpSqlite } from './setups.ts'
import { type Crowd, type Stage, usageOf } from './stage.ts'

export type Grown =
  | {
      readonly emails: number
      readonly fileBytes: number
      readonly residentBytes: number
      readonly measurements: readonly Measurement[]
    }
  | { readonly emails: number; readonly failure: string }

/** A size that cannot be measured says why, and the others are measured nevertheless. */
export async function measureGrowth(folder: string, options: Options): Promise<readonly Grown[]> {
  const grown: Grown[] = []
  for (const emails of options.sizes) {
    tell(`Growth: ${emails} emails`)
    try {
      grown.push(await measureSize(emails, join(folder, `grown-${emails}`), options))
    } catch (error) {
      const failure = reasonOf(error)
      tell(`Growth: ${emails} emails could not be measured: ${failure}`)
      grown.push({ emails, failure })
    }
  }
  return grown
}

async function measureSize(emails: number, folder: string, options: Options): Promise<Grown> {
  const prepared = await prepareDatabase(emails, options.folder)
  const place = await setUpSqlite(prepared, folder, { withLimits: false })
  const crowd = crowdOf(emails, options)
  try {
    return await onStage({ prepared, folder, options }, place, crowd, async (stage) => {
      const measurements = await measureAll(stage, { ...options, connections: options.connections.slice(-1) })
      const { residentBytes } = await usageOf(stage.selfgraph)
      return { emails, fileBytes: databaseBytes(prepared), residentBytes, measurements }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureAll(stage: Stage, pace: Pace): Promise<readonly Measurement[]> {
  const { selfgraph, bare, pools } = stage
  const measurements: Measurement[] = []
  for (const [title, pool] of [
    ['seen before', pools.warm],
    ['spread', pools.spread],
  ] as const) {
    await warmUp(stage, selfgraph, pool, pace)
    await warmUp(stage, bare, pool, pace, stage.replayed)
    const sides = reading(stage, pool, pace)
    measurements.push(...(await inTurns({ work: 'get', title }, pace, sides.of(selfgraph), { bare: sides.bare })))
  }
  await warmUp(stage, selfgraph, pools.writers, pace)
  const sides = adding(stage, pace, pace.rounds)
  measurements.push(...(await inTurns({ work: 'post', title: 'durable' }, pace, sides.of(selfgraph), { bare: sides.bare })))
  return measurements
}

/** As many as are asked for, where so many are stored. */
export function crowdOf(emails: number, { spread, warm, writers }: Crowd): Crowd {
  const people = Math.ceil(emails / emailsPerPerson)
  const readers = Math.floor(people * 0.6)
  return { spread: Math.min(spread, readers), warm: Math.min(warm, readers), writers: Math.min(writers, Math.floor(people * 0.4)) }
}
