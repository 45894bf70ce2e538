/** Rounds of simulated power loss on SQLite: the server is killed under load, and the next one has only what was synced. */

import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ask } from '../support/ask.ts'
import { freshFolder, type ProgramOptions, type ServerProcess, serveProcess } from '../support/program.ts'
import { token } from '../support/server.ts'
import { killWhileStarting, type RoundsOptions } from './kill-rounds.ts'
import { startLoad } from './load.ts'
import { layKey } from './people.ts'
import { type Watch, type Watched, watch } from './power-loss-library.ts'
import { compareWith, killProgram, type Stage, sqliteIn, startOn } from './stage.ts'
import { Rounds, type Tally } from './tally.ts'
import { passing } from './waiting.ts'

export interface PowerLossOptions extends RoundsOptions {
  readonly watch: Watch
  /** Other programs than the real one, in turn; `real` is that. */
  readonly programs?: readonly (readonly string[] | 'real')[]
  /** Whether some of what was not synced survives, in any order; true unless given. */
  readonly strays?: boolean
}

const longestLoadMilliseconds = 1_000
/** Without so many writes a round shows little; a slow machine takes its time over them. */
const fewestWrites = 60
const longestWaitMilliseconds = 15_000

interface Tried {
  readonly stage: Stage
  readonly server: ServerProcess
  readonly watched: Watched
}

async function enough(ledger: Stage['ledger']): Promise<void> {
  const wanted = ledger.acknowledged + fewestWrites
  for (let waited = 0; ledger.acknowledged < wanted && waited < longestWaitMilliseconds; waited += 20) await passing(20)
}

/** The tally, and in how many rounds the database itself was written to besides its log. */
export async function powerLossRounds(
  first: Stage,
  name: string,
  options: PowerLossOptions,
): Promise<Tally & { readonly checkpointed: number }> {
  const { rounds, random, report } = options
  const counted = new Rounds(name, rounds, first.ledger, report)
  let checkpointed = 0
  let tried = await start(first, 0, options)
  for (let round = 0; round < rounds; round++) {
    const { server, stage, watched } = tried
    const load = startLoad({ port: server.port, people: stage.people, ledger: stage.ledger, random })
    await load.begun
    await enough(stage.ledger)
    await passing(random.below(longestLoadMilliseconds))
    await killProgram(server)
    await load.ended
    if ((await changedAt(watched)) > watched.since) checkpointed++
    let left = await afterLoss(tried)
    // Now and then the power goes again while the next one mends what was left.
    if (random.next() < 0.2) {
      const again = await watch(options.watch, left.folder)
      await killWhileStarting(left.folder, { ...left.settings, ...again.environment }, random)
      left = await afterLoss({ stage: left, watched: again })
    }
    tried = await start(left, round + 1, options)
    counted.add(await compareWith(tried.server, tried.stage), load.troubles.unexpected)
  }
  await killProgram(tried.server)
  return { ...counted.tally(), checkpointed }
}

async function start(
  stage: Stage,
  round: number,
  { watch: given, programs = ['real'], random, strays = true }: PowerLossOptions,
): Promise<Tried> {
  const watched = await watch(given, stage.folder, strays ? random.pick([undefined, 2, 10]) : undefined)
  // A program that never syncs loses its keys as well: the tokens are to be good all the same, so that lost writes are seen.
  if (!programs.includes('real')) await layKey(stage.folder)
  const command = programs[round % programs.length]
  const options: ProgramOptions = { settings: watched.environment, ...(command === undefined || command === 'real' ? {} : { command }) }
  return { stage, watched, server: await startOn(stage, options) }
}

/** The stage in what the loss has left. */
async function afterLoss({ stage, watched }: Pick<Tried, 'stage' | 'watched'>): Promise<Stage> {
  await rm(stage.folder, { recursive: true })
  return { ...stage, ...sqliteIn(watched.copy) }
}

async function changedAt({ copy }: Watched): Promise<number> {
  return (await stat(join(copy, 'selfgraph.db'))).mtimeMs
}

/** The power goes during the very first start, or right after the first answer: what is wrong afterwards, a line each. */
export async function firstStartRound({ watch: given, random }: Pick<PowerLossOptions, 'watch' | 'random'>): Promise<readonly string[]> {
  const folder = await freshFolder()
  const { copy, environment } = await watch(given, folder)
  let address: string | undefined
  if (random.next() < 0.7) await killWhileStarting(folder, environment, random)
  else {
    const server = await serveProcess({ folder, settings: environment })
    const body = { address: 'first@crash.example' }
    const answer = await ask(server, 'POST /beta/me/profile/emails', {
      token: await token(server, 'kim', { scope: 'User.ReadWrite' }),
      body,
    })
    if (answer.status === 201) address = body.address
    await killProgram(server)
  }
  return faultsOfFirstStart(copy, address)
}

async function faultsOfFirstStart(folder: string, address: string | undefined): Promise<readonly string[]> {
  const server = await serveProcess({ folder })
  const faults = [...(await sqliteIn(folder).faults())]
  for (const user of ['kim', 'sam'] as const) {
    const me = await ask(server, 'GET /v1.0/me', { token: await token(server, user, { scope: 'User.Read' }) })
    if (me.status !== 200) faults.push(`${user} is not among the demo's people: ${me.text}`)
  }
  const listed = await ask(server, 'GET /beta/me/profile/emails', { token: await token(server, 'kim', { scope: 'User.Read' }) })
  const found = (listed.json.value as { address: string }[]).map((email) => email.address) // a list, as that path answers
  if (found.join() !== (address ?? '')) faults.push(`${address} was acknowledged, and there is ${found.join()}`)
  await killProgram(server)
  return faults
}
