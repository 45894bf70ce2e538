/** Selfgraph beside each peer in turns, both with the same emails: reading and adding. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareDatabase } from './data.ts'
import { crowdOf } from './growth.ts'
import { adding, inTurns, type Measurement, reading, warmUp } from './measure.ts'
import type { Options } from './options.ts'
import { onStage, type Setting } from './parts.ts'
import { installPeers, type Peer, peers, startPeer, versionsOf } from './peers.ts'
import { tell } from './progress.ts'
import { reasonOf } from './reason.ts'
import { setUpSqlite } from './setups.ts'
import { type Served, type Stage, usageOf } from './stage.ts'

export type Rival = { readonly peer: Peer; readonly emails: number; readonly versions: string } & (
  | { readonly measurements: readonly Measurement[]; readonly residentBytes: number; readonly selfgraphBytes: number }
  | { readonly failure: string }
)

/** Who is measured beside Selfgraph, and at what. */
export interface Contest {
  readonly peers: readonly Peer[]
  measure(stage: Stage, peer: Peer, served: Served, options: Options): Promise<readonly Measurement[]>
}

/** All of them, reading and adding. */
const readingAndAdding: Contest = { peers, measure: inTurnsWith }

/** Each by itself: one that cannot be installed, filled or run says why, and the others are measured nevertheless. */
export async function measurePeers(folder: string, options: Options, contest: Contest = readingAndAdding): Promise<readonly Rival[]> {
  const missing = await installPeers().then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  )
  const rivals: Rival[] = []
  for (const peer of contest.peers) {
    const emails = Math.min(options.emails, peer.most)
    const failed = (failure: string) => {
      tell(`${peer.name} could not be measured: ${failure}`)
      rivals.push({ peer, emails, versions: peer.packages.join(', '), failure })
    }
    if (missing !== undefined) failed(`not installed: ${missing}`)
    else
      await measurePeer(peer, emails, join(folder, peer.dialect), options, contest).then(
        (rival) => rivals.push(rival),
        (error: unknown) => failed(reasonOf(error)),
      )
  }
  return rivals
}

async function measurePeer(peer: Peer, emails: number, folder: string, options: Options, contest: Contest): Promise<Rival> {
  tell(`${peer.name}, ${emails} emails`)
  const prepared = await prepareDatabase(emails, options.folder)
  try {
    // Filled and started before the other, which must not be disturbed.
    const served = await startPeer(peer, prepared, folder)
    try {
      const place = await setUpSqlite(prepared, folder, { withLimits: false })
      const setting: Setting = { prepared, folder, options }
      return await onStage(setting, place, crowdOf(emails, options), async (stage) => ({
        ...{ peer, emails, versions: versionsOf(peer) },
        measurements: await contest.measure(stage, peer, served, options),
        residentBytes: (await usageOf(served)).residentBytes,
        selfgraphBytes: (await usageOf(stage.selfgraph)).residentBytes,
      }))
    } finally {
      await served.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function inTurnsWith(stage: Stage, { name }: Peer, peer: Served, options: Options): Promise<readonly Measurement[]> {
  const { selfgraph, pools } = stage
  for (const pool of [pools.warm, pools.writers]) await warmUp(stage, selfgraph, pool, options)
  await warmUp(stage, peer, pools.warm, options)
  const read = reading(stage, pools.warm, options)
  const add = adding(stage, options, options.rounds * options.connections.length)
  return [
    ...(await inTurns({ work: 'get', title: name }, options, read.of(selfgraph), { peer: read.of(peer) })),
    ...(await inTurns({ work: 'post', title: name }, options, add.of(selfgraph), { peer: add.peer(peer) })),
  ]
}
