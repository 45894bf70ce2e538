/** HEAD: what GET answers, without the body (RFC 9110, section 9.3.2). */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
/** Headers that no two answers have alike, and those of the connection, which `fetch` closes after HEAD. */
const own = ['date', 'request-id', 'client-request-id', 'connection', 'keep-alive']

describe('HEAD', async () => {
  const server = await startServer()
  const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Group.Read.All'
  const kim = await token(server, 'kim', { scope, mfa: true })
  const body = { address: 'kim@contoso.com', displayName: 'Zoë' }
  const { json: email } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })

  const paths: Readonly<Record<string, number>> = {
    '/health/live': 200,
    '/health/ready': 200,
    '/v1.0': 200,
    '/beta/': 200,
    '/v1.0/$metadata': 200,
    '/v1.0/$metadata?$format=json': 200,
    '/beta/openapi.json': 200,
    '/v1.0/me': 200,
    '/v1.0/users?$top=1': 200,
    '/v1.0/users?$filter=id eq null&$count=true': 200,
    '/v1.0/groups': 200,
    '/beta/me/profile?$expand=emails': 200,
    '/beta/me/profile/emails': 200,
    '/beta/me/profile/emails/$count': 200,
    [`/beta/me/profile/emails/${email.id}`]: 200,
    [`/v1.0/me/authentication/emailMethods/${methodId}`]: 200,
    '/v1.0/users/nobody@contoso.com': 404,
    '/v1.0/users?$top=x': 400,
    '/v1.0/users?$apply=x': 501,
    '/v1.0/nothing': 400,
    '/nothing': 400,
    '/v1.0/$batch': 405,
    '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email': 403,
  }
  for (const [path, status] of Object.entries(paths))
    it(`has the status and headers of GET, and no body: ${path.replace(email.id, '{id}')}`, async () => {
      const [got, head] = [await ask(server, `GET ${path}`, { token: kim }), await ask(server, `HEAD ${path}`, { token: kim })]
      assert.deepEqual([got.status, head.status, head.text], [status, status, ''])
      const headersOf = ({ headers }: typeof got) => [...headers].filter(([name]) => !own.includes(name))
      assert.deepEqual(headersOf(head), headersOf(got))
      assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(got.text)))
    })

  it('needs the permissions of GET', async () => {
    const other = await token(server, 'kim', { scope: 'openid' })
    assert.equal((await ask(server, 'HEAD /v1.0/me')).status, 401)
    assert.equal((await ask(server, 'HEAD /v1.0/me', { token: other })).status, 403)
  })

  it('compares entity tags as GET does', async () => {
    const { headers } = await ask(server, 'HEAD /v1.0/me', { token: kim })
    const known = { 'If-None-Match': headers.get('etag') ?? '' }
    assert.equal((await ask(server, 'HEAD /v1.0/me', { token: kim, headers: known })).status, 304)
  })

  it('is a 405 where GET is, and Allow names it where GET is served', async () => {
    const answer = await ask(server, 'HEAD /beta/me/profile/emails/$ref', { token: kim })
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST'])
    assert.equal((await ask(server, 'DELETE /v1.0/users', { token: kim })).headers.get('allow'), 'GET, HEAD, POST')
    assert.equal((await ask(server, 'POST /v1.0/$metadata', { token: kim })).headers.get('allow'), 'GET, HEAD')
  })

  it('leaves its connection good for the next request', async () => {
    const { stdout } = await promisify(execFile)('curl', [
      ...['-sS', '-I', '-H', `Authorization: Bearer ${kim}`, `${server.http}/v1.0/me`],
      ...['--next', '-sS', '-o', '/dev/null', '-w', '%{http_code} %{num_connects}', `${server.http}/health/live`],
    ])
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(stdout, /\r\n\r\n200 0$/)
  })
})
