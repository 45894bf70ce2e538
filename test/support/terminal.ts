/** A command of the program, run inside the test: with a terminal that remembers what was written to it. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { runCommand } from '../../src/cli/index.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { randomness } from '../../src/randomness.ts'
import { movableClock } from './clock.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface TerminalOptions {
  readonly settings?: Readonly<Record<string, string>>
  readonly terminal?: Partial<Terminal>
}

/** A terminal that writes nothing, never asks a program to stop, and whose waits end by their signals alone. */
export function quietTerminal(environment: Terminal['environment']): Terminal {
  return {
    environment,
    nodeVersion: process.versions.node,
    unixModes: process.platform !== 'win32',
    ...movableClock(() => Date.now()),
    ...randomness,
    newItemId: () => v7(),
    random: () => Math.random(),
    fetch,
    out: () => undefined,
    err: () => undefined,
    interactive: false,
    log: { write: () => undefined, flush: () => undefined },
    exit: () => undefined,
    onStop: () => undefined,
  }
}

/** Runs a command line, such as `['export', '-']`, on the data in `folder`. */
export async function command(
  args: readonly string[],
  folder: string,
  { settings = {}, terminal = {} }: TerminalOptions = {},
): Promise<Said> {
  const said = { out: '', err: '' }
  const quiet = quietTerminal({ SELFGRAPH_DATA: folder, ...settings })
  const code = await runCommand(args, {
    ...quiet,
    out: (text) => {
      said.out += text
    },
    err: (text) => {
      said.err += text
    },
    ...terminal,
  })
  return { code, ...said }
}

/** Writes records, or lines as they are, into a file of lines; answers its name. */
export async function linesFile(folder: string, lines: readonly (object | string)[], name = 'records.ndjson'): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return file
}

/** What a folder holds, as `export` writes it: a record each. */
export async function exported(folder: string): Promise<readonly Record<string, unknown>[]> {
  const { code, out, err } = await command(['export', '-'], folder)
  if (code !== 0) throw new Error(err)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
