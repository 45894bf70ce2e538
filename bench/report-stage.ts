/** The tables of what stands on a stage: reading and adding on either database, beside the limits. */

import { aims } from './aims.ts'
import type { Beside, Measurement } from './measure.ts'
import type { Measured } from './parts.ts'
import { cpuRatio, type Round, rateRatio } from './rounds.ts'
import { type Cell, cpu, latency, loadShare, megabytes, rate, ratio, section, table, tail } from './tables.ts'

type Stages = readonly Measured[]

/** The measurements of one work on all stages, a row each. */
function rowsOf(stages: Stages, work: Measurement['work'], cells: (measurement: Measurement) => readonly Cell[]): Cell[][] {
  return stages.flatMap(({ engine, measurements }) =>
    measurements
      .filter((measurement) => measurement.work === work)
      .map((measurement) => [`${engine}, ${measurement.title}`, measurement.connections, ...cells(measurement)]),
  )
}

const latencyHead = ['median / 99th, ms', '99th ÷ median']

export function latencyCells(rounds: readonly Round[]): readonly Cell[] {
  const spread = tail(rounds)
  return [latency(rounds), `${ratio(spread)}${spread.median < aims.tail ? '' : ' missed'}`]
}

export function renderReading(stages: Stages, note: string): string {
  const ratios = rowsOf(stages, 'get', ({ selfgraph, beside }) => [
    ratio(rateRatio(selfgraph, beside.bare)),
    ratio(rateRatio(selfgraph, beside.reads)),
    ratio(cpuRatio(selfgraph, beside.bare)),
    ...latencyCells(selfgraph),
  ])
  const rates = rowsOf(stages, 'get', ({ selfgraph, beside: { bare = [], reads } }) => [
    rate(selfgraph),
    rate(bare),
    rate(reads),
    cpu(selfgraph),
    cpu(bare),
    cpu(reads),
    `${loadShare(selfgraph)} / ${loadShare(bare)}`,
  ])
  if (ratios.length === 0) return ''
  const ratioHead = ['', 'connections', 'GET ÷ bare', 'GET ÷ statements', 'CPU, bare ÷ Selfgraph', ...latencyHead]
  const rateHead = ['', 'connections', 'requests/s', 'bare', 'statements', 'CPU µs', 'bare', 'statements', 'load on a core']
  return section('Reading: `GET /beta/me/profile/emails`, three emails', note, `${table(ratioHead, ratios)}\n\n${table(rateHead, rates)}`)
}

const addingNote = `Selfgraph answers when the email is on disk. *Bare*: reads the body, parses it and answers the same octets; it **keeps nothing**.
*Statements*: the server's own, durable, without HTTP, as many at once as there are connections (SQLite: in one commit; PostgreSQL:
transactions over 16 connections). *One each*: the server's statements, one addition after the other, each with a commit of its own: no server
that commits every request by itself, one at a time, can be faster. *Plain*: nothing but inserts of the same rows, 64 a commit. *Syncs*: how often
the disk keeps 4 KiB more in a second (\`fdatasync\`).`

const besides = ['bare', 'together', 'each', 'grouped', 'sync'] as const satisfies readonly Beside[]

export function renderAdding(stages: Stages): string {
  const ratios = rowsOf(stages, 'post', ({ selfgraph, beside }) => [
    ...besides.map((name) => ratio(rateRatio(selfgraph, beside[name]))),
    ...latencyCells(selfgraph),
  ])
  const rates = rowsOf(stages, 'post', ({ selfgraph, beside }) => [
    rate(selfgraph),
    ...besides.map((name) => rate(beside[name])),
    cpu(selfgraph),
    cpu(beside.bare),
    `${loadShare(selfgraph)} / ${loadShare(beside.bare ?? [])}`,
  ])
  if (ratios.length === 0) return ''
  const ratioHead = ['', 'connections', 'POST ÷ bare', '÷ statements', '÷ one each', '÷ plain', '÷ syncs', ...latencyHead]
  const rateHead = ['', 'connections', 'requests/s', 'bare', 'statements', 'one each', 'plain', 'syncs', 'CPU µs', 'bare', 'load on a core']
  return section('Adding: `POST /beta/me/profile/emails`', addingNote, `${table(ratioHead, ratios)}\n\n${table(rateHead, rates)}`)
}

export function renderMemory(stages: Stages): string {
  const rows = stages.flatMap(({ engine, memory }) => memory.map(({ moment, bytes }) => [`${engine}, ${moment}`, megabytes(bytes)]))
  return rows.length === 0 ? '' : section('Memory', '', table(['resident memory', 'MB'], rows))
}
