/** PostgreSQL killed, restarted, paused and cut off under load: refused in time, and on it goes by itself when it is back. */

import { ask } from '../support/ask.ts'
import type { ServerProcess } from '../support/program.ts'
import type { RoundsOptions } from './kill-rounds.ts'
import { type Load, startLoad } from './load.ts'
import type { Network } from './network.ts'
import type { BreakablePostgres } from './postgres-server.ts'
import type { Random } from './random.ts'
import { compareWith, killProgram, type Stage, startOn } from './stage.ts'
import { Rounds, type Tally } from './tally.ts'
import { passing, until } from './waiting.ts'

/** Seconds that the database may take: what the server is told, so that the tests need not wait for long. */
export const timeoutSeconds = 2
export const connections = 12
export const outageSettings = { SELFGRAPH_DATABASE_TIMEOUT: String(timeoutSeconds), SELFGRAPH_DATABASE_CONNECTIONS: String(connections) }

/** For a connection, for a statement with the second that the database has to say so itself, and for a busy machine. */
const longestAnswerMilliseconds = (2 * timeoutSeconds + 1) * 1000 + 2_000

/** What can be broken. */
interface Breakables {
  readonly postgres: BreakablePostgres
  /** Between our program and PostgreSQL. */
  readonly network: Network
  readonly random: Random
}

export interface Breakage {
  /** Does it, waits for what follows, and mends what does not mend itself. */
  run(breakables: Breakables, whileBroken: () => Promise<void>): Promise<void>
  /** Whether the database answers nobody meanwhile, so that the server must say that it is not ready. */
  readonly total: boolean
}

// biome-ignore format: a table
export const breakages = {
  'PostgreSQL is killed':            { total: true,  run: async ({ postgres }, whileBroken) => { await postgres.crash(); await whileBroken(); await postgres.start() } },
  'PostgreSQL is restarted':         { total: false, run: ({ postgres }) => postgres.restart() },
  'PostgreSQL is paused':            { total: true,  run: async ({ postgres }, whileBroken) => { await postgres.pause(); await whileBroken(); await postgres.resume() } },
  'PostgreSQL ends its sessions':    { total: false, run: (breakables) => severalTimes(breakables, () => breakables.postgres.cut()) },
  'the connections are cut':         { total: false, run: (breakables) => severalTimes(breakables, async () => breakables.network.cut()) },
  'the connections fall silent':     { total: false, run: async ({ network }) => network.silence() },
} as const satisfies Record<string, Breakage>

async function severalTimes({ random }: Breakables, act: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < 5; time++) {
    await act()
    await passing(random.below(200))
  }
}

export interface OutageOptions extends RoundsOptions {
  readonly postgres: BreakablePostgres
  /** Through which the stage's server goes. */
  readonly network: Network
  readonly breakage: Breakage
}

/** The same server all the time: in each round the database breaks under load, and comes back. */
export async function outageRounds(
  stage: Stage,
  name: string,
  { postgres, network, breakage, rounds, random, report }: OutageOptions,
): Promise<Tally> {
  const counted = new Rounds(name, rounds, stage.ledger, report)
  const server = await startOn(stage)
  for (let round = 0; round < rounds; round++) {
    const load = startLoad({ port: server.port, people: stage.people, ledger: stage.ledger, random, expects: 'unavailable' })
    await load.begun
    await passing(random.below(400))
    const faults: string[] = []
    await breakage.run({ postgres, network, random }, async () => {
      if (breakage.total) faults.push(...(await whileBroken(server, load)))
    })
    faults.push(...(await whenBack(server, stage, load)))
    await load.stop()
    network.endSilence()
    const sessions = await postgres.quiet()
    if (sessions > connections) faults.push(`${sessions} sessions are open, and ${connections} are allowed`)
    counted.add(await compareWith(server, stage), [...load.troubles.unexpected, ...faults], load.troubles.slowestMilliseconds)
  }
  await killProgram(server)
  return counted.tally()
}

/** Writes are refused, and the server says that it is not ready. */
async function whileBroken(server: ServerProcess, { troubles }: Load): Promise<readonly string[]> {
  const startedAt = performance.now()
  const ready = await ask(server, 'GET /health/ready')
  const took = performance.now() - startedAt
  const before = troubles.refused
  await until('no write was refused', () => troubles.refused > before)
  return [
    ...(ready.status === 503 ? [] : [`/health/ready answered ${ready.status} while the database was away`]),
    ...(took < longestAnswerMilliseconds ? [] : [`/health/ready took ${took} ms`]),
  ]
}

/** The server is ready and writes succeed, by themselves; no answer has taken too long. */
export async function whenBack(server: ServerProcess, { ledger }: Stage, { troubles }: Load): Promise<readonly string[]> {
  await until('the server did not become ready', async () => (await ask(server, 'GET /health/ready')).status === 200)
  const before = ledger.acknowledged
  await until('no writes succeeded after the database was back', () => ledger.acknowledged > before + 100)
  return [
    ...(troubles.slowestMilliseconds < longestAnswerMilliseconds ? [] : [`an answer took ${troubles.slowestMilliseconds} ms`]),
    ...(troubles.cut === 0 ? [] : [`${troubles.cut} requests got no answer`]),
  ]
}
