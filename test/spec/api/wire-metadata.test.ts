/** `odata.metadata=none|minimal|full` on everything that is served. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Policy.Read.All'

/** Path, type of the item or items, and whether minimal metadata says the type: where it is not the declared one. */
const things = [
  ['/v1.0/me', 'user', false],
  ['/v1.0/users/lee@contoso.com', 'user', false],
  ['/v1.0/users', 'user', false],
  ['/beta/me/profile', 'profile', false],
  ['/beta/me/profile?$expand=emails', 'profile', false],
  ['/beta/me/profile/emails', 'itemEmail', false],
  ['/beta/me/profile/emails/{email}', 'itemEmail', false],
  ['/beta/me/profile/emails?$select=address,allowedAudiences', 'itemEmail', false],
  ['/v1.0/me/authentication', 'authentication', false],
  ['/v1.0/me/authentication/emailMethods', 'emailAuthenticationMethod', false],
  [`/v1.0/me/authentication/emailMethods/${methodId}`, 'emailAuthenticationMethod', false],
  ['/v1.0/me/authentication/methods', 'emailAuthenticationMethod', true],
  [`/v1.0/me/authentication/methods/${methodId}`, 'emailAuthenticationMethod', true],
  ['/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email', 'emailAuthenticationMethodConfiguration', true],
] as const

const accept = (metadata: string) => ({ Accept: `application/json;odata.metadata=${metadata}` })
const contentType = (metadata: string) =>
  `application/json;odata.metadata=${metadata};odata.streaming=true;IEEE754Compatible=false;charset=utf-8`

describe('odata.metadata', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true, wids: ['Global Reader'] })
  const inference = { confidenceScore: 1, userHasVerifiedAccuracy: true }
  const { json: email } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com', inference } })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
  const get = (path: string, metadata: string) =>
    ask(server, `GET ${path.replace('{email}', email.id)}`, { token: kim, headers: accept(metadata) })
  const itemsOf = (json: Json): readonly Json[] => json.value ?? [json]

  for (const [path, type, declared] of things) {
    it(`minimal: GET ${path} has its context, and ${declared ? 'says' : 'does not say'} the type of an item`, async () => {
      const { status, headers, json } = await get(path, 'minimal')
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), contentType('minimal'))
      assert.equal(typeof json['@odata.context'], 'string')
      for (const item of itemsOf(json)) assert.equal(item['@odata.type'], declared ? `#microsoft.graph.${type}` : undefined)
    })

    it(`none: GET ${path} has no control information at all, and the same members`, async () => {
      const [{ status, headers, json, text }, { json: minimal }] = await Promise.all([get(path, 'none'), get(path, 'minimal')])
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), contentType('none'))
      assert.doesNotMatch(text, /"[^"]*@odata\.[^"]*":/)
      assert.deepEqual(json, plain(minimal))
    })

    it(`full: GET ${path} says type, id and edit link of each item, which lead to it`, async () => {
      const [{ status, headers, json }, { json: minimal }] = await Promise.all([get(path, 'full'), get(path, 'minimal')])
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), contentType('full'))
      assert.equal(json['@odata.context'], minimal['@odata.context'])
      assert.deepEqual(plain(json), plain(minimal))
      for (const item of itemsOf(json)) {
        assert.equal(item['@odata.type'], `#microsoft.graph.${type}`)
        assert.equal(item['@odata.editLink'], item['@odata.id'])
        const url = new URL(item['@odata.id'], json['@odata.context'])
        assert.equal((await ask({ http: '' }, `GET ${url.href}`, { token: kim })).status, 200, url.href)
      }
    })
  }

  it('full: tells the types that the JSON value does not', async () => {
    const { json } = await get('/beta/me/profile/emails/{email}', 'full')
    assert.equal(json['createdDateTime@odata.type'], '#DateTimeOffset')
    assert.equal(json['type@odata.type'], '#microsoft.graph.emailType')
    assert.equal(json['allowedAudiences@odata.type'], '#microsoft.graph.allowedAudiences')
    assert.equal(json['address@odata.type'], undefined)
    assert.equal(json.inference['@odata.type'], '#microsoft.graph.inferenceData')
    assert.equal(json.createdBy['@odata.type'], '#microsoft.graph.identitySet')
    assert.equal(json.createdBy.user['@odata.type'], '#microsoft.graph.identity')
    const { json: user } = await get('/v1.0/me', 'full')
    assert.equal(user['businessPhones@odata.type'], '#Collection(String)')
  })

  it('full: gives types and links to expanded emails too', async () => {
    const { json } = await get('/beta/me/profile?$expand=emails', 'full')
    assert.equal(json.emails[0]['@odata.type'], '#microsoft.graph.itemEmail')
    assert.ok(json.emails[0]['@odata.id'].endsWith(`/profile/emails('${email.id}')`))
  })

  it('none: leaves count and next link in their places', async () => {
    const { json } = await get('/v1.0/users?$count=true&$top=1', 'none')
    assert.deepEqual(Object.keys(json), ['@odata.count', '@odata.nextLink', 'value'])
  })

  it('counts for what is written as well', async () => {
    const create = (metadata: string) =>
      ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' }, headers: accept(metadata) })
    assert.doesNotMatch((await create('none')).text, /@odata\./)
    assert.equal((await create('full')).json['@odata.editLink'].includes('/profile/emails('), true)
    const changed = await ask(server, `PATCH /beta/me/profile/emails/${email.id}`, { token: kim, body: {}, headers: accept('none') })
    assert.equal(changed.headers.get('content-type'), contentType('none'))
  })

  for (const header of [
    '*/*',
    'application/json',
    'application/json;q=0.9, text/plain',
    'application/json;odata.streaming=true',
    'text/html',
  ])
    it(`is minimal for Accept: ${header}`, async () => {
      const { status, headers } = await ask(server, 'GET /v1.0/me', { token: kim, headers: { Accept: header } })
      assert.deepEqual([status, headers.get('content-type')], [200, contentType('minimal')])
    })

  it('may be written without odata. and in quotes', async () => {
    for (const header of [
      'application/json;metadata=none',
      'application/json; odata.metadata="none"',
      'APPLICATION/JSON;ODATA.METADATA=NONE',
    ])
      assert.equal(
        (await ask(server, 'GET /v1.0/me', { token: kim, headers: { Accept: header } })).headers.get('content-type'),
        contentType('none'),
      )
  })

  it('of another name is a 406', async () => {
    assertRefused(await get('/v1.0/me', 'verbose'), 406, 'NotAcceptable', 'Accept')
  })
})

/** A JSON value without control information, but for count and next link. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !/@odata\.(context|type|id|etag|editLink)$/.test(name))
      .map(([name, member]) => [name, plain(member)]),
  )
}
