/** An operation performed for a caller who is known by other means than a token: the same answers, errors and facts for the log as over HTTP. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Caller } from '../../../src/auth/caller.ts'
import { codeOf, GraphError } from '../../../src/errors.ts'
import type { GraphRequest, GraphResponse } from '../../../src/request/message.ts'
import { perform, type Reached } from '../../../src/request/perform.ts'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants, users } from '../../support/tenants.ts'

const server = await startServer()
const scope = 'User.Read User.ReadWrite UserAuthenticationMethod.ReadWrite'

/** Somebody whom a session knows. */
const caller: Caller = {
  kind: 'user',
  tenantId: tenants[users.kim.tenant],
  userId: personId('kim'),
  application: { id: null, displayName: null },
  permissions: new Set(scope.split(' ')),
  roleIds: [],
  mfa: { satisfied: true, authenticatedAt: Math.floor(server.now() / 1000) },
  answersChallenges: false,
  expiresAt: Math.floor(server.now() / 1000) + 600,
}

interface Outcome {
  readonly reached: Reached | undefined
  readonly response?: GraphResponse
  readonly error?: GraphError
}

async function performed(request: string, body?: unknown, as = caller): Promise<Outcome> {
  const [method = '', url = ''] = request.split(' ')
  const record: GraphRequest = { method, url, headers: {}, origin: server.http, body: async () => Buffer.from(JSON.stringify(body)) }
  let reached: Reached | undefined
  const onRoute = (found: Reached) => {
    reached = found
  }
  try {
    return { response: await perform(server.app, as, { request: record, requestId: server.app.newId(), onRoute }), reached }
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error))
    return { error, reached }
  }
}

const requests: readonly (readonly [request: string, body?: unknown])[] = [
  ['GET /v1.0/me'],
  ['GET /beta/me/profile?$expand=emails'],
  ['GET /beta/me/profile/emails?$count=true&$top=1'],
  ['GET /beta/me/profile/emails/$count'],
  ['GET /beta/me/profile/emails/nothing'],
  ['GET /beta/me/profile/emails?$filter=nothing'],
  ['POST /beta/me/profile/emails', { address: null }],
  ['GET /v1.0/me/profile'],
  ['GET /v1.0/users'],
  ['PATCH /v1.0/groups'],
  ['GET /v1.0/nothing'],
  ['GET /v7.0/me'],
  [`DELETE /beta/users/${personId('lee')}/profile`],
]

describe('What is performed for a caller without a token', () => {
  for (const [request, body] of requests)
    it(`is answered, or refused, as over HTTP: ${request}`, async () => {
      const bearer = await token(server, 'kim', { scope, mfa: true, claims: { appid: undefined, app_displayname: undefined } })
      const { reached, response, error } = await performed(request, body)
      const overHttp = await ask(server, request, { token: bearer, body })
      const logged = JSON.parse(server.log.at(-1) ?? '') as Record<string, unknown> // a line of our own
      assert.equal(reached?.route ?? '-', logged.route)
      assert.equal(error === undefined ? undefined : codeOf(error.kind, reached?.workload ?? 'gateway'), logged.code)
      assert.equal(response?.status ?? error?.status, overHttp.status)
      if (response === undefined) {
        const { error: told } = overHttp.json as { error: { code: string; message: string; target?: string } } // as errors are answered
        assert.equal(error?.particulars.target, told.target)
      } else assert.equal(response.body, overHttp.text)
    })

  it('is written, and seen over HTTP', async () => {
    const { response } = await performed('POST /beta/me/profile/emails', { address: 'by.session@contoso.com' })
    assert.equal(response?.status, 201)
    const { json } = await ask(server, `GET ${response.headers.Location?.slice(server.http.length)}`, {
      token: await token(server, 'kim', { scope }),
    })
    assert.equal(json.address, 'by.session@contoso.com')
  })

  it('is allowed nothing that the caller has no permission, no account or no time left for', async () => {
    const refused = async (as: Caller) => (await performed('GET /beta/me/profile/emails', undefined, as)).error?.kind
    assert.equal(await refused({ ...caller, permissions: new Set() }), 'permissionMissing')
    assert.equal(await refused({ ...caller, userId: server.app.newId() }), 'tokenInvalid')
    assert.equal(await refused({ ...caller, expiresAt: Math.floor(server.now() / 1000) - 60 }), 'tokenInvalid')
  })
})
