/** How fast query options are read, in this process, beside JSON.parse of as many octets. */

import { existsSync, readFileSync } from 'node:fs'
import * as parse from '../src/odata/grammar/parse.ts'
import type { Options } from './options.ts'
import { alternate, type Round, type Side } from './rounds.ts'

export interface Parsed {
  readonly what: string
  /** Octets of a text; on average, where they are many. */
  readonly octets: number
  readonly reading: readonly Round[]
  /** JSON.parse, of documents as long as the texts. */
  readonly json: readonly Round[]
}

type Read = (text: string) => unknown

/** Usual queries, as they stand in a URL. */
const usual = [
  "$filter=type eq 'work'&$orderby=address desc&$top=2",
  '$select=address,type&$top=50',
  '$search=anna&$count=true',
  "$filter=startswith(displayName,'Kim')&$orderby=displayName&$select=id,displayName,mail&$top=20",
  "$filter=(type eq 'work' or type eq 'other') and createdDateTime ge 2026-01-01T00:00:00Z and not endswith(address,'@contoso.com')",
  '$expand=profile($expand=emails($select=address;$orderby=createdDateTime desc;$top=5))',
]
const filters = [
  "type eq 'work'",
  "startswith(displayName,'Kim')",
  "(type eq 'work' or type eq 'other') and createdDateTime ge 2026-01-01T00:00:00Z and not endswith(address,'@contoso.com')",
  `id in (${Array.from({ length: 20 }, (_, at) => `'00000000-0000-4000-8000-${String(at).padStart(12, '0')}'`).join(',')})`,
]

/** A part of the length of other rounds: nothing is waited for. */
const shareOfRound = 0.1
/** At least so many between looks at the clock. */
const textsInRow = 64

export async function measureParsing({ rounds, milliseconds }: Options): Promise<readonly Parsed[]> {
  const encoded = (texts: readonly string[]) => texts.map((text) => encodeURI(text))
  const tasks: (readonly [what: string, texts: readonly (readonly [Read, string])[]])[] = [
    ...encoded(usual).map((text, at) => [`\`?${usual[at]}\``, [[parse.parseQueryOptions, text]]] as const),
    ...encoded(filters).map((text, at) => [`\`parseFilter\`: \`${short(filters[at] ?? '')}\``, [[parse.parseFilter, text]]] as const),
    ...oasisTasks(),
  ]
  const parsed: Parsed[] = []
  for (const [what, texts] of tasks) {
    const documents = texts.map(([, text]) => [JSON.parse, jsonOf(Buffer.byteLength(text))] as const)
    const sides = { reading: timed(texts, milliseconds * shareOfRound), json: timed(documents, milliseconds * shareOfRound) }
    await alternate(1, sides) // compilers settle
    const octets = texts.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0) / texts.length
    parsed.push({ what, octets, ...(await alternate(rounds, sides)) })
  }
  return parsed
}

function timed(texts: readonly (readonly [Read, string])[], milliseconds: number): Side {
  const all = Array.from({ length: Math.ceil(textsInRow / texts.length) }, () => texts).flat()
  return async () => {
    const cpuBefore = process.cpuUsage()
    const startedAt = performance.now()
    let count = 0
    do {
      for (const [read, text] of all) attempt(read, text)
      count += all.length
    } while (performance.now() - startedAt < milliseconds)
    const seconds = (performance.now() - startedAt) / 1000
    const { user, system } = process.cpuUsage(cpuBefore)
    return { ran: { count, seconds, cpuMicroseconds: user + system }, cpuMicroseconds: user + system }
  }
}

/** Whether it could be read. */
function attempt(read: Read, text: string): boolean {
  try {
    read(text)
    return true
  } catch {
    return false
  }
}

/** By the rule of the grammar that a case is about. */
const rules: Readonly<Record<string, Read>> = {
  filter: parse.parseFilter,
  orderby: parse.parseOrderby,
  orderBy: parse.parseOrderby,
  select: parse.parseSelect,
  expand: parse.parseExpand,
  queryOptions: parse.parseQueryOptions,
  systemQueryOption: parse.parseQueryOptions,
  commonExpr: (text) => parse.parseCommonExpression(text),
  boolCommonExpr: (text) => parse.parseCommonExpression(text),
}

/** OASIS' cases about query options, where they are at hand: those that are read, and those that are refused. */
function oasisTasks(): (readonly [string, readonly (readonly [Read, string])[]])[] {
  const file = new URL('../../shared/oracles/odata-abnf-cases.jsonl', import.meta.url)
  if (!existsSync(file)) return []
  const cases = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly rule: string; readonly input: string }) // the form of that file
    .flatMap(({ rule, input }) => {
      const read = rules[rule]
      return read === undefined ? [] : [[read, input] as const]
    })
  const [good, refused] = [true, false].map((wanted) => cases.filter(([read, input]) => attempt(read, input) === wanted))
  return [
    [`OASIS' cases about query options that are read, ${good?.length}`, good ?? []],
    [`those that are refused, ${refused?.length}`, refused ?? []],
  ]
}

/** A document with so many octets: an object with short members. */
function jsonOf(octets: number): string {
  const member = (at: number) => `"m${String(at).padStart(3, '0')}":"value"`
  const least = '{"rest":""}'.length
  if (octets < least) return `"${'x'.repeat(Math.max(0, octets - 2))}"`
  const count = Math.floor((octets - least) / (member(0).length + 1))
  const rest = octets - least - count * (member(0).length + 1)
  return `{${Array.from({ length: count }, (_, at) => `${member(at)},`).join('')}"rest":"${'x'.repeat(rest)}"}`
}

const shownCharacters = 90

function short(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}
