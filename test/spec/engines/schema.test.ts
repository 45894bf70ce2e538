import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import type { Database } from '../../../src/store/database.ts'
import { migrate, pendingMigrations, readMigrations } from '../../../src/store/migrate.ts'
import { postgresVersion } from '../../../src/store/postgres/database.ts'
import { bothDatabases, type FreshDatabase } from '../../support/databases.ts'
import { command } from '../../support/terminal.ts'

interface Table {
  /** Type and nullability by name, in order. */
  readonly columns: readonly (readonly [name: string, type: string, nullable: boolean])[]
  readonly primaryKey: readonly string[]
  readonly indexes: Readonly<Record<string, { readonly unique: boolean; readonly columns: readonly string[] }>>
}
type Schema = Readonly<Record<string, Table>>

function open({ folder, settings }: FreshDatabase): Promise<Database> {
  return openDatabase(readConfig({ SELFGRAPH_DATA: folder, ...settings }), { random: Math.random }, 'owner')
}

async function embeddedSchema(database: Database): Promise<Schema> {
  const tables = await database.read<{ name: string }>(
    sql`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  )
  const found: Record<string, Table> = {}
  for (const { name } of tables) {
    const columns = await database.read<{ name: string; type: string; notnull: number; pk: number }>(
      sql`SELECT name, lower(type) AS type, "notnull", pk FROM pragma_table_info(${name}) ORDER BY cid`,
    )
    const indexes = await database.read<{ name: string; unique: number; column: string }>(sql`
      SELECT l.name, l."unique", i.name AS "column" FROM pragma_index_list(${name}) l, pragma_index_info(l.name) i
      WHERE l.origin = 'c' ORDER BY l.name, i.seqno`)
    found[name] = {
      columns: columns.map((column) => [column.name, column.type, column.notnull === 0]),
      primaryKey: columns
        .filter(({ pk }) => pk > 0)
        .sort((a, b) => a.pk - b.pk)
        .map((column) => column.name),
      indexes: indexesOf(indexes.map((row) => ({ ...row, unique: row.unique === 1 }))),
    }
  }
  return found
}

async function postgresSchema(database: Database): Promise<Schema> {
  const tables = await database.read<{ name: string }>(
    sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name COLLATE "C"`,
  )
  const found: Record<string, Table> = {}
  for (const { name } of tables) {
    const columns = await database.read<{ name: string; type: string; nullable: boolean }>(sql`
      SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ${name} ORDER BY ordinal_position`)
    const indexes = await database.read<{ name: string; unique: boolean; primary: boolean; column: string }>(sql`
      SELECT i.relname AS name, x.indisunique AS "unique", x.indisprimary AS "primary", a.attname AS "column"
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        CROSS JOIN unnest(x.indkey) WITH ORDINALITY AS k (attnum, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
      WHERE t.relname = ${name} ORDER BY i.relname COLLATE "C", k.place`)
    found[name] = {
      columns: columns.map((column) => [column.name, column.type, column.nullable]),
      primaryKey: indexes.filter(({ primary }) => primary).map(({ column }) => column),
      indexes: indexesOf(indexes.filter(({ primary }) => !primary)),
    }
  }
  return found
}

function indexesOf(rows: readonly { readonly name: string; readonly unique: boolean; readonly column: string }[]): Table['indexes'] {
  const found: Record<string, { unique: boolean; columns: string[] }> = {}
  for (const { name, unique, column } of rows) {
    found[name] ??= { unique, columns: [] }
    found[name].columns.push(column)
  }
  return found
}

/** A row in each table, as a tenant would have them who upgrades. */
async function putSomething(database: Database, schema: Schema): Promise<void> {
  for (const [name, { columns }] of Object.entries(schema)) {
    if (name === 'schema_migrations') continue
    const values = columns.map(([, type]) => (type === 'integer' ? '1' : "'{}'")).join(', ')
    await database.write('everyone', (transaction) =>
      transaction.change(sql`INSERT INTO ${raw(name)} VALUES (${raw(values)}) ON CONFLICT DO NOTHING`),
    )
  }
}

async function rowsIn(database: Database, table: string): Promise<number> {
  const [row] = await database.read<{ n: number }>(sql`SELECT count(*) AS n FROM ${raw(table)}`)
  return Number(row?.n)
}

const both = await bothDatabases()
const engines = [
  ['SQLite', both.embedded, embeddedSchema],
  ['PostgreSQL', both.postgres, postgresSchema],
] as const

