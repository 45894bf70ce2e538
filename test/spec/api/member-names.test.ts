/** Names of members in bodies: taken in any case, at every depth; answered in the declared spelling. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { groupWriter, securityGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const emails = '/beta/me/profile/emails'
const policy = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const cases = {
  upper: (name: string) => name.toUpperCase(),
  lower: (name: string) => name.toLowerCase(),
  pascal: (name: string) => name.charAt(0).toUpperCase() + name.slice(1),
} as const

/** The value with the names of its members respelled, at every depth. */
function respelled(value: Json, spell: (name: string) => string): Json {
  if (Array.isArray(value)) return value.map((item) => respelled(item, spell))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [spell(name), respelled(member, spell)]))
}

describe('The name of a member in a body', async () => {
  const server = await startServer()
  const scope = 'User.ReadWrite UserAuthenticationMethod.ReadWrite'
  const kim = await token(server, 'kim', { scope, mfa: true })
  const admin = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
  const policyAdmin = await token(server, 'lee', {
    scope: 'Policy.Read.All Policy.ReadWrite.AuthenticationMethod',
    wids: ['Authentication Policy Administrator'],
  })
  const writer = await groupWriter(server)
  const without = ({ id: _, '@odata.etag': _tag, createdDateTime: _c, lastModifiedDateTime: _m, ...members }: Json) => members

  for (const [name, spell] of Object.entries(cases)) {
    it(`may be in ${name} case: an email, its inference and its type`, async () => {
      const body = {
        '@odata.type': '#microsoft.graph.itemEmail',
        address: 'kim@contoso.com',
        allowedAudiences: 'organization',
        displayName: 'Work',
        inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true },
        source: { type: ['User'] },
      }
      const [one, other] = [
        await ask(server, `POST ${emails}`, { token: kim, body }),
        await ask(server, `POST ${emails}`, { token: kim, body: respelled(body, spell) }),
      ]
      assert.deepEqual([one.status, other.status], [201, 201], other.text)
      assert.deepEqual(Object.keys(other.json), Object.keys(one.json))
      assert.deepEqual(without(other.json), without(one.json))
      const changed = await ask(server, `PATCH ${emails}/${other.json.id}`, { token: kim, body: respelled({ displayName: 'New' }, spell) })
      assert.equal(changed.json.displayName, 'New')
      assert.deepEqual(Object.keys((await ask(server, `GET ${emails}/${other.json.id}`, { token: kim })).json), Object.keys(changed.json))
    })

    it(`may be in ${name} case: an email method, a group, a policy`, async () => {
      const method = await ask(server, 'POST /v1.0/me/authentication/emailMethods', {
        token: kim,
        body: respelled({ emailAddress: 'kim@contoso.com' }, spell),
      })
      assert.deepEqual([method.status, method.json.emailAddress], [201, 'kim@contoso.com'])
      await ask(server, `DELETE /v1.0/me/authentication/emailMethods/${method.json.id}`, { token: kim })
      const group = await ask(server, 'POST /v1.0/groups', { token: writer, body: respelled(securityGroup('Team'), spell) })
      assert.deepEqual([group.status, group.json.displayName], [201, 'Team'])
      const target = { id: 'all_users', isRegistrationRequired: true, targetType: 'GROUP' }
      const changes = {
        '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration',
        state: 'ENABLED',
        includeTargets: [target],
      }
      assert.equal((await ask(server, `PATCH ${policy}`, { token: policyAdmin, body: respelled(changes, spell) })).status, 204)
      const { json } = await ask(server, `GET ${policy}`, { token: policyAdmin })
      assert.deepEqual([json.state, json.includeTargets], ['enabled', [{ ...target, targetType: 'group' }]])
    })

    it(`may be in ${name} case: a user, the password profile and identities`, async () => {
      const body = {
        accountEnabled: true,
        displayName: 'Alex',
        mailNickname: 'alex',
        userPrincipalName: `alex-${name}@contoso.com`,
        passwordProfile: { password: 'xWwvJ]6NMw+bWH-d', forceChangePasswordNextSignIn: true },
        identities: [{ signInType: 'federated', issuer: 'contoso.com', issuerAssignedId: `alex-${name}` }],
      }
      const created = await ask(server, 'POST /v1.0/users', { token: admin, body: respelled(body, spell) })
      assert.equal(created.status, 201, created.text)
      const { json } = await ask(server, `GET /v1.0/users/${created.json.id}?$select=*`, { token: admin })
      assert.equal(json.accountEnabled, true)
      assert.equal(json.displayName, 'Alex')
      assert.ok(json.identities.some((identity: Json) => identity.issuerAssignedId === `alex-${name}` && identity.issuer === 'contoso.com'))
      for (const member of Object.keys(json)) assert.ok(member.startsWith('@') || /^[a-z]/.test(member), member)
    })
  }

  it('in two spellings is a 400 that names it, at every depth, and nothing is written', async () => {
    const before = (await ask(server, `GET ${emails}/$count`, { token: kim })).text
    for (const [body, target] of [
      [{ address: 'kim@contoso.com', Address: 'lee@contoso.com' }, 'Address'],
      [{ Address: 'kim@contoso.com', address: 'lee@contoso.com' }, 'Address'],
      [{ Address: 'kim@contoso.com', ADDRESS: 'kim@contoso.com' }, 'ADDRESS'],
      [{ address: 'kim@contoso.com', id: '1', Id: '2' }, 'Id'],
      [{ address: 'kim@contoso.com', inference: { confidenceScore: 0, CONFIDENCESCORE: 1 } }, 'inference/CONFIDENCESCORE'],
      [{ address: 'kim@contoso.com', Source: { type: [], TYPE: [] } }, 'source/TYPE'],
    ] as const)
      assertRefused(await ask(server, `POST ${emails}`, { token: kim, body }), 400, 'badRequest', target)
    assert.equal((await ask(server, `GET ${emails}/$count`, { token: kim })).text, before)
  })

  it('counts for what a permission opens, in whatever case', async () => {
    const phone = await token(server, 'globaladmin', { scope: 'User-Phone.ReadWrite.All' })
    const patch = (body: object) => ask(server, `PATCH /v1.0/users/${personId('lee')}`, { token: phone, body })
    assert.equal((await patch({ MobilePhone: '1' })).status, 204)
    for (const body of [{ DISPLAYNAME: 'x' }, { PasswordProfile: { Password: 'xWwvJ]6NMw+bWH-d' } }, { AccountEnabled: false }])
      assert.equal((await patch(body)).status, 403)
  })

  it('stays unknown where only letters beyond ASCII would fold to it, or it is a name of JavaScript', async () => {
    for (const name of [
      'addre\u017fs',
      'di\u017fplayName',
      'CONSTRUCTOR',
      'Constructor',
      'ToString',
      'hasownproperty',
      '__PROTO__',
      'address ',
    ])
      assertRefused(
        await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com', [name]: 'x' } }),
        400,
        'badRequest',
        name,
      )
    const long = 'A'.repeat(100_000)
    assertRefused(await ask(server, `POST ${emails}`, { token: kim, body: { [long]: 'x' } }), 400, 'badRequest', long.slice(0, 128))
  })
})
