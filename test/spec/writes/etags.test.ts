/** Entity tags: who has one and where it stands; and If-None-Match on what is read. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, ask, type Json } from '../../support/ask.ts'
import { changeables } from '../../support/changeable.ts'
import { groupWriter, makeGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const server = await startServer()
const emails = '/beta/me/profile/emails'
const tagForm = /^W\/"[\w-]{22}"$/
const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
const add = async (body: object = {}): Promise<Json> =>
  (await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com', ...body } })).json
const tagIn = ({ json }: Answer): string => json['@odata.etag']

/** The resources whose entities can be changed or removed by a path of their own. */
const readable = Object.entries(changeables).filter(([path]) => !path.startsWith('/groups/'))

describe('An entity that can be changed', () => {
  for (const [resource, make] of readable)
    it(`has a tag in its answer, the same in the header: ${resource}`, async () => {
      const { path, token: bearer } = await make(server)
      const { headers, json, text } = await ask(server, `GET ${path}`, { token: bearer })
      assert.match(json['@odata.etag'], tagForm, text)
      assert.equal(headers.get('etag'), json['@odata.etag'])
      const again = await ask(server, `GET ${path}`, { token: bearer })
      assert.equal(tagIn(again), json['@odata.etag'])
    })

  it('has the same tag in a list, in the answer to its making and in the answers to its changes', async () => {
    const created = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' } })
    const path = `${emails}/${created.json.id}`
    const listed = async () =>
      (await ask(server, `GET ${emails}`, { token: kim })).json.value.find((item: Json) => item.id === created.json.id)
    assert.equal(created.headers.get('etag'), tagIn(created))
    assert.equal((await listed())['@odata.etag'], tagIn(created))
    const changed = await ask(server, `PATCH ${path}`, { token: kim, body: { type: 'work' } })
    assert.equal(changed.headers.get('etag'), tagIn(changed))
    assert.notEqual(tagIn(changed), tagIn(created))
    assert.equal((await listed())['@odata.etag'], tagIn(changed))
    assert.equal(tagIn(await ask(server, `GET ${path}`, { token: kim })), tagIn(changed))
    assert.equal(tagIn(await ask(server, `GET ${path}?$select=id`, { token: kim })), tagIn(changed))
  })

  it('has its tag in the header of a 204, but for PUT, where it would say that what was sent is what is stored', async () => {
    const { path, token: bearer, body } = await (changeables['/groups']?.(server) ?? assert.fail())
    const changed = await ask(server, `PATCH ${path}`, { token: bearer, body: body(1) })
    assert.equal(changed.status, 204)
    assert.equal(changed.headers.get('etag'), tagIn(await ask(server, `GET ${path}`, { token: bearer })))
    const headers = { Prefer: 'return=minimal' }
    const created = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' }, headers })
    assert.equal(created.status, 204)
    assert.match(created.headers.get('etag') ?? '', tagForm)
    const method = await (changeables['/users/{user}/authentication/emailMethods']?.(server) ?? assert.fail())
    const put = await ask(server, `PUT ${method.path}`, { token: method.token, body: method.body(2) })
    assert.deepEqual([put.status, put.headers.get('etag')], [200, null])
    assert.equal(tagIn(put), tagIn(await ask(server, `GET ${method.path}`, { token: method.token })))
  })

  it('has its tag as a method among methods, as a member of a group, and beside its profile too', async () => {
    const method = await (changeables['/users/{user}/authentication/emailMethods']?.(server) ?? assert.fail())
    const tag = tagIn(await ask(server, `GET ${method.path}`, { token: method.token }))
    const { json: all } = await ask(server, 'GET /v1.0/me/authentication/methods', { token: method.token })
    assert.equal(all.value[0]['@odata.etag'], tag)
    const one = await ask(server, `GET /v1.0/me/authentication/methods/${all.value[0].id}`, { token: method.token })
    assert.equal(one.headers.get('etag'), tag)

    const writer = await groupWriter(server)
    const group = await makeGroup(server, 'With Kim')
    const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${personId('kim')}` }
    await ask(server, `POST /v1.0/groups/${group.id}/members/$ref`, { token: writer, body })
    const { json: members } = await ask(server, `GET /v1.0/groups/${group.id}/members`, { token: writer })
    const { json: me } = await ask(server, `GET /v1.0/users/${personId('kim')}`, { token: writer })
    assert.equal(members.value[0]['@odata.etag'], me['@odata.etag'])

    const { json: profile } = await ask(server, 'GET /beta/me/profile?$expand=emails', { token: kim })
    const { json: list } = await ask(server, `GET ${emails}`, { token: kim })
    const tagsOf = (items: readonly Json[]) => items.map((item) => item['@odata.etag'])
    assert.deepEqual(tagsOf(profile.emails), tagsOf(list.value))
  })

  it('has its tag behind context, type and id and before all members, under full metadata and not under none', async () => {
    const { id } = await add()
    const get = (metadata: string) =>
      ask(server, `GET ${emails}/${id}`, { token: kim, headers: { Accept: `application/json;odata.metadata=${metadata}` } })
    const full = await get('full')
    assert.deepEqual(Object.keys(full.json).slice(0, 6), [
      '@odata.context',
      '@odata.type',
      '@odata.id',
      '@odata.etag',
      '@odata.editLink',
      'id',
    ])
    const minimal = await get('minimal')
    assert.deepEqual(Object.keys(minimal.json).slice(0, 3), ['@odata.context', '@odata.etag', 'id'])
    const created = await add()
    assert.deepEqual(Object.keys(created).slice(0, 4), ['@odata.context', '@odata.type', '@odata.etag', 'id'])
    const none = await get('none')
    assert.ok(!('@odata.etag' in none.json))
    assert.ok(none.headers.get('etag') !== null)
  })

  it('has tags that a cache cannot mix up where answers show it in another form, and each of them will do in If-Match', async () => {
    const { id } = await add()
    const get = (metadata: string, headers = {}) =>
      ask(server, `GET ${emails}/${id}`, { token: kim, headers: { Accept: `application/json;odata.metadata=${metadata}`, ...headers } })
    const tags = await Promise.all(['none', 'minimal', 'full'].map(async (metadata) => (await get(metadata)).headers.get('etag') ?? ''))
    assert.equal(new Set(tags).size, 3)
    for (const [index, metadata] of ['none', 'minimal', 'full'].entries()) {
      const answers = await Promise.all(tags.map((tag) => get(metadata, { 'If-None-Match': tag })))
      assert.deepEqual(
        answers.map(({ status }) => status),
        tags.map((_, other) => (other === index ? 304 : 200)),
      )
    }
    for (const metadata of ['none', 'minimal', 'full']) {
      const headers = { 'If-Match': (await get(metadata)).headers.get('etag') ?? '' }
      assert.equal((await ask(server, `PATCH ${emails}/${id}`, { token: kim, body: {}, headers })).status, 200)
    }
  })
})

describe('What cannot be changed', () => {
  it('has no tag: the holder of methods, and a profile for those who are not its owner', async () => {
    const method = await (changeables['/users/{user}/authentication/emailMethods']?.(server) ?? assert.fail())
    const holder = await ask(server, 'GET /v1.0/me/authentication', { token: method.token })
    const lee = await token(server, 'lee', { scope: 'User.Read.All' })
    const profile = await ask(server, 'GET /beta/users/kim@contoso.com/profile', { token: lee })
    for (const answer of [holder, profile]) {
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('etag'), null)
      assert.ok(!('@odata.etag' in answer.json))
    }
  })

  it('is no tag of any, and there for *', async () => {
    const read = (headers: Readonly<Record<string, string>>) => ask(server, 'GET /v1.0/me/authentication', { token: kim, headers })
    assertRefused(await read({ 'If-Match': 'W/"x"' }), 412, 'preconditionFailed', 'If-Match')
    assert.equal((await read({ 'If-Match': '*' })).status, 200)
    assert.equal((await read({ 'If-None-Match': 'W/"x"' })).status, 200)
    assert.equal((await read({ 'If-None-Match': '*' })).status, 304)
  })
})

describe('If-None-Match on what is read', () => {
  it('is answered with 304, the tag and no body where the entity still has the tag, and with the entity where it has not', async () => {
    const created = await add()
    const path = `${emails}/${created.id}`
    const read = (ifNoneMatch: string) => ask(server, `GET ${path}`, { token: kim, headers: { 'If-None-Match': ifNoneMatch } })
    const tag = created['@odata.etag']
    for (const form of [tag, tag.slice(2), `"x", ${tag}`, '*']) {
      const { status, text, headers } = await read(form)
      assert.deepEqual([status, text, headers.get('etag'), headers.get('content-type')], [304, '', tag, null], form)
      assert.equal(headers.get('odata-version'), '4.0')
    }
    assert.equal((await read('"x"')).status, 200)
    assertRefused(await read('x'), 400, 'BadRequest', 'If-None-Match')
    const changed = await ask(server, `PATCH ${path}`, { token: kim, body: { type: 'work' } })
    const seen = await read(tag)
    assert.deepEqual([seen.status, tagIn(seen)], [200, tagIn(changed)])
  })

  it('is answered with the entity where something is expanded beside it, which the tag says nothing of', async () => {
    for (const path of ['/beta/me?$expand=profile', '/beta/me/profile?$expand=emails']) {
      const { headers, json } = await ask(server, `GET ${path}`, { token: kim })
      assert.match(json['@odata.etag'], tagForm)
      assert.equal(headers.get('etag'), null)
      const again = await ask(server, `GET ${path}`, { token: kim, headers: { 'If-None-Match': json['@odata.etag'] } })
      assert.equal(again.status, 200)
    }
  })

  it('does not matter where there is nothing to read or nothing that one may read', async () => {
    const headers = { 'If-None-Match': '*' }
    assert.equal((await ask(server, `GET ${emails}/nothing`, { token: kim, headers })).status, 404)
    const { id } = await add({ allowedAudiences: 'me' })
    const lee = await token(server, 'lee', { scope: 'User.Read.All' })
    assert.equal((await ask(server, `GET /beta/users/kim@contoso.com/profile/emails/${id}`, { token: lee, headers })).status, 404)
    const poor = await token(server, 'kim', { scope: 'openid' })
    assert.equal((await ask(server, `GET ${emails}/${id}`, { token: poor, headers })).status, 403)
  })

  it('and If-Match are passed over on lists, counts and what is made, whatever they hold', async () => {
    for (const headers of [{ 'If-None-Match': '*' }, { 'If-Match': '"x"' }, { 'If-Match': 'x' }]) {
      const list = await ask(server, `GET ${emails}`, { token: kim, headers })
      assert.deepEqual([list.status, list.headers.get('etag')], [200, null])
      assert.equal((await ask(server, `GET ${emails}/$count`, { token: kim, headers })).status, 200)
      assert.equal((await ask(server, `POST ${emails}`, { token: kim, headers, body: { address: 'kim@contoso.com' } })).status, 201)
    }
  })

  it('leaves a read that If-Match does not fit at 412', async () => {
    const { id } = await add()
    const answer = await ask(server, `GET ${emails}/${id}`, { token: kim, headers: { 'If-Match': '"x"' } })
    assertRefused(answer, 412, 'ErrorIrresolvableConflict', 'If-Match')
  })
})
