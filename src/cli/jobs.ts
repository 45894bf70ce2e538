/** `selfgraph jobs`: what waits to be done later, what could not be done, and what an operator decides about that. */

import { readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import { committed, type Database } from '../store/database.ts'
import { migrate, requireCurrent } from '../store/migrate.ts'
import { deadJobs, dropJob, findJob, type ListedJob, listJobs, retryJob, timeText } from '../store/tables/jobs.ts'
import { openDatabase } from './open-database.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

const mostListed = 1_000

const options = { dead: { type: 'boolean' }, json: { type: 'boolean' } } as const

export const jobsCommand: Command = {
  says: 'List, retry and drop the jobs of the servers.',
  help: `Usage: selfgraph jobs list [--dead] [--json]
       selfgraph jobs retry ID … | --dead
       selfgraph jobs drop ID … | --dead

A job is work that a server does later, such as sweeping away what has grown old. What fails is tried again, each time after a longer
pause, and after the last attempt the job is dead: it stays for 30 days, to be looked at.

  list     prints the jobs, those to be done first in front, then the dead ones; ${mostListed.toLocaleString('en')} of each at most
  retry    has jobs run at once, with all their attempts before them
  drop     takes jobs away for good

  --dead   the dead jobs only; of retry and drop: all of them
  --json   one JSON object a line

list works beside a running server. With the embedded database, stop the server first to retry or drop: one process at a time owns
the data folder.`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({ args: [...args], options, strict: true, allowPositionals: true })
    const [verb, ...ids] = positionals
    const { dead = false, json = false } = values
    switch (verb) {
      case 'list':
        if (ids.length > 0) throw new StartError('selfgraph jobs list takes no ids', 'usage')
        return using(terminal, 'reader', (database) => list(database, terminal, { dead, json }))
      case 'retry':
      case 'drop':
        if (json) throw new StartError(`selfgraph jobs ${verb} takes ids or --dead`, 'usage')
        if (ids.length > 0 === dead) throw new StartError(`say which jobs: selfgraph jobs ${verb} ID … or --dead`, 'usage')
        return using(terminal, 'owner', (database) => changeAll(database, terminal, verb, dead ? 'dead' : ids))
      default:
        throw new StartError('say what to do: selfgraph jobs list, retry or drop; --help tells more', 'usage')
    }
  },
}

async function using(terminal: Terminal, as: 'owner' | 'reader', work: (database: Database) => Promise<void>): Promise<number> {
  const database = await openDatabase(readConfig(terminal.environment), terminal, as)
  try {
    if (as === 'owner') await migrate(database)
    else await requireCurrent(database)
    await work(database)
    return 0
  } finally {
    await database.close()
  }
}

interface Listing {
  readonly dead: boolean
  readonly json: boolean
}

async function list(database: Database, { out, now }: Terminal, { dead, json }: Listing): Promise<void> {
  const source = committed(database)
  const at = timeText(now())
  const jobs = [...(dead ? [] : await listJobs(source, false, mostListed)), ...(await listJobs(source, true, mostListed))]
  for (const job of jobs) out(`${json ? JSON.stringify(jsonOf(job, at)) : lineOf(job, at)}\n`)
}

function stateOf({ is_dead, lease, next_at }: ListedJob, at: string): 'dead' | 'running' | 'due' | 'waiting' {
  if (is_dead === 1) return 'dead'
  if (next_at <= at) return 'due'
  return lease === null ? 'waiting' : 'running'
}

/** The meaning of `next_at`. */
const nextWords = { dead: 'kept until', running: 'until', due: 'since', waiting: 'at' } as const

function lineOf(job: ListedJob, at: string): string {
  const state = stateOf(job, at)
  const attempts = `${job.attempts} ${job.attempts === 1 ? 'attempt' : 'attempts'}`
  return `${job.id}  ${job.kind}  ${state} ${nextWords[state]} ${job.next_at}  ${attempts}  ${job.last_error ?? '-'}`
}

function jsonOf(job: ListedJob, at: string): object {
  const { id, kind, tenant_id: tenantId, added_at: addedAt, next_at: nextAt, attempts, last_error: lastError } = job
  return { id, kind, state: stateOf(job, at), tenantId, addedAt, nextAt, attempts, lastError }
}

const changes = {
  retry: { change: retryJob, done: 'will run at once', all: 'will run at once' },
  drop: { change: dropJob, done: 'was dropped', all: 'were dropped' },
} as const

async function changeAll(database: Database, { out, now }: Terminal, verb: 'retry' | 'drop', which: readonly string[] | 'dead') {
  const { change, done, all } = changes[verb]
  if (which === 'dead') {
    const ids = await deadJobs(committed(database))
    let changed = 0
    for (const id of ids) if (await database.write('nobody', (transaction) => change(transaction, id, now()))) changed++
    out(changed === 0 ? 'There are no dead jobs.\n' : changed === 1 ? `1 dead job ${done}\n` : `${changed} dead jobs ${all}\n`)
    return
  }
  // All of them, or none where one cannot be had.
  await database.write('nobody', async (transaction) => {
    for (const id of which) {
      const job = await findJob(transaction, id)
      if (job === undefined) throw new StartError(`there is no job ${id}; selfgraph jobs list shows which there are`, 'badData')
      if (verb === 'drop' && job.id === job.kind)
        throw new StartError(`${id} comes again and again: a server that starts would add it anew, so it is not dropped`, 'badData')
      if (!(await change(transaction, id, now())))
        throw new StartError(`the job ${id} is running: wait until ${job.next_at}, when it is done or may be taken over`, 'unavailable')
    }
  })
  for (const id of which) out(`${id} ${done}\n`)
}
