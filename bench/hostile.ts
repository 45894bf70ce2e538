/**
 * `npm run bench -- hostile`: how long others wait while one client does its worst. Each attack gets a server of its own;
 * a second client asks that server and an idle one in turn, and at the end the attacked server is told to stop.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { JWTPayload } from 'jose'
import { openOwnKey, ownIssuer, signToken } from '../src/auth/own-key.ts'
import { roleTemplates } from '../src/auth/roles.ts'
import { randomness } from '../src/randomness.ts'
import type { Watch, Watched } from './bystander.ts'
import { Child } from './child.ts'
import { copyDatabase, type Prepared, prepareDatabase } from './data.ts'
import { freePort } from './first-answer.ts'
import { type Attack, attacks, type Tokens } from './hostile-attacks.ts'
import { targetOf } from './hostile-client.ts'
import { emailsPerPerson, personAt, tenantId } from './people.ts'
import { tell } from './progress.ts'
import { short, table } from './tables.ts'

/** What a second client may have to wait at most. */
const aimMilliseconds = 50
/** Within which a server says that it ends (docs/operating.md). */
const stopSeconds = 10
const giveUpStoppingMilliseconds = 60_000
const tokenSeconds = 24 * 3600
const warmUpMilliseconds = 1_500

const help = `Usage: npm run bench -- hostile [OPTIONS]

Sends each kind of request that is meant to hold a server up at a server of its own, over and over, while a second client
asks for /health/live and its own emails; prints the longest time that it waited, beside an idle server asked in turn with
it, and how long the attacked server took to end after SIGTERM with the attack going on. Aim: at most ${aimMilliseconds} ms, and ${stopSeconds} s.

  --seconds S    of each attack (default: 10)
  --people N     people in the directory, three emails each (default: 3000)
  --only A,B     some attacks only: ${attacks.map(({ name }) => name).join(', ')}
  --seed N       of what is made at random (default: 1)
  --folder F     where the database is kept for the next run (default: bench/data)
  --out FILE     where the table is written as well`

interface Outcome {
  readonly attack: Attack
  readonly watched: Watched
  readonly statuses: ReadonlyMap<number, number>
  /** Seconds from SIGTERM to the end; undefined where it had to be killed. */
  readonly stopped: number | undefined
  readonly megabytes: number
}

