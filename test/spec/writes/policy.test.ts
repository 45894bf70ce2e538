import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { untagged } from '../../support/untagged.ts'

const collection = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations'
const path = `${collection}/email`
const type = '#microsoft.graph.emailAuthenticationMethodConfiguration'

const defaultPolicy = {
  '@odata.type': type,
  id: 'Email',
  excludeTargets: [],
  state: 'enabled',
  allowExternalIdToUseEmailOtp: 'default',
  includeTargets: [{ id: 'all_users', isRegistrationRequired: false, targetType: 'group' }],
}

describe('The policy of the email method', async () => {
  const server = await startServer()
  const admin = await token(server, 'lee', {
    scope: 'Policy.ReadWrite.AuthenticationMethod',
    wids: ['Authentication Policy Administrator'],
  })
  const read = async (version = 'v1.0') => {
    const { '@odata.context': _, ...policy } = (await ask(server, `GET /${version}${path}`, { token: admin })).json
    return untagged(policy)
  }
  const change = (members: object, version = 'v1.0', headers = {}) =>
    ask(server, `PATCH /${version}${path}`, { token: admin, body: { '@odata.type': type, ...members }, headers })

  beforeEach(() => ask(server, `DELETE /v1.0${path}`, { token: admin }))

  for (const version of ['v1.0', 'beta']) {
    it(`is what Graph has by default where nobody has changed it, in ${version}`, async () => {
      assert.deepEqual(await read(version), defaultPolicy)
    })

    it(`is changed by PATCH with 204, member by member, in ${version}`, async () => {
      const answer = await change({ state: 'disabled' }, version)
      assert.deepEqual([answer.status, answer.text], [204, ''])
      assert.equal((await change({ allowExternalIdToUseEmailOtp: 'enabled' }, version)).status, 204)
      assert.deepEqual(await read(version), { ...defaultPolicy, state: 'disabled', allowExternalIdToUseEmailOtp: 'enabled' })
    })

    it(`goes back to the default by DELETE with 204 and is still there, in ${version}`, async () => {
      await change({ state: 'disabled' }, version)
      for (let round = 0; round < 2; round++) {
        const { status, text } = await ask(server, `DELETE /${version}${path}`, { token: admin })
        assert.deepEqual([status, text], [204, ''])
        assert.deepEqual(await read(version), defaultPolicy)
      }
    })
  }

  it('is answered by PATCH with Prefer: return=representation', async () => {
    const answer = await change({ state: 'disabled' }, 'v1.0', { Prefer: 'return=representation' })
    assert.equal(answer.status, 200)
    assert.equal(answer.json.state, 'disabled')
    assert.equal(answer.json['@odata.type'], type)
  })

  it('is changed only by a body that says its type: 400 that names @odata.type', async () => {
    const untyped = await ask(server, `PATCH /v1.0${path}`, { token: admin, body: { state: 'disabled' } })
    assertRefused(untyped, 400, 'badRequest', '@odata.type')
    const wrong = await change({ '@odata.type': '#microsoft.graph.fido2AuthenticationMethodConfiguration', state: 'disabled' })
    assertRefused(wrong, 400, 'badRequest', '@odata.type')
    assert.deepEqual(await read(), defaultPolicy)
  })

  it('takes targets to include and to exclude', async () => {
    const includeTargets = [{ id: 'g1', isRegistrationRequired: true, targetType: 'group' }]
    const excludeTargets = [{ id: 'u1', targetType: 'user' }]
    assert.equal((await change({ includeTargets, excludeTargets })).status, 204)
    const policy = await read()
    assert.deepEqual([policy.includeTargets, policy.excludeTargets], [includeTargets, excludeTargets])
  })

  it('takes a target to include that does not say isRegistrationRequired for one that does not require it', async () => {
    assert.equal((await change({ includeTargets: [{ id: 'g1', targetType: 'group' }] })).status, 204)
    assert.deepEqual((await read()).includeTargets, [{ id: 'g1', targetType: 'group', isRegistrationRequired: false }])
  })

  for (const [members, target] of [
    [{ state: 'on' }, 'state'],
    [{ allowExternalIdToUseEmailOtp: 'unknownFutureValue' }, 'allowExternalIdToUseEmailOtp'],
    [{ includeTargets: [{ id: 'g1', targetType: 'team' }] }, 'includeTargets/0/targetType'],
    [{ excludeTargets: [{ id: null, targetType: 'user' }] }, 'excludeTargets/0/id'],
    [{ excludeTargets: [{ targetType: 'user' }] }, 'excludeTargets/0/id'],
    [{ includeTargets: [{ id: 'g1' }] }, 'includeTargets/0/targetType'],
    [{ excludeTargets: {} }, 'excludeTargets'],
    [{ fido: true }, 'fido'],
  ] as const)
    it(`refuses ${JSON.stringify(members)} with a 400 that names ${target}, and is as it was`, async () => {
      assertRefused(await change(members), 400, 'badRequest', target)
      assert.deepEqual(await read(), defaultPolicy)
    })

  it('has its id in any case, ignores one in a body, and is the only configuration: another of Graph’s is a 501, any other a 404', async () => {
    assert.equal((await ask(server, `GET /v1.0${collection}/Email`, { token: admin })).status, 200)
    assert.equal((await ask(server, `GET /v1.0${collection}('email')`, { token: admin })).status, 200)
    await change({ id: 'Fido2', state: 'disabled' })
    assert.equal((await read()).id, 'Email')
    assertRefused(await ask(server, `GET /v1.0${collection}/fido2`, { token: admin }), 501, 'NotImplemented', 'fido2')
    assertRefused(await ask(server, `GET /v1.0${collection}/telex`, { token: admin }), 404, 'resourceNotFound')
  })

  it('is each tenant’s own', async () => {
    await change({ state: 'disabled' })
    const jo = await token(server, 'jo', { scope: 'Policy.Read.All', wids: ['Global Reader'] })
    assert.equal((await ask(server, `GET /v1.0${path}`, { token: jo })).json.state, 'enabled')
  })

  it('has no list and nothing above it: 501', async () => {
    for (const one of [collection, '/policies/authenticationMethodsPolicy', '/policies'])
      assertRefused(await ask(server, `GET /v1.0${one}`, { token: admin }), 501, 'NotImplemented')
  })
})
