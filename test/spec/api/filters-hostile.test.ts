/**
 * Filters, orders and searches that nobody means well with, over HTTP: each is answered or refused, none is a defect of
 * the server, and none leaves anything behind. A failure prints the seed and the smallest text that fails.
 */

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import sql from 'sql-template-tag'
import { Connection } from '../../../src/store/sqlite/connection.ts'
import { ask } from '../../support/ask.ts'
import { hostileFilters, hostileOrders, hostileSearches } from '../../support/filter-edges.ts'
import { nastyTexts } from '../../support/filter-records.ts'
import { anyValue } from '../../support/filter-soup.ts'
import { holds } from '../../support/property.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()
const { database } = server.app
const admin = await token(server, 'globaladmin', {
  scope: 'User.Read.All User.ReadWrite UserAuthenticationMethod.Read.All',
  mfa: true,
})
const collections = [
  '/v1.0/users',
  '/v1.0/users/$count',
  '/beta/me/profile/emails',
  '/beta/me/profile/emails/$count',
  '/v1.0/me/authentication/methods',
]
const answers = [200, 400, 403, 414, 501]
const valuesTried = 1_500

await putRecords(server, [
  contosoUser('00000000-0000-4000-8000-00000000abcd', 'long@contoso.com', {
    displayName: 'ß'.repeat(256),
    aboutMe: 'aA'.repeat(2000),
    otherMails: nastyTexts.map((text, index) => `${text}${index}`),
    createdDateTime: '2020-02-29T12:30:45.1234567Z',
  }),
])
await ask(server, 'POST /beta/me/profile/emails', { token: admin, body: { address: 'a@contoso.com', displayName: 'a' } })

async function send(collection: string, query: string): Promise<number> {
  const { status, text } = await ask(server, `GET ${collection}?${query}`, { token: admin, headers: { ConsistencyLevel: 'eventual' } })
  assert.ok(answers.includes(status), `${status} to ${query.slice(0, 300)}: ${text.slice(0, 300)}`)
  return status
}

/** What stands in a URL as it is, apart from spaces. */
function asOption(name: string, value: string): string {
  return `${name}=${value.replaceAll(' ', '+').replaceAll('#', '%23').replaceAll('&', '%26')}`
}

describe('A filter, an order or a search that nobody means well with', () => {
  const lists = { $filter: hostileFilters, $orderby: hostileOrders, $search: hostileSearches }
  for (const [name, values] of Object.entries(lists))
    it(`is answered or refused as ${name}, at whatever limit of depth, length, range or encoding it stands`, async () => {
      const statuses = new Set<number>()
      for (const value of values) for (const collection of collections) statuses.add(await send(collection, asOption(name, value)))
      assert.ok(statuses.has(200) && statuses.has(400), `${[...statuses]}: both answers were to be had`)
    })

  it('is answered or refused when it is as long as a URL may be, and refused with 414 beyond', async () => {
    const path = '/v1.0/users'
    const most = 16 * 1024
    for (const [name, part] of [
      ['$filter', 'id+eq+%27a%27+or+'],
      ['$filter', 'contains(displayName,%27%C3%9F%27)+and+'],
      ['$search', 'a+'],
      ['$orderby', 'id,'],
    ] as const) {
      const room = most - path.length - name.length - 2
      const value = part.repeat(Math.ceil(room / part.length))
      assert.notEqual(await send(path, `${name}=${value.slice(0, room)}`), 414)
      assert.equal(await send(path, `${name}=${value}${part}`), 414)
    }
  })

  it('is answered or refused whatever words it is made of', async () => {
    const options = fc.array(fc.tuple(fc.constantFrom('$filter', '$filter', '$orderby', '$search'), anyValue), {
      minLength: 1,
      maxLength: 2,
    })
    const property = fc.asyncProperty(fc.constantFrom(...collections), options, async (collection, given) => {
      await send(collection, given.map(([name, value]) => asOption(name, value)).join('&'))
    })
    await holds(property, { what: 'words at random', runs: valuesTried })
  })

  const rows = (count: number, part: string, word: string) => Array.from({ length: count }, () => part).join(word)
  for (const [words, taken, refused, status] of [
    ['32 comparisons in a row', `$filter=${rows(33, 'true', ' eq ')}`, `$filter=${rows(34, 'true', ' eq ')}`, 400],
    ['16 keys to sort by', `$orderby=${rows(16, 'id', ',')}`, `$orderby=${rows(17, 'id', ',')}`, 400],
    ['64 words of a search', `$search=${rows(64, 'a', ' ')}`, `$search=${rows(65, 'a', ' OR ')}`, 400],
    [
      'any and all two deep',
      "$filter=businessPhones/any(a:businessPhones/all(b:b eq 'x'))",
      '$filter=businessPhones/any(a:businessPhones/all(b:businessPhones/any(c:c eq a)))',
      501,
    ],
    [
      'a place in a text that is a whole number',
      "$filter=substring(displayName,second(createdDateTime)) eq ''",
      "$filter=substring(displayName,fractionalseconds(createdDateTime)) eq ''",
      400,
    ],
  ] as const)
    it(`is taken up to ${words}, and refused with ${status} beyond`, async () => {
      const send = (query: string) =>
        ask(server, `GET /v1.0/users?${query.replaceAll(' ', '+')}`, { token: admin, headers: { ConsistencyLevel: 'eventual' } })
      assert.equal((await send(taken)).status, 200)
      const answer = await send(refused)
      assert.equal(answer.status, status)
      assert.equal(answer.json.error.target, refused.split('=')[0])
    })

  it('leaves a server that works, and nothing in its log to mend', async () => {
    assert.equal((await ask(server, 'GET /v1.0/me', { token: admin })).status, 200)
    assert.deepEqual(
      server.log.filter((line) => line.includes('"failed"')),
      [],
    )
  })
})

