/** What an entity tag tells and what it does not: it says that something changed, and to whom; never what. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, ask, type Json } from '../../support/ask.ts'
import { makeUser } from '../../support/changeable.ts'
import { groupWriter, makeGroup, reference } from '../../support/groups.ts'
import { putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const server = await startServer()
const emails = '/beta/me/profile/emails'
const tagForm = /^W\/"[\w-]{22}"$/
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
const add = async (): Promise<Json> => (await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' } })).json
const tagIn = ({ json }: Answer): string => json['@odata.etag']

describe('A tag', () => {
  it('tells whoever may not write nothing: the same 403 with any If-Match, whether it fits or not', async () => {
    const { id, '@odata.etag': tag } = await add()
    const lee = await token(server, 'lee', { scope: 'User.ReadWrite.All' })
    for (const ifMatch of [tag, '"x"', '*']) {
      const headers = { 'If-Match': ifMatch }
      const path = `/beta/users/kim@contoso.com/profile/emails/${id}`
      assertRefused(await ask(server, `DELETE ${path}`, { token: lee, headers }), 403, 'ErrorAccessDeniedForRole')
    }
  })

  for (const [who, scope, shown] of [
    ['User.ReadBasic.All', 'User.ReadBasic.All User-Phone.ReadWrite.All GroupMember.Read.All', { surname: 'Pilot' }],
    ['no permission to read people', 'User-Phone.ReadWrite.All GroupMember.Read.All', undefined],
  ] as const)
    it(`says nothing of members that the caller does not see: with ${who}`, async () => {
      const { id } = await makeUser(server)
      const { id: group } = await makeGroup(server, 'Readers')
      const whole = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
      const partial = await token(server, 'globaladmin', { scope })
      await ask(server, `POST /v1.0/groups/${group}/members/$ref`, { token: await groupWriter(server), body: reference(id) })
      const change = (body: object) => ask(server, `PATCH /v1.0/users/${id}`, { token: whole, body })
      const lists = [`/v1.0/groups/${group}/members`, ...(shown === undefined ? [] : [`/v1.0/users?$filter=id eq '${id}'`])]
      const tags = async () =>
        Promise.all([
          ...lists.map(async (path) => (await ask(server, `GET ${path}`, { token: partial })).json.value[0]['@odata.etag']),
          ...(shown === undefined ? [] : [ask(server, `GET /v1.0/users/${id}`, { token: partial }).then(tagIn)]),
        ])
      const before = await tags()
      assert.ok(before.every((tag) => tagForm.test(tag)))
      await change({ jobTitle: 'Pilot', department: 'Air' })
      await change({ jobTitle: null, mobilePhone: '+1 425 555 0100' })
      assert.deepEqual(await tags(), before)
      if (shown === undefined) return
      await change(shown)
      assert.ok((await tags()).every((tag, index) => tag !== before[index]))
    })

  it('guards what the caller sees, and does not tell with a write what a read does not', async () => {
    const { id } = await makeUser(server)
    const path = `/v1.0/users/${id}`
    const basic = await token(server, 'globaladmin', { scope: 'User.ReadBasic.All User-Phone.ReadWrite.All' })
    const whole = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
    const write = (mobilePhone: string, ifMatch: string) =>
      ask(server, `PATCH ${path}`, {
        token: basic,
        body: { mobilePhone },
        headers: { 'If-Match': ifMatch, Prefer: 'return=representation' },
      })
    const seen = tagIn(await ask(server, `GET ${path}`, { token: basic }))
    await ask(server, `PATCH ${path}`, { token: whole, body: { jobTitle: 'Pilot' } })
    const written = await write('+1 425 555 0109', seen)
    assert.deepEqual([written.status, tagIn(written), written.json.mobilePhone], [200, seen, null])
    await ask(server, `PATCH ${path}`, { token: whole, body: { displayName: 'Another' } })
    assertRefused(await write('+1 425 555 0110', seen), 412, 'PreconditionFailed', 'If-Match')
    const fuller = tagIn(await ask(server, `GET ${path}`, { token: whole }))
    assertRefused(await write('+1 425 555 0111', fuller), 412, 'PreconditionFailed', 'If-Match')
    assert.equal((await write('+1 425 555 0112', '*')).status, 200)
  })

  it('does not come back with the value that was there before, so that nobody finds one by trying', async () => {
    const { id } = await makeUser(server)
    const path = `/v1.0/users/${id}`
    const bearer = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
    const set = async (jobTitle: string) =>
      (await ask(server, `PATCH ${path}`, { token: bearer, body: { jobTitle } })).headers.get('etag') ?? ''
    const tags = [await set('Pilot'), await set('Baker'), await set('Pilot'), await set('Pilot')]
    assert.equal(new Set(tags).size, 4)
  })

  it('of the same person is another to those who see less, so that no cache shows the one what the other saw', async () => {
    const path = `/v1.0/users/${personId('lee')}`
    const tagFor = async (scope: string) => tagIn(await ask(server, `GET ${path}`, { token: await token(server, 'kim', { scope }) }))
    const [basic, whole] = [await tagFor('User.ReadBasic.All'), await tagFor('User.Read.All')]
    assert.notEqual(basic, whole)
    const bearer = await token(server, 'kim', { scope: 'User.Read.All' })
    assert.equal((await ask(server, `GET ${path}`, { token: bearer, headers: { 'If-None-Match': basic } })).status, 200)
    assert.equal((await ask(server, `GET ${path}`, { token: bearer, headers: { 'If-None-Match': whole } })).status, 304)
  })

  it('cannot be worked out from what it stands for: another database has another for the same', async () => {
    const other = await startServer()
    const read = async (at: typeof server) => {
      const email = { kind: 'email', tenantId: tenants.contoso, userId: personId('helpdesk') }
      await putRecords(at, [{ ...email, id: 'one', address: 'help@contoso.com', createdDateTime: '2026-01-01T00:00:00Z' }])
      const bearer = await token(at, 'helpdesk', { scope: 'User.Read' })
      const { json } = await ask(at, `GET ${emails}/one`, { token: bearer })
      const { '@odata.context': _, '@odata.etag': tag, ...members } = json
      return { tag, members }
    }
    const [here, there] = [await read(server), await read(other)]
    assert.deepEqual(here.members, there.members)
    assert.match(here.tag, tagForm)
    assert.notEqual(here.tag, there.tag)
  })

  it('is the same after the server has ended and begun again', async () => {
    const first = await startServer()
    const bearer = await token(first, 'kim', { scope: 'User.ReadWrite' })
    const { json } = await ask(first, `POST ${emails}`, { token: bearer, body: { address: 'kim@contoso.com' } })
    await first.stop()
    const { databaseUrl } = first.app.config
    const settings: Readonly<Record<string, string>> = databaseUrl === undefined ? {} : { SELFGRAPH_DATABASE_URL: databaseUrl.reveal() }
    const again = await startServer({ folder: first.folder, settings })
    assert.equal(tagIn(await ask(again, `GET ${emails}/${json.id}`, { token: bearer })), json['@odata.etag'])
    await again.stop()
  })
})
