/** What is asked often is found by an index, however many people there are: as the engine itself says of its plans. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql, { type Sql } from 'sql-template-tag'
import { userToPut } from '../../../src/graph/users/user-item.ts'
import { user } from '../../../src/model/directory.ts'
import { parseQuery, type QuerySchema } from '../../../src/odata/query/query.ts'
import type { PagePosition } from '../../../src/odata/query/skiptoken.ts'
import { renderSkiptoken } from '../../../src/odata/query/skiptoken.ts'
import { addUser, countUsers, listUsers } from '../../../src/store/tables/people.ts'
import { startServer } from '../../support/server.ts'

/** In each of a few tenants, who are alike in all but the tenant: to find all of a name is not enough. */
const people = 1_000
const server = await startServer({ settings: { SELFGRAPH_DEMO: '0' } })
const { database } = server.app
const isPostgres = database.description.startsWith('PostgreSQL')
const tenants = ['1', '2', '3', '4'].map((digit) => `00000000-0000-4000-8000-00000000f22${digit}`)
const tenantId = tenants[1] ?? ''
const queried: QuerySchema = { type: user, options: ['filter', 'orderby', 'skiptoken'], known: [], searched: [], expandable: new Map() }

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
for (const tenant of tenants)
  await database.write('everyone', async (transaction) => {
    for (let number = 0; number < people; number++) {
      // In an order of its own, so that no index is as good as another.
      const name = `${((number * 7919) % people).toString(36).padStart(4, '0')} person`
      const record = {
        id: idOf(number),
        userPrincipalName: `u${number}@contoso.com`,
        displayName: name,
        mail: `${name.slice(0, 4)}@contoso.com`,
      }
      await addUser(transaction, userToPut(tenant, { ...record, accountEnabled: number % 3 > 0 }))
    }
  })
if (isPostgres) await database.write('nobody', (transaction) => transaction.change(sql`ANALYZE users`))

/** The names of the indexes; a primary key has another in each engine. */
const indexes = {
  byDisplayName: /users_by_display_name/,
  byMail: /users_by_mail/,
  byPrincipalName: /users_by_principal_name/,
  byId: isPostgres ? /users_pkey/ : /sqlite_autoindex_users_1/,
} as const
const sorts = isPostgres ? /Sort/ : /TEMP B-TREE/
const reads = isPostgres ? /Seq Scan/ : /\bSCAN users\b/

/** The engine's plan of each statement that `work` reads by. */
async function plansOf<T>(work: () => Promise<T>): Promise<{ readonly plans: readonly string[]; readonly result: T }> {
  const statements: Sql[] = []
  const read = database.read.bind(database)
  database.read = (statement, use) => {
    statements.push(statement)
    return read(statement, use)
  }
  const result = await work()
  database.read = read
  const plans: string[] = []
  for (const statement of statements) {
    const rows = await read<Record<string, string>>(isPostgres ? sql`EXPLAIN ${statement}` : sql`EXPLAIN QUERY PLAN ${statement}`, 'once')
    plans.push(rows.map((row) => row.detail ?? row['QUERY PLAN'] ?? '').join('\n'))
  }
  return { plans, result }
}

/** The plan of a page of 20 and one more, and where it ends. */
async function pageOf(text: string, at?: PagePosition) {
  const token = at === undefined ? '' : `&$skiptoken=${renderSkiptoken(at, user, parseQuery(text, queried, 0))}`
  const { filter, order, after } = parseQuery(text + token, queried, 0)
  const { plans, result } = await plansOf(() => listUsers(database, { tenantId, filter, order, after, skip: 0, limit: 21 }))
  assert.equal(plans.length, 1)
  return { plan: plans[0] ?? '', rows: result, at: result.at(-1)?.position }
}

describe('A page of twenty people out of thousands', () => {
  const cases = [
    ['$filter=startswith(displayName,%2700a%27)', 'byDisplayName', 'whose names begin alike'],
    ['$filter=displayName+eq+%270001+Person%27', 'byDisplayName', 'of one name'],
    ['$filter=mail+eq+%270001@contoso.com%27', 'byMail', 'of one mail address'],
    ['$filter=startswith(mail,%27001%27)', 'byMail', 'whose mail addresses begin alike'],
    ['$filter=userPrincipalName+eq+%27U12@contoso.com%27', 'byPrincipalName', 'of one principal name'],
    ['$filter=startswith(userPrincipalName,%27u12%27)', 'byPrincipalName', 'whose principal names begin alike'],
    [`$filter=id+eq+%27${idOf(7)}%27`, 'byId', 'of one id'],
    [`$filter=id+in+(%27${idOf(7)}%27,%27${idOf(8)}%27)`, 'byId', 'of a few ids'],
    [`$filter=userPrincipalName+eq+%27u12@contoso.com%27+and+accountEnabled+eq+true`, 'byPrincipalName', 'of one name who may sign in'],
  ] as const
  for (const [text, index, words] of cases)
    it(`is found by an index when it is asked for those ${words}`, async () => {
      const { plan, rows } = await pageOf(text)
      assert.match(plan, indexes[index])
      assert.doesNotMatch(plan, reads)
      assert.ok(text.includes('accountEnabled') || rows.length > 0, 'they are there')
    })

  for (const [text, index, words] of [
    ['$orderby=displayName', 'byDisplayName', 'in the order of their names'],
    ['$orderby=mail', 'byMail', 'in the order of their mail addresses'],
    ['$orderby=userPrincipalName', 'byPrincipalName', 'in the order of their principal names'],
    ['$filter=accountEnabled+eq+true', 'byId', 'who may sign in'],
    ['$filter=startswith(displayName,%270%27)&$orderby=displayName', 'byDisplayName', 'whose names begin alike, in their order'],
    ['$filter=startswith(displayName,%270%27)', 'byDisplayName', 'whose names begin alike, in whatever order'],
    ['$filter=startswith(mail,%270%27)', 'byMail', 'whose mail addresses begin alike, in whatever order'],
  ] as const)
    it(`is read off an index, and so is the next page, when it is asked for people ${words}`, async () => {
      const first = await pageOf(text)
      const second = await pageOf(text, first.at)
      for (const { plan, rows } of [first, second]) {
        assert.equal(rows.length, 21)
        assert.match(plan, indexes[index])
        assert.doesNotMatch(plan, reads)
        if (text.includes('userPrincipalName') && isPostgres) continue // sorts the few who have one name, which it cannot know to be one
        assert.doesNotMatch(plan, sorts)
      }
      assert.notDeepEqual(second.rows[0]?.position, first.rows[0]?.position)
    })

  it('takes the whole table where no index can help, so that the tests above could fail', async () => {
    const { plan } = await pageOf('$filter=contains(displayName,%271%27)&$orderby=length(displayName)')
    assert.match(plan, sorts)
  })

  it('is counted by the same index', async () => {
    const { filter } = parseQuery('$filter=startswith(displayName,%2700a%27)', queried, 0)
    const { plans, result } = await plansOf(() => countUsers(database, tenantId, filter))
    assert.equal(result, [...Array(people).keys()].filter((number) => number.toString(36).padStart(4, '0').startsWith('00a')).length)
    assert.match(plans[0] ?? '', indexes.byDisplayName)
  })
})
