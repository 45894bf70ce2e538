/** Rounds of `kill -9` on the server while it writes: on what is left the next one starts, and is compared. */

import { freePort, launch } from '../support/program.ts'
import { startLoad } from './load.ts'
import type { Random } from './random.ts'
import { compareWith, killProgram, type Stage, startOn } from './stage.ts'
import { type Report, Rounds, type Tally } from './tally.ts'
import { passing } from './waiting.ts'

export interface RoundsOptions {
  readonly rounds: number
  readonly random: Random
  readonly report: Report
}

const longestLoadMilliseconds = 1_000
const longestStartMilliseconds = 1_000

export async function killRounds(stage: Stage, name: string, { rounds, random, report }: RoundsOptions): Promise<Tally> {
  const counted = new Rounds(name, rounds, stage.ledger, report)
  let server = await startOn(stage)
  for (let round = 0; round < rounds; round++) {
    const load = startLoad({ port: server.port, people: stage.people, ledger: stage.ledger, random })
    // Mostly in the midst of it, sometimes while the very first writes are under way.
    if (random.next() < 0.9) await load.begun
    await passing(random.below(longestLoadMilliseconds))
    const early = load.troubles.cut
    await killProgram(server)
    await load.ended
    // Now and then the next one is killed as well, while it mends what the first has left.
    if (random.next() < 0.2) await killWhileStarting(stage.folder, stage.settings, random)
    server = await startOn(stage)
    const unexpected = early > 0 ? [`${early} connections broke before the server was killed`] : []
    counted.add(await compareWith(server, stage), [...load.troubles.unexpected, ...unexpected])
  }
  await killProgram(server)
  return counted.tally()
}

/** Starts a server and kills it before, or soon after, it listens. */
export async function killWhileStarting(folder: string, settings: Stage['settings'], random: Random): Promise<void> {
  const ports = { SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: String(await freePort()) }
  const program = launch(['serve'], { settings: { ...settings, ...ports, SELFGRAPH_DATA: folder, SELFGRAPH_DEMO: '1' } })
  await passing(random.below(longestStartMilliseconds))
  await killProgram(program)
}
