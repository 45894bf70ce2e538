/** Questions that would never end: whom they keep waiting, and what ends them. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import sql, { type Sql } from 'sql-template-tag'
import { GraphError } from '../../../src/errors.ts'
import type { Asker } from '../../../src/model/asker.ts'
import type { Database } from '../../../src/store/database.ts'
import { Connection } from '../../../src/store/sqlite/connection.ts'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

/** Counts without end, row by row, as a question over ever more people would. */
function endless({ dialect }: Database): Sql {
  return sql`WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT (n + 1) % 1000 FROM counted WHERE n >= 0 ${dialect.stopCheck})
    SELECT count(*) AS n FROM counted`
}

/** Has every long question of a client be an endless one; answers what changes that back. */
function makeEndless({ app: { database } }: TestServer): { readonly asked: () => number; undo(): unknown } {
  const read = database.read.bind(database)
  let asked = 0
  database.read = (statement, use, asker) => {
    if (use !== 'long') return read(statement, use)
    asked++
    return read(endless(database), use, asker)
  }
  return { asked: () => asked, undo: () => Object.assign(database, { read }) }
}

function asker(tenantId: string, user: string): Asker & { leave(): void } {
  const controller = new AbortController()
  return { tenantId, name: `${tenantId}/${user}`, gone: () => controller.signal, leave: () => controller.abort() }
}

const question = "/v1.0/users?$select=id&$filter=contains(city,'nowhere')"
const headers = { ConsistencyLevel: 'eventual' }
const isUnavailable = (error: unknown) => error instanceof GraphError && error.kind === 'unavailable'

/** As soon as `is` holds. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('Questions that never end', { concurrency: true }, () => {
  it('are stopped when their clients go: many that were given up keep nobody from being answered', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '300' } })
    const [kim, jo] = [await token(server, 'kim', { scope: 'User.Read.All' }), await token(server, 'jo', { scope: 'User.Read.All' })]
    const { asked, undo } = makeEndless(server)
    for (let n = 1; n <= 12; n++) {
      const giving = new AbortController()
      const answer = fetch(server.http + question, { headers: { ...headers, Authorization: `Bearer ${kim}` }, signal: giving.signal })
      await Promise.all([assert.rejects(answer, { name: 'AbortError' }), until(() => asked() === n).then(() => giving.abort())])
    }
    undo()
    for (const bearer of [jo, kim]) assert.equal((await ask(server, `GET ${question}`, { token: bearer, headers })).status, 200)
  })

  it('are stopped in a batch when its client goes', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '300' } })
    const kim = await token(server, 'kim', { scope: 'User.Read.All' })
    const { asked, undo } = makeEndless(server)
    const giving = new AbortController()
    const parts = Array.from({ length: 20 }, (_, n) => ({ id: String(n), method: 'GET', url: question.slice('/v1.0'.length), headers }))
    const answer = fetch(`${server.http}/v1.0/$batch`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${kim}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ requests: parts }),
      signal: giving.signal,
    })
    await Promise.all([assert.rejects(answer, { name: 'AbortError' }), until(() => asked() > 0).then(() => giving.abort())])
    undo()
    assert.equal((await ask(server, `GET ${question}`, { token: kim, headers })).status, 200)
  })

  it('of one caller leave a place for everybody else, and one more than may wait is a 429', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '300' } })
    const { database } = server.app
    const kim = asker(tenants.contoso, 'kim')
    const held = Array.from({ length: 20 }, () => database.read(endless(database), 'long', kim))
    for (const each of held) each.catch(() => undefined)
    await assert.rejects(
      database.read(endless(database), 'long', kim),
      (error) => error instanceof GraphError && error.kind === 'tooManyRequests',
    )
    const jo = await token(server, 'jo', { scope: 'User.Read.All' })
    for (let n = 0; n < 5; n++) assert.equal((await ask(server, `GET ${question}`, { token: jo, headers })).status, 200)
    kim.leave()
    assert.deepEqual(await database.read(sql`SELECT 1 AS one`, 'long', asker(tenants.contoso, 'kim')), [{ one: 1 }])
  })

  it('end after SELFGRAPH_QUERY_TIMEOUT with a 503 that says how to narrow them, and those within it are answered', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '1' } })
    const kim = await token(server, 'kim', { scope: 'User.Read.All' })
    const { undo } = makeEndless(server)
    for (const path of [question, "/v1.0/users/$count?$filter=contains(city,'nowhere')", '/v1.0/users?$orderby=city']) {
      const answer = await ask(server, `GET ${path}`, { token: kim, headers })
      assertRefused(answer, 503, 'serviceNotAvailable')
      assert.match(answer.json.error.message, /^The query took longer than 1 seconds\. Narrow it: /)
      assert.match(answer.headers.get('Retry-After') ?? '', /^\d+$/)
    }
    undo()
    assert.equal((await ask(server, `GET ${question}`, { token: kim, headers })).status, 200)
  })

  it('can be stopped at each row: pages, orders, counts and places far behind', async (test) => {
    const server = await startServer()
    const { database } = server.app
    if (database.description.startsWith('PostgreSQL')) return test.skip('there a statement is cancelled from outside')
    const kim = await token(server, 'kim', { scope: 'User.Read.All' })
    const read = database.read.bind(database)
    const long: Sql[] = []
    database.read = (statement, use, asker) => {
      if (use === 'long') long.push(statement)
      return read(statement, use, asker)
    }
    const paths = [
      question,
      '/v1.0/users?$orderby=city',
      '/v1.0/users?$skip=3',
      '/v1.0/users/$count',
      "/v1.0/users?$count=true&$filter=contains(city,'x')",
    ]
    for (const path of paths) assert.equal((await ask(server, `GET ${path}`, { token: kim, headers })).status, 200)
    assert.equal(long.length, 6)
    let rows = 0
    const connection = new Connection(new DatabaseSync(join(server.folder, 'selfgraph.db'), { readOnly: true }), () => void rows++)
    const [{ n = 0 } = {}] = await read<{ n: number }>(sql`SELECT count(*) AS n FROM users WHERE tenant_id = ${tenants.contoso}`)
    for (const statement of long) {
      rows = 0
      connection.rows(statement, 'long')
      assert.equal(rows, n, statement.sql)
    }
    connection.database.close()
  })

  it('end with the database: it closes while they run, and each of them is refused', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '300' } })
    const { database } = server.app
    const asked = Array.from({ length: 6 }, (_, n) => database.read(endless(database), 'long', asker(tenants.contoso, `user ${n}`)))
    const refused = Promise.all(asked.map((each) => assert.rejects(each, isUnavailable)))
    // So that some of them are under way.
    await database.read(sql`SELECT 1 AS one`)
    await server.stop()
    await refused
  })

  it('keep no server from ending within ten seconds', async () => {
    const server = await startServer({ settings: { SELFGRAPH_QUERY_TIMEOUT: '300' } })
    const kim = await token(server, 'kim', { scope: 'User.Read.All' })
    const { asked } = makeEndless(server)
    const cut = [1, 2, 3].map(() => assert.rejects(ask(server, `GET ${question}`, { token: kim, headers })))
    await until(() => asked() === 3)
    const askedAt = Date.now()
    await server.stop()
    assert.ok(Date.now() - askedAt < 10_000)
    await Promise.all(cut)
  })
})
