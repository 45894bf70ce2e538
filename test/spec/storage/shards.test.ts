/**
 * What lets people be spread over machines: every key leads with tenant and person, and a request about oneself asks
 * one place only. A table divided by hash stands for the machines: PostgreSQL holds it to the rules that Citus has.
 */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import pg from 'pg'
import type { Sql } from 'sql-template-tag'
import type { Transaction } from '../../../src/store/database.ts'
import { ask } from '../../support/ask.ts'
import { makeDatabase, postgresOfRun } from '../../support/postgres.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'

const places = 16
/** Tables of persons, and the column that says whose a row is. */
const personColumn = {
  users: 'id',
  role_assignments: 'user_id',
  group_members: 'user_id',
  relations: 'user_id',
  profile_emails: 'user_id',
  email_methods: 'user_id',
} as const

/** The tables of the migrations, those of persons divided into places by tenant and person. */
function dividedTables(): string {
  const folder = new URL('../../../migrations/', import.meta.url)
  const text = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
  const divisions: string[] = []
  const tables = text.replace(/CREATE TABLE (\w+) \(([\s\S]*?)\n\);/g, (whole, name: string) => {
    if (!Object.hasOwn(personColumn, name)) return whole
    const column = personColumn[name as keyof typeof personColumn] // hasOwn has just said so
    for (let place = 0; place < places; place++)
      divisions.push(`CREATE TABLE ${name}_at_${place} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${places}, REMAINDER ${place});`)
    return `${whole.slice(0, -1)} PARTITION BY HASH (tenant_id, ${column});`
  })
  // A unique name within a tenant is the one promise that no single place can keep.
  return `${tables.replace('CREATE UNIQUE INDEX users_by_principal_name', 'CREATE INDEX users_by_principal_name')}\n${divisions.join('\n')}`
}

/** Has every statement of the server written down as it goes by. */
function listenIn({ app }: TestServer): Sql[] {
  const heard: Sql[] = []
  const { database } = app
  const read = database.read.bind(database)
  const write = database.write.bind(database)
  const hear = (statement: Sql) => {
    heard.push(statement)
    return statement
  }
  Object.assign(database, {
    read: (statement: Sql) => read(hear(statement)),
    write: <T>(touched: Parameters<typeof write>[0], work: (transaction: Transaction) => Promise<T>) =>
      write(touched, (transaction) =>
        work({
          ...transaction,
          rows: (statement) => transaction.rows(hear(statement)),
          change: (statement) => transaction.change(hear(statement)),
        }),
      ),
  })
  return heard
}

/** The places that a statement goes to, as the planner says. */
async function placesOf(client: pg.Client, { text, values }: Sql): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>({ text: `EXPLAIN (FORMAT JSON) ${text}`, values: [...values] })
  return new Set([...JSON.stringify(rows).matchAll(/"Relation Name":"\w+_at_(\d+)"/g)].map((match) => match[1] ?? ''))
}

describe('People spread over machines', async () => {
  const server = await startServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '1' } })
  const postgres = await postgresOfRun()
  const database = await makeDatabase(postgres.url, `selfgraph_places_${process.pid}`)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  after(async () => {
    await client.end()
    await database.drop()
    await postgres.stop()
  })

  it('is possible: every key of a person begins with tenant and person', async () => {
    await client.query(dividedTables())
  })

  const own = [
    'GET /v1.0/me',
    'PATCH /v1.0/me {"mobilePhone":"+1 425 555 0109"}',
    'GET /v1.0/me/profile?$expand=emails',
    'POST /v1.0/me/profile/emails {"address":"kim@contoso.com"}',
    'GET /v1.0/me/profile/emails?$top=1&$count=true',
    'GET /v1.0/me/profile/emails/$count',
    'GET /v1.0/me/profile/emails/{id}',
    'PATCH /v1.0/me/profile/emails/{id} {"type":"work"}',
    'DELETE /v1.0/me/profile/emails/{id}',
    'DELETE /v1.0/me/profile',
    'POST /v1.0/me/authentication/emailMethods {"emailAddress":"kim@example.org"}',
    'GET /v1.0/me/authentication/emailMethods',
    'GET /v1.0/me/authentication/methods',
    'GET /v1.0/me/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f',
    'PATCH /v1.0/me/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f {"emailAddress":"kim@example.net"}',
    'DELETE /v1.0/me/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f',
  ]

  it('has every request about oneself answered by one place', async () => {
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
    const heard = listenIn(server)
    let id = ''
    for (const line of own) {
      // What the server remembers of Kim would hide what it asks.
      server.app.database.memory.release('everyone')
      const [, request = '', body] = /^(\S+ \S+)(?: (.*))?$/.exec(line.replace('{id}', id)) ?? []
      const from = heard.length
      const answer = await ask(server, request, { token: kim, ...(body === undefined ? {} : { body }) })
      assert.ok(answer.status < 300, `${request}: ${answer.text}`)
      if (answer.status === 201 && request.endsWith('/emails')) id = answer.json.id
      const asked = new Set<string>()
      for (const statement of heard.slice(from)) for (const place of await placesOf(client, statement)) asked.add(place)
      assert.equal(
        asked.size,
        1,
        `${request} went to the places ${[...asked].join(', ')}: ${heard
          .slice(from)
          .map(({ text }) => text)
          .join('\n')}`,
      )
    }
  })
})
