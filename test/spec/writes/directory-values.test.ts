/** The directory's rules for values: an empty text is none, identities are one user's; the same over Graph and by import. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { user } from '../../../src/model/directory.ts'
import { propertiesOf } from '../../../src/model/edm.ts'
import { ask } from '../../support/ask.ts'
import { groupWriter, makeGroup, securityGroup } from '../../support/groups.ts'
import { createUser, newcomer } from '../../support/newcomers.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const invalid = (member: string, resource = 'User') => `Invalid value specified for property '${member}' of resource '${resource}'.`
const isWritable = ([, { type, readOnly }]: [string, { readonly type: unknown; readonly readOnly?: true }]) =>
  type === 'Edm.String' && readOnly !== true
const texts = Object.entries(propertiesOf(user)).filter(isWritable)
/** Refused in other words: a person cannot be without them. */
const compulsory = ['displayName', 'mailNickname', 'userPrincipalName']

describe('An empty text', async () => {
  const server = await startServer()
  const admin = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All User.ManageIdentities.All' })
  const { id } = await createUser(server, 'full', { mail: 'full@contoso.com', officeLocation: '18/2111' })

  /** By creating, by changing and by importing. */
  async function assertNowhere(members: Readonly<Record<string, unknown>>, target: string, message: string): Promise<void> {
    for (const refused of [
      await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('empty', members) }),
      await ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: members }),
    ]) {
      assertRefused(refused, 400, 'Request_BadRequest', target)
      assert.equal(refused.json.error.message, message)
    }
    await assert.rejects(putRecords(server, [contosoUser('empty', 'empty@contoso.com', members)]), (error: Error) =>
      error.message.startsWith(`record 1: ${target}: `),
    )
  }

  for (const [name, { collection }] of texts)
    if (!compulsory.includes(name))
      it(`is no value of ${name}${collection === true ? ', in none of its items' : ''}`, () =>
        collection === true
          ? assertNowhere({ [name]: ['x', ''] }, `${name}/1`, invalid(name))
          : assertNowhere({ [name]: '' }, name, invalid(name)))

  it('is no value of what an organization adds, nor of a part of an identity', async () => {
    const name = 'extension_0123456789abcdef0123456789abcdef_shoeSize'
    await assertNowhere({ [name]: '' }, name, invalid(name))
    await assertNowhere(
      { identities: [{ signInType: 'federated', issuer: '', issuerAssignedId: 'x' }] },
      'identities/0/issuer',
      invalid('identities'),
    )
  })

  it('is no value of what a user must have', async () => {
    for (const name of compulsory) {
      assertRefused(
        await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('empty', { [name]: '' }) }),
        400,
        'Request_BadRequest',
        name,
      )
      assertRefused(await ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { [name]: '' } }), 400, 'Request_BadRequest', name)
    }
  })

  it('is not what clears a member: null is, and does', async () => {
    assert.equal((await ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { officeLocation: null } })).status, 204)
    assert.equal((await ask(server, `GET /v1.0/users/${id}`, { token: admin })).json.officeLocation, null)
  })

  it('is no value of a group’s texts', async () => {
    const { id: group } = await makeGroup(server, 'Group')
    const writer = await groupWriter(server)
    for (const [members, target, message] of [
      [{ description: '' }, 'description', invalid('description', 'Group')],
      [{ visibility: '' }, 'visibility', invalid('visibility', 'Group')],
      [{ groupTypes: [''] }, 'groupTypes/0', invalid('groupTypes', 'Group')],
    ] as const) {
      for (const refused of [
        await ask(server, 'POST /v1.0/groups', { token: writer, body: securityGroup('Other', members) }),
        await ask(server, `PATCH /v1.0/groups/${group}`, { token: writer, body: members }),
      ]) {
        assertRefused(refused, 400, 'Request_BadRequest', target)
        assert.equal(refused.json.error.message, message)
      }
      await assert.rejects(putRecords(server, [{ kind: 'group', tenantId: tenants.contoso, id: 'g', ...members }]), (error: Error) =>
        error.message.startsWith(`record 1: ${target}: `),
      )
    }
  })
})

describe('mail', async () => {
  const server = await startServer()
  const admin = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })

  it('once set cannot be cleared; null is welcome where there is none', async () => {
    const { id } = await createUser(server, 'mel', { mail: null })
    const change = (mail: string | null) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { mail } })
    assert.equal((await change(null)).status, 204)
    assert.equal((await change('mel@contoso.com')).status, 204)
    const refused = await change(null)
    assertRefused(refused, 400, 'Request_BadRequest', 'mail')
    assert.equal(refused.json.error.message, invalid('mail'))
    assert.equal((await change('melanie@contoso.com')).status, 204)
  })
})

