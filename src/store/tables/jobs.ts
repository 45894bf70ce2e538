/**
 * The rows of jobs: added in the transaction that causes them, taken and settled by updates whose row count says whether they were
 * ours to take. When a job runs and how often it is tried is decided in jobs/.
 */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { sortableTime } from '../../model/time.ts'
import type { Database, Source, Transaction } from '../database.ts'

export interface JobToAppend {
  /** A new UUID. The kind itself for a recurring job, of which one row is kept. */
  readonly id: string
  readonly kind: string
  readonly tenantId?: string | undefined
  /** Goes into the row as JSON text of at most `mostPayloadCharacters`. */
  readonly payload: unknown
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds since 1970; at once unless given. */
  readonly dueAt?: number
}

/** A job that may be run, as it was seen. */
export interface DueJob {
  readonly id: string
  readonly kind: string
  readonly tenant_id: string | null
  readonly payload: string
  readonly next_at: string
  /** The token of a lease that has run out; null where nobody runs the job. */
  readonly lease: string | null
  /** How often it was begun. */
  readonly attempts: number
}

/** A job as `selfgraph jobs list` shows it. */
export interface ListedJob extends Pick<DueJob, 'id' | 'kind' | 'tenant_id' | 'next_at' | 'lease' | 'attempts'> {
  readonly added_at: string
  readonly is_dead: number
  readonly last_error: string | null
}

/** How many jobs there are. */
export interface Queue {
  /** Not due yet. */
  readonly waiting: number
  /** To be run now; those whose lease has run out count here. */
  readonly due: number
  readonly running: number
  readonly dead: number
  /** Recurring jobs whose last attempt failed. */
  readonly failing: number
  /** Since when the oldest is due that is not recurring; null where none is. */
  readonly dueSince: string | null
}

export const mostPayloadCharacters = 16_384
const sweptAtOnce = 1_000

export function timeText(milliseconds: number): string {
  return sortableTime(new Date(milliseconds).toISOString())
}

/** The statement that appends a job: to send alongside a change. A job whose id is there already is left as it is. */
export function jobRow({ id, kind, tenantId, payload, now, dueAt = now }: JobToAppend): Sql {
  const text = JSON.stringify(payload)
  if (text.length > mostPayloadCharacters) throw new Error(`the payload of a job ${kind} has ${text.length} characters`)
  return sql`
    INSERT INTO jobs (id, kind, tenant_id, payload, added_at, is_dead, next_at, attempts)
    VALUES (${id}, ${kind}, ${tenantId ?? null}, ${text}, ${timeText(now)}, 0, ${timeText(dueAt)}, 0)
    ON CONFLICT (id) DO NOTHING`
}

/** Appends a job in the transaction of the write that causes it: both are committed, or neither. */
export async function appendJob(transaction: Transaction, job: JobToAppend): Promise<void> {
  await transaction.change(jobRow(job))
}

/** Jobs of these kinds that may be run now, the oldest first. */
export function findDueJobs(
  source: Source,
  { kinds, now, limit }: { readonly kinds: readonly string[]; readonly now: number; readonly limit: number },
): Promise<readonly DueJob[]> {
  return source.rows(sql`
    SELECT id, kind, tenant_id, payload, next_at, lease, attempts FROM jobs
    WHERE is_dead = 0 AND next_at <= ${timeText(now)} AND kind IN (${join(kinds)})
    ORDER BY next_at, id LIMIT ${limit}`)
}

type Changing = Pick<Database, 'change'>

/** Takes a job that is still as it was seen; answers false where another process was faster. */
export async function leaseJob(database: Changing, seen: DueJob, lease: string, until: number): Promise<boolean> {
  const taken = sql`UPDATE jobs SET lease = ${lease}, next_at = ${timeText(until)}, attempts = attempts + 1 ${asSeen(seen)}`
  return (await database.change('nobody', taken)) > 0
}

/** Ends a job that was begun as often as it may be and never came to an outcome; answers false where another process was faster. */
export async function buryJob(database: Changing, seen: DueJob, error: string, sweptAt: number): Promise<boolean> {
  const buried = sql`UPDATE jobs SET is_dead = 1, lease = NULL, next_at = ${timeText(sweptAt)}, last_error = ${error} ${asSeen(seen)}`
  return (await database.change('nobody', buried)) > 0
}

/** Taking a job counts the attempt and moves its time, so that the condition fails for every other taker. */
function asSeen({ id, next_at, attempts }: DueJob): Sql {
  return sql`WHERE id = ${id} AND is_dead = 0 AND next_at = ${next_at} AND attempts = ${attempts}`
}

