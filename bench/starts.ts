/** From the command to the first answer: on an empty folder, on one that was served before, with all emails stored. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { root, withoutSettings } from './child.ts'
import { copyDatabase, type Prepared } from './data.ts'
import { firstAnswer, freePort } from './first-answer.ts'
import { tell } from './progress.ts'
import { type Spread, spreadOf } from './rounds.ts'

export interface Start {
  readonly command: string
  readonly folder: string
  readonly seconds: Spread
}

interface StartOptions {
  readonly prepared: Prepared
  readonly folder: string
  readonly starts: number
}

const npmStart = { words: 'npm start', command: 'npm', args: ['start'] }
const nodeStart = { words: 'node src/main.ts serve', command: process.execPath, args: [`${root}src/main.ts`, 'serve'] }

/** Both commands take turns. Packages are installed already. */
export async function measureStarts({ prepared, folder, starts }: StartOptions): Promise<readonly Start[]> {
  const kept = join(folder, 'kept')
  const stored = join(folder, 'stored')
  await copyDatabase(prepared, stored)
  const places = [
    { words: 'empty', at: () => join(folder, 'empty'), fresh: true },
    { words: 'served before', at: () => kept, fresh: false },
    { words: 'all emails stored', at: () => stored, fresh: false },
  ]
  const measured: Start[] = []
  for (const { words, at, fresh } of places) {
    if (!fresh) await startOnce(nodeStart, at())
    const seconds = { npm: [] as number[], node: [] as number[] }
    for (let round = 0; round < starts; round++)
      for (const [name, command] of [
        ['npm', npmStart],
        ['node', nodeStart],
      ] as const) {
        if (fresh) await rm(at(), { recursive: true, force: true })
        seconds[name].push(await startOnce(command, at()))
      }
    for (const [name, command] of [
      ['npm', npmStart],
      ['node', nodeStart],
    ] as const)
      measured.push({ command: command.words, folder: words, seconds: spreadOf(seconds[name]) })
    tell(`Starts (${words}): done`)
  }
  return measured
}

/** Seconds from the command to the first answer; the server has ended when it returns. */
async function startOnce({ command, args }: { command: string; args: readonly string[] }, data: string): Promise<number> {
  await mkdir(data, { recursive: true })
  const [http, https] = [await freePort(), await freePort()]
  const startedAt = performance.now()
  const child = spawn(command, args, {
    cwd: root,
    env: {
      ...withoutSettings(),
      SELFGRAPH_DATA: data,
      SELFGRAPH_DEMO: '1',
      SELFGRAPH_HTTP_PORT: String(http),
      SELFGRAPH_HTTPS_PORT: String(https),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: npm does not always pass a signal on.
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  const closed = once(child, 'close') // when nobody is left who could write
  try {
    await Promise.race([
      firstAnswer(http, '/beta/me/profile/emails'),
      closed.then(() => {
        throw new Error(`${command} ${args.join(' ')} ended:\n${said}`)
      }),
    ])
    return (performance.now() - startedAt) / 1000
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await closed
  }
}