describe('A statement that a client makes the text of', () => {
  it('is never one of those that are kept for a next time', async () => {
    const kept = new Set<string>()
    const once = new Set<string>()
    const read = database.read.bind(database)
    database.read = (statement, use) => {
      ;(use === undefined ? kept : once).add(statement.sql)
      return read(statement, use)
    }
    const round = async (name: string) => {
      for (let count = 1; count <= 30; count++)
        for (const collection of collections) {
          const filter = Array.from({ length: count }, () => `${name}+eq+'a'`).join('+or+')
          assert.equal(await send(collection, `$filter=${filter}`), 200)
          if (!collection.endsWith('$count')) await send(collection, `$filter=${filter}&$orderby=id&$count=true`)
        }
    }
    await round('id')
    const before = kept.size
    assert.ok(once.size >= 30, `${once.size} were made`)
    await round('tolower(id)')
    assert.equal(kept.size, before)
    database.read = read
  })

  it('is kept by no connection of the embedded database, while others are', () => {
    const memory = new DatabaseSync(':memory:')
    const prepare = memory.prepare.bind(memory)
    let prepared = 0
    memory.prepare = (text) => {
      prepared++
      return prepare(text)
    }
    const connection = new Connection(memory)
    for (let turn = 0; turn < 3; turn++) connection.rows(sql`SELECT 1`)
    assert.equal(prepared, 1)
    for (const use of ['once', 'long'] as const) for (let turn = 0; turn < 3; turn++) connection.rows(sql`SELECT 2`, use)
    assert.equal(prepared, 7)
    memory.close()
  })

  it('has no name in PostgreSQL, while others have', async (test) => {
    if (!database.description.startsWith('PostgreSQL')) return test.skip('the run is on the embedded database')
    const marks = ['of-a-client', 'of-the-program']
    const named = new Set<string>()
    // Reads go round the connections.
    for (let turn = 0; turn < 16; turn++) {
      await database.read(sql`SELECT 'of-a-client' AS mark`, 'once')
      await database.read(sql`SELECT 'of-a-client' AS mark`, 'long')
      await database.read(sql`SELECT 'of-the-program' AS mark`)
      const look = sql`SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT ''of-%'`
      for (const use of ['once', 'long'] as const)
        for (const { statement } of await database.read<{ statement: string }>(look, use))
          named.add(marks.find((mark) => statement.includes(mark)) ?? '')
    }
    assert.deepEqual([...named], ['of-the-program'])
  })
})
