/** Who may change whom over Graph: oneself, others, administrators; as a person and as an application. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertNamesRole, password } from '../../support/newcomers.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

describe('Who may change whom', async () => {
  const server = await startServer()
  const scope = 'User.ReadWrite.All'
  const change = async (by: Parameters<typeof token>[1], whom: string, body: object, options: Parameters<typeof token>[2] = { scope }) =>
    ask(server, `PATCH /v1.0/users/${whom}`, { token: await token(server, by, options), body })

  it('lets people change of themselves what User.ReadWrite is for, and nothing else', async () => {
    const own = { scope: 'User.ReadWrite' }
    assert.equal((await change('kim', 'kim@contoso.com', { mobilePhone: '+1 425 555 0109', aboutMe: 'Likes maps' }, own)).status, 204)
    const { json } = await ask(server, 'GET /v1.0/me?$select=mobilePhone,aboutMe', {
      token: await token(server, 'kim', { scope: 'User.Read' }),
    })
    assert.deepEqual([json.mobilePhone, json.aboutMe], ['+1 425 555 0109', 'Likes maps'])
    const beyond = { displayName: 'Queen', jobTitle: 'CEO', accountEnabled: true, userPrincipalName: 'q@contoso.com', otherMails: [] }
    for (const [name, value] of Object.entries(beyond))
      assertNamesRole(await change('kim', 'kim@contoso.com', { [name]: value }, own), 'User Administrator')
    assert.equal((await change('sam', 'sam@outlook.example', { mobilePhone: '1' }, own)).status, 204)
    const read = await change('kim', 'kim@contoso.com', { mobilePhone: '1' }, { scope: 'User.Read' })
    assertRefused(read, 403, 'Authorization_RequestDenied')
  })

  it('lets administrators change of themselves what their role reaches', async () => {
    const own = { scope: 'User.ReadWrite' }
    for (const user of ['useradmin', 'privadmin', 'globaladmin'] as const)
      assert.equal((await change(user, `${user}@contoso.com`, { jobTitle: 'Changed' }, own)).status, 204)
    for (const user of ['authadmin', 'helpdesk', 'reader'] as const)
      assertNamesRole(await change(user, `${user}@contoso.com`, { jobTitle: 'Changed' }, own), 'Privileged Authentication Administrator')
  })

  it('lets a User Administrator reach the users of its column of Entra’s table, the two above it everyone, and no one else anybody', async () => {
    const body = { officeLocation: '18/2111' }
    for (const whom of ['kim', 'helpdesk', 'useradmin'])
      assert.equal((await change('useradmin', `${whom}@contoso.com`, body)).status, 204, whom)
    for (const whom of ['authadmin', 'privadmin', 'globaladmin', 'reader'])
      assertNamesRole(
        await change('useradmin', `${whom}@contoso.com`, body),
        'Privileged Authentication Administrator',
        'Global Administrator',
      )
    for (const by of ['privadmin', 'globaladmin'] as const)
      for (const whom of ['kim', 'authadmin', 'privadmin', 'globaladmin'])
        assert.equal((await change(by, `${whom}@contoso.com`, { ...body, accountEnabled: true })).status, 204, `${by} ${whom}`)
    for (const by of ['lee', 'authadmin', 'helpdesk', 'reader'] as const)
      assertNamesRole(await change(by, 'kim@contoso.com', body), 'User Administrator')
  })

  it('does not let an application without a role change what is sensitive of an administrator', async () => {
    const application = { roles: [scope] }
    assert.equal((await change('kim', 'globaladmin@contoso.com', { jobTitle: 'Head' }, application)).status, 204)
    assert.equal((await change('kim', 'lee@contoso.com', { mobilePhone: '1', accountEnabled: true }, application)).status, 204)
    for (const [name, value] of Object.entries({
      accountEnabled: false,
      mobilePhone: '1',
      otherMails: [],
      businessPhones: [],
      onPremisesImmutableId: 'x',
    }))
      assertNamesRole(
        await change('kim', 'globaladmin@contoso.com', { [name]: value }, application),
        'Privileged Authentication Administrator',
      )
    const powerful = await token(server, 'kim', { roles: [scope], wids: ['Privileged Authentication Administrator'] })
    const answer = await ask(server, 'PATCH /v1.0/users/globaladmin@contoso.com', { token: powerful, body: { mobilePhone: '1' } })
    assert.equal(answer.status, 204)
  })

  it('opens with a permission for single members those members only, and asks for it where Graph does', async () => {
    const narrow = {
      'User-Phone.ReadWrite.All': { mobilePhone: '2', businessPhones: ['3'] },
      'User-Mail.ReadWrite.All': { otherMails: ['kim@example.org'] },
      'User-PasswordProfile.ReadWrite.All': { passwordProfile: { password } },
      'User.EnableDisableAccount.All': { accountEnabled: true },
      'User.ManageIdentities.All': { identities: [] },
    }
    for (const [permission, body] of Object.entries(narrow)) {
      for (const options of [{ scope: permission }, { roles: [permission] }]) {
        assert.equal((await change('globaladmin', 'kim@contoso.com', body, options)).status, 204, permission)
        const beyond = await change('globaladmin', 'kim@contoso.com', { ...body, jobTitle: 'CEO' }, options)
        assertRefused(beyond, 403, 'Authorization_RequestDenied')
        assert.match(beyond.json.error.details[0].message, /User\.ReadWrite\.All/)
      }
    }
    for (const body of [{ passwordProfile: { password } }, { identities: [] }]) {
      const refused = await change('globaladmin', 'kim@contoso.com', body)
      assertRefused(refused, 403, 'Authorization_RequestDenied')
      assert.doesNotMatch(refused.json.error.details[0].message, /User\.ReadWrite\.All/)
    }
    const seen = await ask(server, 'PATCH /v1.0/users/kim@contoso.com', {
      token: await token(server, 'globaladmin', { scope: 'User-Phone.ReadWrite.All' }),
      body: { mobilePhone: '4' },
      headers: { Prefer: 'return=representation' },
    })
    assert.deepEqual([seen.json.id, seen.json.displayName, seen.json.mobilePhone], [personId('kim'), null, null])
  })

  it('does not reach people of another tenant', async () => {
    assertRefused(await change('globaladmin', 'jo@fabrikam.com', { jobTitle: 'x' }), 404, 'Request_ResourceNotFound')
    assertRefused(await change('globaladmin', personId('jo'), { jobTitle: 'x' }), 404, 'Request_ResourceNotFound')
  })
})
