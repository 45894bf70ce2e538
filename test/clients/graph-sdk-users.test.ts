/** `@microsoft/msgraph-sdk` with `-users` (v1.0) on users and on the policy of the email method. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HttpMethod, RequestInformation } from '@microsoft/kiota-abstractions'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import {
  createEmailAuthenticationMethodConfigurationFromDiscriminatorValue,
  createUserCollectionResponseFromDiscriminatorValue,
  type EmailAuthenticationMethodConfiguration,
  serializeEmailAuthenticationMethodConfiguration,
  type User,
} from '@microsoft/msgraph-sdk/models/index.js'
import { createODataErrorFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/oDataErrors/index.js'
import { PageIterator } from '@microsoft/msgraph-sdk-core'
import '@microsoft/msgraph-sdk-users'
import { policyAdministratorsToken, policyPath, startTrustedServer } from '../support/clients.ts'
import { authentication, refusalOf } from '../support/clients-kiota.ts'
import { type TestServer, token } from '../support/server.ts'
import { personId, users } from '../support/tenants.ts'

// The groups take turns on it.
const server = await startTrustedServer()

const errors = { XXX: createODataErrorFromDiscriminatorValue }

function adapterOf({ https }: TestServer, bearer: string): GraphRequestAdapter {
  const adapter = new GraphRequestAdapter(authentication(bearer))
  adapter.baseUrl = `${https}/v1.0`
  return adapter
}

describe('msgraph-sdk on users', async () => {
  const adapter = adapterOf(server, await token(server, 'kim', { scope: 'User.Read.All' }))
  const client = createGraphServiceClient(adapter)
  const contoso = Object.values(users).filter(({ tenant }) => tenant === 'contoso')

  it('gets the signed-in user as a model, with the members that are selected', async () => {
    const me = await client.me.get()
    assert.deepEqual([me?.id, me?.displayName, me?.userPrincipalName], [personId('kim'), 'Kim Akers', 'kim@contoso.com'])
    assert.deepEqual(me?.businessPhones, [])
    assert.equal(me?.accountEnabled, undefined)
    const selected = await client.me.get({ queryParameters: { select: ['accountEnabled', 'createdDateTime', 'proxyAddresses'] } })
    assert.equal(selected?.accountEnabled, true)
    assert.ok(selected?.createdDateTime instanceof Date)
    assert.deepEqual(selected?.proxyAddresses, ['SMTP:kim@contoso.com'])
  })

  it('gets somebody else by id and by name, and an ODataError for nobody', async () => {
    assert.equal((await client.users.byUserId(personId('lee')).get())?.displayName, 'Lee Gu')
    assert.equal((await client.users.byUserId('lee@contoso.com').get())?.id, personId('lee'))
    assert.deepEqual(await refusalOf(client.users.byUserId('nobody@contoso.com').get()), [404, 'Request_ResourceNotFound'])
  })

  it('walks over the users of the tenant with its page iterator, and over no others', async () => {
    const first = await client.users.get({ queryParameters: { top: 3, count: true, select: ['id', 'userPrincipalName'] } })
    assert.ok(first !== undefined)
    assert.equal(first.value?.length, 3)
    assert.equal(first.odataCount, contoso.length)
    const seen: User[] = []
    const page = { value: first.value ?? [], odataNextLink: first.odataNextLink ?? '' }
    const iterator = new PageIterator<User>(
      adapter,
      page,
      (user) => seen.push(user) > 0,
      createUserCollectionResponseFromDiscriminatorValue,
      errors,
    )
    await iterator.iterate()
    assert.deepEqual(
      seen.map(({ userPrincipalName }) => userPrincipalName),
      contoso.map(({ principalName }) => principalName),
    )
    assert.equal(seen.at(-1)?.displayName, undefined, 'the last page is selected like the first')
    assert.equal(iterator.getPagingState(), 'Complete')
  })

  it('counts them with the header ConsistencyLevel, and gets an ODataError without', async () => {
    assert.equal(await client.users.count.get({ headers: { ConsistencyLevel: ['eventual'] } }), contoso.length)
    assert.deepEqual(await refusalOf(client.users.count.get()), [400, 'Request_BadRequest'])
  })
})

describe("msgraph-sdk on the email method's policy, by its models", async () => {
  const adapter = adapterOf(server, await policyAdministratorsToken(server))
  const request = (method: HttpMethod) => new RequestInformation(method, `{+baseurl}/${policyPath}`)
  const get = () =>
    adapter.send<EmailAuthenticationMethodConfiguration>(
      request(HttpMethod.GET),
      createEmailAuthenticationMethodConfigurationFromDiscriminatorValue,
      errors,
    )
  const patch = (change: EmailAuthenticationMethodConfiguration) => {
    const information = request(HttpMethod.PATCH)
    information.setContentFromParsable(adapter, 'application/json', change, serializeEmailAuthenticationMethodConfiguration)
    return adapter.sendNoResponseContent(information, errors)
  }

  it('gets the default, changes it, and goes back to it by deleting', async () => {
    const usual = await get()
    assert.deepEqual([usual?.id, usual?.state, usual?.allowExternalIdToUseEmailOtp], ['Email', 'enabled', 'default'])
    assert.equal(usual?.odataType, '#microsoft.graph.emailAuthenticationMethodConfiguration')
    assert.deepEqual(
      usual?.includeTargets?.map(({ id, targetType }) => [id, targetType]),
      [['all_users', 'group']],
    )
    await patch({ odataType: usual?.odataType ?? '', state: 'disabled', excludeTargets: [{ id: personId('lee'), targetType: 'user' }] })
    const changed = await get()
    assert.equal(changed?.state, 'disabled')
    assert.equal(changed?.excludeTargets?.[0]?.id, personId('lee'))
    await adapter.sendNoResponseContent(request(HttpMethod.DELETE), errors)
    assert.equal((await get())?.state, 'enabled')
  })

  it('writes back the whole model that it got, with one member changed', async () => {
    const got = await get()
    assert.ok(got !== undefined)
    await patch({ ...got, allowExternalIdToUseEmailOtp: 'disabled' })
    const changed = await get()
    assert.equal(changed?.allowExternalIdToUseEmailOtp, 'disabled')
    assert.deepEqual(
      changed?.includeTargets?.map(({ id }) => id),
      ['all_users'],
    )
  })

  it('throws its ODataError for a change that does not say its type', async () => {
    assert.deepEqual(await refusalOf(patch({ state: 'disabled' })), [400, 'badRequest'])
  })
})
