/** Everybody on stage: Selfgraph with its database, the bare server that replays its answers, the load, the limit. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from './child.ts'
import type { Prepared } from './data.ts'
import { freePort } from './first-answer.ts'
import type { Preparation } from './load.ts'
import type { Options } from './options.ts'
import { holderOf } from './people.ts'
import { compare, record } from './replay.ts'
import type { Dialect, Work } from './requests.ts'
import type { DatabaseSetup, Engine } from './setups.ts'
import { prepareAdministrators, prepareTokens } from './tokens.ts'

/** As `npm start` starts the server (scripts/run.mjs). */
const asStarted = ['--max-semi-space-size=16']

/** One or more processes that answer the same; the load goes round over their ports. */
export interface Served {
  readonly children: readonly Child[]
  readonly ports: readonly number[]
  readonly dialect: Dialect
}

/** Tokens, by their numbers. */
export interface Pool {
  readonly first: number
  readonly size: number
}

export interface Stage {
  readonly engine: Engine
  readonly people: number
  readonly selfgraph: Served
  readonly bare: Served
  readonly load: Child
  readonly limits: Child | undefined
  /** Whose disk is asked how often it syncs. */
  readonly folder: string
  readonly pools: Readonly<Record<'warm' | 'spread' | 'writers', Pool>>
  /** How many emails were added, by whom. */
  readonly added: Map<string, number>
  /** Number of the token whose answers the bare server replays. */
  readonly replayed: number
  /** Memory of the server before it was asked anything. */
  readonly idleBytes: number
  /** Starts one more server on the same database. */
  another(): Promise<Served>
  stop(): Promise<void>
}

export type Crowd = Pick<Options, 'spread' | 'warm' | 'writers'>

interface SetOptions extends Crowd, Pick<Options, 'logLevel'> {
  readonly prepared: Prepared
  readonly setup: DatabaseSetup
  /** Folder of this stage alone. */
  readonly folder: string
}

/** Starts all of them, and makes sure that both servers answer with the same octets. The place goes with the stage. */
export async function setStage(options: SetOptions): Promise<Stage> {
  const children: Child[] = []
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()))
    await options.setup.drop()
  }
  try {
    return { ...(await set(options, children)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function set(
  { prepared, setup, folder, spread, warm, writers, logLevel }: SetOptions,
  children: Child[],
): Promise<Omit<Stage, 'stop'>> {
  const { people } = prepared
  const { engine, limits: limitsPlace } = setup
  const all = Math.max(spread, warm) + writers
  const tokensFile = await prepareTokens(prepared, all)
  const administratorsFile = await prepareAdministrators(prepared)
  const start = (program: readonly string[], rest: Partial<ConstructorParameters<typeof Child>[0]> = {}) => {
    const child = new Child({ program, folder, ...rest })
    children.push(child)
    return child
  }
  let started = 0
  const another = () => startServer(setup, logLevel, started++, start)
  const selfgraph = await another()
  const { residentBytes: idleBytes } = await usageOf(selfgraph)
  // The last writer: nobody counts its emails.
  const replayed = all - 1
  const token = readFileSync(tokensFile, 'utf8').split('\n')[replayed] ?? ''
  const recorded = await record(selfgraph.ports[0] ?? 0, token, holderOf(replayed, people))
  const bareChild = start(['bench/bare.ts'])
  const barePort = await bareChild.ask<number>('serve', { recorded, keepAliveSeconds: recorded.keepAliveSeconds })
  await compare(barePort, token, holderOf(replayed, people), recorded.heads)
  const load = start(['bench/load.ts'])
  const length = (work: Work) => Buffer.byteLength(recorded[work].body)
  const bodyLength = { get: length('get'), post: length('post') }
  await load.ask('prepare', { tokensFile, administratorsFile, people, bodyLength } satisfies Preparation)
  const limits = limitsPlace === undefined ? undefined : start(['bench/limits.ts'])
  await limits?.ask('open', limitsPlace)
  return {
    ...{ engine, people, selfgraph, load, limits, folder: setup.folder, replayed, idleBytes, another },
    bare: { children: [bareChild], ports: [barePort], dialect: 'graph' },
    pools: {
      warm: { first: 0, size: warm },
      spread: { first: 0, size: spread },
      writers: { first: Math.max(spread, warm), size: writers - 1 },
    },
    added: new Map(),
  }
}

async function startServer(
  { dataFolders, settings }: DatabaseSetup,
  logLevel: string,
  number: number,
  start: (program: readonly string[], rest: Partial<ConstructorParameters<typeof Child>[0]>) => Child,
): Promise<Served> {
  const data = dataFolders[number]
  if (data === undefined) throw new Error('one server alone may own this database')
  const port = await freePort()
  const environment = {
    ...settings,
    SELFGRAPH_DATA: data,
    SELFGRAPH_HTTP_PORT: String(port),
    SELFGRAPH_HTTPS_PORT: '0',
    SELFGRAPH_DEMO: '1', // trusts the own key; a database with tenants is not seeded
    SELFGRAPH_LOG_LEVEL: logLevel,
  }
  const child = start(['src/main.ts', 'serve'], { logFile: join(data, 'server.log'), environment, options: asStarted })
  await child.firstAnswer(port, '/health/ready')
  return { children: [child], ports: [port], dialect: 'graph' }
}

/** Of all the processes together. */
export async function usageOf({ children }: Pick<Served, 'children'>) {
  const usages = await Promise.all(children.map((child) => child.usage()))
  const sum = (part: 'cpuMicroseconds' | 'residentBytes') => usages.reduce((total, usage) => total + usage[part], 0)
  return { cpuMicroseconds: sum('cpuMicroseconds'), residentBytes: sum('residentBytes') }
}
