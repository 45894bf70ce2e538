/** The library that tells what a power loss would leave of a folder (power-loss.c), and a program that never syncs. */

import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../support/program.ts'

const run = promisify(execFile)

/** Compiles the library into `workshop`; answers its path, or why there is none. */
export async function buildLibrary(workshop: string): Promise<{ readonly library: string } | { readonly missing: string }> {
  if (process.platform !== 'linux') return { missing: `a program's writes can be watched on Linux only, and this is ${process.platform}` }
  const compiler = process.env.CC ?? 'cc'
  const library = join(workshop, 'power-loss.so')
  try {
    await run(compiler, ['-shared', '-fPIC', '-O1', '-o', library, join(root, 'test/crash/power-loss.c'), '-ldl', '-lpthread'])
    return { library }
  } catch (error) {
    // EACCES: a folder of the path may not be looked into.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES'))
      return { missing: `there is no C compiler ${compiler} here` }
    throw error
  }
}

/** Where the copies are kept, and the library that keeps them. */
export interface Watch {
  readonly workshop: string
  readonly library: string
}

export interface Watched {
  /** What a power loss would leave. */
  readonly copy: string
  /** What a program is started with, so that it keeps the copy. */
  readonly environment: Readonly<Record<string, string>>
  /** When it was made: milliseconds since 1970. */
  readonly since: number
}

/** What is in `folder` now counts as synced. Of later writes that were not, one in `stray` reaches the disk nevertheless; none unless given. */
export async function watch({ workshop, library }: Watch, folder: string, stray?: number): Promise<Watched> {
  const copy = await mkdtemp(join(workshop, 'left-'))
  await cp(folder, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') })
  const environment = {
    LD_PRELOAD: library,
    POWER_LOSS_FROM: folder,
    POWER_LOSS_TO: copy,
    // So that no write goes past the library.
    UV_USE_IO_URING: '0',
  }
  return { copy, since: Date.now(), environment: stray === undefined ? environment : { ...environment, POWER_LOSS_STRAY: String(stray) } }
}

/** A setting of the embedded database for which the program has no switch: where it stands, and what is to stand there instead. */
type Change = readonly [file: string, setting: RegExp, instead: string]

/** A copy of the program with settings changed. */
export async function changedProgram(workshop: string, changes: readonly Change[]): Promise<readonly string[]> {
  const program = await mkdtemp(join(workshop, 'program-'))
  for (const part of ['src', 'migrations', 'demo', 'package.json']) await cp(join(root, part), join(program, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(program, 'node_modules'))
  for (const [source, setting, instead] of changes) {
    const file = join(program, source)
    const text = await readFile(file, 'utf8')
    const changed = text.replace(setting, instead)
    if (changed === text) throw new Error(`${source} has no ${setting} any more: this test must change something else`)
    await writeFile(file, changed)
  }
  return [process.execPath, join(program, 'src/main.ts')]
}

/** Never syncs: shows that a loss would be seen. */
export const unsynced: readonly Change[] = [['src/store/sqlite/thread.ts', /synchronous=FULL;/, 'synchronous=OFF;']]
/** Moves the log into the database all the time, as it is done now and then: by the thread, and by a commit. */
export const checkpointing: readonly Change[] = [
  ['src/store/sqlite/checkpoints.ts', /changesBetween = \d+/, 'changesBetween = 1'],
  ['src/store/sqlite/thread.ts', /longestLog = [\d_]+/, 'longestLog = 50'],
]
