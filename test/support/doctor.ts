/** `selfgraph doctor`, run inside the test, and what it found. */

import assert from 'node:assert/strict'
import { freePort } from './program.ts'
import { command, type TerminalOptions } from './terminal.ts'

/** Ports that nobody has; nothing is listened on there. */
export const free = { SELFGRAPH_HTTPS_PORT: String(await freePort()), SELFGRAPH_HTTP_PORT: String(await freePort()) }

export interface Examined {
  readonly code: number
  readonly checks: readonly string[]
  /** Verdict and words of a check. */
  readonly of: (check: string) => string
}

/** What the doctor says, after making sure that it says it in lines of one form. */
export async function examine(folder: string, { settings = {}, terminal = {} }: TerminalOptions = {}): Promise<Examined> {
  const { code, out, err } = await command(['doctor'], folder, { settings: { ...free, ...settings }, terminal })
  assert.equal(err, '')
  const found = out
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, verdict, check, says] = /^(ok {2}|warn|bad ) {2}(\w+) +(\S.*)$/.exec(line) ?? assert.fail(line)
      return { check: check ?? '', line: `${verdict?.trim()}: ${says}` }
    })
  assert.equal(code, found.some(({ line }) => line.startsWith('bad')) ? 1 : 0, out)
  return { code, checks: found.map(({ check }) => check), of: (wanted) => found.find(({ check }) => check === wanted)?.line ?? '' }
}
