/** `selfgraph jobs`, and what the doctor says of them; on both databases. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import type { Database } from '../../../src/store/database.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { jobRow, timeText } from '../../../src/store/tables/jobs.ts'
import { bothDatabases } from '../../support/databases.ts'
import { startServer } from '../../support/server.ts'
import { command } from '../../support/terminal.ts'

const both = await bothDatabases()
const now = Date.parse('2026-01-01T12:00:00Z')
const minute = 60_000

for (const engine of ['embedded', 'postgres'] as const)
  describe(`selfgraph jobs (${engine})`, async () => {
    const place = await both[engine]()
    const terminal = { now: () => now }
    const jobs = (...args: readonly string[]) => command(['jobs', ...args], place.folder, { ...place, terminal })
    const using = async (work: (database: Database) => Promise<unknown>) => {
      const config = readConfig({ SELFGRAPH_DATA: place.folder, ...place.settings })
      const database = await openDatabase(config, { random: Math.random }, 'owner')
      await migrate(database)
      await work(database)
      await database.close()
    }
    const doctor = async () => {
      const ports = { SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: '49152' }
      const { out } = await command(['doctor', '--json'], place.folder, { settings: { ...place.settings, ...ports }, terminal })
      const { checks } = JSON.parse(out) as { checks: { check: string; verdict: string; says: string }[] } // as doctor.ts prints
      const found = checks.find(({ check }) => check === 'jobs')
      return `${found?.verdict}: ${found?.says}`
    }

    it('lists nothing where there is nothing, and the doctor finds that good', async () => {
      await using(async () => undefined)
      assert.deepEqual(await jobs('list'), { code: 0, out: '', err: '' })
      assert.equal(await doctor(), 'ok: 0 waiting, 0 due, 0 running, 0 dead')
    })

    it('lists what waits, is due, is running and is dead, with the code of the last error', async () => {
      await using(async (database) => {
        for (const [id, dueAt] of [
          ['waiting', now + minute],
          ['due', now - minute],
          ['running', now + 2 * minute],
          ['lost', now - 2 * minute],
          ['dead', now + 3 * minute],
        ] as const)
          await database.change('nobody', jobRow({ id, kind: 'mail', tenantId: 'contoso', payload: {}, now: now - 5 * minute, dueAt }))
        await database.change('nobody', sql`UPDATE jobs SET lease = 'token', attempts = 1 WHERE id IN ('running', 'lost')`)
        await database.change('nobody', sql`UPDATE jobs SET is_dead = 1, attempts = 5, last_error = 'ECONNREFUSED' WHERE id = 'dead'`)
      })
      const { code, out, err } = await jobs('list')
      assert.deepEqual([code, err], [0, ''])
      assert.equal(
        out,
        `lost  mail  due since 2026-01-01T11:58:00.0000000Z  1 attempt  -
due  mail  due since 2026-01-01T11:59:00.0000000Z  0 attempts  -
waiting  mail  waiting at 2026-01-01T12:01:00.0000000Z  0 attempts  -
running  mail  running until 2026-01-01T12:02:00.0000000Z  1 attempt  -
dead  mail  dead kept until 2026-01-01T12:03:00.0000000Z  5 attempts  ECONNREFUSED
`,
      )
      assert.deepEqual(JSON.parse((await jobs('list', '--dead', '--json')).out), {
        id: 'dead',
        kind: 'mail',
        state: 'dead',
        tenantId: 'contoso',
        addedAt: '2026-01-01T11:55:00.0000000Z',
        nextAt: '2026-01-01T12:03:00.0000000Z',
        attempts: 5,
        lastError: 'ECONNREFUSED',
      })
      assert.equal(
        await doctor(),
        'warn: 1 waiting, 2 due (the oldest since 2026-01-01T11:58:00.0000000Z), 1 running, 1 dead: selfgraph jobs list --dead shows why, retry and drop decide about them',
      )
    })

    it('refuses what cannot be, with one line, and then changes nothing', async () => {
      const before = await jobs('list')
      for (const [args, code, says] of [
        [[], 64, /list, retry or drop/],
        [['remove'], 64, /list, retry or drop/],
        [['list', 'due'], 64, /takes no ids/],
        [['retry'], 64, /selfgraph jobs retry ID … or --dead/],
        [['drop', 'due', '--dead'], 64, /selfgraph jobs drop ID … or --dead/],
        [['drop', 'due', '--json'], 64, /takes ids or --dead/],
        [['drop', '--all'], 64, /--all/],
        [['drop', 'due', 'nothing'], 65, /there is no job nothing/],
        [['drop', 'due', 'running'], 69, /the job running is running: wait until 2026-01-01T12:02/],
        [['retry', 'running'], 69, /the job running is running/],
      ] as const) {
        const said = await jobs(...args)
        assert.deepEqual([said.code, said.out], [code, ''], args.join(' '))
        assert.match(said.err, says)
        assert.equal(said.err.trimEnd().split('\n').length, 1)
      }
      assert.deepEqual(await jobs('list'), before)
    })

    it('retries a job at once with all its attempts before it, one whose lease has run out too, and drops others', async () => {
      assert.deepEqual(await jobs('retry', 'dead', 'lost'), { code: 0, out: 'dead will run at once\nlost will run at once\n', err: '' })
      assert.equal(
        (await jobs('list')).out
          .split('\n')
          .filter((line) => /^(dead|lost)/.test(line))
          .join('\n'),
        `dead  mail  due since ${timeText(now)}  0 attempts  ECONNREFUSED\nlost  mail  due since ${timeText(now)}  0 attempts  -`,
      )
      assert.deepEqual(await jobs('drop', 'dead', 'lost', 'waiting'), {
        code: 0,
        out: 'dead was dropped\nlost was dropped\nwaiting was dropped\n',
        err: '',
      })
      assert.equal((await jobs('list')).out.split('\n').length, 3)
      assert.equal((await jobs('retry', '--dead')).out, 'There are no dead jobs.\n')
      await using((database) => database.change('nobody', sql`UPDATE jobs SET is_dead = 1, lease = NULL`))
      assert.equal((await jobs('retry', '--dead')).out, '2 dead jobs will run at once\n')
      await using((database) => database.change('nobody', sql`UPDATE jobs SET is_dead = 1 WHERE id = 'due'`))
      assert.equal((await jobs('drop', '--dead')).out, '1 dead job was dropped\n')
    })

    it('does not drop what comes again and again, and the doctor does not mind that it waits for a server', async () => {
      await using(async (database) => {
        await database.change('nobody', sql`DELETE FROM jobs`)
        await database.change('nobody', jobRow({ id: 'hourly', kind: 'hourly', payload: null, now: now - 20 * minute }))
      })
      const { code, err } = await jobs('drop', 'hourly')
      assert.equal(code, 65)
      assert.match(err, /comes again and again/)
      assert.equal(await doctor(), 'ok: 0 waiting, 1 due, 0 running, 0 dead')
      await using((database) => database.change('nobody', sql`UPDATE jobs SET last_error = 'unavailable', attempts = 2`))
      assert.match(await doctor(), /^warn: .*1 that recur failed last/)
    })

    it('has the doctor warn of jobs that are due for ten minutes: no server runs them', async () => {
      await using(async (database) => {
        await database.change('nobody', sql`DELETE FROM jobs`)
        await database.change('nobody', jobRow({ id: 'late', kind: 'mail', payload: {}, now: now - 10 * minute }))
      })
      assert.match(await doctor(), /^ok: /)
      await using((database) => database.change('nobody', jobRow({ id: 'later', kind: 'mail', payload: {}, now: now - 10 * minute - 1 })))
      assert.match(await doctor(), /^warn: .*see whether one runs/)
    })
  })

describe('selfgraph jobs beside a running server', () => {
  it('lists the recurring jobs, and with the embedded database says who owns the folder when something is to be changed', async () => {
    const server = await startServer({ settings: { SELFGRAPH_DATABASE_URL: '' } })
    const listed = await command(['jobs', 'list'], server.folder)
    assert.equal(listed.code, 0)
    assert.match(
      listed.out,
      /^sweepDeadJobs {2}sweepDeadJobs {2}waiting at \S+ {2}0 attempts {2}-\nsweepImports {2}sweepImports {2}waiting at /,
    )
    const { code, err } = await command(['jobs', 'retry', 'sweepImports'], server.folder)
    assert.equal(code, 69)
    assert.match(err, /in use by another Selfgraph process/)
  })
})
