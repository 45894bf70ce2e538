/** A PostgreSQL server that can be killed, paused, restarted and cut off, on the same data. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../support/postgres.ts'
import { until } from './waiting.ts'

export interface PostgresUnderTest {
  /** Of a database in which others can be made. */
  readonly url: string
  /** Absent where the tests use a server of the operator's, which is not ours to break. */
  readonly breakable: BreakablePostgres | undefined
  stop(): Promise<void>
}

export interface BreakablePostgres {
  /** SIGKILL to every process of it at once. */
  crash(): Promise<void>
  /** An operator's restart: sessions are ended, and it is back at once. */
  restart(): Promise<void>
  /** After a crash, on what it left. */
  start(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends every session of our program; answers how many. */
  cut(): Promise<number>
  /** When no session of our program does anything any more; answers how many there are. */
  quiet(): Promise<number>
}

const run = promisify(execFile)
const nobody = 65534
const ours = "application_name = 'selfgraph'"

export async function startPostgresUnderTest(): Promise<PostgresUnderTest> {
  const { url, process: first, stop } = await startPostgres()
  if (first === undefined) return { url, breakable: undefined, stop }
  const main = new Main(first, url)
  const breakable: BreakablePostgres = {
    start: () => main.start(),
    crash: async () => {
      // So that it starts no new ones in place of those that are killed first.
      main.signal('SIGSTOP')
      await main.signalChildren('SIGKILL')
      await main.end('SIGKILL')
    },
    restart: async () => {
      await main.end('SIGINT')
      await main.start()
    },
    pause: async () => {
      main.signal('SIGSTOP')
      await main.signalChildren('SIGSTOP')
    },
    resume: async () => {
      await main.signalChildren('SIGCONT')
      main.signal('SIGCONT')
    },
    cut: () => numberFrom(url, `SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE ${ours}`),
    quiet: async () => {
      const busy = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${ours} AND state <> 'idle'`
      await until('sessions did not come to rest', async () => (await numberFrom(url, busy)) === 0)
      return numberFrom(url, `SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${ours}`)
    },
  }
  return {
    url,
    breakable,
    stop: async () => {
      await main.end('SIGINT')
      await stop()
    },
  }
}

/** PostgreSQL's first process, of which all others are children, and those that come after it on the same data. */
class Main {
  #process: ChildProcess
  readonly #url: string

  constructor(process: ChildProcess, url: string) {
    this.#process = process
    this.#url = url
  }

  async start(): Promise<void> {
    const { spawnfile, spawnargs } = this.#process
    const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
    await until('PostgreSQL did not start again', () => {
      // The last of the killed may still hold the memory that all share: then it ends at once, and may try again.
      if (hasEnded(this.#process)) this.#process = spawn(spawnfile, spawnargs.slice(1), { ...identity, stdio: 'ignore' })
      return numberFrom(this.#url, 'SELECT 1 AS n').then(
        () => true,
        () => false,
      )
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  async signalChildren(signal: NodeJS.Signals): Promise<void> {
    for (const child of await childrenOf(this.#process.pid ?? 0)) signalTo(child, signal)
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const ended = hasEnded(this.#process) ? undefined : once(this.#process, 'exit')
    this.#process.kill(signal)
    await ended
  }
}

/** What the statement answers as `n`. */
async function numberFrom(url: string, statement: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query<{ n: number }>(statement)).rows[0]?.n ?? 0
  } finally {
    await client.end().catch(() => undefined)
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const pairs = process.platform === 'linux' ? await processesInProc() : await processesByPs()
  return pairs.filter(([, of]) => of === parent).map(([pid]) => pid)
}

type Pair = readonly [pid: number, parent: number]

async function processesInProc(): Promise<readonly Pair[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // `pid (name) state parent …`, where the name may hold anything.
  const parentOf = async (pid: string) => Number((await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\)/s, '').split(' ')[2])
  return Promise.all(pids.map(async (pid): Promise<Pair> => [Number(pid), await parentOf(pid).catch(() => 0)]))
}

async function processesByPs(): Promise<readonly Pair[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  return stdout
    .trim()
    .split('\n')
    .map((line): Pair => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number)
      return [pid ?? 0, parent ?? 0]
    })
}
