/** Everybody on stage: Selfgraph with its database, the bare server that replays its answers, the load, the rows. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Recorded } from './bare.ts'
import { Child } from './child.ts'
import { exchange } from './connection.ts'
import { copyDatabase, type Prepared } from './data.ts'
import { firstAnswer, freePort } from './first-answer.ts'
import type { Preparation } from './load.ts'
import type { Options } from './options.ts'
import { holderOf } from './people.ts'
import { checkBody, requestOf, statusOf, type Work } from './requests.ts'
import { prepareTokens } from './tokens.ts'

export interface Stage {
  readonly people: number
  readonly selfgraph: { readonly child: Child; readonly port: number }
  readonly bare: { readonly child: Child; readonly port: number }
  readonly load: Child
  readonly rows: Child
  /** Number of the token whose answers the bare server replays. */
  readonly replayed: number
  /** Memory of the server before it was asked anything. */
  readonly idleBytes: number
  stop(): Promise<void>
}

interface SetOptions extends Pick<Options, 'spread' | 'warm' | 'writers' | 'logLevel'> {
  readonly prepared: Prepared
  /** Folder of this run alone. */
  readonly folder: string
}

/** Starts all of them, and makes sure that both servers answer with the same octets. */
export async function setStage({ prepared, folder, spread, warm, writers, logLevel }: SetOptions): Promise<Stage> {
  const { people } = prepared
  const tokensFile = await prepareTokens(prepared, Math.max(spread, warm) + writers)
  const children: Child[] = []
  const stop = async () => void (await Promise.all(children.map((child) => child.stop())))
  const start = (program: readonly string[], rest: Partial<ConstructorParameters<typeof Child>[0]> = {}) => {
    const child = new Child({ program, folder, ...rest })
    children.push(child)
    return child
  }
  try {
    await copyDatabase(prepared, join(folder, 'served'))
    const port = await freePort()
    const child = start(['src/main.ts', 'serve'], { logFile: join(folder, 'server.log'), environment: settings(folder, port, logLevel) })
    await firstAnswer(port, '/health/ready')
    const { residentBytes: idleBytes } = await child.usage()
    // The last writer: nobody counts its emails.
    const replayed = Math.max(spread, warm) + writers - 1
    const token = readFileSync(tokensFile, 'utf8').split('\n')[replayed] ?? ''
    const recorded = await record(port, token, holderOf(replayed, people))
    const bareChild = start(['bench/bare.ts'])
    const barePort = await bareChild.ask<number>('serve', { recorded, keepAliveSeconds: recorded.keepAliveSeconds })
    await compare(barePort, token, holderOf(replayed, people), recorded.heads)
    const load = start(['bench/load.ts'])
    const length = (work: Work) => Buffer.byteLength(recorded[work].body)
    await load.ask('prepare', { tokensFile, people, bodyLength: { get: length('get'), post: length('post') } } satisfies Preparation)
    const rows = start(['bench/rows.ts'])
    await rows.ask('open', await copyDatabase(prepared, join(folder, 'rows')))
    return { people, selfgraph: { child, port }, bare: { child: bareChild, port: barePort }, load, rows, replayed, idleBytes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function settings(folder: string, port: number, logLevel: string): Record<string, string> {
  return {
    SELFGRAPH_DATA: join(folder, 'served'),
    SELFGRAPH_HTTP_PORT: String(port),
    SELFGRAPH_HTTPS_PORT: '0',
    SELFGRAPH_DEMO: '1', // trusts the own key; a database with tenants is not seeded
    SELFGRAPH_LOG_LEVEL: logLevel,
  }
}

type Recording = Record<Work, Recorded> & { readonly heads: Record<Work, string>; readonly keepAliveSeconds: number }

/** What node:http writes by itself. */
const own = ['date', 'connection', 'keep-alive']

async function record(port: number, token: string, person: number): Promise<Recording> {
  const answerTo = async (work: Work) => {
    const { status, head, body } = await exchange(port, requestOf(work, token, person))
    if (status !== statusOf[work]) throw new Error(`${work}: ${status} ${body}`)
    checkBody(work, body, person)
    return { head, recorded: { status, headers: headersOf(head, (name) => !own.includes(name)), body } }
  }
  const get = await answerTo('get')
  const post = await answerTo('post')
  return {
    get: get.recorded,
    post: post.recorded,
    heads: { get: get.head, post: post.head },
    keepAliveSeconds: Number(/timeout=(\d+)/.exec(get.head)?.[1] ?? 5),
  }
}

function headersOf(head: string, isWanted: (name: string) => boolean): Record<string, string> {
  const pairs = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(/: (.*)/s))
  return Object.fromEntries(pairs.flatMap(([name = '', value = '']) => (isWanted(name.toLowerCase()) ? [[name, value]] : [])))
}

/** The bare server is fair game only if a client could not tell it from Selfgraph. */
async function compare(port: number, token: string, person: number, heads: Record<Work, string>): Promise<void> {
  for (const work of ['get', 'post'] as const) {
    const { head } = await exchange(port, requestOf(work, token, person))
    const [theirs, ours] = [head, heads[work]].map((text) => text.replace(/^Date: .*$/m, ''))
    if (theirs !== ours) throw new Error(`the bare server answers ${work} otherwise:\n${theirs}\n\nthan Selfgraph:\n${ours}`)
  }
}
