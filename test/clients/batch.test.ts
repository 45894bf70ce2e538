/** The batches of the official clients, as each of them writes and reads them. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HttpMethod, RequestInformation } from '@microsoft/kiota-abstractions'
import { BatchRequestContent, type BatchRequestStep, BatchResponseContent } from '@microsoft/microsoft-graph-client'
import { GraphRequestAdapter } from '@microsoft/msgraph-sdk'
import { createODataErrorFromDiscriminatorValue } from '@microsoft/msgraph-sdk/models/oDataErrors/index.js'
import { BatchRequestContent as SdkBatch } from '@microsoft/msgraph-sdk-core'
import { type GraphFI, GraphQueryable, graphDelete, graphGet, graphPatch, graphPost } from '@pnp/graph'
import '@pnp/graph/batching.js'
import { body } from '@pnp/queryable'
import type { Json } from '../support/ask.ts'
import { kimsToken, startTrustedServer } from '../support/clients.ts'
import { graphClient, graphErrorOf } from '../support/clients-graph-client.ts'
import { authentication, refusalOf } from '../support/clients-kiota.ts'
import { httpRefusalOf, pnp } from '../support/clients-pnp.ts'
import { personId } from '../support/tenants.ts'

// The package declares it for `./fi`, a path that Node's module resolution doesn't find.
declare module '@pnp/graph/fi.js' {
  interface GraphFI {
    batched(): [GraphFI, () => Promise<void>]
  }
}

const jsonOf = async (response: Response): Promise<Json> => response.json()

// The groups take turns on it.
const server = await startTrustedServer()
const kim = await kimsToken(server)

describe('microsoft-graph-client with BatchRequestContent', () => {
  const client = graphClient(server, kim, 'v1.0')
  const emails = `${server.https}/beta/me/profile/emails`
  const step = (id: string, url: string, init: RequestInit = {}, dependsOn?: string[]): BatchRequestStep => ({
    id,
    request: new Request(url, init),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  })
  const post = (address: string): RequestInit => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ address }),
  })
  const send = async (steps: BatchRequestStep[]) =>
    new BatchResponseContent(await client.api('/$batch').post(await new BatchRequestContent(steps).getContent()))

  it('reads and writes in one request, each step in the version that its URL names', async () => {
    const answers = await send([
      step('me', `${server.https}/v1.0/me`),
      step('mine', emails, post('kim@contoso.com')),
      step('count', `${emails}/$count`),
    ])
    assert.equal((await jsonOf(answers.getResponseById('me'))).id, personId('kim'))
    const mine = answers.getResponseById('mine')
    assert.deepEqual([mine.status, (await jsonOf(mine)).address], [201, 'kim@contoso.com'])
    assert.equal(answers.getResponseById('count').status, 200)
    assert.match(await answers.getResponseById('count').text(), /^[01]$/)
  })

  it('has its steps run one after the other with dependsOn, and 424 for those behind one that failed', async () => {
    const added = await send([step('1', emails, post('first@contoso.com'))])
    const { id } = await jsonOf(added.getResponseById('1'))
    const good = await send([step('1', `${emails}/${id}`, { method: 'DELETE' }), step('2', `${emails}/${id}`, {}, ['1'])])
    assert.deepEqual([good.getResponseById('1').status, good.getResponseById('2').status], [204, 404])
    const bad = await send([
      step('1', `${emails}/${id}`),
      step('2', emails, post('never@contoso.com'), ['1']),
      step('3', emails, {}, ['2']),
    ])
    assert.deepEqual(
      [...bad.getResponses().values()].map(({ status }) => status),
      [404, 424, 424],
    )
    assert.equal((await jsonOf(bad.getResponseById('3'))).error.code, 'FailedDependency')
  })

  it('throws a GraphError where the batch cannot be read', async () => {
    const one = { id: 'a', method: 'GET', url: '/me' }
    const error = await graphErrorOf(client.api('/$batch').post({ requests: [one, { ...one, id: 'A' }] }))
    assert.deepEqual([error.statusCode, error.code], [400, 'BadRequest'])
  })
})

describe('msgraph-sdk with BatchRequestContent', () => {
  const adapter = new GraphRequestAdapter(authentication(kim))
  adapter.baseUrl = `${server.https}/v1.0`
  const errors = { XXX: createODataErrorFromDiscriminatorValue }
  const information = (method: HttpMethod, path: string) => new RequestInformation(method, `{+baseurl}${path}`)

  it('gets the status of each request, and of a token that is bad an ODataError', async () => {
    const content = new SdkBatch(adapter, errors)
    content.addBatchRequest(information(HttpMethod.GET, '/users/TokenToReplace'), 'me')
    content.addBatchRequest(information(HttpMethod.GET, '/me/authentication/emailMethods'), 'methods')
    content.addBatchRequest(information(HttpMethod.GET, '/nothing'), 'nothing')
    const answers = await content.postAsync()
    assert.deepEqual(
      ['me', 'methods', 'nothing'].map((id) => answers?.getResponseById(id)?.status),
      [200, 200, 400],
    )
    const stranger = new GraphRequestAdapter(authentication('x.y.z'))
    stranger.baseUrl = adapter.baseUrl
    const refused = new SdkBatch(stranger, errors)
    refused.addBatchRequest(information(HttpMethod.GET, '/me'), 'me')
    assert.deepEqual(await refusalOf(refused.postAsync()), [401, 'InvalidAuthenticationToken'])
  })

  it('loses the headers of a write and sends its body in base64, which is a 400 of that request alone', async () => {
    const content = new SdkBatch(adapter, errors)
    const write = information(HttpMethod.POST, '/me/authentication/emailMethods')
    write.setStreamContent(new TextEncoder().encode('{"emailAddress":"kim@home.example"}').buffer, 'application/json')
    content.addBatchRequest(write, 'write')
    content.addBatchRequest(information(HttpMethod.GET, '/me'), 'me')
    const answers = await content.postAsync()
    assert.deepEqual([answers?.getResponseById('write')?.status, answers?.getResponseById('me')?.status], [400, 200])
  })
})

describe('pnp with batched()', () => {
  const graph = pnp(server, kim, 'beta')
  const emails = (from: GraphFI, path = '') => GraphQueryable(from.me, `profile/emails${path}`)

  it('creates, gets, changes and deletes in batches, each promise with the answer of its own request', async () => {
    const [adding, add] = graph.batched()
    const created = ['one@contoso.com', 'two@contoso.com'].map((address) => graphPost<Json>(emails(adding), body({ address })))
    const me = graphGet<Json>(GraphQueryable(adding.me))
    await add()
    const [one, two] = await Promise.all(created)
    assert.deepEqual([one.address, two.address, (await me).id], ['one@contoso.com', 'two@contoso.com', personId('kim')])
    const [changing, change] = graph.batched()
    const changed = graphPatch<Json>(emails(changing, `/${one.id}`), body({ displayName: 'One' }))
    const deleted = graphDelete(emails(changing, `/${two.id}`))
    await change()
    assert.equal((await changed).displayName, 'One')
    assert.deepEqual(await deleted, {})
    const { status } = await httpRefusalOf(graphGet(emails(graph, `/${two.id}`)))
    assert.equal(status, 404)
  })

  it('throws the HttpRequestError of the request that was refused, and gives the others their answers', async () => {
    const [batched, execute] = graph.batched()
    const refused = httpRefusalOf(graphPost(emails(batched), body({ address: 'no address' })))
    const me = graphGet<Json>(GraphQueryable(batched.me))
    await execute()
    const { status, error } = await refused
    assert.deepEqual([status, error.code, error.target], [400, 'badRequest', 'address'])
    assert.equal((await me).id, personId('kim'))
  })

  it('splits more than twenty into batches of twenty', async () => {
    const [batched, execute] = graph.batched()
    const all = Array.from({ length: 25 }, () => graphGet<Json>(GraphQueryable(batched.me)))
    await execute()
    assert.deepEqual(new Set((await Promise.all(all)).map(({ id }) => id)), new Set([personId('kim')]))
  })
})
