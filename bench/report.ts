/** The page: Markdown, to be read on a terminal and kept in the repository. */

import { arch, cpus, release, totalmem, type } from 'node:os'
import { rememberedTokens } from '../src/auth/token.ts'
import { renderAims } from './aims.ts'
import type { Grown } from './growth.ts'
import type { Measurement } from './measure.ts'
import type { Options } from './options.ts'
import type { Packages } from './packages.ts'
import type { Measured } from './parts.ts'
import type { Queries } from './queries.ts'
import { renderGrowth, renderPeers, renderProcesses } from './report-others.ts'
import { renderQueries } from './report-queries.ts'
import { renderAdding, renderMemory, renderReading } from './report-stage.ts'
import type { Rival } from './rivals.ts'
import type { Spread } from './rounds.ts'
import type { Start } from './starts.ts'
import { megabytes, section, short, table } from './tables.ts'

export interface Failure {
  readonly part: string
  readonly reason: string
}

export interface Results {
  readonly options: Options
  readonly command: string
  readonly date: Date
  readonly minutes: number
  /** Neither the folder nor the one for temporary files, where PostgreSQL lies, is in memory: there every sync would be free. */
  readonly isOnDisk: boolean
  readonly sqlite: Measured | undefined
  readonly postgres: Measured | undefined
  readonly processes: readonly Measurement[]
  readonly rivals: readonly Rival[]
  readonly growth: readonly Grown[]
  readonly queries: Queries | undefined
  readonly starts: readonly Start[]
  readonly packages: Packages | undefined
  /** Parts that could not be measured. */
  readonly failures: readonly Failure[]
}

export function renderReport(results: Results): string {
  const { sqlite, postgres, processes, rivals, growth, queries, starts, packages, failures } = results
  const stages = [sqlite, postgres].filter((measured) => measured !== undefined)
  const sections = [
    preface(results),
    failures.length === 0
      ? ''
      : section(
          'Not measured',
          '',
          table(
            ['part', 'reason'],
            failures.map(({ part, reason }) => [part, reason]),
          ),
        ),
    renderAims(results),
    renderReading(stages, readingNote(results)),
    renderAdding(stages),
    renderProcesses(processes, cpus().length),
    renderPeers(rivals),
    renderGrowth(growth, results.options),
    ...(queries === undefined ? [] : renderQueries(queries)),
    renderMemory(stages),
    starts.length === 0 ? '' : section('Start', 'From the command to the first answer, packages installed.', startTable(starts)),
    packages === undefined
      ? ''
      : `## Packages\n\n${packages.direct} production dependencies, ${packages.all} with theirs, ${megabytes(packages.bytes)} MB.`,
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function preface({ options, command, date, minutes, isOnDisk }: Results): string {
  const [processor] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `# Measured

${table(
  ['', ''],
  [
    ['date', date.toISOString().slice(0, 10)],
    ['machine', `${cpus().length} × ${processor?.model.trim() ?? 'CPU'}, ${memory}, ${type()} ${release()} ${arch()}`],
    ['Node', process.version],
    ['command', `\`${command}\``],
    ['took', `${Math.round(minutes)} minutes`],
    ['stored', `${options.emails} emails, three a person, where nothing else is said`],
    ['on', isOnDisk ? 'a disk' : '**a file system in memory**, where a sync costs nothing: take --folder (PostgreSQL: `TMPDIR`) on a disk'],
    ['log', options.logLevel === 'info' ? 'level info, into a file' : 'silent'],
    ['rounds', `${options.rounds} of ${options.milliseconds / 1000} s, sides taking turns`],
  ],
)}

Ratios are medians of the ratios round by round, with the least and the most; 1 would be as good as the other side.
Rates and times are this machine's, medians too. [How it is measured](README.md).`
}

function readingNote({ options: { warm, spread } }: Results): string {
  const beyond =
    spread > rememberedTokens
      ? `more than the ${rememberedTokens} tokens that it remembers: most requests verify a signature`
      : `fewer than the ${rememberedTokens} tokens that it remembers: this run says nothing about misses`
  return `*Bare*: a \`node:http\` server that sends the same octets. *Statements*: what a request asks the database where nothing is
remembered, without HTTP. *Seen before*: ${warm} people, whose tokens (and on SQLite lists) the server remembers. *Spread*: ${spread}
people at random, ${beyond}.`
}

function startTable(starts: readonly Start[]): string {
  const seconds = ({ median, least, most }: Spread) => `${short(median)} (${short(least)}–${short(most)})`
  return table(
    ['command', 'data folder', 'seconds'],
    starts.map(({ command, folder, seconds: taken }) => [`\`${command}\``, folder, seconds(taken)]),
  )
}
