/** The upgrade of a database from before domains belonged to tenants, on both engines. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { openDatabase } from '../../../src/cli/open-database.ts'
import { readConfig } from '../../../src/config.ts'
import { fold } from '../../../src/model/address.ts'
import { committed, type Database } from '../../../src/store/database.ts'
import { migrate, readMigrations } from '../../../src/store/migrate.ts'
import { domainsOf } from '../../../src/store/tables/domains.ts'
import { bothDatabases } from '../../support/databases.ts'
import { tenants } from '../../support/tenants.ts'
import { command } from '../../support/terminal.ts'

const { contoso, fabrikam, litware, personal } = tenants
const both = await bothDatabases()
const lastBefore = 4

/** Tenant and principal name of each. */
const people: readonly (readonly [tenantId: string, name: string, members?: object])[] = [
  [contoso, 'a@small.example'],
  [contoso, 'kim@contoso.com', { displayName: '', jobTitle: '', businessPhones: ['', '1'], note: '', mail: 'kim@contoso.com' }],
  [contoso, 'lee@CONTOSO.com'],
  [contoso, 'zoë@bücher.example'],
  [contoso, 'x@both.example'],
  [contoso, 'x@mail.example'],
  [contoso, 'noatsign'],
  [contoso, 'twin1@contoso.com', { identities: [{ issuer: 'I', issuerAssignedId: '1' }] }],
  [contoso, 'twin2@contoso.com', { identities: [{ issuer: 'i', issuerAssignedId: '1' }, { issuer: 'i', issuerAssignedId: '2' }] }], // biome-ignore format: a table
  [fabrikam, 'y@Both.example'],
  [fabrikam, 'z@xn--bcher-kva.example'],
  [fabrikam, 'jo@fabrikam.com'],
  [litware, 'jo@litware.com', { identities: [{ issuer: 'i', issuerAssignedId: '1' }] }],
  [personal, 'y@mail.example'],
  [personal, 'sam@outlook.example'],
]

async function putBefore(database: Database): Promise<void> {
  await migrate(database, (await readMigrations()).slice(0, lastBefore))
  await database.write('everyone', async (transaction) => {
    for (const id of [contoso, fabrikam, litware, personal]) await transaction.change(sql`INSERT INTO tenants (id) VALUES (${id})`)
    for (const [index, [tenantId, userPrincipalName, members]] of people.entries()) {
      const id = `u${String(index).padStart(2, '0')}`
      const record = JSON.stringify({ id, userPrincipalName, ...members })
      await transaction.change(sql`INSERT INTO users (tenant_id, id, principal_name, account_enabled, record)
        VALUES (${tenantId}, ${id}, ${fold(userPrincipalName)}, 1, ${record})`)
    }
  })
}

for (const engine of ['embedded', 'postgres'] as const)
  describe(`An upgrade of a database from before (${engine})`, async () => {
    const place = await both[engine]()
    const database = await openDatabase(readConfig({ SELFGRAPH_DATA: place.folder, ...place.settings }), { random: Math.random }, 'owner')
    await putBefore(database)
    await migrate(database)
    const names = async (tenantId: string) =>
      (await domainsOf(committed(database), tenantId)).map(({ name, isDefault }) => `${name}${isDefault ? '*' : ''}`)
    const [contosos, fabrikams, litwares, personals] = await Promise.all([contoso, fabrikam, litware, personal].map(names))
    const records = await database.read<{ id: string; record: string }>(sql`SELECT id, record FROM users ORDER BY id`)
    const identities = await database.read<{ user_id: string }>(sql`SELECT user_id FROM identities ORDER BY tenant_id, user_id, identity`)
    await database.close()

    it('gives a domain to the one organization whose users have names in it, the most used as its default', () => {
      assert.deepEqual(contosos, ['contoso.com*', 'small.example'])
      assert.deepEqual(fabrikams, ['fabrikam.com*'])
      assert.deepEqual(litwares, ['litware.com*'])
    })

    it('gives nobody a domain that several tenants use, in whatever spelling, or personal accounts, and tells the operator which', async () => {
      assert.deepEqual(personals, [])
      const { out } = await command(['tenant', 'list'], place.folder, place)
      const stray = [...out.matchAll(/^(\d+) principal names? of tenant (\S+) in (.*), which is not its own/gm)].map(
        ([, n, tenant, domain]) => [n, tenant, domain],
      )
      assert.deepEqual(stray, [
        ['1', contoso, 'both.example'],
        ['1', contoso, 'bücher.example'],
        ['1', contoso, 'mail.example'],
        ['1', contoso, 'noatsign'],
        ['1', fabrikam, 'both.example'],
        ['1', fabrikam, 'xn--bcher-kva.example'],
      ])
    })

    it('lets the first user by id have an identity that several of a tenant had', () => {
      assert.deepEqual(
        identities.map(({ user_id }) => user_id),
        ['u07', 'u08', 'u12'],
      )
    })

    it('makes empty texts null, or leaves them out of lists, and keeps everything else', () => {
      assert.deepEqual(JSON.parse(records[1]?.record ?? ''), {
        id: 'u01',
        userPrincipalName: 'kim@contoso.com',
        displayName: null,
        jobTitle: null,
        businessPhones: ['1'],
        note: '',
        mail: 'kim@contoso.com',
      })
      for (const [index, [, userPrincipalName, members]] of people.entries())
        if (index !== 1)
          assert.deepEqual(JSON.parse(records[index]?.record ?? ''), { id: records[index]?.id, userPrincipalName, ...members })
    })
  })
