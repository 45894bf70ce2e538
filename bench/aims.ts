/** What the project wants to reach, beside what was measured. */

import type { Measurement } from './measure.ts'
import { queryCases } from './query-cases.ts'
import type { Results } from './report.ts'
import { growthOf, rateRatio, type Spread } from './rounds.ts'
import { megabytes, nothing, ratio, section, table, tail } from './tables.ts'

export const aims = {
  overOneCommitEach: 3,
  ofGrouped: 0.5,
  ofBare: 0.6,
  tail: 10,
  residentMegabytes: 300,
  residentAtEmails: 5_000_000,
  queryGrowth: 1.5,
} as const

interface Verdict {
  readonly what: string
  readonly where: string
  readonly measured: string
  readonly aim: string
  /** Undefined: this run cannot say. */
  readonly met: boolean | undefined
}

export function renderAims(results: Results): string {
  const verdicts = [
    ...addingVerdicts(results),
    ...readingVerdicts(results),
    ...tailVerdicts(results),
    ...memoryVerdicts(results),
    ...queryVerdicts(results),
  ]
  if (verdicts.length === 0) return ''
  const count = (met: boolean | undefined) => verdicts.filter((verdict) => verdict.met === met).length
  const open = count(undefined) === 0 ? '' : `, ${count(undefined)} not told by this run`
  const words = `${count(true)} met, ${count(false)} missed${open}. The median decides.`
  const said = (met: boolean | undefined) => (met === undefined ? nothing : met ? 'met' : '**missed**')
  return section(
    'Aims',
    words,
    table(
      ['', 'where', 'measured', 'aim', ''],
      verdicts.map(({ what, where, measured, aim, met }) => [what, where, measured, aim, said(met)]),
    ),
  )
}

function addingVerdicts({ sqlite, postgres }: Results): readonly Verdict[] {
  return [sqlite, postgres].flatMap((measured) => {
    const most = measured?.measurements.findLast(({ work }) => work === 'post')
    if (measured === undefined || most === undefined) return []
    const where = `${measured.engine}, ${most.connections} connections`
    return [
      atLeast('durable POST ÷ one commit each, without HTTP', where, rateRatio(most.selfgraph, most.beside.each), aims.overOneCommitEach),
      atLeast('durable POST ÷ plain inserts, 64 a commit', where, rateRatio(most.selfgraph, most.beside.grouped), aims.ofGrouped),
    ]
  })
}

function readingVerdicts({ sqlite, growth }: Results): readonly Verdict[] {
  const verdictOf = ({ title, connections, selfgraph, beside }: Measurement, emails: string) =>
    atLeast(`GET ÷ bare, ${title}`, `${emails}${connections} connections`, rateRatio(selfgraph, beside.bare), aims.ofBare)
  const gets = (measurements: readonly Measurement[] = []) => measurements.filter(({ work }) => work === 'get')
  return [
    ...gets(sqlite?.measurements).map((measurement) => verdictOf(measurement, 'SQLite, ')),
    ...growth.flatMap((grown) =>
      'failure' in grown ? [] : gets(grown.measurements).map((measurement) => verdictOf(measurement, `${grown.emails} emails, `)),
    ),
  ]
}

/** The worst of each part; the tables mark the others. */
function tailVerdicts({ sqlite, postgres, growth }: Results): readonly Verdict[] {
  const groups = [
    ['SQLite', sqlite?.measurements ?? []],
    ['PostgreSQL', postgres?.measurements ?? []],
    ['growth', growth.flatMap((grown) => ('failure' in grown ? [] : grown.measurements))],
  ] as const
  return groups.flatMap(([name, measurements]) => {
    const [worst] = measurements.map((measurement) => ({ ...measurement, tail: tail(measurement.selfgraph) })).sort(byTail)
    if (worst === undefined) return []
    const { median } = worst.tail
    const what = `99th percentile ÷ median, worst of ${measurements.length}`
    const where = `${name}: ${worst.work.toUpperCase()} ${worst.title}, ${worst.connections} connections`
    return [{ what, where, measured: ratio(worst.tail), aim: `< ${aims.tail}`, met: median < aims.tail }]
  })
}

function byTail(a: { readonly tail: Spread }, b: { readonly tail: Spread }): number {
  return b.tail.median - a.tail.median
}

function memoryVerdicts({ growth }: Results): readonly Verdict[] {
  const largest = growth.findLast((grown) => !('failure' in grown))
  if (largest === undefined || 'failure' in largest) return []
  const { emails, residentBytes } = largest
  const met = emails < aims.residentAtEmails ? undefined : residentBytes < aims.residentMegabytes * 1e6
  const aim = `< ${aims.residentMegabytes} MB at ${aims.residentAtEmails}`
  return [{ what: 'resident memory', where: `SQLite, ${emails} emails`, measured: `${megabytes(residentBytes)} MB`, aim, met }]
}

/** The worst of each question, over sizes and connections. */
function queryVerdicts({ queries }: Results): readonly Verdict[] {
  const grown = (queries?.questions ?? []).flatMap((asked) =>
    growthOf(asked).map(({ emails, ratio: growth }) => ({ ...asked, emails, growth })),
  )
  return [...new Set(grown.map(({ question }) => question))].flatMap((question) => {
    const [worst] = grown.filter((asked) => asked.question === question).sort((a, b) => b.growth.median - a.growth.median)
    if (worst === undefined) return []
    const what = `median of ${queryCases[question].title}, as more is stored`
    const where = `${worst.engine}: ${worst.emails} ÷ ${worst.sizes[0]?.emails} emails, ${worst.connections} connections`
    return [{ what, where, measured: ratio(worst.growth), aim: `≤ ${aims.queryGrowth}`, met: worst.growth.median <= aims.queryGrowth }]
  })
}

function atLeast(what: string, where: string, measured: Spread, aim: number): Verdict {
  const met = Number.isNaN(measured.median) ? undefined : measured.median >= aim
  return { what, where, measured: ratio(measured), aim: `≥ ${aim}`, met }
}
