/** The tables of the query language. */

import { aims } from './aims.ts'
import type { Batched } from './batches.ts'
import { nameOf } from './measure.ts'
import type { Parsed } from './parsing.ts'
import type { Queries, QuestionAsked } from './queries.ts'
import { batchParts, queryCases } from './query-cases.ts'
import type { Rival } from './rivals.ts'
import { growthOf, medianRatio, type Round, rateRatio, type Spread, spreadOf } from './rounds.ts'
import { type Cell, cpu, latency, nothing, rate, ratio, section, short, table } from './tables.ts'

/** A section each. */
export function renderQueries({ parsed, questions: asked, batches, rivals }: Queries): readonly string[] {
  return [renderParsing(parsed), renderGrowing(asked), renderBatches(batches), renderRivals(rivals)]
}

function renderParsing(parsed: readonly Parsed[]): string {
  if (parsed.length === 0) return ''
  const words = `Texts of URLs into trees, in one process; what the names mean is not looked at yet. Beside them \`JSON.parse\` of documents with as
many octets, objects with short members; *÷ JSON.parse* is of rates.`
  const rows = parsed.map(({ what, octets, reading, json }): Cell[] => [
    what.replaceAll('|', '\\|'),
    Math.round(octets),
    rate(reading),
    microseconds(reading),
    microseconds(json),
    ratio(rateRatio(reading, json)),
  ])
  return section('Reading queries', words, table(['', 'octets', 'a second', 'µs each', '`JSON.parse`, µs', '÷ `JSON.parse`'], rows))
}

function microseconds(rounds: readonly Round[]): string {
  return short(1e6 / spreadOf(rounds.map(({ perSecond }) => perSecond)).median)
}

const growingNote = `First pages unless something else is said, by people and administrators whose tokens the server has seen, about people from all
over the database. The sizes take turns, a server each; times are median / 99th percentile in ms, ratios those of the medians round by round. Aim: a
median of at most ${aims.queryGrowth} times that of the smallest size.`

function renderGrowing(asked: readonly QuestionAsked[]): string {
  const [sqlite, postgres] = (['SQLite', 'PostgreSQL'] as const).map((engine) => asked.filter((one) => one.engine === engine))
  return section('Queries', growingNote, [tableOf(sqlite ?? []), tableOf(postgres ?? [])].filter((text) => text !== '').join('\n\n'))
}

/** Of one engine. */
function tableOf(asked: readonly QuestionAsked[]): string {
  const [first] = asked
  if (first === undefined) return ''
  const [smallest, ...larger] = first.sizes.map(({ emails }) => emails)
  const head = [
    first.engine,
    'connections',
    ...first.sizes.map(({ emails }) => `${emails} emails`),
    ...larger.map((emails) => `${emails} ÷ ${smallest}`),
    ...(larger.length === 0 ? [] : ['aim']),
    ...first.sizes.flatMap(({ emails }) => [`requests/s at ${emails}`, 'CPU µs']),
  ]
  const rows = asked.map((one): Cell[] => {
    const growth = growthOf(one).map((grown) => grown.ratio)
    return [
      queryCases[one.question].title,
      one.connections,
      ...one.sizes.map(({ rounds }) => latency(rounds)),
      ...growth.map(ratio),
      ...(growth.length === 0 ? [] : [verdictOf(growth)]),
      ...one.sizes.flatMap(({ rounds }) => [rate(rounds), cpu(rounds)]),
    ]
  })
  return table(head, rows)
}

function verdictOf(growth: readonly Spread[]): string {
  return growth.every(({ median }) => median <= aims.queryGrowth) ? 'met' : '**missed**'
}

function renderBatches(batches: readonly Batched[]): string {
  if (batches.length === 0) return ''
  const words = `\`POST /beta/$batch\` with ${batchParts} requests for one's own emails, or ${batchParts} additions, beside the same requests one by
one, on SQLite. *Time ÷ sum*: the median of a batch over ${batchParts} times the median of a single request; below 1 the batch is faster.`
  const rows = batches.map(({ work, connections, batches: ours, singles }): Cell[] => {
    const parts = ours.map((round) => ({ ...round, perSecond: round.perSecond * batchParts }))
    const each = parts.map((round) => ({ ...round, cpuMicroseconds: round.cpuMicroseconds / batchParts }))
    return [
      work.toUpperCase(),
      ...connections,
      ratio(rateRatio(parts, singles)),
      connections[0] === connections[1] ? ratio(medianRatio(ours, singles, batchParts)) : nothing,
      rate(parts),
      rate(singles),
      cpu(each),
      cpu(singles),
      latency(ours),
      latency(singles),
    ]
  })
  const head = [
    '',
    'connections, batches',
    'singles',
    'parts/s ÷ singles/s',
    'time ÷ sum',
    'parts/s',
    'singles/s',
    'CPU µs a part',
    'single',
  ]
  return section('Batches', words, table([...head, 'batch, median / 99th, ms', 'single'], rows))
}

function renderRivals(rivals: readonly Rival[]): string {
  if (rivals.length === 0) return ''
  const words = `SAP CAP is asked in OData, json-server in its own words (\`type=work&_sort=address&_order=desc&_limit=2\`), both for the emails of
one person; neither looks at a token. *Selfgraph ÷ peer* is of requests/s: above 1 Selfgraph is faster.`
  const rows = rivals.flatMap((rival): Cell[][] =>
    'failure' in rival
      ? [[rival.versions, rival.emails, `not measured: ${rival.failure}`, ...Array.from({ length: 6 }, () => nothing)]]
      : rival.measurements.map(({ work, connections, selfgraph, beside: { peer = [] } }) => [
          rival.versions,
          rival.emails,
          nameOf(work),
          connections,
          ratio(rateRatio(selfgraph, peer)),
          rate(selfgraph),
          rate(peer),
          latency(selfgraph),
          latency(peer),
        ]),
  )
  const head = ['', 'emails', '', 'connections', 'Selfgraph ÷ peer', 'requests/s', 'peer', 'median / 99th, ms', 'peer']
  return section('Queries beside peers', words, table(head, rows))
}