describe('An identity', async () => {
  const server = await startServer()
  const admin = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All User.ManageIdentities.All' })
  const federated = (issuerAssignedId: string | null, issuer = 'issuer.example') => ({ signInType: 'federated', issuer, issuerAssignedId })
  const taken = 'Another object with the same value for property identities already exists.'
  const create = (name: string, identities: unknown) =>
    ask(server, 'POST /v1.0/users', { token: admin, body: newcomer(name, { identities }) })
  const change = (id: string, body: object) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body })
  const assertTaken = (answer: Parameters<typeof assertRefused>[0]) => {
    assertRefused(answer, 400, 'Request_BadRequest', 'identities')
    assert.equal(answer.json.error.message, taken)
    assert.deepEqual(answer.json.error.details, [{ code: 'ObjectConflict', message: taken, target: 'identities' }])
  }

  it('is one user’s within the tenant, in any case', async () => {
    assert.equal((await create('one', [federated('a'), federated('b')])).status, 201)
    assertTaken(await create('two', [federated('A', 'ISSUER.example')]))
    const { json } = await create('two', [federated('c')])
    assertTaken(await change(json.id, { identities: [federated('c'), federated('b')] }))
    assertTaken(await change(json.id, { identities: [federated('d'), federated('D')] }))
    assert.equal((await change(json.id, { identities: [federated('a', 'other.example')] })).status, 204)
    assert.equal((await change(json.id, { jobTitle: 'Clerk' })).status, 204, 'whoever keeps theirs is not in their own way')
  })

  it('is free again when it is given up, or its user removed', async () => {
    const first = (await create('first', [federated('x')])).json
    const second = (await create('second', [])).json
    assert.equal((await change(first.id, { identities: [] })).status, 204)
    assert.equal((await change(second.id, { identities: [federated('x')] })).status, 204)
    assert.equal((await ask(server, `DELETE /v1.0/users/${second.id}`, { token: admin })).status, 204)
    assert.equal((await change(first.id, { identities: [federated('x')] })).status, 204)
  })

  it('may be another tenant’s as well, and one without an id is like no other', async () => {
    assert.equal((await create('guest1', [federated(null, 'ExternalAzureAD')])).status, 201)
    assert.equal((await create('guest2', [federated(null, 'ExternalAzureAD')])).status, 201)
    const fabrikam = {
      kind: 'user',
      tenantId: tenants.fabrikam,
      id: 'f',
      userPrincipalName: 'f@fabrikam.com',
      identities: [federated('a')],
    }
    await putRecords(server, [fabrikam])
  })

  it('is held to the same when it is imported', async () => {
    const record = (id: string, ...identities: readonly object[]) => contosoUser(id, `${id}@contoso.com`, { identities })
    await putRecords(server, [record('i1', federated('imported')), record('i2', federated('imported2'))])
    await assert.rejects(putRecords(server, [record('i3', federated('IMPORTED'))]), /one of the identities is there twice, or another user/)
    await assert.rejects(putRecords(server, [record('i3', federated('z'), federated('z'))]), /there twice/)
    assertTaken(await create('three', [federated('imported')]))
    await putRecords(server, [record('i1'), record('i3', federated('imported'))])
  })

  it('of signInType emailAddress has an address, of userName a plain name, and of userPrincipalName the principal name', async () => {
    const refusals: readonly (readonly [string, string | null])[] = [
      ['emailAddress', 'no address'],
      ['emailAddress', null],
      ['EmailAddress', 'kim@contoso'],
      ['emailAddress1', 'kim'],
      ['userName', 'with blank'],
      ['userName', '-first'],
      ['userName', null],
      ['userPrincipalName', 'jo@fabrikam.com'],
      ['userPrincipalName', null],
    ]
    for (const [signInType, issuerAssignedId] of refusals) {
      const identities = [federated('fine'), { signInType, issuer: 'contoso.com', issuerAssignedId }]
      const refused = await create('typed', identities)
      assertRefused(refused, 400, 'Request_BadRequest', 'identities/1/issuerAssignedId')
      assert.equal(refused.json.error.message, invalid('identities'))
      await assert.rejects(
        putRecords(server, [contosoUser('typed', 'typed@contoso.com', { identities })]),
        /record 1: identities\/1\/issuerAssignedId: /,
      )
    }
    const good = [
      { signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'Zoë@example.org' },
      { signInType: 'userName', issuer: 'contoso.com', issuerAssignedId: 'zoe_1-x' },
      { signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: 'Typed@contoso.com' },
    ]
    assert.equal((await create('typed', good)).status, 201)
  })

  it('that is the principal name goes with it, in a change of the name', async () => {
    const { json } = await create('before', [
      { signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: 'before@contoso.com' },
    ])
    assert.equal((await change(json.id, { userPrincipalName: 'after@contoso.com' })).status, 204)
    const found = await ask(server, `GET /v1.0/users/${json.id}?$select=identities`, { token: admin })
    assert.equal(found.json.identities[0].issuerAssignedId, 'after@contoso.com')
    assert.equal(
      (await create('before', [{ signInType: 'federated', issuer: 'contoso.com', issuerAssignedId: 'before@contoso.com' }])).status,
      201,
    )
  })
})
