/** What a run of the benchmark is told on the command line. */

import { parseArgs } from 'node:util'
import { emailsPerPerson } from './people.ts'
import type { Work } from './requests.ts'

/** Parts of the benchmark, in the order in which they run. */
export const parts = ['get', 'post', 'postgres', 'processes', 'peers', 'growth', 'queries', 'start', 'packages'] as const
export type BenchPart = (typeof parts)[number]

export interface Options {
  readonly emails: number
  /** People with a token who ask a few times each, over and over: more than the server remembers. */
  readonly spread: number
  /** People who ask again and again: the server remembers them all. */
  readonly warm: number
  /** People who add emails, besides those. */
  readonly writers: number
  readonly connections: readonly number[]
  /** Numbers of emails between which growth is shown. */
  readonly sizes: readonly number[]
  readonly rounds: number
  readonly milliseconds: number
  readonly starts: number
  readonly folder: string
  /** Undefined: the table is printed and not written. */
  readonly out: string | undefined
  readonly only: readonly BenchPart[]
  readonly logLevel: 'info' | 'silent'
  readonly profile: Work | undefined
}

export const help = `Usage: npm run bench -- [OPTIONS]
       npm run bench -- moving [OPTIONS]    import and export; has a --help of its own
       npm run bench -- hostile [OPTIONS]   what others wait while one client does its worst; has a --help of its own
       npm run bench -- secrecy [OPTIONS]   whether the time of a 404 tells that somebody exists; has a --help of its own

Measures the whole server beside what could be reached on this machine, and beside its peers, in alternating rounds;
prints one page of ratios that says which aims are met and which missed. bench/README.md says how, and what the figures
mean. About 55 minutes; the first run takes longer, since it imports 6 million emails and fills the peers.

  --quick            some six minutes: 20,000 emails, short rounds; writes no file unless --out is given
  --only A,B         some parts only (default: all):
                       get, post   reading and adding on SQLite
                       postgres    both on PostgreSQL
                       processes   two servers on one PostgreSQL, beside one
                       peers       beside SAP CAP, Express with Drizzle, json-server; installs them in bench/peers
                       growth      from a thousand emails to millions
                       queries     OData's query language: reading it, filters and orders as more is stored, batches,
                                   and SAP CAP and json-server asked the same
                       start       from the command to the first answer
                       packages    number and size of the dependencies
  --emails N         emails stored, three a person (default: 1000000)
  --sizes A,B        numbers of emails for growth (default: 1000,10000,100000,1000000,5000000);
                     queries takes the least and the two largest, on PostgreSQL the middle one of them
  --spread N         people whose tokens come up at random, to show what cache misses cost (default: 50000)
  --warm N           people whose tokens the server has seen (default: 4000)
  --writers N        people who add emails (default: 8000)
  --connections A,B  keep-alive connections (default: 1,16,64); growth takes the last of them, queries the first two
  --rounds N         rounds of each measurement (default: 5)
  --seconds S        length of a round (default: 2)
  --starts N         starts of each kind (default: 5)
  --folder DIR       on a disk; where prepared databases are kept for the next run (default: bench/data). About 13 GB
                     for all sizes, and 10 GB more while it runs
  --out FILE         where the page is written (default: bench/results.md)
  --log-level LEVEL  info or silent: what the server logs into a file meanwhile (default: info)
  --profile WORK     instead of all that: where the server spends its time on get or post, function by function
  --help             this`

const declared = {
  quick: { type: 'boolean' },
  emails: { type: 'string' },
  spread: { type: 'string' },
  warm: { type: 'string' },
  writers: { type: 'string' },
  connections: { type: 'string' },
  sizes: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  starts: { type: 'string' },
  only: { type: 'string' },
  folder: { type: 'string' },
  out: { type: 'string' },
  'log-level': { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean' },
} as const

const full = { emails: 1_000_000, spread: 50_000, warm: 4_000, writers: 8_000, rounds: 5, seconds: 2, starts: 5 }
const quick = { emails: 20_000, spread: 2_500, warm: 1_000, writers: 1_000, rounds: 2, seconds: 0.5, starts: 1 }
const fullSizes = '1000,10000,100000,1000000,5000000'
const quickSizes = '1000,20000'

/** Crowds that add: Selfgraph's, and one for each limit. */
const writersEach = 4

/** Throws an Error with one line; undefined where the help was asked for. `bench` is the folder of the benchmark. */
export function readOptions(args: readonly string[], bench: string): Options | undefined {
  const { values } = parseArgs({ args: [...args], options: declared, strict: true })
  if (values.help === true) return undefined
  const usual = values.quick === true ? quick : full
  const number = (name: keyof typeof full) => positive(`--${name}`, values[name] ?? String(usual[name]))
  const only = (values.only ?? parts.join(',')).split(',')
  const unknown = only.find((part) => !parts.some((known) => known === part))
  if (unknown !== undefined) throw new Error(`--only takes ${parts.join(', ')}; there is no ${unknown}`)
  const level = values['log-level'] ?? 'info'
  if (level !== 'info' && level !== 'silent') throw new Error('--log-level takes info or silent')
  const work = values.profile
  if (work !== undefined && work !== 'get' && work !== 'post') throw new Error('--profile takes get or post')
  const options = {
    emails: number('emails'),
    spread: number('spread'),
    warm: number('warm'),
    writers: number('writers'),
    connections: positives('--connections', values.connections ?? '1,16,64'),
    sizes: positives('--sizes', values.sizes ?? (values.quick === true ? quickSizes : fullSizes)),
    rounds: number('rounds'),
    milliseconds: number('seconds') * 1000,
    starts: number('starts'),
    folder: values.folder ?? `${bench}data`,
    out: values.out ?? (values.quick === true ? undefined : `${bench}results.md`),
    only: parts.filter((part) => only.includes(part)),
    logLevel: level,
    profile: work,
  } as const
  if (Math.max(options.spread, options.warm) + writersEach * options.writers > options.emails / emailsPerPerson)
    throw new Error(
      `--spread (or --warm) and ${writersEach} times --writers together must not be more than a third of --emails: each is a person`,
    )
  return options
}

/** The least first. */
function positives(option: string, text: string): readonly number[] {
  return text
    .split(',')
    .map((each) => positive(option, each))
    .sort((a, b) => a - b)
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new Error(`${option} takes a number above 0`)
  return number
}
