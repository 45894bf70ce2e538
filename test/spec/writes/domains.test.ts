/** Domains belong to tenants: nobody takes a name of another tenant, and a name leads to the tenant that has its domain. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { userToPut } from '../../../src/graph/users/user-item.ts'
import { addUser } from '../../../src/store/tables/people.ts'
import { type Answer, ask } from '../../support/ask.ts'
import { createUser, newcomer, userWriter } from '../../support/newcomers.ts'
import { contosoUser, domainsOf, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const message =
  'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.'

function assertForeign(answer: Answer): void {
  assertRefused(answer, 400, 'Request_BadRequest', 'userPrincipalName')
  assert.equal(answer.json.error.message, message)
}

/** A person as a database from before may hold one: no domain was looked at. */
async function putUnchecked({ app }: TestServer, tenantId: string, id: string, userPrincipalName: string): Promise<void> {
  const person = userToPut(tenantId, { id, userPrincipalName, displayName: `${userPrincipalName} of ${tenantId}` })
  await app.database.write(person, (transaction) => addUser(transaction, person))
}

const shownTo = (server: TestServer, name: string, caller: string) =>
  ask(server, `GET /beta/users/${name}/profile/emails`, { token: caller })

const publicEmail = (tenantId: string, userId: string, address: string) => ({
  kind: 'email',
  tenantId,
  userId,
  id: `email-of-${userId}`,
  address,
  allowedAudiences: 'everyone',
})

const foreign = ['jo@fabrikam.com', 'JO@Fabrikam.COM', 'new@litware.com', 'new@nobodys.example', 'sam@outlook.example', 'new@sub.contoso.com', 'new@xn--mnchen-3ya.de'] // biome-ignore format: a list

describe('A principal name in a domain that the tenant does not have', async () => {
  const server = await startServer()
  await putRecords(server, [
    { kind: 'tenant', id: tenants.litware, displayName: 'Litware', ...domainsOf('litware.com', 'München.de') },
    publicEmail(tenants.fabrikam, personId('jo'), 'jo@fabrikam.com'),
  ])
  const admin = await token(server, 'useradmin', { scope: 'User.ReadWrite.All' })
  const ari = await token(server, 'ari', { scope: 'User.Read.All' })

  for (const userPrincipalName of foreign) {
    it(`cannot be that of a new user: ${userPrincipalName}`, async () => {
      assertForeign(await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('jo', { userPrincipalName }) }))
    })

    it(`cannot be given to a user who is there, by a user administrator nor by an application: ${userPrincipalName}`, async () => {
      const application = await token(server, 'kim', { roles: ['User.ReadWrite.All'] })
      for (const caller of [admin, application])
        assertForeign(await ask(server, `PATCH /v1.0/users/${personId('lee')}`, { token: caller, body: { userPrincipalName } }))
    })

    it(`cannot be imported: ${userPrincipalName}`, async () => {
      await assert.rejects(
        putRecords(server, [contosoUser('attacker', userPrincipalName)]),
        /record 1: userPrincipalName: .* no verified domain/,
      )
    })
  }

  it('is refused in other spellings of it too, which are no names at all', async () => {
    for (const name of [
      'jo@fabrikam.com.',
      'jo@ｆabrikam.com',
      'jo@fabrikam。com',
      'new@münchen.de',
      'jo@contoso.com@fabrikam.com',
      'jo@fabri\u00adkam.com',
    ]) {
      const refused = await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('jo', { userPrincipalName: name }) })
      assertRefused(refused, 400, 'Request_BadRequest', 'userPrincipalName')
    }
  })

  it('leaves a third tenant with what the person of that name shows, after all these attempts', async () => {
    const { status, json } = await shownTo(server, 'jo@fabrikam.com', ari)
    assert.deepEqual([status, json.value?.map(({ address }: { address: string }) => address)], [200, ['jo@fabrikam.com']])
  })

  it('is told before it is told that the name is taken, so that nobody learns who is there', async () => {
    assertForeign(await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('jo', { userPrincipalName: 'jo@fabrikam.com' }) }))
    assertForeign(
      await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('jo', { userPrincipalName: 'nobody@fabrikam.com' }) }),
    )
  })

  it('is one that the tenant may have as soon as the domain is its own', async () => {
    await putRecords(server, [
      {
        kind: 'tenant',
        id: tenants.contoso,
        displayName: 'Contoso',
        federatedWith: [tenants.fabrikam],
        verifiedDomains: [{ name: 'Contoso.onmicrosoft.com' }],
      },
    ])
    await createUser(server, 'fresh', { userPrincipalName: 'fresh@contoso.onMicrosoft.com' })
    const renamed = await ask(server, `PATCH /v1.0/users/fresh@contoso.onmicrosoft.com`, {
      token: admin,
      body: { userPrincipalName: 'fresh@contoso.com' },
    })
    assert.equal(renamed.status, 204, renamed.text)
  })
})

