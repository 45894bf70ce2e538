/** SELFGRAPH_PROFILE_IN_V1: profiles under /v1.0, with the rules that they have under /beta. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asksOf, assertDenied, codeFor, operationsWhere, permissionRemedy, send, stageOn } from '../../support/matrix.ts'
import { applicationToken, demo, tokenOf } from '../../support/matrix-people.ts'
import { startServer } from '../../support/server.ts'

const kim = demo('kim')
const onProfiles = operationsWhere(({ workload }) => workload === 'profile')
const scope = 'User.ReadWrite'

describe('SELFGRAPH_PROFILE_IN_V1=1', async () => {
  const server = await startServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '1' } })
  const call = stageOn(server)

  for (const operation of onProfiles) {
    const asks = asksOf(operation)
    it(`serves ${operation} under both versions`, async () => {
      const token = await tokenOf(server, kim, { scope })
      for (const version of ['v1.0', 'beta', 'V1.0'] as const)
        for (const path of ['/me', `/users/${kim.id}`]) {
          const answer = await call(operation, kim, { path, token, version: version as 'v1.0' | 'beta' }) // any case is a version
          assert.equal(answer.status, asks.ok, answer.text)
        }
    })

    it(`refuses ${operation} under both versions to those without permission`, async () => {
      const token = await tokenOf(server, kim, { scope: 'openid' })
      for (const version of ['v1.0', 'beta'] as const)
        assertDenied(await send(server, operation, { path: '/me', token, version }), operation, codeFor(asks, 'permission'), [
          permissionRemedy(asks.self ?? []),
        ])
    })
  }
})

describe('SELFGRAPH_PROFILE_IN_V1=0', async () => {
  const server = await startServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '0' } })
  const call = stageOn(server)

  for (const operation of onProfiles)
    it(`is the default: ${operation} is a 404 under /v1.0, whoever asks, and served under /beta`, async () => {
      const callers = [
        await tokenOf(server, kim, { scope }),
        await tokenOf(server, kim, { scope: 'openid' }),
        await tokenOf(server, demo('sam'), { scope }),
        await applicationToken(server, ['User.ReadWrite.All']),
      ]
      for (const token of callers)
        for (const path of ['/me', `/users/${kim.id}`, '/users/nobody@contoso.com']) {
          const answer = await send(server, operation, { path, token, version: 'v1.0' })
          assert.deepEqual([answer.status, answer.json.error.code], [404, 'Request_ResourceNotFound'])
        }
      assert.equal((await send(server, operation, { path: '/me', version: 'v1.0' })).status, 401)
      const served = await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope }), version: 'beta' })
      assert.equal(served.status, asksOf(operation).ok, served.text)
    })
})
