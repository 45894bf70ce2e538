/** `npm run test:crash`: the crash tests at full length. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { type Plan, postgresCrashTests, sqliteCrashTests } from './crash-tests.ts'
import { narrows } from './full-disk.ts'
import { breakages } from './outage.ts'

const help = `Usage: npm run test:crash -- [OPTIONS]

Kills, starves and cuts off the server and its database under load, and compares every acknowledged write with what
is there afterwards.

  --rounds N     rounds of kill -9 of each kind (default: 100); a fifth of it for losses of power, a tenth for the rest
  --engine NAME  sqlite or postgres (default: both)
  --only KIND    kill, power, disk or outage (default: all)
  --seed N       makes the choices of an earlier run again
`
const options = {
  rounds: { type: 'string', default: '100' },
  engine: { type: 'string', default: 'both' },
  only: { type: 'string', default: 'all' },
  seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const { values } = parseArgs({ options, strict: true })
const { engine, only, help: asked } = values
const [rounds, seed] = [Number(values.rounds), Number(values.seed)]
const right =
  rounds > 0 &&
  Number.isInteger(rounds) &&
  Number.isInteger(seed) &&
  ['sqlite', 'postgres', 'both'].includes(engine) &&
  ['kill', 'power', 'disk', 'outage', 'all'].includes(only)
if (asked || !right) {
  console.error(help)
  process.exitCode = asked ? 0 : 64
} else {
  console.error(`--seed ${seed}`)
  const wanted = (kind: string, count: number) => (only === kind || only === 'all' ? count : 0)
  const tenth = Math.ceil(rounds / 10)
  const plan: Plan = {
    seed,
    kills: wanted('kill', rounds),
    powerLosses: wanted('power', Math.ceil(rounds / 5)),
    firstStarts: wanted('power', Math.ceil(rounds / 5)),
    fullDisks: each(narrows, wanted('disk', tenth)),
    outages: { ...each(breakages, wanted('outage', tenth)), 'PostgreSQL is killed': wanted('kill', rounds) },
    report: () => (line) => console.error(line),
  }
  if (engine !== 'postgres') sqliteCrashTests(plan)
  if (engine !== 'sqlite') postgresCrashTests(plan)
}

function each<K extends string>(kinds: Readonly<Record<K, unknown>>, rounds: number): Readonly<Partial<Record<K, number>>> {
  return Object.fromEntries(Object.keys(kinds).map((name) => [name, rounds])) as Partial<Record<K, number>> // its keys are those of `kinds`
}