describe('The tables', () => {
  for (const [engine, place, schemaOf] of engines)
    it(`of ${engine} are the same after a fresh install and after an upgrade from each release that was, with data in it`, async () => {
      const fresh = await open(await place())
      await migrate(fresh)
      const wanted = await schemaOf(fresh)
      await fresh.close()
      assert.ok('profile_emails' in wanted)
      const migrations = await readMigrations()
      for (const from of migrations.keys()) {
        const database = await open(await place())
        try {
          await migrate(database, migrations.slice(0, from + 1))
          const before = await schemaOf(database)
          await putSomething(database, before)
          assert.deepEqual(
            (await migrate(database)).map(({ name }) => name),
            migrations.slice(from + 1).map(({ name }) => name),
          )
          assert.deepEqual(await schemaOf(database), wanted)
          assert.equal(await rowsIn(database, 'profile_emails'), 1, 'what was there is there')
          assert.deepEqual(await pendingMigrations(database), [])
        } finally {
          await database.close()
        }
      }
    })

  for (const [engine, place] of engines)
    it(`of ${engine} are given what questions compare by when they are upgraded`, async () => {
      const database = await open(await place())
      try {
        const migrations = await readMigrations()
        await migrate(database, migrations.slice(0, 2))
        const dotless = JSON.stringify({ id: 'v', userPrincipalName: 'ısı@contoso.com', displayName: '' })
        const user = JSON.stringify({ id: 'u', userPrincipalName: 'ΝΙΚΟΣ@contoso.com', displayName: 'Straße', mail: 'KIM@contoso.com' })
        const email = JSON.stringify({ id: 'e', address: 'Kim@Contoso.com', type: 'work', createdDateTime: '2026-01-01T00:00:00Z' })
        await database.write('everyone', async (transaction) => {
          await transaction.change(
            sql`INSERT INTO users (tenant_id, id, principal_name, account_enabled, record) VALUES ('t', 'u', 'νικος@contoso.com', 1, ${user})`,
          )
          await transaction.change(
            sql`INSERT INTO users (tenant_id, id, principal_name, account_enabled, record) VALUES ('t', 'v', 'isi@contoso.com', 1, ${dotless})`,
          )
          await transaction.change(
            sql`INSERT INTO profile_emails (tenant_id, user_id, id, created_at, audiences, record) VALUES ('t', 'u', 'e', '2026', 8, ${email})`,
          )
        })
        await migrate(database)
        const [person, other] = await database.read<Readonly<Record<string, string>>>(
          sql`SELECT principal_name, display_name, mail, compared FROM users ORDER BY id`,
        )
        assert.deepEqual({ ...other }, { principal_name: 'ısı@contoso.com', display_name: '', mail: '', compared: null })
        assert.deepEqual(
          { ...person, compared: JSON.parse(person?.compared ?? '') },
          {
            principal_name: 'νικοσ@contoso.com',
            display_name: 'strasse',
            mail: 'kim@contoso.com',
            compared: { userPrincipalName: 'νικοσ@contoso.com', displayName: 'strasse', mail: 'kim@contoso.com' },
          },
        )
        const [shown] = await database.read<{ compared: string }>(sql`SELECT compared FROM profile_emails`)
        assert.deepEqual(JSON.parse(shown?.compared ?? ''), { address: 'kim@contoso.com', createdDateTime: '2026-01-01T00:00:00.0000000Z' })
      } finally {
        await database.close()
      }
    })

  it('are the same on both databases: columns, types, what may be null, keys and indexes', async () => {
    const [embedded, postgres] = [await open(await both.embedded()), await open(await both.postgres())]
    try {
      await migrate(embedded)
      await migrate(postgres)
      assert.deepEqual(await postgresSchema(postgres), await embeddedSchema(embedded))
    } finally {
      await embedded.close()
      await postgres.close()
    }
  })

  it('of PostgreSQL compare every text octet by octet, as SQLite does', async () => {
    const database = await open(await both.postgres())
    try {
      await migrate(database)
      const others = await database.read(sql`
        SELECT table_name, column_name, collation_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type <> 'integer' AND collation_name IS DISTINCT FROM 'C'`)
      assert.deepEqual(others, [])
    } finally {
      await database.close()
    }
  })
})

describe('selfgraph migrate', () => {
  for (const [engine, place, schemaOf] of engines)
    it(`says on ${engine} what it would do, does nothing, then does it, and has nothing left to do`, async () => {
      const where = await place()
      const run = (...args: string[]) => command(['migrate', ...args], where.folder, where)
      const names = (await readMigrations()).map(({ name }) => name)
      const would = { code: 0, out: names.map((name) => `Would apply ${name}\n`).join(''), err: '' }
      assert.deepEqual(await run('--dry-run'), would)
      assert.deepEqual(await run('--dry-run'), would)
      if (engine === 'PostgreSQL') {
        const database = await open(where)
        assert.deepEqual(await schemaOf(database), {})
        await database.close()
      }
      assert.deepEqual(await run(), { code: 0, out: names.map((name) => `Applied ${name}\n`).join(''), err: '' })
      assert.deepEqual(await run('--dry-run'), { code: 0, out: 'Nothing to do.\n', err: '' })
      assert.deepEqual(await run(), { code: 0, out: 'Nothing to do.\n', err: '' })
    })
})

describe('selfgraph doctor', () => {
  const ports = { SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: '49152', SELFGRAPH_DEMO: '1' }
  const look = async ({ folder, settings }: FreshDatabase) => {
    const { out } = await command(['doctor', '--json'], folder, { settings: { ...settings, ...ports } })
    return (JSON.parse(out) as { checks: { check: string; verdict: string; says: string }[] }).checks.find(
      ({ check }) => check === 'database',
    ) // as doctor.ts prints
  }

  it('looks at the PostgreSQL that the settings name: empty, up to date, and gone', async () => {
    const place = await both.postgres()
    assert.equal((await look(place))?.verdict, 'warn')
    await command(['migrate'], place.folder, place)
    const good = await look(place)
    assert.equal(good?.verdict, 'ok')
    assert.match(good?.says ?? '', /^PostgreSQL at \S+ answers and is up to date$/)
    const gone = await look({ ...place, settings: { SELFGRAPH_DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' } })
    assert.equal(gone?.verdict, 'bad')
    assert.match(gone?.says ?? '', /127\.0\.0\.1:1\/none cannot be reached/)
    assert.doesNotMatch(gone?.says ?? '', /secret/)
  })
})

describe('The version of PostgreSQL', () => {
  const versions: Readonly<Record<string, number | undefined>> = {
    'PostgreSQL 18.4 on x86_64-pc-linux-gnu': 18,
    'PostgreSQL 13.21 (Debian 13.21-1)': 13,
    'PostgreSQL 15beta1 on x86_64': 15,
    'PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64': undefined,
    'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu)': undefined,
  }
  for (const [says, version] of Object.entries(versions))
    it(`is ${version === undefined ? 'not judged' : version} where the server says ${says}`, () => {
      assert.equal(postgresVersion(says), version)
    })
})
