/** Two servers on one PostgreSQL: what holds in one process holds across them, and what one changes the other feels at once. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { migrate, readMigrations } from '../../../src/store/migrate.ts'
import { openPostgres } from '../../../src/store/postgres/database.ts'
import { dropUser } from '../../../src/store/tables/people.ts'
import { ask } from '../../support/ask.ts'
import { person, roleLine, tokenOf, userLine } from '../../support/matrix-people.ts'
import { makeDatabase, postgresOfRun } from '../../support/postgres.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { holdBack, setScene, writes } from '../../support/stale.ts'
import { personId, tenants } from '../../support/tenants.ts'

describe('Two servers on one PostgreSQL', async () => {
  const postgres = await postgresOfRun()
  const database = await makeDatabase(postgres.url, `selfgraph_two_${process.pid}`)
  const folder = await mkdtemp(join(tmpdir(), 'selfgraph-'))
  const start = () => startServer({ folder, settings: { SELFGRAPH_DATABASE_URL: database.url, SELFGRAPH_DATABASE_TIMEOUT: '60' } }) // a slow machine is no failure
  // At once, on an empty database: each would make the tables and seed the tenants.
  const [one, other] = await Promise.all([start(), start(), start(), start()])
  after(async () => {
    await Promise.all([one.stop(), other.stop()])
    await database.drop()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const both = [one, other]
  const serverOf = (index: number) => both[index % 2] ?? one
  const kimWithMfa = await token(one, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
  const admin = await token(one, 'authadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All' })

  it('starting at once make the tables once and seed the tenants once', async () => {
    const reader = await token(one, 'kim', { scope: 'User.Read.All' })
    for (const server of both) assert.equal((await ask(server, 'GET /v1.0/users', { token: reader })).json.value.length, 8)
  })

  it('make the tables once, however often eight at once find none', async () => {
    for (let round = 0; round < 6; round++) {
      const empty = await makeDatabase(postgres.url, `selfgraph_empty_${process.pid}`)
      const opened = await Promise.all(
        Array.from({ length: 8 }, () => openPostgres({ url: empty.url, connections: 3, timeoutSeconds: 60, random: Math.random })),
      )
      const done = await Promise.all(opened.map((each) => migrate(each)))
      assert.deepEqual(
        done
          .flat()
          .map(({ version }) => version)
          .sort(),
        (await readMigrations()).map(({ version }) => version),
      )
      await Promise.all(opened.map((each) => each.close()))
      await empty.drop()
    }
  })

  it('let one of two hundred who set an email method for the same user succeed', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        ask(serverOf(index), 'POST /v1.0/me/authentication/emailMethods', {
          token: kimWithMfa,
          body: { emailAddress: `kim${index}@example.org` },
        }),
      ),
    )
    const made = answers.filter(({ status }) => status === 201)
    assert.equal(made.length, 1)
    assert.equal(answers.filter(({ status }) => status === 409).length, 199)
    for (const server of both) {
      const listed = await ask(server, 'GET /v1.0/me/authentication/emailMethods', { token: kimWithMfa })
      assert.deepEqual(
        listed.json.value.map((method: { emailAddress: string }) => method.emailAddress),
        [made[0]?.json.emailAddress],
      )
    }
  })

  it('keep the limit of a profile together', async () => {
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        ask(serverOf(index), 'POST /beta/me/profile/emails', { token: kimWithMfa, body: { address: `kim${index}@example.org` } }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 250)
    assert.equal(answers.filter(({ status }) => status === 507).length, 50)
    for (const server of both) assert.equal((await ask(server, 'GET /beta/me/profile/emails/$count', { token: kimWithMfa })).text, '250')
  })

  it('lose no change when both change the same item in different members', async () => {
    const lee = await token(one, 'lee', { scope: 'User.ReadWrite' })
    const created = await ask(one, 'POST /beta/me/profile/emails', { token: lee, body: { address: 'lee@example.org' } })
    const path = `/beta/me/profile/emails/${created.json.id}`
    for (let round = 0; round < 20; round++) {
      const bodies = [{ displayName: `name ${round}` }, { type: round % 2 === 0 ? 'work' : 'personal' }]
      await Promise.all(bodies.map((body, index) => ask(serverOf(index), `PATCH ${path}`, { token: lee, body })))
      const { json } = await ask(other, `GET ${path}`, { token: lee })
      assert.deepEqual([json.displayName, json.type], [`name ${round}`, bodies[1]?.type])
    }
  })

  it('give an email the same tag, and of forty who change it at both with that tag let one succeed', async () => {
    const lee = await token(one, 'lee', { scope: 'User.ReadWrite' })
    const created = await ask(one, 'POST /beta/me/profile/emails', { token: lee, body: { address: 'lee@example.org' } })
    const path = `/beta/me/profile/emails/${created.json.id}`
    for (let round = 0; round < 3; round++) {
      const [here, there] = await Promise.all(both.map((server) => ask(server, `GET ${path}`, { token: lee })))
      const tag = here?.json['@odata.etag']
      assert.equal(there?.json['@odata.etag'], tag)
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          ask(serverOf(index), `PATCH ${path}`, { token: lee, body: { displayName: `${round}.${index}` }, headers: { 'If-Match': tag } }),
        ),
      )
      assert.equal(answers.filter(({ status }) => status === 412).length, 39)
      const won = answers.find(({ status }) => status === 200)
      for (const server of both) {
        const { json } = await ask(server, `GET ${path}`, { token: lee })
        assert.deepEqual([json.displayName, json['@odata.etag']], [won?.json.displayName, won?.json['@odata.etag']])
      }
    }
  })

  it('feel at once a policy that the other changed', async () => {
    const policy = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
    const writer = await token(one, 'kim', {
      scope: 'Policy.ReadWrite.AuthenticationMethod',
      wids: ['Authentication Policy Administrator'],
    })
    for (const state of ['disabled', 'enabled', 'disabled']) {
      await ask(one, `PATCH ${policy}`, {
        token: writer,
        body: { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration', state },
      })
      assert.equal((await ask(other, `GET ${policy}`, { token: writer })).json.state, state)
    }
  })

  it('feel at once a role that the other gave, and a user that the other disabled', async () => {
    const helpdesk = await token(one, 'helpdesk', { scope: 'UserAuthenticationMethod.Read.All' })
    const path = `GET /v1.0/users/${personId('lee')}/authentication/emailMethods`
    assert.equal((await ask(other, path, { token: helpdesk })).status, 403)
    await putRecords(one, [{ kind: 'role', tenantId: tenants.contoso, userId: personId('helpdesk'), role: 'Global Reader' }])
    assert.equal((await ask(other, path, { token: helpdesk })).status, 200)

    assert.equal((await ask(other, path, { token: admin })).status, 200)
    await putRecords(one, [
      {
        kind: 'user',
        tenantId: tenants.contoso,
        id: personId('authadmin'),
        userPrincipalName: 'authadmin@contoso.com',
        accountEnabled: false,
      },
    ])
    assert.equal((await ask(other, path, { token: admin })).status, 401)
  })

  it('refuse a write whose body comes after the other server has made its target an administrator', async () => {
    const write = writes['PATCH /users/{user}/authentication/emailMethods/{id}']?.[1]
    assert.ok(write !== undefined)
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const scene = await setScene(here, write)
      const { caller, target } = scene
      const bearer = await token(here, 'kim', { scope: write.scope, claims: { oid: caller.id, upn: caller.principalName } })
      const answer = await holdBack(here, { request: `PATCH ${write.path(scene)}`, token: bearer, body: write.body?.(scene) }, () =>
        putRecords(there, [roleLine(target, 'Global Administrator')]),
      )
      assert.equal(answer.status, 403, answer.text)
    }
  })

  it('let nobody change a person whom a write of the other relies on, until that write is done', async () => {
    const [target, relied] = [person('target'), person('relied')]
    await putRecords(one, [userLine(target), userLine(relied)])
    const order: string[] = []
    const done = (name: string) => () => void order.push(name)
    let changing: Promise<void> = Promise.resolve()
    const relying = one.app.database.write(
      target,
      async (transaction) => {
        await transaction.rows(sql`SELECT 1`)
        changing = other.app.database.write(relied, async (there) => void (await dropUser(there, relied))).then(done('changed'))
        // As many answers as the other server would need to be first.
        for (let turn = 0; turn < 50; turn++) await other.app.database.read(sql`SELECT 1`)
      },
      { relyingOn: relied },
    )
    await relying.then(done('relied'))
    await changing
    assert.deepEqual(order, ['relied', 'changed'])
  })

  it('let administrators act upon each other at once', async () => {
    const administrators = [person('first-admin'), person('second-admin')] as const
    await putRecords(
      one,
      administrators.flatMap((each) => [
        userLine(each),
        roleLine(each, 'Privileged Authentication Administrator'),
        { kind: 'emailMethod', tenantId: each.tenantId, userId: each.id, emailAddress: 'early@example.org' },
      ]),
    )
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const [by, on] = index % 2 === 0 ? administrators : administrators.toReversed()
        const bearer = await tokenOf(one, by ?? administrators[0], { scope: 'UserAuthenticationMethod.ReadWrite.All' })
        const path = `/v1.0/users/${on?.id}/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`
        return ask(serverOf(index >> 1), `PATCH ${path}`, { token: bearer, body: { emailAddress: `late${index}@example.org` } })
      }),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204])
  })
})
