/** `@odata.context`, `Location` and the other links: exactly as Graph writes them, and leading where they say. */

import assert from 'node:assert/strict'
import { get } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const policy = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Policy.Read.All'
const kims = `users('${personId('kim')}')`

describe('@odata.context', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true, wids: ['Global Reader'] })
  const { json: email } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' } })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })

  const contexts: Readonly<Record<string, string>> = {
    '/v1.0/me': 'users/$entity',
    '/beta/me': 'users/$entity',
    '/v1.0/users/kim@contoso.com': 'users/$entity',
    '/v1.0/users': 'users',
    '/v1.0/users?$select=id,displayName': 'users(id,displayName)',
    '/v1.0/users?$select=displayName, id': 'users(displayName,id)',
    '/v1.0/me?$select=DISPLAYNAME': 'users(displayName)/$entity',
    '/beta/me/profile': `${kims}/profile/$entity`,
    '/beta/me/profile?$select=id': `${kims}/profile(id)/$entity`,
    '/beta/users/kim@contoso.com/profile': "users('kim%40contoso.com')/profile/$entity",
    '/beta/me/profile/emails': `${kims}/profile/emails`,
    [`/beta/users/${personId('kim')}/profile/emails`]: `${kims}/profile/emails`,
    '/beta/users/me-token-to-replace/profile/emails': `${kims}/profile/emails`,
    '/beta/users/kim@contoso.com/profile/emails': "users('kim%40contoso.com')/profile/emails",
    '/beta/users/Kim%40Contoso.com/profile/emails': "users('Kim%40Contoso.com')/profile/emails",
    "/beta/users('kim@contoso.com')/profile/emails": "users('kim%40contoso.com')/profile/emails",
    '/beta/ME/PROFILE/EMAILS': `${kims}/profile/emails`,
    '/beta/me/profile/emails?$select=id,address': `${kims}/profile/emails(id,address)`,
    [`/beta/me/profile/emails/${email.id}`]: `${kims}/profile/emails/$entity`,
    [`/beta/me/profile/emails('${email.id}')?$select=type,address,type`]: `${kims}/profile/emails(type,address)/$entity`,
    '/v1.0/me/authentication': `${kims}/authentication/$entity`,
    '/v1.0/me/authentication/emailMethods': `${kims}/authentication/emailMethods`,
    '/beta/users/kim@contoso.com/authentication/emailmethods': "users('kim%40contoso.com')/authentication/emailMethods",
    '/v1.0/me/authentication/emailMethods?$select=emailAddress': `${kims}/authentication/emailMethods(emailAddress)`,
    [`/v1.0/me/authentication/emailMethods/${methodId}`]: `${kims}/authentication/emailMethods/$entity`,
    '/v1.0/me/authentication/methods': `${kims}/authentication/methods`,
    [`/v1.0/me/authentication/methods/${methodId}`]: `${kims}/authentication/methods/$entity`,
    [`/v1.0${policy}`]: 'authenticationMethodConfigurations/$entity',
    [`/beta${policy}?$select=state`]: 'authenticationMethodConfigurations(state)/$entity',
  }

  for (const [path, context] of Object.entries(contexts)) {
    it(`of ${path.replaceAll(email.id, '{id}')} is $metadata#${context}`, async () => {
      const { status, json, text } = await ask(server, `GET ${path}`, { token: kim })
      assert.equal(status, 200, text)
      assert.equal(json['@odata.context'], `${server.http}/${path.split('/')[1]}/$metadata#${context}`)
      assert.ok(text.startsWith('{"@odata.context":'), 'it comes first')
    })
  }

  it('names the origin that was called: https over TLS, and the loopback name that the client used', async () => {
    const port = new URL(server.http).port
    const { json } = await ask({ http: `http://127.0.0.1:${port}` }, 'GET /v1.0/me', { token: kim })
    assert.equal(json['@odata.context'], `http://127.0.0.1:${port}/v1.0/$metadata#users/$entity`)
  })

  it('names no other host, whatever the Host header says', async () => {
    for (const host of ['graph.microsoft.com', 'localhost.example.org', 'localhost:1@example.org']) {
      const text = await askAsHost(`${server.http}/v1.0/me`, host, kim)
      assert.equal(JSON.parse(text)['@odata.context'], `${server.http}/v1.0/$metadata#users/$entity`)
    }
  })

  it('is that of the entity for what a POST or PATCH answers', async () => {
    const { json: created } = await ask(server, 'POST /beta/me/profile/emails/$ref', { token: kim, body: { address: 'kim@contoso.com' } })
    assert.equal(created['@odata.context'], `${server.http}/beta/$metadata#${kims}/profile/emails/$entity`)
    const { json: changed } = await ask(server, `PATCH /beta/users/kim@contoso.com/profile/emails/${created.id}`, { token: kim, body: {} })
    assert.equal(changed['@odata.context'], `${server.http}/beta/$metadata#users('kim%40contoso.com')/profile/emails/$entity`)
  })
})

describe('@odata.context with SELFGRAPH_PUBLIC_URL', async () => {
  const server = await startServer({ settings: { SELFGRAPH_PUBLIC_URL: 'https://graph.example.org/' } })
  const kim = await token(server, 'kim', { scope, mfa: true })

  it('and Location begin with that URL', async () => {
    const { json, headers } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' } })
    assert.equal(json['@odata.context'], `https://graph.example.org/beta/$metadata#${kims}/profile/emails/$entity`)
    assert.equal(headers.get('location'), `https://graph.example.org/beta/${kims}/profile/emails('${json.id}')`)
  })
})

describe('Location of what was created', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true })

  const creations = {
    '/beta/me/profile/emails': { address: 'kim@contoso.com' },
    '/beta/users/kim@contoso.com/profile/emails': { address: 'kim@contoso.com' },
    '/beta/me/profile/emails/$ref': { address: 'kim@contoso.com' },
    '/v1.0/users/kim@contoso.com/authentication/emailMethods': { emailAddress: 'kim@contoso.com' },
  }
  for (const [path, body] of Object.entries(creations)) {
    it(`is absolute and leads to the item after POST ${path}`, async () => {
      const { status, headers, json } = await ask(server, `POST ${path}`, { token: kim, body })
      assert.equal(status, 201)
      const location = headers.get('location') ?? ''
      assert.ok(location.startsWith(`${server.http}/`), location)
      const got = await ask({ http: '' }, `GET ${location}`, { token: kim })
      assert.equal(got.status, 200)
      const { '@odata.type': _, ...item } = json
      assert.deepEqual(got.json, item)
    })
  }

  it('is absent where nothing was created', async () => {
    assert.equal((await ask(server, 'GET /beta/me/profile/emails', { token: kim })).headers.get('location'), null)
    const again = await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
    assert.deepEqual([again.status, again.headers.get('location')], [409, null])
  })
})

/** `fetch` sends no Host but the right one. */
function askAsHost(url: string, host: string, bearer: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { Host: host, Authorization: `Bearer ${bearer}` } }, (response) => resolve(readText(response))).on('error', reject)
  })
}
