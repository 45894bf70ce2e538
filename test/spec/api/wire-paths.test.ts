/** How a path may be written, and what becomes of one that leads nowhere. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const id = personId('kim')

describe('A path', async () => {
  const server = await startServer()
  const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite'
  const kim = await token(server, 'kim', { scope, mfa: true })
  const { json: email } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' } })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })

  const toTheEmail = [
    `/beta/me/profile/emails/${email.id}`,
    `/beta/me/profile/emails('${email.id}')`,
    `/beta/me/profile/emails(%27${email.id}%27)`,
    `/beta/me/profile/emails(id='${email.id}')`,
    `/beta/me/profile/emails/${email.id}/`,
    `/BETA/Me/PROFILE/eMails/${email.id}`,
    `/beta/users/${id}/profile/emails/${email.id}`,
    `/beta/users('${id}')/profile/emails('${email.id}')`,
    `/beta/users(id='${id}')/profile/emails/${email.id}`,
    `/beta/users/kim@contoso.com/profile/emails/${email.id}`,
    `/beta/users/kim%40contoso.com/profile/emails/${email.id}`,
    `/beta/users('KIM@contoso.com')/profile/emails('${email.id}')`,
    `/beta/users(userPrincipalName='kim@contoso.com')/profile/emails/${email.id}`,
    `/beta/users/me-token-to-replace/profile/emails/${email.id}`,
    `/beta/Users/ME-token-to-replace/profile/emails/${email.id}`,
    `/beta/users('me-token-to-replace')/profile/emails('${email.id}')`,
    `/beta/users/TokenToReplace/profile/emails/${email.id}`,
    `/beta/me/profile/em%61ils/${email.id}`,
  ]
  for (const path of toTheEmail)
    it(`to an email may be ${path.replace(email.id, '{id}')}`, async () => {
      const { status, json } = await ask(server, `GET ${path}`, { token: kim })
      assert.equal(status, 200)
      assert.equal(json.id, email.id)
    })

  for (const path of ['/v1.0/me/', '/v1.0/users/', '/beta/me/profile/', '/beta/me/profile/emails/', '/beta/me/profile/emails/$count/'])
    it(`may end with a slash: ${path}`, async () => {
      assert.equal((await ask(server, `GET ${path}`, { token: kim })).status, 200)
    })

  it('may name the verbs of a method by each of its forms', async () => {
    for (const path of [`/emailMethods/${methodId}`, `/emailmethods('${methodId}')`, `/EMAILMETHODS(id='${methodId}')`]) {
      const body = { emailAddress: 'kim@contoso.com' }
      assert.equal((await ask(server, `PATCH /v1.0/me/authentication${path}`, { token: kim, body })).status, 204)
    }
    for (const path of ['$COUNT', '%24count'])
      assert.equal((await ask(server, `GET /v1.0/me/authentication/emailMethods/${path}`, { token: kim })).text, '1')
  })

  it('has ids that are case-sensitive: an email’s id in capitals is a 404', async () => {
    const path = `/beta/me/profile/emails/${email.id.toUpperCase()}`
    assert.notEqual(email.id.toUpperCase(), email.id)
    assertRefused(await ask(server, `GET ${path}`, { token: kim }), 404, 'ErrorItemNotFound')
  })

  it('of users/me-token-to-replace is /me: an application gets the 400 that /me gives', async () => {
    const application = await token(server, 'kim', { roles: ['User.Read.All'] })
    for (const path of ['/v1.0/me', '/v1.0/users/me-token-to-replace']) {
      const answer = await ask(server, `GET ${path}`, { token: application })
      assertRefused(answer, 400, 'BadRequest')
      assert.equal(answer.json.error.message, '/me request is only valid with delegated authentication flow.')
    }
  })

  const nowhere = {
    '/v1.0/nothing': 'nothing',
    '/v1.0/me/nothing': 'nothing',
    '/v1.0/me/kim@contoso.com': 'kim@contoso.com',
    '/v1.0/user/profile/emails': 'user',
    '/v1.0/users//profile': '',
    '/v1.0//me': '',
    '/beta/me/profile/$count': '$count',
    "/beta/me/profile('x')": "profile('x')",
    "/beta/me('x')": "me('x')",
    '/beta/me/profile/emails/$value': '$value',
    '/beta/me/profile/emails/$count/x': 'x',
    '/v1.0/users/$count/$count': '$count',
    '/v1.0/$metadata/x': '$metadata',
    '/v1.0/__proto__': '__proto__',
    '/v1.0/constructor': 'constructor',
  }
  for (const [path, segment] of Object.entries(nowhere))
    it(`that leads nowhere is a 400 that names the segment: ${path}`, async () => {
      const answer = await ask(server, `GET ${path}`, { token: kim })
      assertRefused(answer, 400, 'BadRequest')
      assert.match(answer.json.error.message, /^Resource not found for the segment/)
      assert.ok(answer.json.error.message.includes(`'${segment}'`), answer.json.error.message)
    })

  for (const path of [
    "/v1.0/users('kim@contoso.com",
    '/v1.0/users(kim@contoso.com)',
    "/v1.0/users('kim'lee')",
    '/v1.0/users()',
    '/v1.0/users/%ff',
    '/v1.0/users/%zz',
  ])
    it(`that is not well formed is a 400: ${path}`, async () => {
      assertRefused(await ask(server, `GET ${path}`, { token: kim }), 400, 'BadRequest')
    })

  for (const path of ['/', '/v2.0/me', '/v1/me', '/me', '/beta2/me', '/v1.0me'])
    it(`without one of the two versions is a 400 that says so: ${path}`, async () => {
      const answer = await ask(server, `GET ${path}`, { token: kim })
      assertRefused(answer, 400, 'BadRequest')
      assert.match(answer.json.error.message, /\/v1\.0 or \/beta/)
    })

  it('that is longer than 16 KiB is a 414', async () => {
    assertRefused(await ask(server, `GET /v1.0/users/${'x'.repeat(16 * 1024)}`, { token: kim }), 414, 'UriTooLong')
    assert.equal((await ask(server, `GET /v1.0/users/${'x'.repeat(15 * 1024)}`, { token: kim })).status, 404)
  })

  const verbs = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']
  const allowed = {
    '/v1.0/me': ['GET', 'PATCH', 'DELETE'],
    '/v1.0/users': ['GET', 'POST'],
    '/v1.0/groups': ['GET', 'POST'],
    '/v1.0/groups/x': ['GET', 'PATCH', 'DELETE'],
    '/v1.0/groups/x/members': ['GET'],
    '/v1.0/groups/x/members/$ref': ['POST'],
    '/v1.0/groups/$count': ['GET'],
    '/v1.0/groups/x/members/$count': ['GET'],
    '/v1.0/groups/x/members/y': ['GET'],
    '/v1.0/groups/x/members/y/$ref': ['GET', 'DELETE'],
    '/v1.0/roleManagement/directory/roleAssignments': ['GET', 'POST'],
    '/v1.0/roleManagement/directory/roleAssignments/x': ['GET', 'DELETE'],
    '/v1.0/users/$count': ['GET'],
    '/beta/me/profile': ['GET', 'DELETE'],
    '/beta/me/profile/emails': ['GET', 'POST'],
    '/beta/me/profile/emails/$count': ['GET'],
    '/beta/me/profile/emails/$ref': ['POST'],
    '/beta/me/profile/emails/x': ['GET', 'PATCH', 'DELETE'],
    '/v1.0/me/authentication': ['GET'],
    '/v1.0/me/authentication/methods': ['GET'],
    '/v1.0/me/authentication/methods/x': ['GET'],
    '/v1.0/me/authentication/emailMethods': ['GET', 'POST'],
    '/v1.0/me/authentication/emailMethods/$count': ['GET'],
    '/v1.0/me/authentication/emailMethods/x': ['GET', 'PATCH', 'PUT', 'DELETE'],
    '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email': ['GET', 'PATCH', 'DELETE'],
  }
  for (const [path, allows] of Object.entries(allowed))
    it(`answers any verb but ${allows.join(', ')} with 405 and Allow: ${path}`, async () => {
      for (const verb of verbs) {
        const answer = await ask(server, `${verb} ${path}`, { token: kim, ...(['GET', 'DELETE'].includes(verb) ? {} : { body: {} }) })
        if (allows.includes(verb)) {
          assert.notEqual(answer.status, 405, verb)
          assert.equal(answer.headers.get('allow'), null)
        } else {
          assertRefused(answer, 405, 'Request_BadRequest')
          assert.equal(answer.headers.get('allow'), allows.join(', ').replace('GET', 'GET, HEAD'))
        }
      }
    })
})
