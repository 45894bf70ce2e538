/** The body of an error: Graph's shape, and the codes as each workload spells them. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

describe('An error', async () => {
  const server = await startServer()
  const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite'
  const kim = await token(server, 'kim', { scope, mfa: true })
  const weak = await token(server, 'kim', { scope: 'Mail.Read' })
  const send = (request: string, body?: unknown, bearer = kim) =>
    ask(server, request, { token: bearer, ...(body === undefined ? {} : { body }) })

  it('has code, message and innerError with date, request-id and client-request-id, and nothing else', async () => {
    const answer = await ask(server, `GET /v1.0/me/authentication/emailMethods/${methodId}`, {
      token: kim,
      headers: { 'client-request-id': 'mine' },
    })
    assert.deepEqual(Object.keys(answer.json), ['error'])
    assert.deepEqual(Object.keys(answer.json.error), ['code', 'message', 'innerError'])
    const { innerError, ...error } = answer.json.error
    assert.equal(error.code, 'resourceNotFound')
    assert.deepEqual(Object.keys(innerError), ['date', 'request-id', 'client-request-id'])
    assert.equal(innerError['request-id'], answer.headers.get('request-id'))
    assert.equal(innerError['client-request-id'], 'mine')
  })

  it('dates its innerError in UTC without zone and fraction', async () => {
    const from = Math.floor(server.now() / 1000) * 1000
    const { json } = await send('GET /v1.0/nothing')
    const { date } = json.error.innerError
    assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
    assert.ok(Date.parse(`${date}Z`) >= from && Date.parse(`${date}Z`) <= server.now())
  })

  it('has a target where one member, option or header is at fault', async () => {
    const { json } = await send('POST /beta/me/profile/emails', { address: 'kim@contoso.com', nickname: 'Kim' })
    assert.deepEqual(Object.keys(json.error), ['code', 'message', 'target', 'innerError'])
    assert.equal(json.error.target, 'nickname')
  })

  it('has details, each with code, target and message, where something would have sufficed', async () => {
    const { json } = await send('GET /v1.0/me', undefined, weak)
    assert.deepEqual(Object.keys(json.error), ['code', 'message', 'details', 'innerError'])
    assert.ok(json.error.details.length > 0)
    for (const detail of json.error.details) assert.deepEqual(Object.keys(detail).sort(), ['code', 'message', 'target'])
  })

  it('is not @odata.error, and has no null and no empty message', async () => {
    const { text } = await send('GET /v1.0/nothing')
    assert.doesNotMatch(text, /odata\.error|null|:""/)
  })

  const emails = '/beta/me/profile/emails'
  const methods = '/v1.0/me/authentication/emailMethods'
  const rows: readonly (readonly [code: string, status: number, what: string, answer: () => Promise<Answer>])[] = [
    ['InvalidAuthenticationToken', 401, 'the gateway about a missing token', () => ask(server, `GET ${methods}`)],
    ['BadRequest', 400, 'the gateway about an unknown segment', () => send('GET /v1.0/nothing')],
    ['BadRequest', 400, 'the gateway about a body that is no JSON', () => send(`POST ${methods}`, '{"emailAddress":')],
    ['badRequest', 400, 'the authentication workload about a member', () => send(`POST ${methods}`, { x: 1 })],
    ['badRequest', 400, 'the authentication workload about an option', () => send(`GET ${methods}?$top=x`)],
    ['badRequest', 400, 'the profile workload about a member', () => send(`POST ${emails}`, { x: 1 })],
    ['badRequest', 400, 'the profile workload about an option', () => send(`GET ${emails}?$top=x`)],
    ['Request_BadRequest', 400, 'the directory about an option', () => send('GET /v1.0/users?$top=x')],
    ['resourceNotFound', 404, 'the authentication workload about an id', () => send(`GET ${methods}/x`)],
    ['ErrorItemNotFound', 404, 'the profile workload about an id', () => send(`GET ${emails}/x`)],
    ['Request_ResourceNotFound', 404, 'the directory about an id', () => send('GET /v1.0/users/x')],
    ['accessDenied', 403, 'the authentication workload about a permission', () => send(`GET ${methods}`, undefined, weak)],
    [
      'ErrorInsufficientPermissionsInAccessToken',
      403,
      'the profile workload about a permission',
      () => send(`GET ${emails}`, undefined, weak),
    ],
    ['Authorization_RequestDenied', 403, 'the directory about a permission', () => send('GET /v1.0/users', undefined, weak)],
    ['Request_BadRequest', 405, 'every workload about a verb', () => send(`DELETE ${methods}`)],
    ['NotImplemented', 501, 'every workload about what is not served', () => send(`GET ${emails}?$apply=x`)],
  ]
  for (const [code, status, what, answer] of rows)
    it(`has the code ${code} from ${what}`, async () => {
      const { status: actual, json, text } = await answer()
      assert.equal(actual, status, text)
      assert.equal(json.error.code, code)
    })
})
