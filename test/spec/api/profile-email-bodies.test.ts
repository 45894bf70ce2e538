/** What a client may say of an email, member by member, and what becomes of it. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const path = '/beta/me/profile/emails'

describe('The body of an email', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const add = (members: object) => ask(server, `POST ${path}`, { token: kim, body: { address: 'kim@contoso.com', ...members } })

  const audiences = {
    EVERYONE: 'everyone',
    groupmembers: 'groupMembers',
    'family,contacts': 'family,contacts',
    'family, contacts': 'family,contacts',
    ' everyone ,\tfamily ': 'family,everyone',
    'Organization,organization': 'organization',
    'me,organization': 'organization',
    'me, me': 'me',
    'me,family,contacts,groupMembers,organization,federatedOrganizations,everyone':
      'family,contacts,groupMembers,organization,federatedOrganizations,everyone',
  }
  for (const [given, canonical] of Object.entries(audiences)) {
    it(`may name the audiences ${JSON.stringify(given)}, which is written ${canonical}`, async () => {
      const { status, json } = await add({ allowedAudiences: given })
      assert.equal(status, 201)
      assert.equal(json.allowedAudiences, canonical)
    })
  }

  for (const wrong of [
    'unknownFutureValue',
    'organization,unknownfuturevalue',
    'nobody',
    'family;contacts',
    'family,',
    '',
    '8',
    8,
    ['family'],
    {},
    true,
  ])
    it(`may not name the audiences ${JSON.stringify(wrong)}: 400 that names the member and the choices`, async () => {
      const answer = await add({ allowedAudiences: wrong })
      assertRefused(answer, 400, 'badRequest', 'allowedAudiences')
      assert.match(answer.json.error.message, /\bfederatedOrganizations\b/)
      assert.doesNotMatch(answer.json.error.message, /unknownFutureValue/)
    })

  it('may write the type in any case, and gets it back in the canonical one', async () => {
    for (const given of ['WORK', 'Work', 'work']) assert.equal((await add({ type: given })).json.type, 'work')
  })

  for (const wrong of ['home', 'work,personal', '', '1', 1, null, ['work']])
    it(`may not have the type ${JSON.stringify(wrong)}: 400 that names the member`, async () => {
      assertRefused(await add({ type: wrong }), 400, 'badRequest', 'type')
    })

  for (const score of [0, 1, 0.5, 1e-9, null])
    it(`may have the confidenceScore ${score}`, async () => {
      const { status, json } = await add({ inference: { confidenceScore: score } })
      assert.equal(status, 201)
      assert.deepEqual(json.inference, { confidenceScore: score, userHasVerifiedAccuracy: null })
    })

  for (const score of [-0.1, 1.000001, 5e300, '0.5', 'INF', '-INF', 'NaN', true, [], {}])
    it(`may not have the confidenceScore ${JSON.stringify(score)}: 400 that names the member`, async () => {
      assertRefused(await add({ inference: { confidenceScore: score } }), 400, 'badRequest', 'inference/confidenceScore')
    })

  it('may not have a confidenceScore that is too large for a number', async () => {
    const body = '{"address":"kim@contoso.com","inference":{"confidenceScore":1e999}}'
    assertRefused(await ask(server, `POST ${path}`, { token: kim, body }), 400, 'badRequest', 'inference/confidenceScore')
  })

  it('has nothing to say about who made or changed the email: that comes from the token', async () => {
    const other = { user: { id: personId('lee'), displayName: 'Lee Gu' }, application: { id: 'x', displayName: 'x' } }
    const { json: created } = await add({ createdBy: other, lastModifiedBy: other })
    const author = {
      application: { displayName: 'Test client', id: '11111111-2222-4333-8444-555555555555' },
      device: null,
      user: { displayName: 'Kim Akers', id: personId('kim') },
    }
    assert.deepEqual(created.createdBy, author)
    assert.deepEqual(created.lastModifiedBy, author)

    const elsewhere = await token(server, 'kim', {
      scope: 'User.ReadWrite',
      claims: { appid: 'another', app_displayname: 'Another client' },
    })
    const { json: changed } = await ask(server, `PATCH ${path}/${created.id}`, { token: elsewhere, body: { createdBy: other } })
    assert.deepEqual(changed.createdBy, author)
    assert.deepEqual(changed.lastModifiedBy, { ...author, application: { displayName: 'Another client', id: 'another' } })
  })

  it('names no application where the token names none', async () => {
    const nameless = await token(server, 'kim', { scope: 'User.ReadWrite', claims: { appid: undefined, app_displayname: undefined } })
    const { json } = await ask(server, `POST ${path}`, { token: nameless, body: { address: 'kim@contoso.com' } })
    assert.equal(json.createdBy.application, null)
  })

  it('has its read-only members ignored, whatever they hold, in POST and PATCH', async () => {
    const readOnly = { id: 'mine', createdDateTime: 'yesterday', lastModifiedDateTime: 5, createdBy: 'me', lastModifiedBy: [{}] }
    const { status, json: created } = await add(readOnly)
    assert.equal(status, 201)
    assert.notEqual(created.id, 'mine')
    const changed = await ask(server, `PATCH ${path}/${created.id}`, { token: kim, body: readOnly })
    assert.equal(changed.status, 200)
    for (const member of ['id', 'createdDateTime', 'createdBy']) assert.deepEqual(changed.json[member], created[member])
  })

  for (const [members, target] of [
    [{ nickname: 'Kim' }, 'nickname'],
    [{ Address: 'kim@contoso.com' }, 'Address'],
    [{ inference: { score: 1 } }, 'inference/score'],
    [{ source: { kind: 'User' } }, 'source/kind'],
  ] as const)
    it(`may not have the member ${target}: 400 that names it, and nothing is written`, async () => {
      const count = async () => (await ask(server, `GET ${path}/$count`, { token: kim })).text
      const before = await count()
      assertRefused(await add(members), 400, 'badRequest', target)
      assert.equal(await count(), before)
    })

  it('may name its sources', async () => {
    assert.deepEqual((await add({ source: { type: ['User'] } })).json.source, { type: ['User'] })
    assertRefused(await add({ source: { type: 'User' } }), 400, 'badRequest', 'source/type')
  })
})

describe('@odata.type in a body', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
  const add = (body: object) => ask(server, `POST ${path}`, { token: kim, body: { address: 'kim@contoso.com', ...body } })

  for (const type of ['#microsoft.graph.itemEmail', 'microsoft.graph.itemEmail', '#microsoft.graph.itememail'])
    it(`may be ${type} for an email`, async () => {
      assert.equal((await add({ '@odata.type': type })).status, 201)
    })

  for (const type of ['#microsoft.graph.itemPhone', '#microsoft.graph.emailAuthenticationMethod', 'itemEmail', '#itemEmail', '', 5, null])
    it(`may not be ${JSON.stringify(type)} for an email: 400 that names it`, async () => {
      assertRefused(await add({ '@odata.type': type }), 400, 'badRequest', '@odata.type')
    })

  it('is checked inside as well, with or without #', async () => {
    for (const type of ['#microsoft.graph.inferenceData', 'microsoft.graph.inferenceData'])
      assert.equal((await add({ inference: { '@odata.type': type, confidenceScore: 1 } })).status, 201)
    const wrong = await add({ inference: { '@odata.type': '#microsoft.graph.identity', confidenceScore: 1 } })
    assertRefused(wrong, 400, 'badRequest', 'inference/@odata.type')
  })

  it('may stand beside a member, and other control information is passed over', async () => {
    const control = {
      '@odata.context': 'https://graph.microsoft.com/beta/$metadata#x',
      '@odata.etag': 'W/"1"',
      'type@odata.type': '#microsoft.graph.emailType',
      'allowedAudiences@odata.type': '#microsoft.graph.allowedAudiences',
    }
    const { status, json } = await add(control)
    assert.equal(status, 201)
    assert.notEqual(json['@odata.etag'], control['@odata.etag'])
  })

  it('is checked for email methods too', async () => {
    const set = (type: string) =>
      ask(server, 'POST /v1.0/me/authentication/emailMethods', {
        token: kim,
        body: { '@odata.type': type, emailAddress: 'kim@contoso.com' },
      })
    assertRefused(await set('#microsoft.graph.phoneAuthenticationMethod'), 400, 'badRequest', '@odata.type')
    assert.equal((await set('#microsoft.graph.emailAuthenticationMethod')).status, 201)
  })
})

describe('The body of an email method', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'UserAuthenticationMethod.ReadWrite', mfa: true })
  const set = (body: object) => ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body })

  it('may not have a member that the type does not have: 400 that names it', async () => {
    for (const member of ['phoneNumber', 'address', 'emailaddress'])
      assertRefused(await set({ emailAddress: 'kim@contoso.com', [member]: 'x' }), 400, 'badRequest', member)
  })

  it('has its read-only members ignored', async () => {
    const { status, json } = await set({ emailAddress: 'kim@contoso.com', id: 'mine', createdDateTime: '2001-01-01T00:00:00Z' })
    assert.equal(status, 201)
    assert.equal(json.id, '3ddfcfc8-9383-446f-83cc-3ab9be4be18f')
    const { json: stored } = await ask(server, 'GET /v1.0/me/authentication/emailMethods?$select=createdDateTime', { token: kim })
    assert.ok(stored.value[0].createdDateTime > '2020')
  })
})