describe('A name that more than one tenant has, from before domains belonged to tenants', async () => {
  const server = await startServer()
  const [one, other] = ['00000000-0000-4000-8000-00000000d001', '00000000-0000-4000-8000-00000000d002'] as const
  // Contoso's id sorts first, as an attacker would choose it.
  await putUnchecked(server, tenants.contoso, one, 'jo@fabrikam.com')
  for (const tenant of [tenants.contoso, tenants.litware])
    await putUnchecked(server, tenant, `${other}-${tenant.slice(0, 1)}`, 'old@both.example')
  await putUnchecked(server, tenants.contoso, 'alone', 'alone@unowned.example')
  await putUnchecked(server, tenants.personal, 'stolen', 'kim@contoso.com')
  await putUnchecked(server, tenants.personal, 'shared', 'shared@free.example')
  await putUnchecked(server, tenants.contoso, 'shared', 'shared@free.example')
  await putRecords(server, [
    publicEmail(tenants.contoso, one, 'false@contoso.com'),
    publicEmail(tenants.fabrikam, personId('jo'), 'true@fabrikam.com'),
    publicEmail(tenants.contoso, 'alone', 'alone@contoso.com'),
    publicEmail(tenants.contoso, `${other}-a`, 'a@contoso.com'),
    publicEmail(tenants.litware, `${other}-c`, 'c@litware.com'),
    publicEmail(tenants.personal, 'stolen', 'false@outlook.example'),
    publicEmail(tenants.contoso, personId('kim'), 'true@contoso.com'),
    publicEmail(tenants.personal, personId('sam'), 'sam@outlook.example'),
    publicEmail(tenants.personal, 'shared', 'shared@outlook.example'),
    publicEmail(tenants.contoso, 'shared', 'shared@contoso.com'),
  ])
  const scope = 'User.Read.All'
  const [ari, kim] = [await token(server, 'ari', { scope }), await token(server, 'kim', { scope })]
  const addresses = async (name: string, caller: string) => {
    const { status, json } = await shownTo(server, name, caller)
    return status === 200 ? json.value.map(({ address }: { address: string }) => address).join() : status
  }

  it('leads to the tenant that has the domain, whoever asks, the tenant of the false one included', async () => {
    for (const caller of [ari, kim, await token(server, 'jo', { scope })]) {
      assert.equal(await addresses('jo@fabrikam.com', caller), 'true@fabrikam.com')
      assert.equal(await addresses('kim@contoso.com', caller), 'true@contoso.com')
    }
  })

  it('leads to nobody from outside where the domain is nobody’s, be it the name of several or of one', async () => {
    const jo = await token(server, 'jo', { scope })
    for (const name of ['old@both.example', 'alone@unowned.example', 'shared@free.example']) assert.equal(await addresses(name, jo), 404)
  })

  it('leads within a tenant to its own person where the domain is nobody’s', async () => {
    assert.equal(await addresses('old@both.example', kim), 'a@contoso.com')
    assert.equal(await addresses('old@both.example', ari), 'c@litware.com')
    assert.equal(await addresses('alone@unowned.example', kim), 'alone@contoso.com')
  })

  it('leads to a personal account where no organization has the domain, and nobody else the name', async () => {
    assert.equal(await addresses('sam@outlook.example', ari), 'sam@outlook.example')
  })

  it('is kept by a user whose other members are changed, also by one who sends the name as it is', async () => {
    const admin = await userWriter(server)
    const change = (body: object) => ask(server, `PATCH /v1.0/users/${one}`, { token: admin, body })
    assert.equal((await change({ jobTitle: 'Clerk' })).status, 204)
    assert.equal((await change({ jobTitle: 'Clerk', userPrincipalName: 'JO@fabrikam.com' })).status, 204)
    assertForeign(await change({ userPrincipalName: 'joe@fabrikam.com' }))
    assert.equal((await change({ userPrincipalName: 'joe@contoso.com' })).status, 204)
  })

  it('that is an id of several tenants leads to nobody from outside', async () => {
    assert.equal(await addresses('shared', ari), 404)
    assert.equal(await addresses('alone', ari), 'alone@contoso.com')
  })
})

