/** `@pnp/graph`, which sends `Content-Type: application/json` with every request, those without a body included. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  ConsistencyLevel,
  GraphCollection,
  type GraphFI,
  GraphQueryable,
  graphDelete,
  graphGet,
  graphPatch,
  graphPost,
  graphPut,
  Paged,
} from '@pnp/graph'
import { body, headers, TextParse } from '@pnp/queryable'
import type { Json } from '../support/ask.ts'
import {
  addresses,
  administratorsToken,
  emailMethodId,
  guid,
  kimsToken,
  policyAdministratorsToken,
  policyPath,
  startTrustedServer,
} from '../support/clients.ts'
import { httpRefusalOf, pnp } from '../support/clients-pnp.ts'
import { token } from '../support/server.ts'
import { personId, users } from '../support/tenants.ts'
import { untagged } from '../support/untagged.ts'

// The groups take turns on it.
const server = await startTrustedServer()

const email = (graph: GraphFI, path = '') => GraphQueryable(graph.me, `profile/emails${path}`)

describe('pnp on one email of a profile', async () => {
  const graph = pnp(server, await kimsToken(server), 'beta')
  let created: Json
  before(async () => {
    created = await graphPost<Json>(email(graph), body({ address: 'kim@contoso.com', type: 'work', allowedAudiences: 'me, family' }))
  })

  it('creates it with graphPost and gets the whole itemEmail back', () => {
    assert.match(created.id, guid)
    assert.equal(created['@odata.type'], '#microsoft.graph.itemEmail')
    assert.deepEqual([created.address, created.type, created.allowedAudiences], ['kim@contoso.com', 'work', 'family'])
    assert.equal(created.createdBy.user.id, personId('kim'))
  })

  it('gets it with graphGet, and with select the chosen members alone', async () => {
    const got = await graphGet<Json>(email(graph, `/${created.id}`))
    assert.deepEqual([got.id, got.address, got.createdDateTime], [created.id, 'kim@contoso.com', created.createdDateTime])
    const chosen = await graphGet<Json>(email(graph, `/${created.id}`).select('id', 'address'))
    assert.deepEqual(Object.keys(untagged(chosen)), ['@odata.context', 'id', 'address'])
  })

  it('changes it with graphPatch, and gets nothing where it prefers so', async () => {
    const changed = await graphPatch<Json>(email(graph, `/${created.id}`), body({ displayName: 'Desk' }))
    assert.deepEqual([changed.displayName, changed.address], ['Desk', 'kim@contoso.com'])
    const minimal = body({ type: 'other' }, headers({ Prefer: 'return=minimal' }))
    assert.deepEqual(await graphPatch(email(graph, `/${created.id}`), minimal), {})
    assert.equal((await graphGet<Json>(email(graph, `/${created.id}`))).type, 'other')
  })

  it('deletes it with graphDelete, after which it is an HttpRequestError 404', async () => {
    assert.deepEqual(await graphDelete(email(graph, `/${created.id}`)), {})
    const { status, error } = await httpRefusalOf(graphGet(email(graph, `/${created.id}`)))
    assert.deepEqual([status, error.code], [404, 'ErrorItemNotFound'])
  })

  it('throws an HttpRequestError with the member at fault in its body, and one for a bad token', async () => {
    const { status, error } = await httpRefusalOf(graphPost(email(graph), body({ address: 'no address' })))
    assert.deepEqual([status, error.code, error.target], [400, 'badRequest', 'address'])
    assert.match(error.innerError['request-id'], guid)
    const stranger = await httpRefusalOf(graphGet(email(pnp(server, 'x.y.z', 'beta'))))
    assert.deepEqual([stranger.status, stranger.error.code], [401, 'InvalidAuthenticationToken'])
  })
})

describe('pnp on the list of emails', async () => {
  const graph = pnp(server, await kimsToken(server), 'beta')
  const emails = () => GraphCollection(graph.me, 'profile/emails')
  const added = addresses(5)
  before(async () => {
    for (const [index, address] of added.entries()) await graphPost(index === 0 ? email(graph, '/$ref') : email(graph), body({ address }))
  })

  it('lists and counts all that were added, the first of them through $ref', async () => {
    assert.deepEqual(addressesOf(await emails()()), added)
    assert.equal(await email(graph, '/$count').using(TextParse())(), '5')
  })

  it('takes top, skip and select, and reads the count and the next link with Paged', async () => {
    const some = emails().top(2).skip(1).select('address')
    some.query.set('$count', 'true')
    const page: Json = await some.using(Paged(true))()
    assert.deepEqual(untagged(page.value), [{ address: added[1] }, { address: added[2] }])
    assert.deepEqual([page.count, page.hasNext], [5, true])
    assert.ok(page.nextLink.startsWith(`${server.https}/beta/`))
  })

  it('walks over all pages with for await, each item once and in order', async () => {
    const pages: string[][] = []
    for await (const page of emails().top(2).select('address') as AsyncIterable<{ address: string }[]>)
      pages.push(page.map(({ address }) => address))
    assert.deepEqual(pages, [added.slice(0, 2), added.slice(2, 4), added.slice(4)])
  })

  it('gets the profile with its emails expanded, and empties it by deleting it', async () => {
    const profile = await graphGet<Json>(GraphQueryable(graph.me, 'profile').expand('emails'))
    assert.equal(profile.id, 'profileId')
    assert.deepEqual(addressesOf(profile.emails), added)
    await graphDelete(GraphQueryable(graph.me, 'profile'))
    assert.deepEqual(await emails()(), [])
  })
})

describe('pnp on email methods', async () => {
  const kim = pnp(server, await kimsToken(server), 'v1.0')
  const admin = pnp(server, await administratorsToken(server), 'v1.0')

  for (const [whose, person] of [
    ['its own user', () => kim.me],
    ['somebody else, for an administrator', () => admin.users.getById('kim@contoso.com')],
  ] as const) {
    it(`creates, lists, counts, gets, updates and deletes that of ${whose}`, async () => {
      const methods = (path = '') => GraphQueryable(person(), `authentication/emailMethods${path}`)
      const one = { id: emailMethodId, emailAddress: 'kim@home.example' }
      const created = await graphPost<Json>(methods(), body({ emailAddress: 'kim@home.example' }))
      assert.deepEqual([created.id, created.emailAddress], [one.id, one.emailAddress])
      assert.deepEqual(untagged(await graphGet(methods())), [one])
      assert.equal(await methods('/$count').using(TextParse())(), '1')
      const all = await graphGet<Json>(GraphQueryable(person(), 'authentication/methods'))
      assert.deepEqual(untagged(all), [{ '@odata.type': '#microsoft.graph.emailAuthenticationMethod', ...one }])
      assert.deepEqual(await graphPatch(methods(`/${emailMethodId}`), body({ emailAddress: 'kim@other.example' })), {})
      assert.equal((await graphGet<Json>(methods(`/${emailMethodId}`))).emailAddress, 'kim@other.example')
      const put = await graphPut<Json>(methods(`/${emailMethodId}`), body({ emailAddress: 'kim@third.example' }))
      assert.equal(put.emailAddress, 'kim@third.example')
      assert.deepEqual(await graphDelete(methods(`/${emailMethodId}`)), {})
      assert.deepEqual(await graphGet(methods()), [])
    })
  }

  it('throws an HttpRequestError for a second one, for a target out of reach, and for an own one without MFA', async () => {
    const methodsOf = (graph: GraphFI, key: string) => GraphQueryable(graph.users.getById(key), 'authentication/emailMethods')
    const add = (graph: GraphFI, key: string) => graphPost(methodsOf(graph, key), body({ emailAddress: 'some@home.example' }))
    await add(admin, 'lee@contoso.com')
    const second = await httpRefusalOf(add(admin, personId('lee')))
    assert.deepEqual([second.status, second.error.code], [409, 'conflict'])
    const beyond = await httpRefusalOf(add(admin, 'globaladmin@contoso.com'))
    assert.deepEqual([beyond.status, beyond.error.code], [403, 'accessDenied'])
    const withoutMfa = pnp(server, await kimsToken(server, { mfa: false }), 'v1.0')
    const refused = await httpRefusalOf(add(withoutMfa, personId('kim')))
    assert.deepEqual([refused.status, refused.error.code], [403, 'accessDenied'])
  })
})

describe("pnp on users and on the email method's policy", async () => {
  const graph = pnp(server, await token(server, 'kim', { scope: 'User.Read.All' }), 'v1.0')
  const contoso = Object.values(users).filter(({ tenant }) => tenant === 'contoso')

  it('gets the signed-in user, somebody else, and walks over the users of the tenant', async () => {
    const me = await graph.me()
    assert.deepEqual([me.id, me.displayName], [personId('kim'), 'Kim Akers'])
    assert.equal((await graph.users.getById('lee@contoso.com').select('id')()).id, personId('lee'))
    const names: (string | null | undefined)[] = []
    for await (const page of graph.users.top(3)) names.push(...page.map(({ userPrincipalName }) => userPrincipalName))
    assert.deepEqual(
      names,
      contoso.map(({ principalName }) => principalName),
    )
    const counted = GraphQueryable(graph.users, '$count').using(ConsistencyLevel(), TextParse())
    assert.equal(await counted(), String(contoso.length))
  })

  it('gets the policy, changes it, and goes back to the default by deleting', async () => {
    const administrators = pnp(server, await policyAdministratorsToken(server), 'v1.0')
    const policy = () => GraphQueryable([administrators.me, policyPath])
    const usual = await graphGet<Json>(policy())
    assert.deepEqual([usual.id, usual.state], ['Email', 'enabled'])
    assert.deepEqual(await graphPatch(policy(), body({ '@odata.type': usual['@odata.type'], state: 'disabled' })), {})
    assert.deepEqual(untagged(await graphGet(policy())), untagged({ ...usual, state: 'disabled' }))
    assert.deepEqual(await graphDelete(policy()), {})
    assert.deepEqual(await graphGet(policy()), usual)
  })
})

function addressesOf(emails: readonly { address: string }[]): readonly string[] {
  return emails.map(({ address }) => address)
}
