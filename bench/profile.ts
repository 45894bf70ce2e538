/** Where the server spends its time on a request: self times by function and by file, from V8's sampling profiler. */

import type { Profiler } from 'node:inspector'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './child.ts'
import { additionsPerPerson, loaded } from './measure.ts'
import type { Options } from './options.ts'
import type { Work } from './requests.ts'
import type { Stage } from './stage.ts'

const connections = 64
const profiledMilliseconds = 10_000
const functionsShown = 60
const filesShown = 25

/** Answers two tables, and the profile itself for a viewer. */
export async function profileWork(
  stage: Stage,
  work: Work,
  { warm, spread, writers, milliseconds }: Options,
): Promise<{ text: string; profile: Profiler.Profile }> {
  const people = work === 'get' ? { first: 0, size: warm } : { first: Math.max(spread, warm), size: writers - 1 }
  const run = { work, ...people, limit: people.size * additionsPerPerson, replayed: undefined } as const
  const warmedUp = await loaded(stage, stage.selfgraph, connections, { ...run, order: { cycled: 0 }, milliseconds: 2 * milliseconds })
  const [child] = stage.selfgraph.children
  if (child === undefined) throw new Error('there is a server on the stage')
  await child.ask('startProfile')
  const order = { cycled: warmedUp.ran.count }
  const { ran, cpuMicroseconds } = await loaded(stage, stage.selfgraph, connections, { ...run, order, milliseconds: profiledMilliseconds })
  const profile = await child.ask<Profiler.Profile>('stopProfile')
  const byFunction = selfTimes(
    profile,
    ({ functionName, url, lineNumber }) => `${functionName || '(anonymous)'}  ${place(url)}:${lineNumber + 1}`,
  )
  const byFile = selfTimes(profile, ({ functionName, url }) => (url === '' ? functionName : place(url)))
  const each = cpuMicroseconds / ran.count
  return { text: `${list(byFile, filesShown, each)}\n\n${list(byFunction, functionsShown, each)}\n`, profile }
}

/** Microseconds by name, the most first. */
function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, name: (frame: Profiler.ProfileNode['callFrame']) => string) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, name(callFrame)]))
  const times = new Map<string, number>()
  for (const [at, id] of samples.entries()) {
    const key = names.get(id) ?? '?'
    times.set(key, (times.get(key) ?? 0) + (timeDeltas[at] ?? 0))
  }
  return [...times].sort(([, a], [, b]) => b - a)
}

function place(url: string): string {
  if (!url.startsWith('file:')) return url
  return relative(root, fileURLToPath(url))
}

/**
 * `each` is the CPU time of a request in microseconds. The profiler samples by the clock on the wall, which runs on while
 * others have the core: so shares are taken from it, and the time from the CPU.
 */
function list(times: readonly (readonly [string, number])[], shown: number, each: number): string {
  const working = times.filter(([name]) => !name.startsWith('(idle)'))
  const busy = working.reduce((sum, [, time]) => sum + time, 0)
  const rows = working.slice(0, shown).map(([name, time]) => {
    const share = time / busy
    return `${(share * each).toFixed(2).padStart(8)} ${(100 * share).toFixed(1).padStart(6)} %  ${name}`
  })
  return [`CPU ${each.toFixed(1)} µs a request`, ' µs each    share', ...rows].join('\n')
}
