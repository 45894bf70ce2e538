/** SELFGRAPH_SELF_SERVICE_METHODS and SELFGRAPH_MFA_MAX_AGE: what people may do with the email method of their own. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asksOf, assertDenied, operationsWhere, type Remedy, settingRemedy, stageOn } from '../../support/matrix.ts'
import { demo, tokenOf } from '../../support/matrix-people.ts'
import { startServer, type TokenOptions, token } from '../../support/server.ts'

const kim = demo('kim')
const scope = 'UserAuthenticationMethod.ReadWrite'
const setting = operationsWhere(({ mfa }) => mfa === 'set')
const takingAway = operationsWhere(({ mfa }) => mfa === 'takeAway')
const reading = operationsWhere(({ finds, mfa }) => finds === 'method' && mfa === undefined)
const ways = ['/me', `/users/${kim.id}`, '/users/Kim@CONTOSO.com']
const mfaRemedy: Remedy = { code: 'mfa', target: 'amr' }

describe('SELFGRAPH_SELF_SERVICE_METHODS=0', async () => {
  const server = await startServer({ settings: { SELFGRAPH_SELF_SERVICE_METHODS: '0' } })
  const call = stageOn(server)

  for (const operation of setting) {
    it(`refuses ${operation} on oneself, MFA or not, and sends nobody to step up`, async () => {
      for (const options of [{ mfa: true }, { mfa: false }, { claims: { xms_cc: ['cp1'] } }])
        for (const path of ways) {
          const answer = await call(operation, kim, { path, token: await tokenOf(server, kim, { scope, ...options }) })
          assertDenied(answer, operation, 'accessDenied', [settingRemedy('SELFGRAPH_SELF_SERVICE_METHODS')], path)
        }
    })

    it(`leaves ${operation} on others to their administrators`, async () => {
      const administrator = await tokenOf(server, demo('authadmin'), { scope: 'UserAuthenticationMethod.ReadWrite.All' })
      const answer = await call(operation, kim, { path: `/users/${kim.id}`, token: administrator })
      assert.equal(answer.status, asksOf(operation).ok, answer.text)
    })
  }

  for (const operation of takingAway)
    it(`leaves people ${operation} on themselves, with MFA`, async () => {
      for (const path of ways) {
        const without = await call(operation, kim, { path, token: await tokenOf(server, kim, { scope }) })
        assertDenied(without, operation, 'accessDenied', [mfaRemedy])
        assert.equal((await call(operation, kim, { path, token: await tokenOf(server, kim, { scope, mfa: true }) })).status, 204)
      }
    })

  for (const operation of reading)
    it(`leaves people ${operation} on themselves`, async () => {
      assert.equal((await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope }) })).status, 200)
    })
})

describe('SELFGRAPH_SELF_SERVICE_METHODS=1', async () => {
  const server = await startServer({ settings: { SELFGRAPH_SELF_SERVICE_METHODS: '1' } })
  const call = stageOn(server)

  for (const operation of setting)
    it(`is the default: people may ${operation} on themselves, after MFA`, async () => {
      const answer = await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope, mfa: true }) })
      assert.equal(answer.status, asksOf(operation).ok, answer.text)
    })
})

describe('SELFGRAPH_MFA_MAX_AGE=600', async () => {
  const server = await startServer({ settings: { SELFGRAPH_MFA_MAX_AGE: '600' } })
  const call = stageOn(server)
  const seconds = () => Math.floor(server.now() / 1000)
  const signed = (options: TokenOptions) => token(server, 'kim', { scope, ...options })

  for (const operation of [...setting, ...takingAway]) {
    it(`lets ${operation} pass for ten minutes after the sign-in, and no longer`, async () => {
      const bearer = await signed({ mfa: true })
      assert.equal((await call(operation, kim, { path: '/me', token: bearer })).status, asksOf(operation).ok)
      server.advance(590_000)
      assert.equal((await call(operation, kim, { path: '/me', token: bearer })).status, asksOf(operation).ok)
      server.advance(11_000)
      for (const path of ways)
        assertDenied(await call(operation, kim, { path, token: bearer }), operation, 'accessDenied', [mfaRemedy], path)
      assert.equal((await call(operation, kim, { path: '/me', token: await signed({ mfa: true }) })).status, asksOf(operation).ok)
    })

    it(`refuses ${operation} where the token does not say when: only auth_time counts`, async () => {
      for (const auth_time of [undefined, null, 'now', String(seconds())]) {
        const answer = await call(operation, kim, { path: '/me', token: await signed({ mfa: true, claims: { auth_time } }) })
        assertDenied(answer, operation, 'accessDenied', [mfaRemedy], String(auth_time))
      }
    })

    it(`refuses ${operation} where the sign-in lies in the future, further than clocks go wrong`, async () => {
      for (const [ahead, passes] of [
        [3600, false],
        [30, false],
        [1, true],
      ] as const) {
        const bearer = await signed({ mfa: true, claims: { auth_time: seconds() + ahead } })
        const answer = await call(operation, kim, { path: '/me', token: bearer })
        if (passes) assert.equal(answer.status, asksOf(operation).ok, answer.text)
        else assertDenied(answer, operation, 'accessDenied', [mfaRemedy], String(ahead))
      }
    })

    it(`refuses ${operation} after a recent sign-in without MFA`, async () => {
      const answer = await call(operation, kim, { path: '/me', token: await signed({ claims: { auth_time: seconds() } }) })
      assertDenied(answer, operation, 'accessDenied', [mfaRemedy])
    })

    it(`challenges an old MFA when the client can step up, and is content with a new one: ${operation}`, async () => {
      const claims = { xms_cc: ['cp1'], acrs: ['c1'] }
      const old = await call(operation, kim, { path: '/me', token: await signed({ claims: { ...claims, auth_time: seconds() - 700 } }) })
      assert.equal(old.status, 401)
      assert.match(old.headers.get('www-authenticate') ?? '', /error="insufficient_claims", claims="/)
      const anew = await call(operation, kim, { path: '/me', token: await signed({ claims: { ...claims, auth_time: seconds() } }) })
      assert.equal(anew.status, asksOf(operation).ok, anew.text)
    })

    it(`is nothing to administrators who act on others: ${operation}`, async () => {
      const claims = { auth_time: seconds() - 3000 }
      const administrator = await token(server, 'privadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All', claims })
      const answer = await call(operation, kim, { path: `/users/${kim.id}`, token: administrator })
      assert.equal(answer.status, asksOf(operation).ok, answer.text)
    })
  }

  for (const operation of reading)
    it(`is nothing to those who read: ${operation}`, async () => {
      assert.equal(
        (await call(operation, kim, { path: '/me', token: await signed({ claims: { auth_time: seconds() - 3000 } }) })).status,
        200,
      )
    })
})

describe('SELFGRAPH_MFA_MAX_AGE unset', async () => {
  const server = await startServer()
  const call = stageOn(server)

  for (const operation of [...setting, ...takingAway])
    it(`lets the MFA of a sign-in be as old as its token: ${operation}`, async () => {
      for (const auth_time of [undefined, Math.floor(server.now() / 1000) - 86_400]) {
        const answer = await call(operation, kim, {
          path: '/me',
          token: await token(server, 'kim', { scope, mfa: true, claims: { auth_time } }),
        })
        assert.equal(answer.status, asksOf(operation).ok, answer.text)
      }
    })
})
