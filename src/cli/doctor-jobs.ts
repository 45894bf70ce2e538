/** The doctor's look at the queue of jobs. */

import { committed, type Database } from '../store/database.ts'
import { countJobs, type Queue } from '../store/tables/jobs.ts'
import { type Finding, finding } from './finding.ts'

/** A job that is due for longer waits for a server that does not run, or does not keep up. */
const longDueMilliseconds = 10 * 60_000

export async function lookAtJobs(database: Database, now: number): Promise<Finding> {
  const queue = await countJobs(committed(database), now)
  const { dueSince, dead, failing } = queue
  const counts = countsOf(queue)
  if (dead > 0) return finding('jobs', 'warn', `${counts}: selfgraph jobs list --dead shows why, retry and drop decide about them`)
  if (dueSince !== null && now - Date.parse(dueSince) > longDueMilliseconds)
    return finding('jobs', 'warn', `${counts}: servers run them, see whether one runs and what its log says`)
  if (failing > 0) return finding('jobs', 'warn', `${counts}, ${failing} that recur failed last: selfgraph jobs list shows why`)
  return finding('jobs', 'ok', counts)
}

function countsOf({ waiting, due, running, dead, dueSince }: Queue): string {
  const since = dueSince === null ? '' : ` (the oldest since ${dueSince})`
  return `${waiting} waiting, ${due} due${since}, ${running} running, ${dead} dead`
}
