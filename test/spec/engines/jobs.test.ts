/** Jobs: appended with the write that causes them, run when they are due, tried again, and dead in the end; on both databases. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { jobKinds } from '../../../src/jobs/kinds.ts'
import { committed } from '../../../src/store/database.ts'
import { appendJob, countJobs, jobRow, mostPayloadCharacters, timeText } from '../../../src/store/tables/jobs.ts'
import { until } from '../../crash/waiting.ts'
import { movableClock } from '../../support/clock.ts'
import { bothDatabases } from '../../support/databases.ts'
import { append, jobKind, jobsOf, openPlace, runJobs } from '../../support/jobs.ts'

const both = await bothDatabases()
const begin = Date.parse('2026-01-01T00:00:00Z')
const day = 86_400_000

for (const engine of ['embedded', 'postgres'] as const)
  describe(`A job (${engine})`, async () => {
    const database = await openPlace(await both[engine]())

    it('is there when the write that causes it is committed, and not when that is undone', async () => {
      const job = (id: string) => ({ id, kind: 'caused', payload: { id }, now: begin })
      const tenant = (id: string) => sql`INSERT INTO tenants (id) VALUES (${id})`
      await database.write('nobody', async (transaction) => {
        await transaction.change(tenant('a'))
        await appendJob(transaction, job('with a write'))
      })
      await assert.rejects(
        database.write('nobody', async (transaction) => {
          await appendJob(transaction, job('undone'))
          throw new Error('changed my mind')
        }),
      )
      await database.change('nobody', tenant('b'), [jobRow(job('with a change'))])
      await database.change('nobody', sql`DELETE FROM tenants WHERE id = 'nothing'`, [jobRow(job('of nothing'))])
      assert.deepEqual((await jobsOf(database, 'caused')).map(({ id }) => id).sort(), ['with a change', 'with a write'])
    })

    it('takes a payload of bounded length', () => {
      const of = (length: number) => jobRow({ id: 'x', kind: 'long', payload: 'x'.repeat(length), now: begin })
      assert.ok(of(mostPayloadCharacters - 2))
      assert.throws(() => of(mostPayloadCharacters - 1), /payload/)
    })

    it('is run when it is due and not before, once, with its payload, and is gone when it is done', async () => {
      const ran: unknown[] = []
      const runner = await runJobs(database, { due: jobKind(async (payload) => void ran.push(payload)) })
      await append(database, begin, { kind: 'due', payload: { n: 1 } })
      await append(database, begin, { kind: 'due', payload: { n: 2 }, dueAt: begin + 5_000 })
      await runner.pass(1_000)
      await until('the job was not run', () => ran.length > 0)
      await runner.pass(3_999)
      assert.deepEqual(ran, [{ n: 1 }])
      await runner.pass(1_000)
      await until('the job was not run', () => ran.length > 1)
      await until('the job was not taken away', async () => (await jobsOf(database, 'due')).length === 0)
      await runner.pass(60_000)
      assert.deepEqual(ran, [{ n: 1 }, { n: 2 }])
      await runner.stop()
    })

    it('that fails is tried again after exact pauses, and is dead after its last attempt, with a code and no message', async () => {
      const tried: number[] = []
      const clock = movableClock()
      const failing = jobKind(async () => {
        tried.push(clock.now() - begin)
        throw new RangeError('kim@contoso.com')
      })
      const runner = await runJobs(database, { failing }, clock)
      const id = await append(database, begin, { kind: 'failing' })
      const after = async (milliseconds: number, attempts: number) => {
        clock.advance(milliseconds)
        await until('it was not tried', async () => {
          const [row] = await jobsOf(database, 'failing')
          return row?.attempts === attempts && row.lease === null
        })
        return (await jobsOf(database, 'failing'))[0]
      }
      const row = { id, kind: 'failing', lease: null, last_error: 'RangeError' }
      assert.deepEqual({ ...(await after(1_000, 1)) }, { ...row, is_dead: 0, attempts: 1, next_at: timeText(begin + 1_000 + 1_500) })
      await runner.pass(1_499)
      assert.deepEqual({ ...(await after(1_000, 2)) }, { ...row, is_dead: 0, attempts: 2, next_at: timeText(begin + 3_499 + 3_000) })
      assert.deepEqual({ ...(await after(5_000, 3)) }, { ...row, is_dead: 1, attempts: 3, next_at: timeText(begin + 8_499 + 30 * day) })
      await runner.pass(day)
      assert.deepEqual(tried, [1_000, 3_499, 8_499])
      assert.deepEqual(
        runner.events.map((event) => [event.kind, 'code' in event && event.code]),
        [
          ['jobFailed', 'RangeError'],
          ['jobFailed', 'RangeError'],
          ['jobDied', 'RangeError'],
        ],
      )
      await runner.stop()
    })

    it('whose process never comes back is taken over after its lease, and is dead when that happens too often', async () => {
      const clock = movableClock()
      let begun = 0
      const lost = jobKind(() => {
        begun++
        return new Promise(() => undefined)
      })
      const runners = [await runJobs(database, { lost }, clock)]
      const id = await append(database, begin, { kind: 'lost' })
      clock.advance(1_000)
      await until('it was not begun', () => begun === 1)
      // The runners before stay away, each with the job in its hands.
      for (const attempt of [2, 3]) {
        runners.push(await runJobs(database, { lost }, clock))
        clock.advance(59_999)
        await until('it is not leased', async () => (await jobsOf(database, 'lost'))[0]?.attempts === attempt - 1)
        assert.equal(begun, attempt - 1)
        clock.advance(1_001)
        await until('it was not taken over', () => begun === attempt)
      }
      clock.advance(61_000)
      await until('it is not dead', async () => (await jobsOf(database, 'lost'))[0]?.is_dead === 1)
      assert.equal(begun, 3)
      const [{ last_error, attempts } = {}] = await jobsOf(database, 'lost')
      assert.deepEqual([last_error, attempts], ['leaseExpired', 3])
      assert.deepEqual(
        runners.flatMap(({ events }) => events),
        [{ kind: 'jobDied', job: 'lost', id, attempts: 3, code: 'leaseExpired' }],
      )
    })

    it('that takes longer than its lease is told so, and what comes of it is not accepted once another has it', async () => {
      const clock = movableClock()
      const hands: { readonly end: () => void; readonly signal: AbortSignal }[] = []
      const slow = jobKind((_, { signal }) => new Promise((end) => void hands.push({ end, signal })))
      const first = await runJobs(database, { slow }, clock)
      const id = await append(database, begin, { kind: 'slow' })
      clock.advance(1_000)
      await until('it was not begun', () => hands.length === 1)
      assert.equal(hands[0]?.signal.aborted, false)
      clock.advance(60_000)
      await until('it was not taken over', () => hands.length === 2)
      assert.equal(hands[0]?.signal.aborted, true)
      assert.equal(hands[1]?.signal.aborted, false)
      hands[0]?.end()
      await until('the outcome was accepted', () => first.events.length > 0)
      assert.deepEqual(first.events, [{ kind: 'jobOverran', job: 'slow', id }])
      assert.equal((await jobsOf(database, 'slow')).length, 1)
      hands[1]?.end()
      await until('the outcome was not accepted', async () => (await jobsOf(database, 'slow')).length === 0)
      await first.stop()
    })

    it('that runs when the program stops is told so, and given back without counting the attempt', async () => {
      const stopped = jobKind((_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))))
      const runner = await runJobs(database, { stopped })
      await append(database, begin, { kind: 'stopped' })
      runner.clock.advance(1_000)
      await until('it was not begun', async () => (await jobsOf(database, 'stopped'))[0]?.attempts === 1)
      await runner.stop()
      const [{ attempts, lease, next_at, is_dead } = {}] = await jobsOf(database, 'stopped')
      assert.deepEqual([attempts, lease, next_at, is_dead], [0, null, timeText(begin + 1_000), 0])
      assert.deepEqual(runner.events, [])
    })

    it('of a kind that a process does not know stays for one that does', async () => {
      const runner = await runJobs(database, { known: jobKind(async () => undefined) })
      await append(database, begin, { kind: 'newer' })
      await append(database, begin, { kind: 'known' })
      await runner.pass(1_000)
      await until('it was not run', async () => (await jobsOf(database, 'known')).length === 0)
      assert.equal((await jobsOf(database, 'newer'))[0]?.attempts, 0)
      await runner.stop()
    })

    it('that recurs has one row for all processes, and a turn at each interval, whether the one before failed or not', async () => {
      const clock = movableClock()
      const turns: number[] = []
      const hourly = jobKind(
        async () => {
          if (turns.push(clock.now() - begin) % 2 === 1) throw new Error('now and then')
        },
        { everySeconds: 3_600 },
      )
      const runners = await Promise.all([1, 2, 3].map(() => runJobs(database, { hourly }, clock)))
      const next = async () => (await jobsOf(database, 'hourly')).map(({ next_at }) => Date.parse(next_at) - begin)
      assert.deepEqual(await next(), [3_600_000])
      clock.advance(3_600_000)
      await until('it had no turn', async () => (await next())[0] === 3_601_500)
      clock.advance(2_000)
      await until('it was not tried again', async () => (await next())[0] === 7_202_000)
      clock.advance(3_600_000)
      await until('it had no turn', async () => (await next())[0] === 7_203_500)
      assert.deepEqual(turns, [3_600_000, 3_602_000, 7_202_000])
      for (const runner of runners) await runner.stop()
    })

    it('is done once where many processes are there for it and none dies', async () => {
      const clock = movableClock()
      const ran = new Map<unknown, number>()
      const raced = jobKind(async (payload) => void ran.set(payload, (ran.get(payload) ?? 0) + 1))
      const runners = await Promise.all([1, 2, 3, 4].map(() => runJobs(database, { raced }, clock)))
      await Promise.all(Array.from({ length: 60 }, (_, payload) => append(database, begin, { kind: 'raced', payload })))
      clock.advance(1_000)
      await until('they were not all run', async () => (await jobsOf(database, 'raced')).length === 0)
      assert.deepEqual([...ran.values()], Array(60).fill(1))
      assert.deepEqual(
        runners.flatMap(({ events }) => events),
        [],
      )
      for (const runner of runners) await runner.stop()
    })
  })

for (const engine of ['embedded', 'postgres'] as const)
  describe(`What grows old (${engine})`, async () => {
    const database = await openPlace(await both[engine]())

    it('is swept away: dead jobs after thirty days, and imports that came no further for as long', async () => {
      const clock = movableClock()
      await database.change('nobody', sql`INSERT INTO imports (file_hash, lines) VALUES ('left', 1000)`)
      await database.change('nobody', sql`INSERT INTO imports (file_hash, lines) VALUES ('goes on', 1000)`)
      const failing = jobKind(() => Promise.reject(new Error('never')), { mostAttempts: 1 })
      const runner = await runJobs(database, { ...jobKinds, failing }, clock)
      await append(database, begin, { kind: 'failing' })
      clock.advance(1_000)
      await until('it is not dead', async () => (await countJobs(committed(database), begin)).dead === 1)

      const imports = async () =>
        (await database.read<{ file_hash: string }>(sql`SELECT file_hash FROM imports ORDER BY 1`)).map(({ file_hash }) => file_hash)
      /** Moves the clock to the next turn of both sweepers, and lets them have it. */
      const sweep = async (milliseconds: number) => {
        clock.advance(milliseconds)
        const at = timeText(clock.now())
        await until('there was no sweep', async () => {
          const rows = await database.read<{ next_at: string; lease: string | null }>(sql`SELECT next_at, lease FROM jobs WHERE id = kind`)
          return rows.length === 2 && rows.every(({ next_at, lease }) => lease === null && next_at > at)
        })
      }
      await sweep(3_600_000)
      await database.change('nobody', sql`UPDATE imports SET lines = 2000 WHERE file_hash = 'goes on'`)
      await sweep(29 * day)
      assert.deepEqual(await imports(), ['goes on', 'left'])
      assert.equal((await countJobs(committed(database), begin)).dead, 1)
      await sweep(day)
      assert.deepEqual(await imports(), ['goes on'])
      assert.equal((await countJobs(committed(database), begin)).dead, 0)
      await sweep(31 * day)
      assert.deepEqual(await imports(), [])
      await runner.stop()
    })
  })
