/**
 * The wire between the benchmark and its child processes. Loaded into the server by `--import`, so that its CPU time
 * and memory can be asked for from inside, on every platform, without a change to the program.
 */

import { Session } from 'node:inspector/promises'

/** A question to a child, and what came of it. */
export interface ControlCall {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

export type Reply = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failure: string }

export interface Usage {
  /** User and system, of all threads. */
  readonly cpuMicroseconds: number
  readonly residentBytes: number
}

const answers = new Map<string, (argument: never) => unknown>()

/** Has questions named `name` answered by `answer`. */
export function onAsk<A>(name: string, answer: (argument: A) => unknown): void {
  answers.set(name, answer)
}

onAsk('usage', (): Usage => {
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system, residentBytes: process.memoryUsage.rss() }
})

const session = new Session()

onAsk('startProfile', async () => {
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
})

onAsk('stopProfile', async () => {
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return profile
})

async function reply({ id, name, argument }: ControlCall): Promise<void> {
  try {
    const answer = answers.get(name)
    if (answer === undefined) throw new Error(`nobody answers ${name}`)
    send({ id, result: await answer(argument as never) }) // whoever asks knows what the answer takes
  } catch (error) {
    send({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

function send(message: Reply): void {
  process.send?.(message)
}

process.on('message', (call: ControlCall) => void reply(call))
// A child does not outlive the benchmark.
process.on('disconnect', () => process.exit())
// The server ends when it is done, asked or not.
process.channel?.unref()
