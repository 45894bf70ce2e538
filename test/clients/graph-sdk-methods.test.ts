/** `@microsoft/msgraph-sdk` with `-users` (v1.0) on authentication methods: of oneself, and of others. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGraphServiceClient, GraphRequestAdapter, type GraphServiceClient } from '@microsoft/msgraph-sdk'
import '@microsoft/msgraph-sdk-users'
import { administratorsToken, emailMethodId, guid, kimsToken, nobodysId, startTrustedServer } from '../support/clients.ts'
import { authentication, oDataErrorOf, refusalOf } from '../support/clients-kiota.ts'
import { type TestServer, token } from '../support/server.ts'
import { personId } from '../support/tenants.ts'

// The groups take turns on it.
const server = await startTrustedServer()

function clientOf({ https }: TestServer, bearer: string, steppedUp?: string): GraphServiceClient {
  const adapter = new GraphRequestAdapter(authentication(bearer, steppedUp))
  adapter.baseUrl = `${https}/v1.0`
  return createGraphServiceClient(adapter)
}

const typed = { odataType: '#microsoft.graph.emailAuthenticationMethod' }

describe('msgraph-sdk on the email method of its own user', async () => {
  const own = clientOf(server, await kimsToken(server)).me.authentication
  const { emailMethods, methods } = own
  const item = emailMethods.byEmailAuthenticationMethodId(emailMethodId)

  it('creates it after MFA and gets the model back', async () => {
    const created = await emailMethods.post({ ...typed, emailAddress: 'kim@home.example' })
    assert.equal(created?.id, emailMethodId)
    assert.equal(created?.emailAddress, 'kim@home.example')
  })

  it('lists, counts and gets it as models', async () => {
    const page = await emailMethods.get()
    assert.deepEqual(
      page?.value?.map(({ id, emailAddress }) => [id, emailAddress]),
      [[emailMethodId, 'kim@home.example']],
    )
    assert.ok(page?.odataNextLink === undefined || page.odataNextLink === null)
    assert.equal(await emailMethods.count.get(), 1)
    assert.equal((await item.get())?.emailAddress, 'kim@home.example')
  })

  it('takes select, top, skip and count as query parameters', async () => {
    const page = await emailMethods.get({ queryParameters: { count: true, top: 5, select: ['id', 'createdDateTime'] } })
    assert.equal(page?.odataCount, 1)
    const [method] = page?.value ?? []
    assert.ok(method?.createdDateTime instanceof Date)
    assert.ok(Math.abs(method.createdDateTime.getTime() - server.now()) < 60_000)
    assert.equal(method.emailAddress, undefined)
    assert.deepEqual((await emailMethods.get({ queryParameters: { skip: 1 } }))?.value, [])
  })

  it('finds it among all methods, as the derived model', async () => {
    const [method] = (await methods.get())?.value ?? []
    assert.equal(method?.odataType, typed.odataType)
    assert.equal(method !== undefined && 'emailAddress' in method && method.emailAddress, 'kim@home.example')
    const got = await methods.byAuthenticationMethodId(emailMethodId).get()
    assert.equal(got !== undefined && 'emailAddress' in got && got.emailAddress, 'kim@home.example')
    assert.equal((await own.get())?.id, personId('kim'))
  })

  it('updates it, also with the whole model that it got, and gets nothing (v1.0 answers 204)', async () => {
    assert.equal(await item.patch({ ...typed, emailAddress: 'kim@second.example' }), undefined)
    const got = await item.get()
    assert.ok(got !== undefined)
    assert.equal(await item.patch({ ...got, emailAddress: 'kim@third.example' }), undefined)
    assert.equal((await item.get())?.emailAddress, 'kim@third.example')
  })

  it('deletes it', async () => {
    assert.equal(await item.delete(), undefined)
    assert.equal(await emailMethods.count.get(), 0)
    assert.deepEqual(await refusalOf(item.get()), [404, 'resourceNotFound'])
  })
})

describe('msgraph-sdk on the email method of somebody else', async () => {
  const { users } = clientOf(server, await administratorsToken(server))

  for (const [by, key] of [
    ['id', personId('kim')],
    ['principal name', 'kim@contoso.com'],
  ] as const) {
    it(`creates, lists, counts, gets, updates and deletes it for an administrator, by ${by}`, async () => {
      const { emailMethods, methods } = users.byUserId(key).authentication
      const item = emailMethods.byEmailAuthenticationMethodId(emailMethodId)
      assert.equal((await emailMethods.post({ emailAddress: 'kim@home.example' }))?.emailAddress, 'kim@home.example')
      assert.equal((await emailMethods.get())?.value?.length, 1)
      assert.equal((await methods.get())?.value?.[0]?.id, emailMethodId)
      assert.equal(await emailMethods.count.get(), 1)
      await item.patch({ emailAddress: 'kim@other.example' })
      assert.equal((await item.get())?.emailAddress, 'kim@other.example')
      await item.delete()
      assert.equal(await emailMethods.count.get(), 0)
    })
  }

  it('throws its ODataError with status, code, message, target, details, ids, date and headers', async () => {
    const { emailMethods } = users.byUserId(personId('globaladmin')).authentication
    const error = await oDataErrorOf(emailMethods.post({ emailAddress: 'g@admin.example' }))
    assert.equal(error.responseStatusCode, 403)
    assert.equal(error.errorEscaped?.code, 'accessDenied')
    assert.equal(error.message, error.errorEscaped?.message)
    assert.match(error.errorEscaped?.details?.[0]?.message ?? '', /Privileged Authentication Administrator/)
    assert.match(error.errorEscaped?.innerError?.requestId ?? '', guid)
    assert.match(error.errorEscaped?.innerError?.clientRequestId ?? '', guid)
    assert.deepEqual(error.responseHeaders?.['request-id'], [error.errorEscaped?.innerError?.requestId])
    assert.ok(error.errorEscaped?.innerError?.date instanceof Date)
    assert.ok(!Number.isNaN(error.errorEscaped.innerError.date.getTime()))
  })

  it('throws one for a second method, for an address that is none, and for an id that is none', async () => {
    const { emailMethods } = users.byUserId('lee@contoso.com').authentication
    await emailMethods.post({ emailAddress: 'lee@home.example' })
    assert.deepEqual(await refusalOf(emailMethods.post({ emailAddress: 'lee@again.example' })), [409, 'conflict'])
    const invalid = await oDataErrorOf(emailMethods.byEmailAuthenticationMethodId(emailMethodId).patch({ emailAddress: 'nowhere' }))
    assert.deepEqual([invalid.responseStatusCode, invalid.errorEscaped?.target], [400, 'emailAddress'])
    const nobodys = emailMethods.byEmailAuthenticationMethodId(nobodysId)
    assert.deepEqual(await refusalOf(nobodys.get()), [404, 'resourceNotFound'])
    assert.deepEqual(await refusalOf(nobodys.delete()), [404, 'resourceNotFound'])
  })

  it('throws one for a bad token, for a scope that does not suffice, and for an option that is not valid', async () => {
    assert.deepEqual(await refusalOf(clientOf(server, 'x.y.z').me.authentication.emailMethods.get()), [401, 'InvalidAuthenticationToken'])
    const narrow = clientOf(server, await token(server, 'kim', { scope: 'UserAuthMethod-Email.Read', mfa: true }))
    assert.deepEqual(await refusalOf(narrow.me.authentication.emailMethods.post({ emailAddress: 'a@b.example' })), [403, 'accessDenied'])
    const misspelt = await oDataErrorOf(narrow.me.authentication.emailMethods.get({ queryParameters: { select: ['email'] } }))
    assert.deepEqual([misspelt.responseStatusCode, misspelt.errorEscaped?.target], [400, '$select'])
  })
})

describe('msgraph-sdk without MFA', async () => {
  const scope = 'UserAuthenticationMethod.ReadWrite'
  const withMfa = await kimsToken(server)
  const method = { emailAddress: 'kim@home.example' }

  it('throws the ODataError 403 when its token does not say that it can step up', async () => {
    const client = clientOf(server, await token(server, 'kim', { scope }), withMfa)
    assert.deepEqual(await refusalOf(client.me.authentication.emailMethods.post(method)), [403, 'accessDenied'])
  })

  it('answers the claims challenge by itself with a stepped-up token when it can, and the method is created', async () => {
    const client = clientOf(server, await token(server, 'kim', { scope, claims: { xms_cc: ['cp1'] } }), withMfa)
    assert.equal((await client.me.authentication.emailMethods.post(method))?.emailAddress, 'kim@home.example')
  })

  it('gives up with the ODataError 401 when the token that it steps up to has no MFA either', async () => {
    const client = clientOf(server, await token(server, 'kim', { scope, claims: { xms_cc: ['cp1'] } }))
    const { emailMethods } = client.me.authentication
    const remove = emailMethods.byEmailAuthenticationMethodId(emailMethodId).delete()
    assert.deepEqual(await refusalOf(remove), [401, 'InvalidAuthenticationToken'])
  })
})