/** The outcome of an attempt. */
export interface Outcome {
  readonly nextAt: number
  readonly attempts: number
  readonly isDead: boolean
  readonly lastError: string | null
}

/** Writes the outcome of a job, or removes a job that is done; answers false where the lease is not ours any more. */
export async function settleJob(database: Changing, id: string, lease: string, outcome: Outcome | 'done'): Promise<boolean> {
  const leased = sql`WHERE id = ${id} AND lease = ${lease}`
  if (outcome === 'done') return (await database.change('nobody', sql`DELETE FROM jobs ${leased}`)) > 0
  const { nextAt, attempts, isDead, lastError } = outcome
  const settled = sql`
    UPDATE jobs SET lease = NULL, next_at = ${timeText(nextAt)}, attempts = ${attempts}, is_dead = ${isDead ? 1 : 0}, last_error = ${lastError}
    ${leased}`
  return (await database.change('nobody', settled)) > 0
}

export async function countJobs(source: Source, now: number): Promise<Queue> {
  const at = timeText(now)
  const [row] = await source.rows<Readonly<Record<keyof Queue, string | number | null>>>(sql`
    SELECT
      sum(CASE WHEN is_dead = 0 AND lease IS NULL AND next_at > ${at} THEN 1 ELSE 0 END) AS waiting,
      sum(CASE WHEN is_dead = 0 AND next_at <= ${at} THEN 1 ELSE 0 END) AS due,
      sum(CASE WHEN lease IS NOT NULL AND next_at > ${at} THEN 1 ELSE 0 END) AS running,
      sum(is_dead) AS dead,
      sum(CASE WHEN id = kind AND last_error IS NOT NULL THEN 1 ELSE 0 END) AS failing,
      min(CASE WHEN is_dead = 0 AND next_at <= ${at} AND id <> kind THEN next_at END) AS ${raw('"dueSince"')}
    FROM jobs`)
  const count = (name: Exclude<keyof Queue, 'dueSince'>) => Number(row?.[name] ?? 0)
  return {
    waiting: count('waiting'),
    due: count('due'),
    running: count('running'),
    dead: count('dead'),
    failing: count('failing'),
    dueSince: row?.dueSince === null || row === undefined ? null : String(row.dueSince),
  }
}

/** Jobs, dead ones or the others, in the order of their times. */
export function listJobs(source: Source, isDead: boolean, limit: number): Promise<readonly ListedJob[]> {
  return source.rows(sql`
    SELECT id, kind, tenant_id, added_at, is_dead, next_at, lease, attempts, last_error FROM jobs
    WHERE is_dead = ${isDead ? 1 : 0} ORDER BY next_at, id LIMIT ${limit}`)
}

export async function findJob(source: Source, id: string): Promise<ListedJob | undefined> {
  const [job] = await source.rows<ListedJob>(
    sql`SELECT id, kind, tenant_id, added_at, is_dead, next_at, lease, attempts, last_error FROM jobs WHERE id = ${id}`,
  )
  return job
}

/** Has a job run at once, with all its attempts before it. Answers false where it is not there, or is running. */
export async function retryJob(transaction: Transaction, id: string, now: number): Promise<boolean> {
  const at = timeText(now)
  const retried = sql`
    UPDATE jobs SET is_dead = 0, next_at = ${at}, attempts = 0, lease = NULL
    WHERE id = ${id} AND (lease IS NULL OR next_at <= ${at})`
  return (await transaction.change(retried)) > 0
}

/** Takes a job away. Answers false where it is not there, or is running. */
export async function dropJob(transaction: Transaction, id: string, now: number): Promise<boolean> {
  const dropped = sql`DELETE FROM jobs WHERE id = ${id} AND (lease IS NULL OR next_at <= ${timeText(now)})`
  return (await transaction.change(dropped)) > 0
}

/** Ids of all dead jobs. */
export async function deadJobs(source: Source): Promise<readonly string[]> {
  return (await source.rows<{ id: string }>(sql`SELECT id FROM jobs WHERE is_dead = 1 ORDER BY next_at, id`)).map(({ id }) => id)
}

/** Takes away some of the dead jobs whose time has come; answers how many: 0 when none are left. */
export function sweepDeadJobs(database: Changing, now: number): Promise<number> {
  return database.change(
    'nobody',
    sql`DELETE FROM jobs WHERE is_dead = 1 AND id IN (
      SELECT id FROM jobs WHERE is_dead = 1 AND next_at <= ${timeText(now)} ORDER BY next_at, id LIMIT ${sweptAtOnce})`,
  )
}
