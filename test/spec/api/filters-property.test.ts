/**
 * Filters, orders and searches at random, over values that engines treat in ways of their own: what the database
 * answers is what trying the condition on each record in memory answers. A failure prints the seed and the smallest
 * query that fails.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import sql from 'sql-template-tag'
import { GraphError } from '../../../src/errors.ts'
import { user } from '../../../src/model/directory.ts'
import { itemEmail } from '../../../src/model/profile.ts'
import { isTrueOf, sorted } from '../../../src/odata/query/evaluate.ts'
import { parseQuery, type Query, type QuerySchema } from '../../../src/odata/query/query.ts'
import type { PagePosition } from '../../../src/odata/query/skiptoken.ts'
import { renderSkiptoken } from '../../../src/odata/query/skiptoken.ts'
import { always } from '../../../src/store/database.ts'
import { countSelected, isPositionOf, selectPage } from '../../../src/store/query/pages.ts'
import type { Table } from '../../../src/store/query/where.ts'
import { addUser, dropUser, usersTable } from '../../../src/store/tables/people.ts'
import { dropEmail, emailsTable, putEmail } from '../../../src/store/tables/profile-emails.ts'
import { emailMembers, type Members, userMembers } from '../../support/filter-members.ts'
import { nastyEmails, nastyUsers } from '../../support/filter-records.ts'
import { someFilter, someOrder, someSearch } from '../../support/filter-texts.ts'
import { holds } from '../../support/property.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer({ settings: { SELFGRAPH_DEMO: '0' } })
const { database } = server.app
const person = { tenantId: '00000000-0000-4000-8000-00000000f111', id: 'somebody' }
const filtersTried = 400
const walksTried = 40

interface Stored {
  readonly id: string
  readonly record: string
}

interface Held {
  readonly what: string
  readonly table: Table
  readonly within: ReturnType<typeof sql>
  readonly members: Members
  readonly queried: QuerySchema
  /** There all the time. */
  readonly lasting: readonly Stored[]
  /** Come and go. */
  readonly passing: readonly Stored[]
  put(item: Stored): Promise<unknown>
  drop(item: Stored): Promise<unknown>
}

const options = ['filter', 'orderby', 'search', 'skiptoken', 'top', 'count'] as const
const users = { lasting: nastyUsers(person.tenantId, 120, 1), passing: nastyUsers(person.tenantId, 30, 2) }
const usersById = new Map([...users.lasting, ...users.passing].map((one) => [one.id, one]))
const emails = { lasting: nastyEmails(120, 3), passing: nastyEmails(30, 4) }
const emailsById = new Map([...emails.lasting, ...emails.passing].map((one) => [one.id, one]))

const heldUsers: Held = {
  what: 'people',
  table: usersTable,
  within: sql`tenant_id = ${person.tenantId}`,
  members: userMembers,
  queried: { type: user, options, known: [], searched: userMembers.searched, expandable: new Map() },
  ...users,
  put: ({ id }) => database.write({ tenantId: person.tenantId, id }, (transaction) => addUser(transaction, found(usersById, id))),
  drop: ({ id }) =>
    database.write({ tenantId: person.tenantId, id }, (transaction) => dropUser(transaction, { tenantId: person.tenantId, id })),
}
const heldEmails: Held = {
  what: 'emails',
  table: emailsTable,
  within: sql`tenant_id = ${person.tenantId} AND user_id = ${person.id}`,
  members: emailMembers,
  queried: { type: itemEmail, options, known: [], searched: emailMembers.searched, expandable: new Map() },
  ...emails,
  put: ({ id }) => database.write(person, (transaction) => putEmail(transaction, person, found(emailsById, id))),
  drop: ({ id }) => database.write(person, (transaction) => transaction.change(dropEmail(always, person, id))),
}

function found<T>(byId: ReadonlyMap<string, T>, id: string): T {
  const value = byId.get(id)
  assert.ok(value !== undefined)
  return value
}

/** Too seldom come upon by chance. */
const examples: [string][] = [
  '$filter=startswith(displayName,null)',
  '$filter=displayName+in+(null,%27%27)',
  '$filter=displayName+eq+%27%27',
  '$filter=id+ge+displayName',
  '$orderby=displayName,id+desc',
  '$filter=true+eq+(length(null)+eq+NaN)',
].map((text) => [text])

