/** The program as a process of its own, as an operator has it: started, spoken to by signals, and read from outside. */

import { deepEqual } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { JWK } from 'jose'
import { findSigningKey } from '../../src/cli/own-keys.ts'
import { readConfig } from '../../src/config.ts'
import { randomness } from '../../src/randomness.ts'
import { withSecrets } from './secrets.ts'
import { copyTemplate, isAsTheTemplate } from './template.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const mainFile = join(root, 'src/main.ts')

export interface ProgramOptions {
  /** Settings; nothing of this process's own `SELFGRAPH_*` is passed on. */
  readonly settings?: Readonly<Record<string, string>>
  /** Working folder: one without a `.env` unless given. */
  readonly cwd?: string
  /** What to start instead of `node src/main.ts`. */
  readonly command?: readonly string[]
  /** It starts processes of its own: they are all killed with the test file. */
  readonly starts?: 'others'
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it wrote until now. */
  readonly stdout: () => string
  readonly stderr: () => string
}

/** A new folder that goes with the test file. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selfgraph-'))
  after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Compiled code is kept between the many starts of a test run: a start costs half as much. */
const compileCache = join(tmpdir(), 'selfgraph-test-compile-cache')

function environmentWith(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SELFGRAPH_') && name !== 'NODE_TEST_CONTEXT')
  return { NODE_COMPILE_CACHE: compileCache, ...Object.fromEntries(own), ...settings }
}

/** Starts the program. It is killed with the test file, should it still run. */
export function launch(args: readonly string[], { settings = {}, cwd = tmpdir(), command, starts }: ProgramOptions = {}): Program {
  const [file = '', ...first] = command ?? [process.execPath, mainFile]
  const child = spawn(file, [...first, ...args], {
    cwd,
    env: environmentWith(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: starts === 'others',
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
  after(() => {
    if (starts === undefined) child.kill('SIGKILL')
    else killGroup(child.pid)
  })
  return { child, ended, stdout: () => texts.stdout, stderr: () => texts.stderr }
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL')
  } catch {
    // all of them are gone
  }
}

/** Runs the program to its end. */
export function run(args: readonly string[], options?: ProgramOptions): Promise<Ended> {
  return launch(args, options).ended
}

/** Resolves when `text()` matches; rejects when the program ends before. */
export async function seen(program: Program, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
  const text = program[stream]
  if (pattern.test(text())) return
  await new Promise<void>((resolve, reject) => {
    program.child[stream]?.on('data', () => {
      if (pattern.test(text())) resolve()
    })
    program.ended.then(
      (ended) => (pattern.test(text()) ? resolve() : reject(new Error(`ended with ${ended.code} before ${pattern}: ${ended.stderr}`))),
      reject,
    )
  })
}

/** A port of the loopback address that nothing listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

export interface ServerProcess extends Program {
  readonly http: string
  readonly port: number
  readonly folder: string
  /** The key that the tokens of `token()` are signed with. */
  readonly key: JWK
  readonly now: () => number
}

/** A new folder with the run's seeded data, its key and its certificate; an empty one where there is none, or the settings want others. */
async function seededFolder(settings: Readonly<Record<string, string>>): Promise<string> {
  const folder = await freshFolder()
  if (isAsTheTemplate(settings)) await copyTemplate(folder, { embedded: true })
  return folder
}

/**
 * `selfgraph serve` as a process of its own, in demo mode over http unless the settings say otherwise, when it listens. Without a
 * folder of the test's own its data is there already.
 */
export async function serveProcess(options: ProgramOptions & { readonly folder?: string } = {}): Promise<ServerProcess> {
  const folder = options.folder ?? (await seededFolder(options.settings ?? {}))
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const settings = {
      SELFGRAPH_DATA: folder,
      SELFGRAPH_DEMO: '1',
      SELFGRAPH_HTTPS_PORT: '0',
      SELFGRAPH_HTTP_PORT: String(port),
      ...withSecrets(options.settings ?? {}),
    }
    const program = launch(['serve'], { ...options, settings })
    try {
      await seen(program, 'stderr', /Selfgraph is listening/)
    } catch (error) {
      // Another test may have taken the port in between.
      if (attempt < 5 && program.stderr().includes('is taken by another program')) continue
      throw error
    }
    const now = () => Date.now()
    const key =
      settings.SELFGRAPH_DEMO === '0' ? {} : await findSigningKey(readConfig(settings), { ...randomness, random: Math.random, now })
    return { ...program, http: `http://localhost:${port}`, port, folder, key, now }
  }
}

/** Runs a start that is to fail; answers the exit code and the one line that it said. */
export async function failingStart(options: ProgramOptions): Promise<{ readonly code: number | null; readonly line: string }> {
  const program = launch(['serve'], options)
  // One that starts all the same would never end.
  program.child.stderr?.on('data', () => {
    if (program.stderr().includes('Selfgraph is listening')) program.child.kill('SIGKILL')
  })
  const { code, signal, stdout, stderr } = await program.ended
  const [line = '', ...more] = stderr.split('\n')
  // No stack trace, and nothing half-started before it.
  deepEqual({ signal, stdout, more }, { signal: null, stdout: '', more: [''] }, stderr)
  return { code, line }
}
