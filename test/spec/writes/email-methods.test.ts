import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const scope = 'UserAuthenticationMethod.ReadWrite'

describe('The email authentication method', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true })
  const lee = await token(server, 'lee', { scope, mfa: true })
  const path = '/v1.0/me/authentication/emailMethods'
  const item = `${path}/${methodId}`
  const create = (emailAddress: unknown = 'kim@contoso.com') => ask(server, `POST ${path}`, { token: kim, body: { emailAddress } })
  const stored = async () => untagged((await ask(server, `GET ${path}`, { token: kim })).json.value)

  beforeEach(() => ask(server, `DELETE ${item}`, { token: kim }))

  for (const version of ['v1.0', 'beta']) {
    it(`is created with 201, the fixed id and the address under /${version}`, async () => {
      const body = { emailAddress: 'kim@contoso.com' }
      const { status, json } = await ask(server, `POST /${version}/me/authentication/emailMethods`, { token: kim, body })
      assert.equal(status, 201)
      assert.deepEqual(untagged({ ...json, '@odata.context': undefined }), { '@odata.context': undefined, id: methodId, ...body })
      assert.deepEqual(await stored(), [{ id: methodId, ...body }])
    })
  }

  it('is at most one per user: a second is a 409 conflict whose message says that one already exists, and changes nothing', async () => {
    await create()
    const second = await create('kim.home@contoso.com')
    assertRefused(second, 409, 'conflict')
    assert.match(second.json.error.message, /already exists/)
    assert.deepEqual(await stored(), [{ id: methodId, emailAddress: 'kim@contoso.com' }])
  })

  it('is one per user and not one per tenant: two users may have the same address', async () => {
    await create()
    const other = await ask(server, `POST ${path}`, { token: lee, body: { emailAddress: 'kim@contoso.com' } })
    assert.equal(other.status, 201)
  })

  it('is set by exactly one of two who ask at once', async () => {
    const answers = await Promise.all([create('one@contoso.com'), create('two@contoso.com')])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
    const won = answers.find(({ status }) => status === 201)
    assert.deepEqual(await stored(), [{ id: methodId, emailAddress: won?.json.emailAddress }])
  })

  it('is a list of none or of one, with its $count', async () => {
    assert.deepEqual(await stored(), [])
    assert.equal((await ask(server, `GET ${path}/$count`, { token: kim })).text, '0')
    await create()
    assert.deepEqual(await stored(), [{ id: methodId, emailAddress: 'kim@contoso.com' }])
    assert.equal((await ask(server, `GET ${path}/$count`, { token: kim })).text, '1')
  })

  it('is got by its id, unwrapped', async () => {
    await create()
    const { status, json } = await ask(server, `GET ${item}`, { token: kim })
    assert.equal(status, 200)
    assert.deepEqual([json.id, json.emailAddress, json.value], [methodId, 'kim@contoso.com', undefined])
  })

  it('is deleted with 204, is gone then, and a second DELETE is a 404', async () => {
    await create()
    const deleted = await ask(server, `DELETE ${item}`, { token: kim })
    assert.equal(deleted.status, 204)
    assert.equal(deleted.text, '')
    assert.deepEqual(await stored(), [])
    assertRefused(await ask(server, `DELETE ${item}`, { token: kim }), 404, 'resourceNotFound')
  })

  it('is not made by PATCH or PUT where there is none: 404 resourceNotFound', async () => {
    for (const verb of ['PATCH', 'PUT'])
      assertRefused(
        await ask(server, `${verb} ${item}`, { token: kim, body: { emailAddress: 'kim@contoso.com' } }),
        404,
        'resourceNotFound',
      )
    assert.deepEqual(await stored(), [])
  })

  it('is a 404 resourceNotFound under any other id, for every verb, and under another spelling of its own', async () => {
    await create()
    for (const id of ['28c10230-6103-485e-b985-444c60001490', 'x', methodId.toUpperCase()])
      for (const verb of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const body = verb === 'PATCH' || verb === 'PUT' ? { body: { emailAddress: 'x@contoso.com' } } : {}
        assertRefused(await ask(server, `${verb} ${path}/${id}`, { token: kim, ...body }), 404, 'resourceNotFound')
      }
    assert.deepEqual(await stored(), [{ id: methodId, emailAddress: 'kim@contoso.com' }])
  })

  it('is left out of GET while there is none: 404 resourceNotFound', async () => {
    assertRefused(await ask(server, `GET ${item}`, { token: kim }), 404, 'resourceNotFound')
  })

  it('has a createdDateTime for those who select it, which a PATCH leaves as it was', async () => {
    await create()
    const created = (await ask(server, `GET ${item}?$select=createdDateTime`, { token: kim })).json.createdDateTime
    assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/)
    server.advance(60_000)
    await ask(server, `PATCH ${item}`, { token: kim, body: { emailAddress: 'kim.home@contoso.com' } })
    const { json } = await ask(server, `GET ${item}?$select=emailAddress,createdDateTime`, { token: kim })
    assert.equal(json.createdDateTime, created)
    assert.equal(json.emailAddress, 'kim.home@contoso.com')
  })

  it('stands apart from the addresses of the user: setting it changes neither mail nor otherMails', async () => {
    const reader = await token(server, 'kim', { scope: 'User.Read' })
    const before = (await ask(server, 'GET /v1.0/me?$select=mail,otherMails', { token: reader })).json
    await create('elsewhere@contoso.com')
    assert.deepEqual((await ask(server, 'GET /v1.0/me?$select=mail,otherMails', { token: reader })).json, before)
  })
})