export async function measureHostile(args: readonly string[], bench: string): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '10' },
      people: { type: 'string', default: '3000' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      folder: { type: 'string', default: `${bench}data` },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return console.log(help)
  const names = values.only?.split(',') ?? attacks.map(({ name }) => name)
  const unknown = names.find((name) => !attacks.some((attack) => attack.name === name))
  if (unknown !== undefined) throw new Error(`--only takes ${attacks.map(({ name }) => name).join(', ')}; there is no ${unknown}`)
  await mkdir(values.folder, { recursive: true })
  const prepared = await prepareDatabase(Number(values.people) * emailsPerPerson, values.folder)
  const folder = await mkdtemp(join(values.folder, 'hostile-'))
  try {
    const outcomes: Outcome[] = []
    for (const attack of attacks.filter(({ name }) => names.includes(name))) {
      tell(`${attack.name}: ${attack.says}…`)
      outcomes.push(
        await endure(attack, prepared, join(folder, attack.name), Number(values.seconds) * 1000, randomFrom(Number(values.seed))),
      )
    }
    const text = render(outcomes)
    console.log(text)
    if (values.out !== undefined) await writeFile(values.out, text)
    if (!outcomes.every(isWithinAims)) process.exitCode = 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function endure(attack: Attack, prepared: Prepared, folder: string, milliseconds: number, random: () => number): Promise<Outcome> {
  const attacked = await startServer(prepared, join(folder, 'attacked'))
  const idle = await startServer(prepared, join(folder, 'idle'))
  const bystander = new Child({ program: ['bench/bystander.ts'], folder })
  const target = targetOf(attacked.httpPort, attacked.httpsPort)
  const over = new AbortController()
  try {
    const { second, ...tokens } = await makeTokens(prepared)
    const watch: Watch = { ports: { attacked: attacked.httpPort, idle: idle.httpPort }, token: second }
    // Before the attack the second client is served for a while: what is compiled for its first requests is not the attack's doing.
    await bystander.ask('watch', watch)
    await new Promise((resolve) => setTimeout(resolve, warmUpMilliseconds))
    await bystander.ask('report')
    await bystander.ask('watch', watch)
    const going = attack.run(target, tokens, over.signal, random)
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    const watched = await bystander.ask<Watched>('report')
    const { residentBytes } = await Promise.race([attacked.child.usage(), noUsage()]).catch(() => ({ residentBytes: Number.NaN }))
    const stopped = await stopUnderAttack(attacked.child)
    over.abort()
    target.close()
    await going
    return { attack, watched, statuses: target.statuses, stopped, megabytes: residentBytes / 1e6 }
  } finally {
    over.abort()
    target.close()
    await Promise.all([idle.child, attacked.child, bystander].map((child) => child.stop()))
  }
}

/** A server that is held up does not say what it takes. */
async function noUsage(): Promise<{ readonly residentBytes: number }> {
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  return { residentBytes: Number.NaN }
}

interface Server {
  readonly child: Child
  readonly httpPort: number
  readonly httpsPort: number
}

async function startServer(prepared: Prepared, data: string): Promise<Server> {
  await copyDatabase(prepared, data)
  const [httpPort, httpsPort] = [await freePort(), await freePort()]
  const environment = {
    SELFGRAPH_DATA: data,
    SELFGRAPH_HTTP_PORT: String(httpPort),
    SELFGRAPH_HTTPS_PORT: String(httpsPort),
    SELFGRAPH_DEMO: '1', // trusts the own key; a database with tenants is not seeded
  }
  const options = ['--max-semi-space-size=16'] // as scripts/run.mjs starts it
  const child = new Child({ program: ['src/main.ts', 'serve'], folder: data, logFile: join(data, 'server.log'), environment, options })
  await child.firstAnswer(httpPort, '/health/ready')
  return { child, httpPort, httpsPort }
}

/** Seconds that it took to end; undefined where it did not, and was killed. */
async function stopUnderAttack(child: Child): Promise<number | undefined> {
  const startedAt = performance.now()
  const stopping = child.stop().then(() => true)
  const patience = new AbortController()
  const late = new Promise<false>((resolve) => {
    const timer = setTimeout(() => resolve(false), giveUpStoppingMilliseconds)
    patience.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  const ended = await Promise.race([stopping, late])
  patience.abort()
  if (ended) return (performance.now() - startedAt) / 1000
  child.kill()
  await stopping
  return undefined
}

async function makeTokens({ folder }: Prepared): Promise<Tokens & { readonly second: string }> {
  const key = await openOwnKey(folder, randomness)
  const now = Math.floor(Date.now() / 1000)
  const wids = [roleTemplates['Global Reader']]
  const sign = (oid: string, scopes: string, more: JWTPayload = {}) => {
    const times = { iat: now, nbf: now, exp: now + tokenSeconds, auth_time: now }
    const claims: JWTPayload = { iss: ownIssuer, aud: 'https://graph.microsoft.com', tid: tenantId, oid, scp: scopes, idtyp: 'user' }
    return signToken(key, { ...claims, ...times, amr: ['pwd', 'mfa'], ...more })
  }
  return {
    stranger: await sign('00000000-0000-4000-8000-00000000ffff', 'openid'),
    reader: await sign(personAt(0).id, 'User.Read.All UserAuthenticationMethod.Read.All', { wids }),
    owner: await sign(personAt(1).id, 'User.ReadWrite UserAuthenticationMethod.ReadWrite'),
    second: await sign(personAt(2).id, 'User.Read'),
  }
}

function isWithinAims({ watched, stopped }: Outcome): boolean {
  const { attacked } = watched
  return (
    attacked !== undefined &&
    attacked.longest <= aimMilliseconds &&
    attacked.failed === 0 &&
    stopped !== undefined &&
    stopped <= stopSeconds
  )
}

function render(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { attack, watched, statuses, stopped, megabytes } = outcome
    const { attacked, idle } = watched
    const answered = [...statuses].sort(([, a], [, b]) => b - a).map(([status, times]) => `${status} × ${times}`)
    return [
      attack.name,
      short(attacked?.longest ?? Number.NaN),
      short(idle?.longest ?? Number.NaN),
      `${short(attacked?.p99 ?? Number.NaN)} / ${short(idle?.p99 ?? Number.NaN)}`,
      `${short(attacked?.median ?? Number.NaN)} / ${short(idle?.median ?? Number.NaN)}`,
      attacked?.failed ?? '–',
      stopped === undefined ? 'never' : `${stopped.toFixed(1)} s`,
      Number.isNaN(megabytes) ? '–' : Math.round(megabytes),
      answered.join(', ') || '–',
      isWithinAims(outcome) ? 'met' : '**missed**',
    ]
  })
  const head = [
    'attack',
    'longest wait, ms',
    'idle server',
    'medians',
    'failed',
    'ended after',
    'memory, MB',
    'the attacker was answered',
    '',
  ]
  const legend = attacks.map(({ name, says }) => `- \`${name}\`: ${says}`)
  return `${table(head, rows)}\n\n${legend.join('\n')}\n`
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
