/**
 * The second client of hostile.ts, in a process of its own: asks two servers in turn for their health and for its own
 * emails, and notes how long each answer took. A request that is still unanswered counts with the time it has waited.
 */

import { Agent, request } from 'node:http'
import { onAsk } from './control.ts'

export interface Watch {
  /** Ports of the servers, by the name that `Watched` gives them. */
  readonly ports: Readonly<Record<string, number>>
  readonly token: string
}

/** Milliseconds. */
export interface Waits {
  readonly asked: number
  readonly longest: number
  /** 99th percentile. */
  readonly p99: number
  readonly median: number
  /** Requests without an answer, or with another one than 200. */
  readonly failed: number
}

export type Watched = Readonly<Record<string, Waits>>

const pauseMilliseconds = 5

// Nothing else keeps this process until it is asked to watch.
process.channel?.ref()
const paths = ['/health/live', '/beta/me/profile/emails']

interface Notes {
  readonly waits: number[]
  failed: number
  pendingSince: number | undefined
}

let notes: Record<string, Notes> = {}
let watching = false

onAsk('watch', ({ ports, token }: Watch) => {
  notes = Object.fromEntries(Object.keys(ports).map((name) => [name, { waits: [], failed: 0, pendingSince: undefined }]))
  watching = true
  for (const [name, port] of Object.entries(ports)) void askOnAndOn(port, token, notes[name] as Notes) // made above
})

onAsk('report', (): Watched => {
  watching = false
  const now = performance.now()
  return Object.fromEntries(Object.entries(notes).map(([name, note]) => [name, waitsOf(note, now)]))
})

async function askOnAndOn(port: number, token: string, note: Notes): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let turn = 0; watching; turn++) {
    const startedAt = performance.now()
    note.pendingSince = startedAt
    const status = await statusOf(agent, port, paths[turn % paths.length] ?? '', token)
    note.pendingSince = undefined
    if (!watching) break
    note.waits.push(performance.now() - startedAt)
    if (status !== 200) note.failed++
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
  }
  agent.destroy()
}

const longestWaitMilliseconds = 30_000

function statusOf(agent: Agent, port: number, path: string, token: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asking = request({ host: '127.0.0.1', port, path, agent, headers: { Authorization: `Bearer ${token}` } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode)).on('error', () => resolve(undefined))
    })
    asking.setTimeout(longestWaitMilliseconds, () => asking.destroy())
    asking.on('error', () => resolve(undefined)).end()
  })
}

function waitsOf({ waits, failed, pendingSince }: Notes, now: number): Waits {
  const all = (pendingSince === undefined ? waits : [...waits, now - pendingSince]).toSorted((a, b) => a - b)
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN
  return { asked: all.length, longest: at(1), p99: at(0.99), median: at(0.5), failed }
}
