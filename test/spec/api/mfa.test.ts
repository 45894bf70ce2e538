/** Multi-factor authentication: asked of those who change the methods of their own, and of nobody else. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Answer } from '../../support/ask.ts'
import { asksOf, assertDenied, isPersonal, operationsWhere, type Remedy, stageOn } from '../../support/matrix.ts'
import { demo, person, roleLine, tokenOf, userLine } from '../../support/matrix-people.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'

const kim = demo('kim')
const guarded = operationsWhere(({ mfa }) => mfa !== undefined)
const remedy: Remedy = { code: 'mfa', target: 'amr' }
const scope = 'UserAuthenticationMethod.ReadWrite User.ReadWrite'
const stepsUp = { xms_cc: ['cp1'] }

/** Claims by which a token shows that MFA was done, and claims that only look like it. */
const proofs = {
  'amr with mfa': { amr: ['pwd', 'mfa'] },
  'amr with mfa alone': { amr: ['mfa'] },
  'the authentication context c1': { amr: undefined, acrs: ['c1'] },
  'the authentication context c1 among others': { amr: ['pwd'], acrs: ['p1', 'c1'] },
}
const noProofs = {
  'a password alone': { amr: ['pwd'] },
  'no amr at all': { amr: undefined },
  'an empty amr': { amr: [] },
  'amr that is no list': { amr: 'mfa' },
  'amr with half the word': { amr: ['pwd', 'mfa2'] },
  'another authentication context': { amr: ['pwd'], acrs: ['c2'] },
  'acrs that is no list': { amr: ['pwd'], acrs: 'c1' },
  'acr, which is something else': { amr: ['pwd'], acr: 'c1' },
}

describe('MFA', async () => {
  const server = await startServer()
  const call = stageOn(server)
  const ways = ['/me', `/users/${kim.id}`, '/users/KIM@contoso.com']

  it('is asked where the table says so: setting, changing and deleting the email method', () => {
    assert.deepEqual(
      guarded.map((operation) => operation.split(' ')[0]),
      ['POST', 'PATCH', 'PUT', 'DELETE'],
    )
  })

  for (const operation of guarded) {
    for (const [name, claims] of Object.entries(proofs))
      it(`lets ${operation} pass on oneself: ${name}`, async () => {
        for (const path of ways) {
          const answer = await call(operation, kim, { path, token: await tokenOf(server, kim, { scope, claims }) })
          assert.equal(answer.status, asksOf(operation).ok, answer.text)
        }
      })

    for (const [name, claims] of Object.entries(noProofs))
      it(`refuses ${operation} on oneself with 403: ${name}`, async () => {
        for (const path of ways) {
          const answer = await call(operation, kim, { path, token: await tokenOf(server, kim, { scope, claims }) })
          assertDenied(answer, operation, 'accessDenied', [remedy], name)
          assert.equal(answer.headers.get('www-authenticate'), null)
        }
      })

    it(`challenges a client that can step up, and lets it pass when it has: ${operation}`, async () => {
      const first = await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope, claims: stepsUp }) })
      const claims = challengeOf(first)
      const { essential, value } = claims.access_token?.acrs ?? {}
      assert.deepEqual([essential, value], [true, 'c1'])
      assert.deepEqual(
        first.json.error.details.map(({ code }: { code: string }) => code),
        ['mfa'],
      )
      const steppedUp = await tokenOf(server, kim, { scope, claims: { ...stepsUp, acrs: [value] } })
      assert.equal((await call(operation, kim, { path: '/me', token: steppedUp })).status, asksOf(operation).ok)
    })

    it(`challenges only a client that says cp1: ${operation}`, async () => {
      for (const xms_cc of [['CP1'], ['other', 'cp1']])
        assert.equal(
          (await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope, claims: { xms_cc } }) })).status,
          401,
        )
      for (const xms_cc of [['cp2'], [], 'cp', null])
        assertDenied(
          await call(operation, kim, { path: '/me', token: await tokenOf(server, kim, { scope, claims: { xms_cc } }) }),
          operation,
          'accessDenied',
          [remedy],
        )
    })

    it(`is not asked for before the permission: ${operation}`, async () => {
      const token = await tokenOf(server, kim, { scope: 'User.Read', claims: stepsUp })
      const answer = await call(operation, kim, { path: '/me', token })
      assert.deepEqual([answer.status, answer.json.error.details[0].code], [403, 'permission'])
    })
  }

  for (const operation of operationsWhere((asks) => isPersonal(asks) && asks.mfa === undefined))
    it(`is not asked for on oneself: ${operation}`, async () => {
      for (const claims of [{ amr: ['pwd'] }, { amr: undefined }, stepsUp]) {
        const token = await tokenOf(server, kim, { scope: `${scope} User.Read`, claims })
        assert.equal((await call(operation, kim, { path: '/me', token })).status, asksOf(operation).ok)
      }
    })
})

describe('MFA of an administrator', async () => {
  const server = await startServer()
  const call = stageOn(server)
  const administrator = person('methods.administrator')
  const all = 'UserAuthenticationMethod.ReadWrite.All'
  before(() => putRecords(server, [userLine(administrator), roleLine(administrator, 'Privileged Authentication Administrator')]))

  for (const operation of guarded) {
    it(`is not asked for on somebody else: ${operation}`, async () => {
      for (const claims of [{ amr: ['pwd'] }, { amr: undefined }, stepsUp, { amr: ['pwd', 'mfa'] }]) {
        const token = await tokenOf(server, administrator, { scope: all, claims })
        const answer = await call(operation, kim, { path: `/users/${kim.id}`, token })
        assert.equal(answer.status, asksOf(operation).ok, answer.text)
      }
    })

    it(`is asked for on oneself, by whatever name: ${operation}`, async () => {
      for (const path of ['/me', `/users/${administrator.id}`, `/users/${administrator.principalName.toUpperCase()}`]) {
        const without = await call(operation, administrator, { path, token: await tokenOf(server, administrator, { scope: all }) })
        assertDenied(without, operation, 'accessDenied', [remedy], path)
        const withMfa = await call(operation, administrator, {
          path,
          token: await tokenOf(server, administrator, { scope: all, mfa: true }),
        })
        assert.equal(withMfa.status, asksOf(operation).ok, withMfa.text)
      }
    })
  }
})

interface Claims {
  readonly access_token?: { readonly acrs?: { readonly essential?: boolean; readonly value?: string } }
}

/** The claims that a challenge asks for. Clients take the text between the quotes of the parameter that starts with `claims`. */
function challengeOf(answer: Answer): Claims {
  assert.equal(answer.status, 401)
  assert.equal(answer.json.error.code, 'InvalidAuthenticationToken')
  const header = answer.headers.get('www-authenticate') ?? ''
  assert.match(header, /^Bearer realm="", authorization_uri="[^"]+", client_id="00000003-0000-0000-c000-000000000000", /)
  assert.match(header, /, error="insufficient_claims"(,|$)/)
  assert.match(header, /, cc_type="authcontext"(,|$)/)
  const parameter = header.split(',').find((part) => part.trim().startsWith('claims'))
  const encoded = /^ claims="([A-Za-z0-9+/=]+)"$/.exec(parameter ?? '')?.[1]
  assert.ok(encoded !== undefined, header)
  return JSON.parse(Buffer.from(encoded, 'base64').toString()) as Claims // what is asserted on next
}
