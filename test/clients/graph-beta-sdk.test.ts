/** `@microsoft/msgraph-beta-sdk` on profile emails and email methods. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { HttpMethod } from '@microsoft/kiota-abstractions'
import {
  createEmailAuthenticationMethodCollectionResponseFromDiscriminatorValue,
  createEmailAuthenticationMethodFromDiscriminatorValue,
  createItemEmailCollectionResponseFromDiscriminatorValue,
  createItemEmailFromDiscriminatorValue,
  createAuthenticationMethodCollectionResponseFromDiscriminatorValue as createMethodsFromDiscriminatorValue,
  createProfileFromDiscriminatorValue,
  createUserCollectionResponseFromDiscriminatorValue,
  createUserFromDiscriminatorValue,
  type EmailAuthenticationMethod,
  type EmailAuthenticationMethodCollectionResponse as EmailMethods,
  type ItemEmail,
  type ItemEmailCollectionResponse,
  type AuthenticationMethodCollectionResponse as Methods,
  type Profile,
  type User,
  type UserCollectionResponse,
} from '@microsoft/msgraph-beta-sdk/models/index.js'
import { PageIterator } from '@microsoft/msgraph-sdk-core'
import { ask } from '../support/ask.ts'
import { addresses, administratorsToken, emailMethodId, guid, kimsToken, nobodysId, startTrustedServer } from '../support/clients.ts'
import { betaClient, errors } from '../support/clients-beta-sdk.ts'
import { oDataErrorOf, refusalOf } from '../support/clients-kiota.ts'
import { token } from '../support/server.ts'
import { personId, users } from '../support/tenants.ts'

// The groups take turns on it.
const server = await startTrustedServer()

const emails = 'users/me-token-to-replace/profile/emails'
const pageTemplate = `${emails}{?%24count,%24select,%24skip,%24top}`

describe('msgraph-beta-sdk on one email of a profile', async () => {
  const kim = await kimsToken(server)
  const client = betaClient(server, kim)
  let created: ItemEmail | undefined
  let item: string

  before(async () => {
    created = await client.sendEmail(HttpMethod.POST, emails, {
      odataType: '#microsoft.graph.itemEmail',
      address: 'kim@contoso.com',
      displayName: 'Desk',
      type: 'work',
      allowedAudiences: ['organization', 'family'],
      inference: { confidenceScore: 0.25, userHasVerifiedAccuracy: false },
    })
    item = `${emails}/${created?.id}`
  })

  it('creates it and gets the whole model back, with numbers, dates and identities', () => {
    assert.match(created?.id ?? '', guid)
    assert.equal(created?.odataType, '#microsoft.graph.itemEmail')
    assert.deepEqual([created?.address, created?.displayName, created?.type], ['kim@contoso.com', 'Desk', 'work'])
    assert.equal(created?.inference?.confidenceScore, 0.25)
    assert.equal(created?.inference?.userHasVerifiedAccuracy, false)
    assert.ok(created?.createdDateTime instanceof Date)
    assert.ok(Math.abs(created.createdDateTime.getTime() - server.now()) < 60_000)
    assert.deepEqual(created.lastModifiedDateTime, created.createdDateTime)
    assert.deepEqual([created.createdBy?.user?.id, created.createdBy?.user?.displayName], [personId('kim'), 'Kim Akers'])
    assert.equal(created.lastModifiedBy?.application?.displayName, 'Test client')
  })

  it('sends several audiences in one text, and they are kept in the order of their values', async () => {
    const kept = await ask(server, `GET /beta/me/profile/emails/${created?.id}`, { token: kim })
    assert.equal(kept.json.allowedAudiences, 'family,organization')
  })

  it('gets it, and changes one member', async () => {
    const got = await client.get<ItemEmail>(item, createItemEmailFromDiscriminatorValue)
    assert.deepEqual([got?.id, got?.address, got?.type], [created?.id, 'kim@contoso.com', 'work'])
    const changed = await client.sendEmail(HttpMethod.PATCH, item, { type: 'main' })
    assert.deepEqual([changed?.type, changed?.displayName, changed?.address], ['main', 'Desk', 'kim@contoso.com'])
  })

  it('sends back the model that it got with one member changed, once the audiences that it cannot read are given', async () => {
    const got = await client.get<ItemEmail>(item, createItemEmailFromDiscriminatorValue)
    assert.ok(got !== undefined)
    assert.deepEqual(got.allowedAudiences, [])
    const refused = await oDataErrorOf(client.sendEmail(HttpMethod.PATCH, item, { ...got, displayName: 'Front desk' }))
    assert.deepEqual([refused.responseStatusCode, refused.errorEscaped?.target], [400, 'allowedAudiences'])
    const changed = await client.sendEmail(HttpMethod.PATCH, item, { ...got, displayName: 'Front desk', allowedAudiences: ['me'] })
    assert.deepEqual([changed?.id, changed?.displayName], [got.id, 'Front desk'])
    assert.deepEqual([changed?.createdDateTime, changed?.inference?.confidenceScore], [got.createdDateTime, 0.25])
  })

  it('deletes it, after which it is an ODataError 404', async () => {
    assert.equal(await client.remove(item), undefined)
    const gone = client.get<ItemEmail>(item, createItemEmailFromDiscriminatorValue)
    assert.deepEqual(await refusalOf(gone), [404, 'ErrorItemNotFound'])
  })
})

describe('msgraph-beta-sdk on the list of emails', async () => {
  const client = betaClient(server, await kimsToken(server))
  const added = addresses(5)
  const list = (query = {}) =>
    client.get<ItemEmailCollectionResponse>(pageTemplate, createItemEmailCollectionResponseFromDiscriminatorValue, query)

  before(async () => {
    for (const [index, address] of added.entries())
      await client.sendEmail(HttpMethod.POST, index === 0 ? `${emails}/$ref` : emails, { odataType: '#microsoft.graph.itemEmail', address })
  })

  it('lists and counts all that were added, the first of them through $ref', async () => {
    assert.deepEqual(
      (await list())?.value?.map(({ address }) => address),
      added,
    )
    assert.equal(await client.count(emails), 5)
  })

  it('takes top, skip, select and count, and walks over the pages with its page iterator', async () => {
    const first = await list({ '%24top': 2, '%24count': true, '%24select': ['id', 'address'] })
    assert.equal(first?.odataCount, 5)
    assert.deepEqual(
      first?.value?.map(({ address, displayName }) => [address, displayName]),
      [
        [added[0], undefined],
        [added[1], undefined],
      ],
    )
    const seen: ItemEmail[] = []
    const page = { value: first?.value ?? [], odataNextLink: first?.odataNextLink ?? '' }
    await new PageIterator<ItemEmail>(
      client.adapter,
      page,
      (email) => seen.push(email) > 0,
      createItemEmailCollectionResponseFromDiscriminatorValue,
      errors,
    ).iterate()
    assert.deepEqual(
      seen.map(({ address }) => address),
      added,
    )
    assert.equal(seen.at(-1)?.type, undefined, 'the last page is selected like the first')
    assert.deepEqual(
      (await list({ '%24skip': 4 }))?.value?.map(({ address }) => address),
      [added[4]],
    )
  })

  it('gets the profile with its emails expanded, and empties it by deleting it', async () => {
    const path = 'users/me-token-to-replace/profile'
    const profile = await client.get<Profile>(`${path}{?%24expand}`, createProfileFromDiscriminatorValue, { '%24expand': ['emails'] })
    assert.equal(profile?.id, 'profileId')
    assert.deepEqual(
      profile?.emails?.map(({ address }) => address),
      added,
    )
    assert.equal(await client.remove(path), undefined)
    assert.equal(await client.count(emails), 0)
  })
})

describe('msgraph-beta-sdk on email methods', async () => {
  const body = { odataType: '#microsoft.graph.emailAuthenticationMethod', emailAddress: 'kim@home.example' }

  for (const [who, tokenOf, user] of [
    ['of its own user', kimsToken, 'me-token-to-replace'],
    ['of somebody else, for an administrator', administratorsToken, 'kim%40contoso.com'],
  ] as const) {
    it(`creates, counts, gets, updates and deletes the one ${who}; beta answers a PATCH with the method`, async () => {
      const client = betaClient(server, await tokenOf(server))
      const path = `users/${user}/authentication/emailMethods`
      const created = await client.sendMethod(HttpMethod.POST, path, body)
      assert.deepEqual([created?.id, created?.emailAddress], [emailMethodId, 'kim@home.example'])
      assert.equal(await client.count(path), 1)
      const item = `${path}/${emailMethodId}`
      const changed = await client.sendMethod(HttpMethod.PATCH, item, { emailAddress: 'kim@other.example' })
      assert.deepEqual([changed?.id, changed?.emailAddress], [emailMethodId, 'kim@other.example'])
      const got = await client.get<EmailAuthenticationMethod>(item, createEmailAuthenticationMethodFromDiscriminatorValue)
      assert.equal(got?.emailAddress, 'kim@other.example')
      const all = await client.get<EmailMethods>(path, createEmailAuthenticationMethodCollectionResponseFromDiscriminatorValue)
      assert.deepEqual(
        all?.value?.map(({ emailAddress }) => emailAddress),
        ['kim@other.example'],
      )
      const methods = await client.get<Methods>(`users/${user}/authentication/methods`, createMethodsFromDiscriminatorValue)
      assert.deepEqual(
        methods?.value?.map(({ odataType }) => odataType),
        [body.odataType],
      )
      await client.remove(item)
      assert.equal(await client.count(path), 0)
    })
  }
})

describe('msgraph-beta-sdk on people', async () => {
  const client = betaClient(server, await kimsToken(server))

  it('gets the signed-in user and the users of the tenant', async () => {
    const me = await client.get<User>('users/me-token-to-replace', createUserFromDiscriminatorValue)
    assert.deepEqual([me?.id, me?.displayName, me?.businessPhones], [personId('kim'), 'Kim Akers', []])
    const page = await client.get<UserCollectionResponse>('users', createUserCollectionResponseFromDiscriminatorValue)
    assert.deepEqual(
      page?.value?.map(({ userPrincipalName }) => userPrincipalName),
      Object.values(users)
        .filter(({ tenant }) => tenant === 'contoso')
        .map(({ principalName }) => principalName),
    )
  })

  it("gets those of somebody else's emails that are shown to the signed-in user", async () => {
    const lee = betaClient(server, await token(server, 'lee', { scope: 'User.ReadWrite' }))
    await lee.sendEmail(HttpMethod.POST, emails, { address: 'lee@contoso.com' })
    await lee.sendEmail(HttpMethod.POST, emails, { address: 'lee@home.example', allowedAudiences: ['me'] })
    const path = `users/${personId('lee')}/profile/emails`
    const shown = await client.get<ItemEmailCollectionResponse>(path, createItemEmailCollectionResponseFromDiscriminatorValue)
    assert.deepEqual(
      shown?.value?.map(({ address }) => address),
      ['lee@contoso.com'],
    )
    assert.deepEqual(await refusalOf(client.sendEmail(HttpMethod.POST, path, { address: 'a@b.example' })), [
      403,
      'ErrorAccessDeniedForRole',
    ])
  })
})

describe('msgraph-beta-sdk where the server refuses', async () => {
  const client = betaClient(server, await kimsToken(server))

  it('throws its ODataError with status, code, target, ids and date', async () => {
    const error = await oDataErrorOf(client.sendEmail(HttpMethod.POST, emails, { address: 'no address' }))
    const { code, target, innerError } = error.errorEscaped ?? {}
    assert.deepEqual([error.responseStatusCode, code, target], [400, 'badRequest', 'address'])
    assert.match(innerError?.requestId ?? '', guid)
    assert.ok(innerError?.date instanceof Date && !Number.isNaN(innerError.date.getTime()))
  })

  it('throws one for an item that nobody has, a wrong scope and a bad token', async () => {
    assert.deepEqual(await refusalOf(client.remove(`${emails}/${nobodysId}`)), [404, 'ErrorItemNotFound'])
    const narrow = betaClient(server, await token(server, 'kim', { scope: 'User.Read' }))
    assert.deepEqual(await refusalOf(narrow.sendEmail(HttpMethod.POST, emails, { address: 'a@b.example' })), [
      403,
      'ErrorInsufficientPermissionsInAccessToken',
    ])
    assert.deepEqual(await refusalOf(betaClient(server, 'x.y.z').count(emails)), [401, 'InvalidAuthenticationToken'])
  })
})
