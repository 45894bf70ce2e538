import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emails, membersOf, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server)
const { get } = questions(server, await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.Read' }))

const readable = [
  '/v1.0/me',
  '/v1.0/users',
  emails,
  `${emails}/a`,
  '/beta/me/profile',
  '/v1.0/me/authentication',
  '/v1.0/me/authentication/methods',
]

describe('$format', () => {
  for (const path of readable)
    it(`of JSON is what is answered anyway: ${path}`, async () => {
      const usual = await get(path)
      for (const format of ['json', 'JSON', 'application/json', 'application/json;odata.metadata=minimal']) {
        const answer = await get(`${path}?$format=${format}`)
        assert.equal(answer.headers.get('content-type'), usual.headers.get('content-type'))
        assert.deepEqual(membersOf(answer.json), membersOf(usual.json))
      }
    })

  it('chooses the amount of metadata, against what Accept says', async () => {
    const headers = { Accept: 'application/json;odata.metadata=full' }
    const none = await get(`${emails}/a?$format=application/json;odata.metadata=none`, headers)
    assert.match(none.headers.get('content-type') ?? '', /odata\.metadata=none/)
    assert.ok(Object.keys(none.json).every((name) => !name.includes('@')))
    const full = await get(`${emails}/a?format=application/json;odata.metadata=full`)
    assert.equal(full.json['@odata.type'], '#microsoft.graph.itemEmail')
    const minimal = await get(`${emails}/a?$format=json`, headers)
    assert.ok(!('@odata.type' in minimal.json))
  })

  it('is kept by the link to the next page', async () => {
    const { json } = await get(`${emails}?$format=application/json;odata.metadata=none&$top=1`)
    assert.match(json['@odata.nextLink'], /[?&]\$format=application\/json;odata\.metadata=none&/)
  })

  it('of anything but JSON is a 501 that names it', async () => {
    for (const format of ['xml', 'atom', 'application/atom%2Bxml', 'text/html']) {
      const answer = await get(`${emails}?$format=${format}`)
      assertRefused(answer, 501, 'NotImplemented', '$format')
      assert.ok(answer.json.error.message.includes(decodeURIComponent(format)), answer.json.error.message)
    }
  })

  it('of nothing is a 400, and of an amount of metadata that there is not a 406', async () => {
    assertRefused(await get(`${emails}?$format=`), 400, 'badRequest', '$format')
    assertRefused(await get(`${emails}?$format=application/json;odata.metadata=some`), 406, 'NotAcceptable')
  })
})
