/** A disk without room under a writing server: refused in so many words, nothing spoilt, and on it goes when there is room again. */

import { execFile } from 'node:child_process'
import { rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask } from '../support/ask.ts'
import { freshFolder, type ServerProcess } from '../support/program.ts'
import type { RoundsOptions } from './kill-rounds.ts'
import { type Load, startLoad } from './load.ts'
import { compareWith, killProgram, type Stage, stageOnSqlite, startOn } from './stage.ts'
import { Rounds, type Tally } from './tally.ts'
import { until } from './waiting.ts'

const run = promisify(execFile)

/** Something that leaves a server no room. */
export interface Narrow {
  /** Data folder, where it has to be a certain one. */
  readonly folder: string | undefined
  fill(server: ServerProcess, folder: string): Promise<void>
  free(server: ServerProcess): Promise<void>
  end(): Promise<void>
}

type Attempt = Narrow | { readonly missing: string }

/** So much is left, that writes end while they are under way. */
const left = 400 * 1024

/** A file system of its own in memory: what lacks is blocks, as on a full disk. */
async function smallDisk(): Promise<Attempt> {
  const folder = await freshFolder()
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'selfgraph-test', folder])
  } catch (error) {
    return {
      missing: `a small file system cannot be mounted here (${error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)})`,
    }
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: async () => {
      const { bavail, bsize } = await statfs(folder)
      // Where the server takes the last blocks meanwhile, the ballast is smaller than it was to be; full is full.
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left))).catch(unlessFull)
    },
    free: () => rm(ballast),
    end: async () => void (await run('umount', ['--lazy', folder])),
  }
}

function unlessFull(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
}

/** A limit on the size of files: writes fail for a reason that the database has no word for. */
async function smallFiles(): Promise<Attempt> {
  const limit = async ({ child }: ServerProcess, size: number | 'unlimited') =>
    void (await run('prlimit', ['--pid', String(child.pid), `--fsize=${size}:`]))
  try {
    await run('prlimit', ['--fsize'])
  } catch {
    return { missing: 'there is no prlimit here to limit the size of files with' }
  }
  return {
    folder: undefined,
    fill: async (server, folder) => limit(server, (await stat(join(folder, 'selfgraph.db-wal'))).size + left),
    free: (server) => limit(server, 'unlimited'),
    end: async () => undefined,
  }
}

export const narrows = { 'a full disk': smallDisk, 'files that may not grow': smallFiles } as const

/** In each round the disk fills up under load and gets room again; after every second one the server is killed while it is full. */
export async function fullDiskRounds(narrow: Narrow, name: string, { rounds, random, report }: RoundsOptions): Promise<Tally> {
  const stage = await stageOnSqlite(narrow.folder)
  const counted = new Rounds(name, rounds, stage.ledger, report)
  let server = await startOn(stage)
  for (let round = 0; round < rounds; round++) {
    const load = startLoad({ port: server.port, people: stage.people, ledger: stage.ledger, random, expects: 'full' })
    await load.begun
    await narrow.fill(server, stage.folder)
    const faults = await whileFull(server, stage, load)
    if (round % 2 === 1) {
      await killProgram(server)
      await load.ended
      await narrow.free(server).catch(() => undefined) // a limit goes with its process
      server = await startOn(stage)
    } else {
      await narrow.free(server)
      await whenThereIsRoom(stage)
      await load.stop()
    }
    counted.add(await compareWith(server, stage), [...load.troubles.unexpected, ...faults])
  }
  await killProgram(server)
  return counted.tally()
}

const enough = 100

/** Waits until writes are refused; people can read then, and the server says that it is well. */
async function whileFull(server: ServerProcess, { people }: Stage, { troubles }: Load): Promise<readonly string[]> {
  const faults: string[] = []
  await until('too few writes were refused', () => troubles.refused >= enough || troubles.cut > 0)
  for (const { token } of people) {
    const answer = await ask(server, 'GET /beta/me/profile/emails', { token })
    if (answer.status !== 200) faults.push(`while the disk was full, a read was answered with ${answer.status}: ${answer.text}`)
  }
  const ready = await ask(server, 'GET /health/ready')
  if (ready.status !== 200) faults.push(`while the disk was full, /health/ready answered ${ready.status}`)
  return faults
}

/** Writes succeed again, by the same process. */
async function whenThereIsRoom({ ledger }: Stage): Promise<void> {
  const before = ledger.acknowledged
  await until('too few writes succeeded after there was room again', () => ledger.acknowledged > before + enough)
}