/** A query as it stands in a URL. */
function someQuery({ members, queried }: Pick<Held, 'members' | 'queried'>): fc.Arbitrary<string> {
  const part = (name: string, text: fc.Arbitrary<string>) => text.map((value) => [`${name}=${encodeURIComponent(value)}`])
  const none = fc.constant<string[]>([])
  return fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: part('$filter', someFilter(members)) }, none),
      fc.oneof(part('$orderby', someOrder(members)), none),
      fc.oneof({ weight: 1, arbitrary: part('$search', someSearch(members)) }, { weight: 6, arbitrary: none }),
    )
    .map((parts) => parts.flat().join('&'))
    .filter((text) => text !== '' && isAffordable(text, queried))
}

/** Whether the query costs no more than it may. */
function isAffordable(text: string, queried: QuerySchema): boolean {
  try {
    parseQuery(text, queried, 0)
    return true
  } catch (error) {
    if (error instanceof GraphError && error.message.startsWith('This is too expensive')) return false
    throw error
  }
}

function recordOf({ record }: Stored): Readonly<Record<string, unknown>> {
  return JSON.parse(record) as Record<string, unknown> // an object, as it was put
}

/** What the query takes of the items, tried one by one, as ids in the order that it asks for. */
function expected(items: readonly Stored[], { filter, order }: Query): readonly string[] {
  const taken = filter === undefined ? items : items.filter((item) => isTrueOf(filter, recordOf(item)))
  const byId = taken.toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
  return sorted(byId, order, recordOf).map(({ id }) => id)
}

/** A page behind the place, by way of a token as it goes out and comes back. */
async function page({ table, within, queried }: Held, text: string, at: PagePosition | undefined, now: number, limit: number) {
  const first = parseQuery(text, queried, now)
  const token = at === undefined ? '' : `&$skiptoken=${renderSkiptoken(at, queried.type, first)}`
  const { filter, order, after } = parseQuery(`${text}${token}`, queried, now)
  assert.ok(after === undefined || isPositionOf(order, after), 'the token fits the order')
  return selectPage<{ readonly id: string }>(database, table, { filter, order, within, after, skip: 0, limit })
}

for (const held of [heldUsers, heldEmails])
  describe(`A query of ${held.what}, whatever it asks for`, async () => {
    for (const item of held.lasting) await held.put(item)
    const now = Date.UTC(2020, 1, 29, 12, 30, 45, 123)

    it('finds in the database what it finds when it is tried on each record, in the same order, and counts as many', async () => {
      let [tried, hits] = [0, 0]
      const property = fc.asyncProperty(someQuery(held), async (text) => {
        const query = parseQuery(text, held.queried, now)
        const ids = expected(held.lasting, query)
        const rows = await page(held, text, undefined, now, 1000)
        assert.deepEqual(
          rows.map(({ row }) => row.id),
          ids,
          decodeURIComponent(text),
        )
        assert.equal(await countSelected(database, held.table, { within: held.within, filter: query.filter }), ids.length)
        tried++
        if (ids.length > 0 && ids.length < held.lasting.length) hits++
      })
      await holds(property, { what: `queries of ${held.what}`, runs: filtersTried, examples })
      assert.ok(hits > tried / 20, `${hits} of ${tried} took some and not all: fewer would tell little`)
    })

    it('loses none and doubles none from page to page, while others come and go', async () => {
      const turn = fc.record({ size: fc.integer({ min: 1, max: 7 }), moves: fc.array(fc.nat(held.passing.length - 1), { maxLength: 2 }) })
      const walk = fc.tuple(someQuery(held), fc.infiniteStream(turn))
      const there = new Set<Stored>()
      const property = fc.asyncProperty(walk, async ([text, turns]) => {
        const ids: string[] = []
        let at: PagePosition | undefined
        for (const { size, moves } of turns) {
          for (const item of moves.flatMap((move) => held.passing[move] ?? [])) {
            if (there.delete(item)) await held.drop(item)
            else {
              there.add(item)
              await held.put(item)
            }
          }
          const rows = await page(held, text, at, now, size)
          ids.push(...rows.map(({ row }) => row.id))
          at = rows.at(-1)?.position
          if (rows.length < size) break
        }
        assert.equal(new Set(ids).size, ids.length, 'none is there twice')
        const query = parseQuery(text, held.queried, now)
        const lasting = new Set(held.lasting.map(({ id }) => id))
        assert.deepEqual(
          ids.filter((id) => lasting.has(id)),
          expected(held.lasting, query),
        )
        assert.deepEqual(
          ids,
          expected([...held.lasting, ...held.passing], query).filter((id) => ids.includes(id)),
        )
      })
      await holds(property, { what: `walks through ${held.what}`, runs: walksTried })
    })
  })
