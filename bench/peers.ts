/** The peers: what they are, how each is installed, filled and started; one that does not come is left out with the reason. */

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Child, root } from './child.ts'
import type { Prepared } from './data.ts'
import { freePort } from './first-answer.ts'
import { tell } from './progress.ts'
import type { Dialect } from './requests.ts'
import type { Served } from './stage.ts'

export interface Peer {
  readonly name: string
  /** The package whose version is told. */
  readonly packages: readonly string[]
  readonly dialect: Dialect
  /** From the root of the project; told the number of people and the file to make. */
  readonly load: string
  readonly program: string
  /** Where it is started, from the root of the project. */
  readonly folder: string
  /** Emails with which it can be measured in sensible time. */
  readonly most: number
  /** What an addition that was answered has survived. */
  readonly durability: string
  readonly environment?: (file: string) => Readonly<Record<string, string>>
}

const home = 'bench/peers'

export const peers: readonly Peer[] = [
  {
    name: 'SAP CAP',
    packages: ['@sap/cds', '@cap-js/sqlite'],
    dialect: 'cap',
    load: `${home}/cap/load.mjs`,
    program: `${home}/node_modules/@sap/cds/bin/serve.js`,
    folder: `${home}/cap`,
    most: 1_000_000,
    durability: 'on disk, a commit each',
    environment: (file) => ({ cds_requires_db_credentials_url: file }),
  },
  {
    name: 'Express + Drizzle',
    packages: ['express', 'drizzle-orm', 'better-sqlite3'],
    dialect: 'express',
    load: `${home}/express-load.mjs`,
    program: `${home}/express.mjs`,
    folder: home,
    most: 5_000_000,
    durability: 'on disk, a commit each',
  },
  {
    name: 'json-server',
    packages: ['json-server'],
    dialect: 'jsonServer',
    load: `${home}/json-server-load.mjs`,
    program: `${home}/json-server.mjs`,
    folder: home,
    most: 10_000,
    durability: 'the whole file is written anew, not synced',
  },
]

const run = promisify(execFile)
const longestInstallMilliseconds = 5 * 60_000
const longestLoadMilliseconds = 15 * 60_000

/** `npm ci` in the peers' own folder, unless what is installed is what its lock says. Throws with the reason. */
export async function installPeers(): Promise<void> {
  const folder = join(root, home)
  const stamp = join(folder, 'node_modules/.installed')
  const wanted = fingerprint(['package-lock.json'])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  tell('Installing the peers (once)…')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: folder, timeout: longestInstallMilliseconds }
  await (npm === undefined
    ? run('npm', args, { ...options, shell: process.platform === 'win32' })
    : run(process.execPath, [npm, ...args], options))
  writeFileSync(stamp, wanted)
}

/** `name version`, for each of its packages. */
export function versionsOf({ packages }: Peer): string {
  return packages
    .map((name) => {
      const { version } = JSON.parse(readFileSync(join(root, home, 'node_modules', name, 'package.json'), 'utf8')) as { version: string } // npm's own file
      return `${name} ${version}`
    })
    .join(', ')
}

/** Fills the peer's database once, and starts it on a copy in `folder`. Throws with the reason. */
export async function startPeer(peer: Peer, prepared: Prepared, folder: string): Promise<Served & { stop(): Promise<void> }> {
  const filled = await fill(peer, prepared)
  const file = join(folder, peer.dialect, 'data.db')
  await mkdir(dirname(file), { recursive: true })
  await copyFile(filled, file)
  const port = await freePort()
  const child = new Child({
    program: [peer.program],
    folder: join(root, peer.folder),
    environment: { NODE_ENV: 'production', PORT: String(port), PEER_DATA: file, ...peer.environment?.(file) },
    logFile: join(folder, peer.dialect, 'log'),
  })
  try {
    await child.firstAnswer(port, '/')
  } catch (error) {
    await child.stop()
    throw error
  }
  return { children: [child], ports: [port], dialect: peer.dialect, stop: () => child.stop() }
}

async function fill(peer: Peer, { folder, people }: Prepared): Promise<string> {
  const file = join(folder, `peer-${peer.dialect}`)
  const stamp = `${file}.complete`
  const wanted = fingerprint(['package-lock.json', ...globSync('{,cap/**/}*.{mjs,cds}', { cwd: join(root, home) }).sort()])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return file
  await rm(file, { force: true })
  tell(`Filling ${peer.name} (once)…`)
  const cwd = join(root, peer.folder)
  await run(process.execPath, [join(root, peer.load), String(people), file], { cwd, timeout: longestLoadMilliseconds })
  writeFileSync(stamp, wanted)
  return file
}

function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(readFileSync(join(root, home, file)))
  return hash.digest('hex')
}
