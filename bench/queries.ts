/** The query language: how fast it is read, how its answers fare as more is stored, batches, and peers that have one too. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Batched, measureBatches } from './batches.ts'
import { prepareDatabase } from './data.ts'
import { crowdOf } from './growth.ts'
import { inTurns, nameOf, reading, warmUp } from './measure.ts'
import type { Options } from './options.ts'
import { measureParsing, type Parsed } from './parsing.ts'
import { peers } from './peers.ts'
import { tell } from './progress.ts'
import { asked, type QueryCaseName } from './query-cases.ts'
import { reasonOf } from './reason.ts'
import type { Failure } from './report.ts'
import { type Contest, measurePeers, type Rival } from './rivals.ts'
import { alternate, type Round } from './rounds.ts'
import { type Engine, setUpPostgres, setUpSqlite } from './setups.ts'
import { type Stage, setStage } from './stage.ts'

/** One question, of databases of several sizes in turns. */
export interface QuestionAsked {
  readonly engine: Engine
  readonly question: QueryCaseName
  readonly connections: number
  /** The smallest first; the rounds of all belong together. */
  readonly sizes: readonly { readonly emails: number; readonly rounds: readonly Round[] }[]
}

export interface Queries {
  readonly parsed: readonly Parsed[]
  readonly questions: readonly QuestionAsked[]
  readonly batches: readonly Batched[]
  readonly rivals: readonly Rival[]
  /** What could not be measured: the rest was nevertheless. */
  readonly failures: readonly Failure[]
}

export async function measureQueries(folder: string, options: Options): Promise<Queries> {
  const failures: Failure[] = []
  const fail = (what: string) => (error: unknown) => {
    const failure = { part: `queries, ${what}`, reason: reasonOf(error) }
    tell(`${failure.part}: ${failure.reason}`)
    failures.push(failure)
    return []
  }
  const connections = options.connections.slice(0, 2)
  const sizes = queriedSizes(options.sizes)
  tell('Parsing')
  const parsed = await measureParsing(options).catch(fail('parsing'))
  const onSqlite = await askAll('SQLite', sizes, folder, { ...options, connections }, fail)
  const middle = Math.floor(sizes.length / 2)
  const onPostgres = await askAll('PostgreSQL', sizes.slice(middle, middle + 1), folder, { ...options, connections }, fail)
  const batches = await measureBatches(folder, options, connections).catch(fail('batches'))
  const rivals = await measurePeers(folder, { ...options, connections }, queryContest)
  return { parsed, questions: [...onSqlite, ...onPostgres], batches, rivals, failures }
}

/** The least, and the two largest. */
function queriedSizes(sizes: readonly number[]): readonly number[] {
  return [...new Set([...sizes.slice(0, 1), ...sizes.slice(-2)])]
}

type Fail = (what: string) => (error: unknown) => readonly never[]

interface Standing {
  readonly emails: number
  readonly stage: Stage
}

/** All sizes stand at once, one server each, and are asked in turns. One that cannot be set up is left out. */
async function askAll(
  engine: Engine,
  sizes: readonly number[],
  folder: string,
  options: Options,
  fail: Fail,
): Promise<readonly QuestionAsked[]> {
  const standing: Standing[] = []
  const folderOf = (emails: number) => join(folder, `queried-${engine}-${emails}`)
  try {
    for (const emails of sizes) {
      tell(`Questions: ${engine}, ${emails} emails`)
      await set(engine, emails, folderOf(emails), options).then(
        (stage) => standing.push({ emails, stage }),
        fail(`${engine}, ${emails} emails`),
      )
    }
    const results: QuestionAsked[] = []
    for (const { stage } of standing) await warmUp(stage, stage.selfgraph, stage.pools.warm, options)
    for (const question of standing.length === 0 ? [] : asked)
      results.push(...(await askInTurns(engine, question, standing, options).catch(fail(`${engine}, ${nameOf(question)}`))))
    return results
  } finally {
    for (const { stage } of standing) await stage.stop()
    for (const emails of sizes) await rm(folderOf(emails), { recursive: true, force: true })
  }
}

async function set(engine: Engine, emails: number, folder: string, options: Options): Promise<Stage> {
  const prepared = await prepareDatabase(emails, options.folder)
  const setup = engine === 'SQLite' ? await setUpSqlite(prepared, folder, { withLimits: false }) : await setUpPostgres(prepared, folder)
  return setStage({ prepared, setup, folder, ...crowdOf(emails, options), logLevel: options.logLevel })
}

async function askInTurns(
  engine: Engine,
  question: QueryCaseName,
  standing: readonly Standing[],
  options: Options,
): Promise<readonly QuestionAsked[]> {
  const results: QuestionAsked[] = []
  const sidesAt = (connections: number, milliseconds: number) =>
    Object.fromEntries(
      standing.map(({ emails, stage }) => [
        `${emails} emails`,
        reading(stage, stage.pools.warm, { milliseconds }, question).of(stage.selfgraph)(connections),
      ]),
    )
  // Pages of the file are fetched, and compilers settle.
  await alternate<string>(1, sidesAt(options.connections.at(-1) ?? 1, options.milliseconds / 2))
  for (const connections of options.connections) {
    const rounds = await alternate<string>(options.rounds, sidesAt(connections, options.milliseconds))
    const sizes = standing.map(({ emails }) => ({ emails, rounds: rounds[`${emails} emails`] ?? [] }))
    results.push({ engine, question, connections, sizes })
    tell(`${engine}: ${nameOf(question)}, ${connections} connections: done`)
  }
  return results
}

/** The questions that peers can be asked too: what one person has, filtered and sorted. */
const queryContest: Contest = {
  peers: peers.filter(({ dialect }) => dialect === 'cap' || dialect === 'jsonServer'),
  async measure(stage, { name }, served, options) {
    const { warm } = stage.pools
    await warmUp(stage, stage.selfgraph, warm, options)
    await warmUp(stage, served, warm, options)
    const measurements = []
    for (const question of ['workEmails', 'twoEmails'] as const) {
      const asking = reading(stage, warm, options, question)
      const most = options.connections.at(-1) ?? 1
      await alternate(1, { ours: asking.of(stage.selfgraph)(most), theirs: asking.of(served)(most) })
      measurements.push(
        ...(await inTurns({ work: question, title: name }, options, asking.of(stage.selfgraph), { peer: asking.of(served) })),
      )
    }
    return measurements
  },
}
