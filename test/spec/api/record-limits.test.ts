/** How long texts, collections and records may be: each is taken at its limit, and refused one past it with the member named. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { user } from '../../../src/model/directory.ts'
import { type Property, propertiesOf } from '../../../src/model/edm.ts'
import { ask, type Json } from '../../support/ask.ts'
import { securityGroup } from '../../support/groups.ts'
import { createUser, userWriter } from '../../support/newcomers.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const server = await startServer()

const admin = await userWriter(server)
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
const emails = '/beta/me/profile/emails'
const addEmail = (body: object) => ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com', ...body } })

/** The record of a row as it is stored. */
async function recordOf(table: 'users' | 'profile_emails', id: string): Promise<string> {
  const query = table === 'users' ? sql`SELECT record FROM users WHERE id = ${id}` : sql`SELECT record FROM profile_emails WHERE id = ${id}`
  const [row] = await server.app.database.read<{ record: string }>(query)
  return row?.record ?? assert.fail('no such row')
}

/** Members whose text has a form of its own, which other tests hold. */
const formed = ['mail', 'mailNickname', 'userPrincipalName', 'passwordPolicies']

describe('A member of a user', async () => {
  const { id } = await createUser(server, 'limits')
  const change = (body: object) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body })
  const settable = Object.entries<Property>(propertiesOf(user)).filter(
    ([name, { type, readOnly }]) => type === 'Edm.String' && readOnly !== true && !formed.includes(name),
  )

  for (const [name, { collection, maxLength = 0, maxItems = 0 }] of settable)
    if (collection === true)
      it(`has at most ${maxItems} texts of at most ${maxLength} characters: ${name}`, async () => {
        for (const value of [Array(maxItems).fill('x'), ['x'.repeat(maxLength)]])
          assert.equal((await change({ [name]: value })).status, 204)
        assertRefused(await change({ [name]: Array(maxItems + 1).fill('x') }), 400, 'Request_BadRequest', name)
        assertRefused(await change({ [name]: ['x', 'x'.repeat(maxLength + 1)] }), 400, 'Request_BadRequest', `${name}/1`)
        assert.equal((await change({ [name]: [] })).status, 204)
      })
    else
      it(`has at most ${maxLength} characters: ${name}`, async () => {
        assert.equal((await change({ [name]: 'x'.repeat(maxLength) })).status, 204)
        assertRefused(await change({ [name]: 'x'.repeat(maxLength + 1) }), 400, 'Request_BadRequest', name)
        assert.equal((await change({ [name]: 'x' })).status, 204)
      })

  it('has at most 256 characters and 100 members where it is an extension, at whatever depth', async () => {
    const name = `extension_${'0'.repeat(32)}_badge`
    for (const [value, inside] of [
      [(length: number) => 'x'.repeat(length), ''],
      [(length: number) => ['x'.repeat(length)], '/0'],
      [(length: number) => ({ a: { b: 'x'.repeat(length) } }), '/a/b'],
      [(length: number) => ({ ['x'.repeat(length)]: 1 }), ''],
    ] as const) {
      assert.equal((await change({ [name]: value(256) })).status, 204)
      assertRefused(await change({ [name]: value(257) }), 400, 'Request_BadRequest', `${name}${inside}`)
    }
    const object = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]))
    for (const make of [(count: number) => Array(count).fill(1), object]) {
      assert.equal((await change({ [name]: make(100) })).status, 204)
      assertRefused(await change({ [name]: make(101) }), 400, 'Request_BadRequest', name)
    }
    assert.equal((await change({ [name]: null })).status, 204)
  })

  it('is refused in no time where it is a text of nearly a megabyte, also by its owner', async () => {
    const body = { interests: ['x'.repeat(900_000)] }
    assertRefused(await ask(server, 'PATCH /v1.0/me', { token: kim, body }), 400, 'Request_BadRequest', 'interests/0')
  })

  it('keeps 32 addresses as mail changes', async () => {
    for (let n = 1; n <= 34; n++) assert.equal((await change({ mail: `limits${n}@contoso.com` })).status, 204)
    const { proxyAddresses } = JSON.parse(await recordOf('users', id))
    assert.deepEqual(
      [proxyAddresses.length, proxyAddresses[0], proxyAddresses[31]],
      [32, 'SMTP:limits34@contoso.com', 'smtp:limits3@contoso.com'],
    )
  })
})

describe('A member of an email', () => {
  it('has at most as many characters and members as its type says', async () => {
    assert.equal((await addEmail({ displayName: 'é'.repeat(256), source: { type: Array(16).fill('é'.repeat(256)) } })).status, 201)
    assertRefused(await addEmail({ displayName: 'x'.repeat(257) }), 400, 'badRequest', 'displayName')
    assertRefused(await addEmail({ source: { type: ['x'.repeat(257)] } }), 400, 'badRequest', 'source/type/0')
    assertRefused(await addEmail({ source: { type: Array(17).fill('x') } }), 400, 'badRequest', 'source/type')
    assertRefused(await addEmail({ source: { type: ['x'.repeat(1_000_000)] } }), 400, 'badRequest', 'source/type/0')
  })
})

