import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

describe('A profile', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const lee = await token(server, 'lee', { scope: 'User.ReadWrite' })
  const add = async (one: string, members: object = {}) =>
    (await ask(server, 'POST /beta/me/profile/emails', { token: one, body: { address: 'x@contoso.com', ...members } })).json
  const context = (rest: string) => `${server.http}/beta/$metadata#users('${personId('kim')}')/profile${rest}`

  it('is there for everybody, with the id that Graph gives to all of them and nothing else of its own', async () => {
    for (const path of ['/beta/me/profile', '/beta/users/kim@contoso.com/profile']) {
      const { status, json } = await ask(server, `GET ${path}`, { token: kim })
      assert.equal(status, 200)
      assert.deepEqual(Object.keys(untagged(json)), ['@odata.context', 'id'])
      assert.equal(json.id, 'profileId')
    }
  })

  it('comes with its emails for $expand=emails, in any case, with or without $', async () => {
    const { '@odata.type': _, '@odata.context': __, ...email } = await add(kim, { displayName: 'Work' })
    for (const option of ['$expand=emails', '$EXPAND=Emails', 'expand=emails']) {
      const { status, json } = await ask(server, `GET /beta/me/profile?${option}`, { token: kim })
      assert.equal(status, 200)
      assert.deepEqual(untagged(json), {
        '@odata.context': context('/$entity'),
        id: 'profileId',
        'emails@odata.context': context('/emails'),
        emails: [untagged(email)],
      })
    }
  })

  it('comes with an empty list where there are no emails', async () => {
    assert.deepEqual((await ask(server, 'GET /beta/me/profile?$expand=emails', { token: lee })).json.emails, [])
  })

  it('comes with all of its emails, even where a list would have several pages', async () => {
    const authadmin = await token(server, 'authadmin', { scope: 'User.ReadWrite' })
    await Promise.all(Array.from({ length: 120 }, () => add(authadmin)))
    for (const prefer of ['', 'odata.maxpagesize=10']) {
      const { json } = await ask(server, 'GET /beta/me/profile?$expand=emails', { token: authadmin, headers: { Prefer: prefer } })
      assert.equal(json.emails.length, 120)
    }
  })

  it('shows others in $expand no more than the list of emails shows them', async () => {
    await add(kim, { displayName: 'Secret', allowedAudiences: 'me' })
    const { json: profile } = await ask(server, 'GET /beta/users/kim@contoso.com/profile?$expand=emails', { token: lee })
    const { json: list } = await ask(server, 'GET /beta/users/kim@contoso.com/profile/emails', { token: lee })
    assert.deepEqual(profile.emails, list.value)
    assert.ok(profile.emails.every((email: Json) => email.displayName !== 'Secret'))
  })

  it('has nothing else to expand: 400 for what is not there, 501 for what OData or Graph knows and is not served', async () => {
    assertRefused(await ask(server, 'GET /beta/me/profile?$expand=talents', { token: kim }), 400, 'badRequest', '$expand')
    assertRefused(await ask(server, 'GET /beta/me/profile?$expand=emails,talents', { token: kim }), 400, 'badRequest', '$expand')
    for (const expand of ['skills', 'emails,skills', 'emails($levels=2)', 'emails/$ref'])
      assertRefused(await ask(server, `GET /beta/me/profile?$expand=${expand}`, { token: kim }), 501, 'NotImplemented', '$expand')
  })

  it('is emptied by DELETE with 204; an empty one is no error', async () => {
    await add(kim)
    for (let round = 0; round < 2; round++) {
      const { status, text } = await ask(server, 'DELETE /beta/me/profile', { token: kim })
      assert.deepEqual([status, text], [204, ''])
      assert.deepEqual((await ask(server, 'GET /beta/me/profile/emails', { token: kim })).json.value, [])
    }
    assert.equal((await ask(server, 'GET /beta/me/profile', { token: kim })).status, 200)
  })

  it('is emptied by its owner alone: 403 ErrorAccessDeniedForRole, and it is as it was', async () => {
    await add(kim)
    assertRefused(await ask(server, 'DELETE /beta/users/kim@contoso.com/profile', { token: lee }), 403, 'ErrorAccessDeniedForRole')
    assert.equal((await ask(server, 'GET /beta/me/profile/emails/$count', { token: kim })).text, '1')
  })

  it('cannot be made or changed as a whole: 405', async () => {
    for (const verb of ['POST', 'PATCH', 'PUT']) {
      const answer = await ask(server, `${verb} /beta/me/profile`, { token: kim, body: {} })
      assertRefused(answer, 405, 'Request_BadRequest')
      assert.equal(answer.headers.get('allow'), 'GET, HEAD, DELETE')
    }
  })
})

const profilePaths = ['/me/profile', '/me/profile/emails', '/me/profile/emails/$count', '/users/kim@contoso.com/profile/emails/x']

describe('A profile under /v1.0', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

  for (const path of profilePaths)
    it(`is absent, as in Graph: GET /v1.0${path} is a 404 Request_ResourceNotFound`, async () => {
      assertRefused(await ask(server, `GET /v1.0${path}`, { token: kim }), 404, 'Request_ResourceNotFound')
    })

  it('is absent for writing too, and nothing is written', async () => {
    const body = { address: 'kim@contoso.com' }
    for (const path of ['/me/profile/emails', '/me/profile/emails/$ref'])
      assertRefused(await ask(server, `POST /v1.0${path}`, { token: kim, body }), 404, 'Request_ResourceNotFound')
    assert.equal((await ask(server, 'GET /beta/me/profile/emails/$count', { token: kim })).text, '0')
  })
})

describe('A profile under /v1.0 with SELFGRAPH_PROFILE_IN_V1=1', async () => {
  const server = await startServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '1' } })
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

  it('is the same as under /beta, with contexts and links of v1.0', async () => {
    const { status, headers, json } = await ask(server, 'POST /v1.0/me/profile/emails', {
      token: kim,
      body: { address: 'kim@contoso.com' },
    })
    assert.equal(status, 201)
    assert.equal(json['@odata.context'], `${server.http}/v1.0/$metadata#users('${personId('kim')}')/profile/emails/$entity`)
    assert.equal(headers.get('location'), `${server.http}/v1.0/users('${personId('kim')}')/profile/emails('${json.id}')`)
    for (const version of ['v1.0', 'beta'])
      assert.equal((await ask(server, `GET /${version}/me/profile/emails/${json.id}`, { token: kim })).status, 200)
  })
})