describe('A personal account', async () => {
  const server = await startServer()
  const account = (id: string, userPrincipalName: string) => ({ kind: 'user', tenantId: tenants.personal, id, userPrincipalName })

  it('has a name in any domain that no organization has', async () => {
    await putRecords(server, [account('pat', 'pat@mail.example'), account('lou', 'lou@outlook.example')])
  })

  it('cannot have one in the domain of an organization', async () => {
    for (const name of ['pat@contoso.com', 'PAT@FABRIKAM.COM'])
      await assert.rejects(putRecords(server, [account('pat', name)]), /belongs to an organization/)
  })

  it('loses no name and takes none when an organization gets its domain later: the name leads to the organization', async () => {
    const ari = await token(server, 'ari', { scope: 'User.Read.All' })
    await putRecords(server, [publicEmail(tenants.personal, 'pat', 'pat@mail.example')])
    assert.equal((await shownTo(server, 'pat@mail.example', ari)).status, 200)
    await putRecords(server, [
      { kind: 'tenant', id: tenants.fabrikam, displayName: 'Fabrikam', verifiedDomains: [{ name: 'MAIL.example' }] },
    ])
    assert.equal((await shownTo(server, 'pat@mail.example', ari)).status, 404)
    assert.equal((await shownTo(server, 'pat', ari)).status, 200)
  })
})

describe('A domain', async () => {
  const server = await startServer()
  const claim = (tenantId: string, ...names: readonly string[]) =>
    putRecords(server, [{ kind: 'tenant', id: tenantId, verifiedDomains: names.map((name) => ({ name })) }])

  it('belongs to one tenant, however it is spelled: in any case, with a dot at its end, in letters or in A-labels', async () => {
    await claim(tenants.litware, 'BÜCHER.example')
    for (const name of ['Contoso.COM', 'contoso.com.', 'ｃontoso.com', 'contoso。com'])
      await assert.rejects(claim(tenants.litware, name), /the domain contoso\.com belongs to another tenant/, name)
    for (const name of ['bücher.example', 'Bücher.Example.', 'bu\u0308cher.example', 'xn--bcher-kva.example', 'XN--BCHER-KVA.EXAMPLE'])
      await assert.rejects(claim(tenants.fabrikam, name), /the domain xn--bcher-kva\.example belongs to another tenant/, name)
  })

  it('that is refused leaves the tenant as it was, with all else of the record', async () => {
    await assert.rejects(
      putRecords(server, [
        { kind: 'tenant', id: tenants.litware, displayName: 'Other', verifiedDomains: [{ name: 'new.example' }, { name: 'contoso.com' }] },
      ]),
    )
    await claim(tenants.fabrikam, 'new.example')
  })

  it('is one that can be: of labels, with a dot, no number, each once', async () => {
    for (const name of ['', 'contoso', 'con toso.com', 'contoso.com:80', 'a@contoso.com', '127.0.0.1', '*.contoso.com', 'con%74oso.com', '-a.com', `${'d'.repeat(64)}.com`, `${'d.'.repeat(127)}com`]) // biome-ignore format: a list
      await assert.rejects(claim(tenants.fabrikam, name), /verifiedDomains\/0\/name/, name)
    await assert.rejects(claim(tenants.fabrikam, 'one.example', 'ONE.example'), /verifiedDomains\/1\/name/)
    await claim(tenants.fabrikam, `${'d'.repeat(63)}.com`, `${'d.'.repeat(125)}com`)
  })

  it('is nobody’s among personal accounts', async () => {
    await assert.rejects(claim(tenants.personal, 'mail.example'), /personal accounts have no domain/)
  })
})
