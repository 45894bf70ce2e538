/** `@microsoft/microsoft-graph-client` on authentication methods, users and the policy of the email method. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PageIterator, ResponseType } from '@microsoft/microsoft-graph-client'
import type { Json } from '../support/ask.ts'
import {
  administratorsToken,
  emailMethodId,
  guid,
  kimsToken,
  policyAdministratorsToken,
  policyPath,
  startTrustedServer,
} from '../support/clients.ts'
import { graphClient, graphErrorOf } from '../support/clients-graph-client.ts'
import { token } from '../support/server.ts'
import { personId, users } from '../support/tenants.ts'
import { untagged } from '../support/untagged.ts'

// The groups take turns on it.
const server = await startTrustedServer()

const own = '/me/authentication/emailMethods'
const kims = '/users/kim@contoso.com/authentication/emailMethods'

describe('microsoft-graph-client on the email method of its own user', async () => {
  const client = graphClient(server, await kimsToken(server), 'v1.0')

  it('creates it after MFA: 201 and the method with its fixed id', async () => {
    const raw: Response = await client.api(own).responseType(ResponseType.RAW).post({ emailAddress: 'kim@home.example' })
    assert.equal(raw.status, 201)
    const { '@odata.context': context, ...method } = (await raw.json()) as Json
    assert.deepEqual(untagged(method), { id: emailMethodId, emailAddress: 'kim@home.example' })
    assert.equal(context, `${server.https}/v1.0/$metadata#users('${personId('kim')}')/authentication/emailMethods/$entity`)
  })

  it('lists, counts and gets it', async () => {
    const method = { id: emailMethodId, emailAddress: 'kim@home.example' }
    const { value, '@odata.count': count } = await client.api(own).count().get()
    assert.deepEqual(untagged(value), [method])
    assert.equal(count, 1)
    assert.equal(await client.api(`${own}/$count`).get(), '1')
    const { '@odata.context': _, ...got } = await client.api(`${own}/${emailMethodId}`).get()
    assert.deepEqual(untagged(got), method)
    const dated = await client.api(`${own}/${emailMethodId}`).select('createdDateTime').get()
    assert.ok(Math.abs(Date.parse(dated.createdDateTime) - server.now()) < 60_000)
  })

  it('finds it among all authentication methods, where it says its type', async () => {
    const method = { '@odata.type': '#microsoft.graph.emailAuthenticationMethod', id: emailMethodId, emailAddress: 'kim@home.example' }
    assert.deepEqual(untagged((await client.api('/me/authentication/methods').get()).value), [method])
    const { '@odata.context': _, ...got } = await client.api(`/me/authentication/methods/${emailMethodId}`).get()
    assert.deepEqual(untagged(got), method)
    assert.equal((await client.api('/me/authentication').get()).id, personId('kim'))
  })

  it('updates it: 204 under v1.0, the method under beta and with PUT', async () => {
    const item = `${own}/${emailMethodId}`
    assert.equal(await client.api(item).patch({ emailAddress: 'kim@second.example' }), undefined)
    assert.equal((await client.api(item).get()).emailAddress, 'kim@second.example')
    const inBeta = await client.api(item).version('beta').update({ emailAddress: 'kim@third.example' })
    assert.equal(inBeta.emailAddress, 'kim@third.example')
    assert.equal((await client.api(item).put({ emailAddress: 'kim@fourth.example' })).emailAddress, 'kim@fourth.example')
    const represented = await client.api(item).header('Prefer', 'return=representation').patch({ emailAddress: 'kim@fifth.example' })
    assert.equal(represented.emailAddress, 'kim@fifth.example')
  })

  it('deletes it, after which the list is empty', async () => {
    assert.equal(await client.api(`${own}/${emailMethodId}`).delete(), undefined)
    assert.deepEqual((await client.api(own).get()).value, [])
    await assert.rejects(client.api(`${own}/${emailMethodId}`).delete(), { statusCode: 404, code: 'resourceNotFound' })
  })
})

describe('microsoft-graph-client on the email method of somebody else', async () => {
  const client = graphClient(server, await administratorsToken(server), 'v1.0')

  it('creates, lists, counts, gets, updates and deletes it for an Authentication Administrator, by name and by id', async () => {
    const created = await client.api(kims).post({ emailAddress: 'kim@home.example' })
    assert.deepEqual([created.id, created.emailAddress], [emailMethodId, 'kim@home.example'])
    const byId = `/users/${personId('kim')}/authentication/emailMethods`
    assert.deepEqual(untagged((await client.api(byId).get()).value), [{ id: emailMethodId, emailAddress: 'kim@home.example' }])
    assert.equal(await client.api(`${byId}/$count`).get(), '1')
    assert.equal(await client.api(`${byId}/${emailMethodId}`).patch({ emailAddress: 'kim@other.example' }), undefined)
    assert.equal((await client.api(`${kims}/${emailMethodId}`).get()).emailAddress, 'kim@other.example')
    assert.equal((await client.api('/users/kim@contoso.com/authentication/methods').get()).value.length, 1)
    assert.equal(await client.api(`${kims}/${emailMethodId}`).del(), undefined)
    assert.equal(await client.api(`${kims}/$count`).get(), '0')
  })

  it('throws a GraphError 409 for a second method and 400 with the target for an address that is none', async () => {
    await client.api(kims).post({ emailAddress: 'kim@home.example' })
    await assert.rejects(client.api(kims).post({ emailAddress: 'kim@again.example' }), { statusCode: 409, code: 'conflict' })
    const refused = await graphErrorOf(client.api(`${kims}/${emailMethodId}`).patch({ emailAddress: 'nowhere' }))
    assert.equal(refused.statusCode, 400)
    assert.equal(JSON.parse(refused.body).target, 'emailAddress')
    assert.match(refused.requestId ?? '', guid)
  })

  it('throws a GraphError 403 whose body says which role would do, for an administrator out of reach and for no role', async () => {
    const beyond = await graphErrorOf(
      client.api('/users/globaladmin@contoso.com/authentication/emailMethods').post({ emailAddress: 'g@a.example' }),
    )
    assert.deepEqual([beyond.statusCode, beyond.code], [403, 'accessDenied'])
    assert.match(JSON.parse(beyond.body).details[0].message, /Privileged Authentication Administrator/)
    const lee = graphClient(server, await token(server, 'lee', { scope: 'UserAuthenticationMethod.ReadWrite.All' }), 'v1.0')
    await assert.rejects(lee.api(kims).get(), { statusCode: 403, code: 'accessDenied' })
  })

  it('throws a GraphError for an own method without MFA: 403, or the 401 challenge where the client can step up', async () => {
    const plain = graphClient(server, await kimsToken(server, { mfa: false }), 'v1.0')
    await assert.rejects(plain.api(own).post({ emailAddress: 'kim@home.example' }), { statusCode: 403, code: 'accessDenied' })
    const scope = 'UserAuthenticationMethod.ReadWrite'
    const able = graphClient(server, await token(server, 'kim', { scope, claims: { xms_cc: ['cp1'] } }), 'v1.0')
    const challenged = await graphErrorOf(able.api(own).post({ emailAddress: 'kim@home.example' }))
    assert.equal(challenged.statusCode, 401)
    assert.match(challenged.headers?.get('WWW-Authenticate') ?? '', /error="insufficient_claims", claims="[^",]+"/)
  })
})

describe('microsoft-graph-client on users', async () => {
  const client = graphClient(server, await token(server, 'kim', { scope: 'User.Read.All' }), 'v1.0')

  it('gets the signed-in user, and others by id and by name', async () => {
    const { '@odata.context': context, ...kim } = await client.api('/me').get()
    assert.deepEqual([kim.id, kim.displayName, kim.mail], [personId('kim'), 'Kim Akers', 'kim@contoso.com'])
    assert.deepEqual(kim.businessPhones, [])
    assert.equal(context, `${server.https}/v1.0/$metadata#users/$entity`)
    assert.equal((await client.api('/users/lee@contoso.com').select('displayName').get()).displayName, 'Lee Gu')
    assert.equal((await client.api(`/users/${personId('lee')}`).get()).userPrincipalName, 'lee@contoso.com')
    await assert.rejects(client.api('/users/nobody@contoso.com').get(), { statusCode: 404, code: 'Request_ResourceNotFound' })
  })

  it('walks over the users of the tenant with its PageIterator, and over no others', async () => {
    const seen: Json[] = []
    const first = await client.api('/users').top(3).select(['userPrincipalName']).get()
    await new PageIterator(client, first, (user: Json) => seen.push(user) > 0).iterate()
    const expected = Object.values(users).filter(({ tenant }) => tenant === 'contoso')
    assert.deepEqual(
      untagged(seen),
      expected.map(({ principalName }) => ({ userPrincipalName: principalName })),
    )
  })

  it('counts them with the header ConsistencyLevel, and gets a GraphError without', async () => {
    assert.equal(await client.api('/users/$count').header('ConsistencyLevel', 'eventual').get(), '8')
    await assert.rejects(client.api('/users/$count').get(), { statusCode: 400, code: 'Request_BadRequest' })
  })
})

describe("microsoft-graph-client on the email method's policy", async () => {
  const client = graphClient(server, await policyAdministratorsToken(server), 'v1.0')
  const type = '#microsoft.graph.emailAuthenticationMethodConfiguration'

  it('gets the default, changes it, and goes back to it by deleting', async () => {
    const { '@odata.context': context, ...usual } = await client.api(policyPath).get()
    assert.equal(context, `${server.https}/v1.0/$metadata#authenticationMethodConfigurations/$entity`)
    assert.deepEqual([usual['@odata.type'], usual.id, usual.state], [type, 'Email', 'enabled'])
    const change = { '@odata.type': type, state: 'disabled', allowExternalIdToUseEmailOtp: 'enabled' }
    assert.equal(await client.api(policyPath).patch(change), undefined)
    const { '@odata.context': _, ...changed } = await client.api(policyPath).get()
    assert.deepEqual(untagged(changed), untagged({ ...usual, ...change }))
    assert.equal(await client.api(policyPath).delete(), undefined)
    const { '@odata.context': __, ...restored } = await client.api(policyPath).version('beta').get()
    assert.deepEqual(restored, usual)
  })

  it('throws a GraphError for a change without a type, and for a caller without the role', async () => {
    await assert.rejects(client.api(policyPath).patch({ state: 'disabled' }), { statusCode: 400, code: 'badRequest' })
    const plain = graphClient(server, await token(server, 'lee', { scope: 'Policy.ReadWrite.AuthenticationMethod' }), 'v1.0')
    await assert.rejects(plain.api(policyPath).get(), { statusCode: 403, code: 'accessDenied' })
  })
})
