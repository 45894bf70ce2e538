/**
 * The two documents that the product was asked for, to the letter: their requests, with real values where the documents
 * have placeholders, and their answers.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const identitySet = {
  '@odata.type': 'microsoft.graph.identitySet',
  application: { '@odata.type': 'microsoft.graph.identity', id: 'made up', displayName: 'Made up' },
  device: { '@odata.type': 'microsoft.graph.identity' },
  user: { '@odata.type': 'microsoft.graph.identity' },
}

/** The body of the document's example. */
const exampleBody = {
  '@odata.type': '#microsoft.graph.itemEmail',
  allowedAudiences: 'everyone',
  inference: { '@odata.type': 'microsoft.graph.inferenceData', confidenceScore: 0.75, userHasVerifiedAccuracy: true },
  createdBy: identitySet,
  address: 'kim.akers@contoso.com',
  displayName: 'Kim at work',
  type: 'work',
}

describe('The seed "Add emails"', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

  for (const path of ['/beta/me/profile/emails', '/beta/me/profile/emails/$ref']) {
    it(`answers its example request to ${path} with 201 and the whole itemEmail`, async () => {
      const before = server.now()
      const { status, json } = await ask(server, `POST ${path}`, { token: kim, body: exampleBody })
      assert.equal(status, 201)
      const { '@odata.context': context, id, createdDateTime, lastModifiedDateTime, ...rest } = json
      const author = {
        application: { displayName: 'Test client', id: '11111111-2222-4333-8444-555555555555' },
        device: null,
        user: { displayName: 'Kim Akers', id: personId('kim') },
      }
      assert.deepEqual(untagged(rest), {
        '@odata.type': '#microsoft.graph.itemEmail',
        allowedAudiences: 'everyone',
        inference: { confidenceScore: 0.75, userHasVerifiedAccuracy: true },
        createdBy: author,
        lastModifiedBy: author,
        source: null,
        address: 'kim.akers@contoso.com',
        displayName: 'Kim at work',
        type: 'work',
      })
      assert.match(context, /\/beta\/\$metadata#users\('.+'\)\/profile\/emails\/\$entity$/)
      assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      const at = Date.parse(createdDateTime)
      assert.ok(at >= before && at <= server.now())
      assert.equal(lastModifiedDateTime, createdDateTime)
    })
  }

  it('accepts all ten properties of its table, and sets those that are the server’s itself', async () => {
    const given = {
      id: '8d644c9b-4c9b-8d64-9b4c-648d9b4c648d',
      createdDateTime: '2017-01-01T00:00:46.1697867+03:00',
      lastModifiedDateTime: '2016-12-31T23:58:46.8102575+03:00',
      lastModifiedBy: { '@odata.type': 'microsoft.graph.identitySet' },
    }
    const { status, json } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { ...exampleBody, ...given } })
    assert.equal(status, 201)
    assert.notEqual(json.id, given.id)
    assert.match(json.createdDateTime, /^20[2-9]\d-.*Z$/)
    assert.match(json.lastModifiedDateTime, /^20[2-9]\d-.*Z$/)
    assert.equal(json.createdBy.user.id, personId('kim'))
    assert.equal(json.lastModifiedBy.user.id, personId('kim'))
  })

  it('takes each possible value of allowedAudiences and of type', async () => {
    for (const allowedAudiences of ['me', 'family', 'contacts', 'groupMembers', 'organization', 'federatedOrganizations', 'everyone']) {
      const { status, json } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { ...exampleBody, allowedAudiences } })
      assert.equal(status, 201)
      assert.equal(json.allowedAudiences, allowedAudiences)
    }
    for (const type of ['unknown', 'work', 'personal', 'main', 'other']) {
      const { status, json } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { ...exampleBody, type } })
      assert.equal(status, 201)
      assert.equal(json.type, type)
    }
  })

  it('needs both of its request headers', async () => {
    const body = JSON.stringify(exampleBody)
    assertRefused(await ask(server, 'POST /beta/me/profile/emails', { body }), 401, 'InvalidAuthenticationToken')
    const unnamed = new TextEncoder().encode(body)
    const untyped = await fetch(`${server.http}/beta/me/profile/emails`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${kim}` },
      body: unnamed,
    })
    assert.equal(untyped.status, 400)
  })

  it('is for work and school accounts: a personal account is refused', async () => {
    const sam = await token(server, 'sam', { scope: 'User.ReadWrite' })
    assertRefused(await ask(server, 'POST /beta/me/profile/emails', { token: sam, body: exampleBody }), 403, 'ErrorAccessDeniedForRole')
  })
})

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

describe('The seed "Create emailMethod"', async () => {
  const server = await startServer()
  const admin = await token(server, 'authadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All' })
  const kim = await token(server, 'kim', { scope: 'UserAuthenticationMethod.ReadWrite', mfa: true })
  const remove = (key: string) => ask(server, `DELETE /v1.0/users/${key}/authentication/emailMethods/${methodId}`, { token: admin })

  for (const key of ['kim@contoso.com', personId('kim')]) {
    it(`answers its example request for the user ${key} with 201, the fixed id and the address`, async () => {
      const body = { emailAddress: 'kim@contoso.com' }
      const { status, json } = await ask(server, `POST /v1.0/users/${key}/authentication/emailMethods`, { token: admin, body })
      assert.equal(status, 201)
      const { '@odata.context': context, ...method } = json
      assert.deepEqual(untagged(method), { id: methodId, emailAddress: 'kim@contoso.com' })
      assert.match(context, /\/authentication\/emailMethods\/\$entity$/)
      await remove(key)
    })
  }

  it('lets a user who satisfied MFA during sign in add a method of their own, and no other user', async () => {
    const without = await token(server, 'kim', { scope: 'UserAuthenticationMethod.ReadWrite' })
    const body = { emailAddress: 'kim@contoso.com' }
    assertRefused(await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: without, body }), 403, 'accessDenied')
    const { status, json } = await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body })
    assert.equal(status, 201)
    assert.equal(json.id, methodId)
    assert.equal(json.emailAddress, 'kim@contoso.com')
  })

  it('gives a user only one email authentication method', async () => {
    const body = { emailAddress: 'kim.home@contoso.com' }
    assertRefused(await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body }), 409, 'conflict')
  })

  it('asks an administrator for the Authentication Administrator or Privileged Authentication Administrator role', async () => {
    const scope = 'UserAuthenticationMethod.ReadWrite.All'
    const body = { emailAddress: 'lee@contoso.com' }
    for (const name of ['authadmin', 'privadmin'] as const) {
      const one = await token(server, name, { scope })
      assert.equal((await ask(server, 'POST /v1.0/users/lee@contoso.com/authentication/emailMethods', { token: one, body })).status, 201)
      await remove('lee@contoso.com')
    }
    for (const name of ['kim', 'helpdesk', 'useradmin', 'reader'] as const) {
      const one = await token(server, name, { scope })
      const answer = await ask(server, 'POST /v1.0/users/lee@contoso.com/authentication/emailMethods', { token: one, body })
      assertRefused(answer, 403, 'accessDenied')
    }
  })

  it('is open to an application with UserAuthenticationMethod.ReadWrite.All on users, and never on itself', async () => {
    const body = { emailAddress: 'kim@contoso.com' }
    await remove('kim@contoso.com')
    const application = await token(server, 'kim', { roles: ['UserAuthenticationMethod.ReadWrite.All'] })
    const { status, json } = await ask(server, 'POST /v1.0/users/kim@contoso.com/authentication/emailMethods', { token: application, body })
    assert.deepEqual([status, json.id, json.emailAddress], [201, methodId, 'kim@contoso.com'])
    await remove('kim@contoso.com')
    assertRefused(await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: application, body }), 400, 'BadRequest')
    const reader = await token(server, 'kim', { roles: ['UserAuthenticationMethod.Read.All'] })
    const refused = await ask(server, 'POST /v1.0/users/kim@contoso.com/authentication/emailMethods', { token: reader, body })
    assertRefused(refused, 403, 'accessDenied')
  })
})
