/** Each row of the table of what OData means, on the database and tried on a record in memory. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { GraphError } from '../../../src/errors.ts'
import { emailToPut } from '../../../src/graph/profile-email-item.ts'
import { userToPut } from '../../../src/graph/users/user-item.ts'
import { user } from '../../../src/model/directory.ts'
import { itemEmail } from '../../../src/model/profile.ts'
import { isTrueOf, sorted } from '../../../src/odata/query/evaluate.ts'
import { parseQuery, type Query, type QuerySchema } from '../../../src/odata/query/query.ts'
import { renderSkiptoken } from '../../../src/odata/query/skiptoken.ts'
import { selectPage } from '../../../src/store/query/pages.ts'
import { addUser, usersTable } from '../../../src/store/tables/people.ts'
import { emailsTable, putEmail } from '../../../src/store/tables/profile-emails.ts'
import { meaningRows, type OrderRow, type Outcome, orderRows, type Row } from '../../support/odata-meaning.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer({ settings: { SELFGRAPH_DEMO: '0' } })
const { database } = server.app
const tenantId = '00000000-0000-4000-8000-00000000f222'
const owner = { tenantId, id: 'owner' }
const now = Date.parse('2026-11-28T00:00:00Z')
const options = ['filter', 'orderby', 'skiptoken', 'top'] as const
const queried: Readonly<Record<Row['of'], QuerySchema>> = {
  email: { type: itemEmail, options, searched: [], expandable: new Map() },
  user: { type: user, options, searched: [], expandable: new Map() },
}
const tables = { email: emailsTable, user: usersTable }

await database.write(owner, (transaction) =>
  addUser(transaction, userToPut(tenantId, { id: owner.id, userPrincipalName: 'owner@contoso.com' })),
)

const email = {
  address: 'a@contoso.com',
  displayName: null,
  type: 'unknown',
  allowedAudiences: 'organization',
  inference: null,
  createdBy: null,
  lastModifiedBy: null,
  source: null,
  createdDateTime: '2026-01-01T00:00:00Z',
  lastModifiedDateTime: '2026-01-01T00:00:00Z',
} as const

/** Stores an item; answers its record. */
async function put(of: Row['of'], id: string, data: Row['data']): Promise<Readonly<Record<string, unknown>>> {
  if (of === 'user') {
    const stored = userToPut(tenantId, { userPrincipalName: `${id}@contoso.com`, ...data, id: String(data.id ?? id) })
    await database.write({ tenantId, id: stored.id }, (transaction) => addUser(transaction, stored))
    return JSON.parse(stored.record) as Record<string, unknown> // as it was put
  }
  const stored = emailToPut({ ...email, ...data, id: String(data.id ?? id) })
  await database.write(owner, (transaction) => putEmail(transaction, owner, stored))
  return JSON.parse(stored.record) as Record<string, unknown> // as above
}

function asked(of: Row['of'], name: string, value: string): Query {
  const [text = '', ...aliases] = value.split('&')
  return parseQuery(
    [`${name}=${encodeURIComponent(text)}`, ...aliases.map((alias) => alias.replaceAll('+', '%2B'))].join('&'),
    queried[of],
    now,
  )
}

/** The ids of the items with these ids that the query takes, page by page. */
async function found(of: Row['of'], query: Query, ids: readonly string[], pageSize: number): Promise<readonly string[]> {
  const within = sql`tenant_id = ${tenantId} AND id IN (SELECT value FROM ${database.dialect.valuesTable(
    ['value'],
    ids.map((id) => [id]),
  )} given)`
  const taken: string[] = []
  for (let after = query.after; ; ) {
    const rows = await selectPage<{ readonly id: string }>(database, tables[of], { ...query, within, after, limit: pageSize })
    taken.push(...rows.map(({ row }) => row.id))
    const place = rows.at(-1)?.position
    if (place === undefined || rows.length < pageSize) return taken
    after = parseQuery(
      `$orderby=${encodeURIComponent(orderTextOf(query))}&$skiptoken=${renderSkiptoken(place, queried[of].type, query)}`,
      queried[of],
      now,
    ).after
  }
}

function orderTextOf({ linkOptions }: Query): string {
  return decodeURIComponent(linkOptions.find(([name]) => name === '$orderby')?.[1] ?? '')
}

/** What a condition and its negation take tell its value. */
function outcomeOf(isTaken: boolean, isOtherTaken: boolean): Outcome {
  return isTaken ? true : isOtherTaken ? false : null
}

async function outcomes({ of, expression, data }: Row, id: string): Promise<readonly Outcome[]> {
  const [text = '', ...aliases] = expression.split('&')
  const queries = [expression, [`not (${text})`, ...aliases].join('&')].map((filter) => asked(of, '$filter', filter))
  const record = await put(of, id, data)
  const stored: boolean[] = []
  for (const query of queries) stored.push((await found(of, query, [String(record.id)], 2)).length > 0)
  const tried = queries.map(({ filter }) => filter !== undefined && isTrueOf(filter, record))
  return [stored, tried].map(([isTaken = false, isOtherTaken = false]) => outcomeOf(isTaken, isOtherTaken))
}

describe('An expression means what OData says', () => {
  for (const [index, row] of meaningRows.entries())
    it(`${row.expression} is ${row.outcome} of ${JSON.stringify(row.data)} (${row.section})`, async () => {
      if (typeof row.outcome === 'number') return assert.equal(statusOf(row), row.outcome)
      assert.deepEqual(await outcomes(row, `m${index}`), [row.outcome, row.outcome], 'on the database, and in memory')
    })

  it('in as many rows as the table is to have', () => {
    assert.ok(meaningRows.length >= 300, `${meaningRows.length}`)
    const sections = new Set(meaningRows.map(({ section }) => section))
    assert.ok(sections.size >= 50, `${sections.size}`)
  })
})

/** Of the refusal, which names the option. */
function statusOf({ of, expression }: Row): number | undefined {
  try {
    asked(of, '$filter', expression)
    return undefined
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error))
    assert.equal(error.particulars.target, '$filter')
    return error.status
  }
}

describe('An order is what OData says', () => {
  for (const [index, row] of orderRows.entries())
    it(`$orderby=${row.orderby} sorts ${Object.keys(row.items).join(' ')} as ${row.outcome}, and so do pages (${row.section}, ${index})`, async () => {
      const records = await putAll(row, index)
      const nameOf = (id: string) => records.find(({ record }) => record.id === id)?.name ?? ''
      const query = asked(row.of, '$orderby', row.orderby)
      const ids = records.map(({ record }) => String(record.id))
      for (const pageSize of [1, 2, 9])
        assert.equal((await found(row.of, query, ids, pageSize)).map(nameOf).join(' '), row.outcome, `in pages of ${pageSize}`)
      assert.equal(
        sorted(records, query.order, ({ record }) => record)
          .map(({ name }) => name)
          .join(' '),
        row.outcome,
        'in memory',
      )
    })
})

async function putAll({ of, items }: OrderRow, index: number) {
  const records: { readonly name: string; readonly record: Readonly<Record<string, unknown>> }[] = []
  for (const [name, data] of Object.entries(items)) records.push({ name, record: await put(of, `o${index}${name}`, data) })
  return records
}
