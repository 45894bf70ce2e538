/** The crash tests of both engines: the same ones for a minute's look and for a night. */

import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { makeDatabase } from '../support/postgres.ts'
import { freshFolder } from '../support/program.ts'
import { fullDiskRounds, narrows } from './full-disk.ts'
import { killRounds } from './kill-rounds.ts'
import { startNetwork } from './network.ts'
import { type Breakage, breakages, outageRounds, outageSettings } from './outage.ts'
import { type PostgresUnderTest, startPostgresUnderTest } from './postgres-server.ts'
import { firstStartRound, powerLossRounds } from './power-loss.ts'
import { buildLibrary, changedProgram, checkpointing, unsynced, type Watch } from './power-loss-library.ts'
import { type Random, seeded } from './random.ts'
import { stageOnPostgres, stageOnSqlite } from './stage.ts'
import { assertNothingHappened, type Report } from './tally.ts'

export interface Plan {
  /** The same seed makes the same choices; when a process gets to see them is another matter. */
  readonly seed: number
  /** How many rounds of each kind; those with none are left out. */
  readonly kills: number
  readonly powerLosses: number
  readonly firstStarts: number
  readonly fullDisks: Readonly<Partial<Record<keyof typeof narrows, number>>>
  readonly outages: Readonly<Partial<Record<keyof typeof breakages, number>>>
  readonly report: (context: TestContext) => Report
}

/** A kind of which no rounds are wanted is not there at all. */
function itIf(rounds: number, title: string, test: (context: TestContext) => Promise<void>): void {
  if (rounds > 0) it(title, test)
}

export function sqliteCrashTests(plan: Plan): void {
  const { seed, kills, fullDisks, report } = plan
  describe('What was answered is on disk (SQLite)', () => {
    itIf(kills, 'after kill -9 of the server: nothing lost, doubled or torn', async (context) => {
      const options = { rounds: kills, random: seeded(seed), report: report(context) }
      assertNothingHappened(await killRounds(await stageOnSqlite(), 'SQLite, kill -9', options))
    })

    powerLossTests(plan)

    for (const [name, narrow] of Object.entries(narrows)) {
      const rounds = fullDisks[name as keyof typeof narrows] ?? 0 // `name` is one of its keys
      itIf(rounds, `with ${name}: writes are refused, reads go on, and so does all when there is room`, async (context) => {
        const made = await narrow()
        if ('missing' in made) return context.skip(made.missing)
        try {
          assertNothingHappened(await fullDiskRounds(made, name, { rounds, random: seeded(seed + 4), report: report(context) }))
        } finally {
          await made.end()
        }
      })
    }
  })
}

function powerLossTests({ seed, powerLosses, firstStarts, report }: Plan): void {
  itIf(powerLosses, 'after a loss of power, whatever else the disk has written and in whatever order', (context) =>
    withLibrary(context, async (watch) => {
      const programs = ['real' as const, await changedProgram(watch.workshop, checkpointing)]
      const options = { rounds: powerLosses, random: seeded(seed + 1), report: report(context), watch, programs }
      const tally = await powerLossRounds(await stageOnSqlite(), 'loss of power', options)
      assertNothingHappened(tally)
      assert.ok(powerLosses < 2 || tally.checkpointed > 0, 'the log was never moved into the database, so that was not shown')
    }),
  )

  itIf(powerLosses, 'and would be seen to be lost, were it not synced (control)', (context) =>
    withLibrary(context, async (watch) => {
      const programs = [await changedProgram(watch.workshop, unsynced)]
      const options = { rounds: 1, random: seeded(seed + 2), report: report(context), watch, programs, strays: false }
      const { findings } = await powerLossRounds(await stageOnSqlite(), 'loss of power without syncing', options)
      assert.notEqual(findings.lost.length, 0, 'a program that never syncs lost nothing: a loss would not be seen')
    }),
  )

  itIf(firstStarts, 'even in the very first start, which is then done again', (context) =>
    withLibrary(context, async (watch) => {
      const random = seeded(seed + 3)
      const faults: string[] = []
      for (let round = 0; round < firstStarts; round++) faults.push(...(await firstStartRound({ watch, random })))
      assert.deepEqual(faults, [])
    }),
  )
}

async function withLibrary(context: TestContext, work: (watch: Watch) => Promise<void>): Promise<void> {
  const workshop = await freshFolder()
  const built = await buildLibrary(workshop)
  if ('missing' in built) context.skip(built.missing)
  else await work({ workshop, library: built.library })
}

export function postgresCrashTests({ seed, kills, outages, report }: Plan): void {
  describe('What was answered is on disk (PostgreSQL)', () => {
    let server: PostgresUnderTest
    before(async () => {
      server = await startPostgresUnderTest()
    })
    after(() => server?.stop())

    itIf(kills, 'after kill -9 of the server: nothing lost, doubled or torn', (context) =>
      withDatabase(server.url, async (url) => {
        const options = { rounds: kills, random: seeded(seed + 5), report: report(context) }
        assertNothingHappened(await killRounds(await stageOnPostgres(url.href), 'PostgreSQL, kill -9', options))
      }),
    )

    for (const [name, breakage] of Object.entries(breakages)) {
      const rounds = outages[name as keyof typeof breakages] ?? 0 // `name` is one of its keys
      itIf(rounds, `when ${name}: requests are refused in time, and all goes on by itself`, (context) =>
        outage(context, server, breakage, { name, rounds, random: seeded(seed + 6), report: report(context) }),
      )
    }
  })
}

interface NamedRounds {
  readonly name: string
  readonly rounds: number
  readonly random: Random
  readonly report: Report
}

async function outage(
  context: TestContext,
  { url: serverUrl, breakable: postgres }: PostgresUnderTest,
  breakage: Breakage,
  { name, ...options }: NamedRounds,
): Promise<void> {
  if (postgres === undefined) return context.skip('the PostgreSQL of SELFGRAPH_TEST_DATABASE_URL is not ours to break')
  const network = await startNetwork(new URL(serverUrl))
  try {
    await withDatabase(serverUrl, async (url) => {
      const through = new URL(url)
      through.port = String(network.port)
      const stage = await stageOnPostgres(url.href, { through: through.href, settings: outageSettings })
      assertNothingHappened(await outageRounds(stage, name, { ...options, postgres, network, breakage }))
    })
  } finally {
    await network.close()
  }
}

let databases = 0

async function withDatabase(serverUrl: string, work: (url: URL) => Promise<void>): Promise<void> {
  const { url, drop } = await makeDatabase(serverUrl, `crash_${process.pid}_${++databases}`)
  await work(new URL(url))
  await drop()
}