describe('Changing the email authentication method', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true })
  const change = (verb: string, version: string, prefer?: string) =>
    ask(server, `${verb} /${version}/me/authentication/emailMethods/${methodId}`, {
      token: kim,
      body: { emailAddress: `${verb}.${version}@contoso.com`.toLowerCase() },
      ...(prefer === undefined ? {} : { headers: { Prefer: prefer } }),
    })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
  const stored = async () => (await ask(server, 'GET /v1.0/me/authentication/emailMethods', { token: kim })).json.value[0].emailAddress

  it('by PATCH answers 204 without a body in v1.0', async () => {
    const answer = await change('PATCH', 'v1.0')
    assert.equal(answer.status, 204)
    assert.equal(answer.text, '')
    assert.equal(await stored(), 'patch.v1.0@contoso.com')
  })

  it('by PATCH answers 200 with the method in beta', async () => {
    const answer = await change('PATCH', 'beta')
    assert.equal(answer.status, 200)
    assert.deepEqual([answer.json.id, answer.json.emailAddress], [methodId, 'patch.beta@contoso.com'])
    assert.equal(await stored(), 'patch.beta@contoso.com')
  })

  for (const version of ['v1.0', 'beta']) {
    it(`by PUT is as by PATCH, and answers 200 with the method in ${version}`, async () => {
      const answer = await change('PUT', version)
      assert.equal(answer.status, 200)
      assert.equal(answer.json.emailAddress, `put.${version}@contoso.com`)
      assert.equal(await stored(), `put.${version}@contoso.com`)
    })

    for (const verb of ['PATCH', 'PUT']) {
      it(`by ${verb} in ${version} answers with the method to Prefer: return=representation, and without to return=minimal`, async () => {
        const full = await change(verb, version, 'return=representation')
        assert.equal(full.status, 200)
        assert.equal(full.json.id, methodId)
        assert.equal(full.headers.get('preference-applied'), 'return=representation')
        const minimal = await change(verb, version, 'return=minimal')
        assert.equal(minimal.status, 204)
        assert.equal(minimal.headers.get('preference-applied'), 'return=minimal')
      })
    }
  }
})

describe('All authentication methods of a user', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope, mfa: true })
  const lee = await token(server, 'lee', { scope, mfa: true })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
  const email = { '@odata.type': '#microsoft.graph.emailAuthenticationMethod', id: methodId, emailAddress: 'kim@contoso.com' }

  it('are a list in which each says its type', async () => {
    assert.deepEqual(untagged((await ask(server, 'GET /v1.0/me/authentication/methods', { token: kim })).json.value), [email])
    assert.deepEqual((await ask(server, 'GET /v1.0/me/authentication/methods', { token: lee })).json.value, [])
  })

  it('are got by id, with their type; an id that nobody has is a 404', async () => {
    const { json } = await ask(server, `GET /v1.0/me/authentication/methods/${methodId}`, { token: kim })
    assert.deepEqual(untagged({ ...json, '@odata.context': undefined }), { ...email, '@odata.context': undefined })
    for (const [id, one] of [['28c10230-6103-485e-b985-444c60001490', kim] as const, [methodId, lee] as const])
      assertRefused(await ask(server, `GET /v1.0/me/authentication/methods/${id}`, { token: one }), 404, 'resourceNotFound')
  })

  it('cannot be counted by /$count: 501, where Graph answers 400', async () => {
    assertRefused(await ask(server, 'GET /v1.0/me/authentication/methods/$count', { token: kim }), 501, 'NotImplemented', '$count')
  })

  it('cannot be made or changed there: 405', async () => {
    const created = await ask(server, 'POST /v1.0/me/authentication/methods', { token: kim, body: { emailAddress: 'x@contoso.com' } })
    assert.equal(created.status, 405)
    assert.equal(created.headers.get('allow'), 'GET, HEAD')
  })

  it('hang on an authentication entity with the id of the user', async () => {
    const { status, json } = await ask(server, 'GET /v1.0/me/authentication', { token: kim })
    assert.equal(status, 200)
    assert.equal(json.id, personId('kim'))
  })
})