describe('A member of a group', () => {
  it('has at most as many characters as its type says', async () => {
    const writer = await token(server, 'globaladmin', { scope: 'Group.ReadWrite.All' })
    const add = (members: object) => ask(server, 'POST /v1.0/groups', { token: writer, body: { ...securityGroup('Limits'), ...members } })
    assert.equal((await add({ description: 'é'.repeat(1024), displayName: 'é'.repeat(256), mailNickname: 'x'.repeat(64) })).status, 201)
    assertRefused(await add({ description: 'x'.repeat(1025) }), 400, 'Request_BadRequest', 'description')
    assertRefused(await add({ displayName: 'x'.repeat(257) }), 400, 'Request_BadRequest', 'displayName')
    assertRefused(await add({ groupTypes: ['x'.repeat(65)] }), 400, 'Request_BadRequest', 'groupTypes/0')
  })
})

describe('A record', () => {
  const largest = 16 * 1024

  it('of a user has at most 16,384 octets as it is stored', async () => {
    const { id } = await createUser(server, 'record')
    const change = (body: object) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body })
    const filled = { skills: Array(29).fill('é'.repeat(256)), aboutMe: 'x' }
    assert.equal((await change(filled)).status, 204)
    const room = largest - Buffer.byteLength(await recordOf('users', id))
    assert.equal((await change({ aboutMe: 'x'.repeat(1 + room) })).status, 204)
    assert.equal(Buffer.byteLength(await recordOf('users', id)), largest)
    assertRefused(await change({ aboutMe: 'x'.repeat(2 + room) }), 400, 'Request_BadRequest', 'skills')
    assertRefused(await change({ city: 'x' }), 400, 'Request_BadRequest', 'skills')
    assert.equal((await change({ city: 'x', aboutMe: 'x' })).status, 204)
  })

  it('of an email has at most 16,384 octets as it is stored', async (test) => {
    // Times are written without zeros at their end: at another moment the record may be shorter.
    test.mock.timers.enable({ apis: ['Date'], now: Math.ceil(Date.now() / 1000) * 1000 + 123 })
    const controls = Array(8).fill('\u0001'.repeat(256))
    const { status, json: email } = await addEmail({ source: { type: controls } })
    assert.equal(status, 201)
    const change = (type: readonly string[]) =>
      ask(server, `PATCH ${emails}/${email.id}`, { token: kim, body: { source: { type: [...controls, ...type] } } })
    const room = async () => largest - Buffer.byteLength(await recordOf('profile_emails', email.id))
    const oneMore = '"",'.length
    const fill = async (count: number) => {
      const size = Math.floor((await room()) / count) - oneMore
      return Array(count).fill('é'.repeat(size / 2))
    }
    const filled = await fill(7)
    assert.equal((await change([...filled, ''])).status, 200)
    const left = await room()
    assert.ok(left > 0 && left < 256, String(left))
    assert.equal((await change([...filled, 'x'.repeat(left)])).status, 200)
    assert.equal(await room(), 0)
    assertRefused(await change([...filled, 'x'.repeat(left + 1)]), 400, 'badRequest', 'source')
    assertRefused(await addEmail({ source: { type: Array(16).fill('\u0001'.repeat(256)) } }), 400, 'badRequest', 'source')
  })

  it('of the policy of the email method has at most 16,384 octets as it is stored', async () => {
    const lee = await token(server, 'lee', {
      scope: 'Policy.ReadWrite.AuthenticationMethod',
      wids: ['Authentication Policy Administrator'],
    })
    const path = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
    const targets = (count: number) => Array.from({ length: count }, () => ({ id: 'x'.repeat(64), targetType: 'group' }))
    const change = (members: object) =>
      ask(server, `PATCH ${path}`, {
        token: lee,
        body: { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration', ...members },
      })
    assert.equal((await change({ includeTargets: targets(100) })).status, 204)
    assertRefused(await change({ includeTargets: targets(101) }), 400, 'badRequest', 'includeTargets')
    assertRefused(await change({ excludeTargets: targets(100) }), 400, 'badRequest', 'includeTargets')
    assert.equal((await change({ excludeTargets: targets(20) })).status, 204)
    assert.equal((await ask(server, `DELETE ${path}`, { token: lee })).status, 204)
  })

  it('that is larger, from before there was a limit, is read as ever, and can be changed where it hardly grows', async () => {
    const { id } = await createUser(server, 'grown')
    const grown = JSON.stringify({ ...JSON.parse(await recordOf('users', id)), interests: ['x'.repeat(40_000)] })
    await server.app.database.write({ tenantId: tenants.contoso, id }, (transaction) =>
      transaction.change(sql`UPDATE users SET record = ${grown} WHERE tenant_id = ${tenants.contoso} AND id = ${id}`),
    )
    const url = `${server.http}/v1.0/users/${id}?$select=interests`
    const read = (await (await fetch(url, { headers: { Authorization: `Bearer ${admin}` } })).json()) as Json // not held against the limits of the API's own description
    assert.equal(read.interests[0].length, 40_000)
    const change = (body: object) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body })
    assert.equal((await change({ accountEnabled: false })).status, 204)
    assertRefused(await change({ aboutMe: 'x'.repeat(64) }), 400, 'Request_BadRequest', 'interests')
    assert.equal((await change({ interests: ['x'] })).status, 204)
    assert.equal((await change({ aboutMe: 'x'.repeat(64) })).status, 204)
  })
})

describe('A name in a token', () => {
  it('is taken up to 256 characters, and none beyond', async () => {
    const named = async (length: number) => {
      const bearer = await token(server, 'kim', { scope: 'User.ReadWrite', claims: { app_displayname: 'x'.repeat(length) } })
      const { json } = await ask(server, `POST ${emails}`, { token: bearer, body: { address: 'kim@contoso.com' } })
      return json.createdBy.application.displayName
    }
    assert.equal(await named(256), 'x'.repeat(256))
    assert.equal(await named(257), null)
  })
})
