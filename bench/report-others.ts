/** The tables of growth, of two processes beside one, and of the peers. */

import { aims } from './aims.ts'
import type { Grown } from './growth.ts'
import type { Measurement } from './measure.ts'
import type { Options } from './options.ts'
import { latencyCells } from './report-stage.ts'
import type { Rival } from './rivals.ts'
import { rateRatio } from './rounds.ts'
import { type Cell, cpu, latency, megabytes, nothing, rate, ratio, section, table } from './tables.ts'

export function renderProcesses(measurements: readonly Measurement[], cores: number): string {
  if (measurements.length === 0) return ''
  const words = `Two servers on one PostgreSQL, the load spread over both, beside one of them alone. The ${cores} cores of this machine are shared by
the servers, PostgreSQL and the load: where they are busy already, a second process has nothing to take.`
  const rows = measurements.map(({ work, connections, selfgraph, beside }): Cell[] => [
    work.toUpperCase(),
    connections,
    ratio(rateRatio(selfgraph, beside.one)),
    rate(selfgraph),
    rate(beside.one),
    cpu(selfgraph),
    cpu(beside.one),
    latency(selfgraph),
    latency(beside.one ?? []),
  ])
  const head = ['', 'connections', 'two ÷ one', 'two, requests/s', 'one', 'two, CPU µs', 'one', 'two, median / 99th, ms', 'one']
  return section('Two processes', words, table(head, rows))
}

const peersNote = `Each peer holds the same emails, was filled by its own means, runs in production mode and answers the same question over keep-alive: the
emails of one person, or one more. None of them looks at a token or at who may see what: Selfgraph does both. *Selfgraph ÷ peer* above 1: Selfgraph
is faster.`

export function renderPeers(rivals: readonly Rival[]): string {
  if (rivals.length === 0) return ''
  const rows = rivals.flatMap((rival): Cell[][] =>
    'failure' in rival
      ? [[rival.peer.name, rival.emails, `not measured: ${rival.failure}`, ...Array.from({ length: 6 }, () => nothing)]]
      : rival.measurements.map(({ work, connections, selfgraph, beside: { peer = [] } }) => [
          rival.peer.name,
          rival.emails,
          work.toUpperCase(),
          connections,
          ratio(rateRatio(selfgraph, peer)),
          rate(selfgraph),
          rate(peer),
          latency(selfgraph),
          latency(peer),
        ]),
  )
  const head = ['', 'emails', '', 'connections', 'Selfgraph ÷ peer', 'requests/s', 'peer', 'median / 99th, ms', 'peer']
  const about = rivals.map((rival): Cell[] => [
    rival.peer.name,
    rival.versions,
    rival.emails,
    rival.peer.durability,
    'failure' in rival ? nothing : megabytes(rival.residentBytes),
    'failure' in rival ? nothing : megabytes(rival.selfgraphBytes),
  ])
  const aboutHead = ['', 'packages', 'emails', 'an addition that was answered is', 'memory MB', 'Selfgraph MB']
  return section('Peers', peersNote, `${table(head, rows)}\n\n${table(aboutHead, about)}`)
}

export function renderGrowth(growth: readonly Grown[], { connections }: Options): string {
  if (growth.length === 0) return ''
  const rows = growth.flatMap((grown): Cell[][] =>
    'failure' in grown
      ? [[grown.emails, `not measured: ${grown.failure}`, ...Array.from({ length: 5 }, () => nothing)]]
      : grown.measurements.map(({ work, title, selfgraph, beside }) => [
          grown.emails,
          `${work.toUpperCase()}, ${title}`,
          ratio(rateRatio(selfgraph, beside.bare)),
          ...latencyCells(selfgraph),
          rate(selfgraph),
          rate(beside.bare),
        ]),
  )
  const sizes = growth.flatMap((grown): Cell[][] =>
    'failure' in grown
      ? []
      : [[grown.emails, megabytes(grown.residentBytes), megabytes(grown.fileBytes), Math.round(grown.fileBytes / grown.emails)]],
  )
  const head = ['emails', '', '÷ bare', 'median / 99th, ms', '99th ÷ median', 'requests/s', 'bare']
  const sizeHead = ['emails', 'resident memory after it all, MB', 'database file, MB', 'octets an email']
  const words = `SQLite, ${connections.at(-1)} connections. Where few people are stored, fewer take part, and rounds of adding end early. Aims: GET ÷ bare at least
${aims.ofBare}; less than ${aims.residentMegabytes} MB at ${aims.residentAtEmails} emails.`
  return section('Growth', words, `${table(head, rows)}\n\n${table(sizeHead, sizes)}`)
}
