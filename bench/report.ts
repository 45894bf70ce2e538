/** The table: Markdown, to be read on a terminal and kept in the repository. */

import { arch, cpus, release, totalmem, type } from 'node:os'
import { rememberedTokens } from '../src/auth/token.ts'
import type { Measurement } from './measure.ts'
import type { Options } from './options.ts'
import type { Packages } from './packages.ts'
import { cpuRatio, type Round, rateRatio, type Spread, spreadOf } from './rounds.ts'
import type { Start } from './starts.ts'

/** Memory of a server at some moment. */
export interface MemoryPoint {
  readonly moment: string
  readonly bytes: number
}

export interface Results {
  readonly options: Options
  readonly command: string
  readonly date: Date
  readonly gets: readonly Measurement[]
  readonly posts: readonly Measurement[]
  readonly memory: readonly MemoryPoint[]
  readonly starts: readonly Start[]
  readonly packages: Packages | undefined
}

type Cell = string | number

export function renderReport(results: Results): string {
  const { gets, posts, memory, starts, packages } = results
  const sections = [
    preface(results),
    gets.length === 0 ? '' : `## Reading: \`GET /beta/me/profile/emails\`, three emails\n\n${readingNote(results)}\n\n${besideBare(gets)}`,
    posts.length === 0
      ? ''
      : `## Adding: \`POST /beta/me/profile/emails\`\n\n${addingNote}\n\n${besideBare(posts)}\n\n${besideRows(posts)}`,
    memory.length === 0
      ? ''
      : `## Memory\n\n${table(
          ['resident memory', 'MB'],
          memory.map(({ moment, bytes }) => [moment, megabytes(bytes)]),
        )}`,
    starts.length === 0 ? '' : `## Start\n\nFrom the command to the first answer, packages installed.\n\n${startTable(starts)}`,
    packages === undefined
      ? ''
      : `## Packages\n\n${packages.direct} production dependencies, ${packages.all} with theirs, ${megabytes(packages.bytes)} MB.`,
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function preface({ options, command, date }: Results): string {
  const [cpu] = cpus()
  return `# Measured

${table(
  ['', ''],
  [
    ['date', date.toISOString().slice(0, 10)],
    [
      'machine',
      `${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()} ${arch()}`,
    ],
    ['Node', process.version],
    ['command', `\`${command}\``],
    ['stored', `${options.emails} emails, three a person`],
    ['log', options.logLevel === 'info' ? 'level info, into a file' : 'silent'],
    ['rounds', `${options.rounds} of ${options.milliseconds / 1000} s, sides taking turns`],
  ],
)}

Ratios are medians of the ratios round by round, with the least and the most; 1 would be as good as the other side.
Rates and times are this machine's, medians too. [How it is measured](README.md).`
}

/** As in src/auth/token.ts. */

function readingNote({ options: { warm, spread } }: Results): string {
  const beyond =
    spread > rememberedTokens
      ? `more than the ${rememberedTokens} tokens that it remembers: most requests verify a signature`
      : `fewer than the ${rememberedTokens} tokens that it remembers: this run says nothing about misses`
  return `Beside a bare \`node:http\` server that sends the same octets. *Seen before*: ${warm} people, whose tokens and lists the
server remembers. *Spread*: ${spread} people at random, ${beyond}.`
}

const addingNote = `Selfgraph answers when the email is on disk. The bare \`node:http\` server reads the body, parses it and answers the same
octets; it **keeps nothing**.`

function besideBare(measurements: readonly Measurement[]): string {
  const head = ['', 'connections', 'requests/s ÷ bare', 'CPU, bare ÷ Selfgraph', 'requests/s', 'bare', 'CPU µs', 'bare', 'load on a core']
  const rows = measurements.map(({ title, connections, selfgraph, bare }): Cell[] => [
    title,
    connections,
    ratio(rateRatio(selfgraph, bare)),
    ratio(cpuRatio(selfgraph, bare)),
    rate(selfgraph),
    rate(bare),
    cpu(selfgraph),
    cpu(bare),
    `${loadShare(selfgraph)} / ${loadShare(bare)}`,
  ])
  return table(head, rows)
}

function besideRows(measurements: readonly Measurement[]): string {
  const head = ['', 'connections', 'requests/s ÷ rows/s', 'CPU, rows ÷ Selfgraph', 'requests/s', 'rows/s', 'CPU µs', 'rows']
  const rows = measurements.flatMap(({ title, connections, selfgraph, rows = [] }): Cell[][] => [
    [
      title,
      connections,
      ratio(rateRatio(selfgraph, rows)),
      ratio(cpuRatio(selfgraph, rows)),
      rate(selfgraph),
      rate(rows),
      cpu(selfgraph),
      cpu(rows),
    ],
  ])
  return `The same rows into the same table without a server: \`node:sqlite\`, 64 a commit, WAL, \`synchronous=FULL\`.\n\n${table(head, rows)}`
}

function startTable(starts: readonly Start[]): string {
  const seconds = ({ median, least, most }: Spread) => `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`
  return table(
    ['command', 'data folder', 'seconds'],
    starts.map(({ command, folder, seconds: taken }) => [`\`${command}\``, folder, seconds(taken)]),
  )
}

function ratio({ median, least, most }: Spread): string {
  return `**${median.toFixed(2)}** (${least.toFixed(2)}–${most.toFixed(2)})`
}

function rate(rounds: readonly Round[]): string {
  return String(Math.round(spreadOf(rounds.map(({ perSecond }) => perSecond)).median))
}

function cpu(rounds: readonly Round[]): string {
  return spreadOf(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)).median.toFixed(1)
}

function loadShare(rounds: readonly Round[]): string {
  return spreadOf(rounds.map(({ loadShare: share }) => share ?? Number.NaN)).median.toFixed(2)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
}

function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
