/** What each official client has for OData's query options and for pages, on the same emails and users. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Headers as KiotaHeaders } from '@microsoft/kiota-abstractions'
import { PageIterator as GraphClientPages } from '@microsoft/microsoft-graph-client'
import {
  createItemEmailCollectionResponseFromDiscriminatorValue,
  type ItemEmail,
  type ItemEmailCollectionResponse,
} from '@microsoft/msgraph-beta-sdk/models/index.js'
import { createGraphServiceClient, GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import { createUserCollectionResponseFromDiscriminatorValue, type User } from '@microsoft/msgraph-sdk/models/index.js'
import { PageIterator as KiotaPages } from '@microsoft/msgraph-sdk-core'
import '@microsoft/msgraph-sdk-users'
import { ConsistencyLevel, GraphCollection, GraphQueryable, graphGet } from '@pnp/graph'
import { TextParse } from '@pnp/queryable'
import type { Json } from '../support/ask.ts'
import { administratorsToken, startTrustedServer } from '../support/clients.ts'
import { betaClient, errors } from '../support/clients-beta-sdk.ts'
import { graphClient, graphErrorOf } from '../support/clients-graph-client.ts'
import { authentication, refusalOf } from '../support/clients-kiota.ts'
import { httpRefusalOf, pnp } from '../support/clients-pnp.ts'
import { patsToken, putPat } from '../support/queries.ts'

// The groups take turns on it.
const server = await startTrustedServer()
await putPat(server)
const pats = await patsToken(server, { scope: 'User.ReadWrite User.Read.All' })
const administrators = await administratorsToken(server)

const contosos = "endswith(address,'@contoso.com') and type ne 'main'"
const byAddress = ['e+e@contoso.com', 'bert@contoso.com', 'Anna@contoso.com']
const addressesOf = (items: readonly { readonly address?: string | null }[]) => items.map(({ address }) => address)
const namesOf = (items: readonly { readonly userPrincipalName?: string | null }[]) =>
  items.map(({ userPrincipalName }) => userPrincipalName)

describe('microsoft-graph-client with query options', () => {
  const beta = graphClient(server, pats, 'beta')
  const filtered = () => beta.api('/me/profile/emails').filter(contosos).orderby('address desc')

  it('filters, sorts, selects and counts emails, and walks over the pages with its PageIterator', async () => {
    const first = await filtered().select(['address', 'type']).top(2).count(true).get()
    assert.equal(first['@odata.count'], 3)
    assert.deepEqual(addressesOf(first.value), byAddress.slice(0, 2))
    const seen: Json[] = []
    await new GraphClientPages(beta, first, (item: Json) => seen.push(item) > 0).iterate()
    assert.deepEqual(addressesOf(seen), byAddress)
  })

  it('skips, searches, and counts by /$count', async () => {
    assert.deepEqual(addressesOf((await filtered().skip(1).get()).value), byAddress.slice(1))
    assert.deepEqual(addressesOf((await beta.api('/me/profile/emails').search('"displayName:joan"').get()).value), ['d.arc@fabrikam.com'])
    assert.equal(await beta.api('/me/profile/emails/$count').filter(contosos).get(), '3')
  })

  it('expands with options inside, from a profile and from users', async () => {
    const profile = await beta.api('/me/profile').expand("emails($filter=type eq 'work';$select=address;$orderby=address)").get()
    assert.deepEqual(addressesOf(profile.emails), ['Anna@contoso.com', 'e+e@contoso.com'])
    const v1 = graphClient(server, administrators, 'v1.0')
    const { value } = await v1.api('/users').filter("startswith(displayName,'pat')").expand('authentication($expand=emailMethods)').get()
    assert.deepEqual(value[0].authentication.emailMethods, [])
  })

  it('asks of users what needs its header, and is told so in a GraphError without', async () => {
    const asked = () => graphClient(server, pats, 'v1.0').api('/users').search('"displayName:kim"').orderby('displayName')
    assert.deepEqual(namesOf((await asked().header('ConsistencyLevel', 'eventual').get()).value), ['kim@contoso.com'])
    const error = await graphErrorOf(asked().get())
    assert.deepEqual([error.statusCode, error.code], [400, 'Request_UnsupportedQuery'])
  })
})

describe('msgraph-sdk with query parameters', () => {
  const adapterOf = (bearer: string) => {
    const adapter = new GraphRequestAdapter(authentication(bearer))
    adapter.baseUrl = `${server.https}/v1.0`
    return adapter
  }
  const adapter = adapterOf(pats)
  const client = createGraphServiceClient(adapter)
  const headers = { ConsistencyLevel: ['eventual'] }

  it('filters, sorts, selects and counts users, and walks over the pages with its PageIterator', async () => {
    const queryParameters = {
      filter: "not startswith(displayName,'p')",
      orderby: ['displayName desc'],
      select: ['userPrincipalName'],
      top: 3,
      count: true,
    }
    const first = await client.users.get({ queryParameters, headers })
    assert.equal(first?.odataCount, 7)
    assert.equal(first.value?.length, 3)
    const seen: User[] = []
    const page = { value: first.value ?? [], odataNextLink: first.odataNextLink ?? '' }
    const pages = new KiotaPages<User>(
      adapter,
      page,
      (user) => seen.push(user) > 0,
      createUserCollectionResponseFromDiscriminatorValue,
      errors,
      {
        headers: new KiotaHeaders([['ConsistencyLevel', new Set(['eventual'])]]),
      },
    )
    await pages.iterate()
    const names = namesOf(seen)
    assert.deepEqual([names.length, names[0], names.at(-1)], [7, 'useradmin@contoso.com', 'authadmin@contoso.com'])
  })

  it('searches and counts users', async () => {
    const found = await client.users.get({ queryParameters: { search: '"displayName:kim" OR "displayName:lee"' }, headers })
    assert.deepEqual(namesOf(found?.value ?? []), ['kim@contoso.com', 'lee@contoso.com'])
    assert.equal(await client.users.count.get({ queryParameters: { filter: "startswith(displayName,'kim')" }, headers }), 1)
    assert.deepEqual(await refusalOf(client.users.get({ queryParameters: { filter: 'nothing eq 1' } })), [400, 'Request_BadRequest'])
  })

  it('expands the methods of users for an administrator, as models', async () => {
    const expand = ['authentication($expand=emailMethods)']
    const found = await createGraphServiceClient(adapterOf(administrators)).users.get({ queryParameters: { expand, top: 2 } })
    assert.equal(found?.value?.length, 2)
    for (const user of found.value) assert.deepEqual(user.authentication?.emailMethods, [])
  })
})

describe('msgraph-beta-sdk with query parameters', () => {
  it('filters, sorts and searches emails, and walks over the pages with the page iterator', async () => {
    const client = betaClient(server, pats)
    const template = 'me/profile/emails{?%24filter,%24orderby,%24search,%24top}'
    const first = await client.get<ItemEmailCollectionResponse>(template, createItemEmailCollectionResponseFromDiscriminatorValue, {
      '%24filter': contosos,
      '%24orderby': ['address desc', 'id'],
      '%24search': 'NOT nobody',
      '%24top': 2,
    })
    const seen: ItemEmail[] = []
    const page = { value: first?.value ?? [], odataNextLink: first?.odataNextLink ?? '' }
    await new KiotaPages<ItemEmail>(
      client.adapter,
      page,
      (email) => seen.push(email) > 0,
      createItemEmailCollectionResponseFromDiscriminatorValue,
      errors,
    ).iterate()
    assert.deepEqual(addressesOf(seen), byAddress)
  })
})

describe('pnp with query options', () => {
  const graph = pnp(server, pats, 'beta')
  const emails = () => GraphCollection(graph.me, 'profile/emails').filter(contosos).orderBy('address', false)

  it('filters, sorts and selects emails, and walks over the pages with for await', async () => {
    const pages: (string | null | undefined)[][] = []
    for await (const page of emails().select('address').top(2) as AsyncIterable<ItemEmail[]>) pages.push(addressesOf(page))
    assert.deepEqual(pages, [byAddress.slice(0, 2), byAddress.slice(2)])
    assert.deepEqual(addressesOf(await emails().skip(2)()), byAddress.slice(2))
  })

  it('expands with options inside, and counts by /$count', async () => {
    const profile = await graphGet<Json>(GraphQueryable(graph.me, 'profile').expand('emails($orderby=address;$top=1)'))
    assert.deepEqual(addressesOf(profile.emails), ['Anna@contoso.com'])
    const counted = GraphQueryable(graph.me, 'profile/emails/$count').using(TextParse())
    counted.query.set('$filter', contosos)
    assert.equal(await counted(), '3')
  })

  it('searches users with its ConsistencyLevel behavior, and gets an HttpRequestError for a slip', async () => {
    const found = await graph.users.using(ConsistencyLevel()).search('"displayName:kim"')()
    assert.deepEqual(namesOf(found), ['kim@contoso.com'])
    const { status, error } = await httpRefusalOf(graph.users.filter('nothing eq 1')())
    assert.deepEqual([status, error.target], [400, '$filter'])
  })
})
