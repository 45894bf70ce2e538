/** What the parts of a batch are answered: each as it would be alone. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { batch, sendBatch, write } from '../../support/batch.ts'
import { startServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const emails = '/beta/me/profile/emails'
const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All', mfa: true })
const lee = await token(server, 'lee', { scope: 'User.ReadWrite' })
const statusOf = (parts: readonly Json[]) => parts.map(({ status }) => status)

describe('A batch', () => {
  it('is answered with 200 and one answer for each request, in their order, as each would be answered alone', async () => {
    const answer = await sendBatch(
      server,
      [
        { id: 'b', method: 'GET', url: '/me' },
        { id: 'a', method: 'POST', url: emails, headers: { 'Content-Type': 'application/json' }, body: { address: 'kim@contoso.com' } },
        { id: 'None', method: 'GET', url: '/users/nobody@contoso.com' },
      ],
      { token: kim },
    )
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json'])
    assert.deepEqual(
      answer.parts.map(({ id, status }) => [id, status]),
      [
        ['b', 200],
        ['a', 201],
        ['None', 404],
      ],
    )
    const [me, created] = answer.parts
    const alone = await ask(server, 'GET /v1.0/me', { token: kim })
    assert.deepEqual(me?.body, alone.json)
    assert.equal(created?.body['@odata.type'], '#microsoft.graph.itemEmail')
    assert.equal(created?.headers.Location, `${server.http}/beta/users('${personId('kim')}')/profile/emails('${created.body.id}')`)
    assert.equal((await ask(server, `GET ${emails}/${created?.body.id}`, { token: kim })).status, 200)
  })

  it('gives each part the headers that it would have alone, with a request-id of its own and nothing for browsers', async () => {
    const alone = await ask(server, 'GET /v1.0/me', { token: kim })
    const [one, two] = await batch(server, [{}, { headers: { 'Client-Request-ID': 'mine' } }], {
      token: kim,
      headers: { 'client-request-id': 'outer' },
    })
    const names = ['content-type', 'odata-version', 'cache-control', 'etag', 'request-id', 'client-request-id']
    assert.deepEqual(
      Object.keys(one.headers)
        .map((name) => name.toLowerCase())
        .sort(),
      names.filter((name) => alone.headers.has(name)).sort(),
    )
    assert.equal(one.headers['Content-Type'], alone.headers.get('content-type'))
    assert.notEqual(one.headers['request-id'], two.headers['request-id'])
    assert.deepEqual([one.headers['client-request-id'], two.headers['client-request-id']], [one.headers['request-id'], 'mine'])
  })

  it('gives a count as a text, and no body where there is none', async () => {
    const [created] = await batch(server, [write('POST', emails, { address: 'lee@contoso.com' })], { token: lee })
    // Two batches: parts of one run side by side.
    const [count] = await batch(server, [{ url: `${emails}/$count`, headers: { Accept: 'text/plain' } }], { token: lee })
    const [gone] = await batch(server, [{ method: 'DELETE', url: `${emails}/${created.body.id}` }], { token: lee })
    assert.deepEqual([count.status, count.headers['Content-Type'], count.body], [200, 'text/plain', '1'])
    assert.deepEqual([gone.status, 'body' in gone], [204, false])
  })

  it('holds the documents of the service: JSON as it is, XML in base64url', async () => {
    const [service, xml] = await batch(server, [{ url: '/v1.0' }, { url: '/$metadata' }], { token: kim })
    assert.deepEqual(service.body, (await ask(server, 'GET /v1.0')).json)
    assert.equal(xml.headers['Content-Type'], 'application/xml')
    assert.equal(Buffer.from(xml.body, 'base64url').toString(), (await ask(server, 'GET /v1.0/$metadata')).text)
  })

  it('reads headers in any case for each part alone', async () => {
    const parts = await batch(
      server,
      [
        { url: '/users/$count', headers: { consistencylevel: ' eventual\t' } },
        { url: '/users/$count' },
        { headers: { ACCEPT: 'application/json;odata.metadata=none' } },
        { headers: { accept: 'application/json;odata.metadata=some' } },
        write(
          'POST',
          emails,
          { address: 'a@contoso.com' },
          { headers: { 'content-TYPE': 'application/json; charset=utf-8', pReFeR: 'return=minimal' } },
        ),
      ],
      { token: kim, headers: { ConsistencyLevel: 'eventual', Prefer: 'return=representation' } },
    )
    assert.deepEqual(statusOf(parts), [200, 400, 200, 406, 204])
    assert.ok(!('@odata.context' in parts[2].body))
  })

  it('takes URLs with and without leading slash and version, keeps what is encoded in them, and lets their version win', async () => {
    const parts = await batch(
      server,
      [
        { url: 'me' },
        { url: '/me?$select=id' },
        { url: 'V1.0/me?%24select=id%2CdisplayName' },
        { url: '/beta/me/profile/emails?$top=1' },
        { url: 'me/profile/emails' },
        { url: '/users/lee%40contoso.com' },
        { url: '/users/me-token-to-replace?$select=id' },
        { url: '/users/TokenToReplace?$select=id, displayName' },
      ],
      { token: kim },
    )
    assert.deepEqual(statusOf(parts), [200, 200, 200, 200, 404, 200, 200, 200])
    const me = personId('kim')
    assert.deepEqual(
      parts.map(({ body }) => body.id),
      [me, me, me, undefined, undefined, personId('lee'), me, me],
    )
    assert.deepEqual(Object.keys(untagged(parts[2].body)), ['@odata.context', 'id', 'displayName'])
    assert.deepEqual(
      statusOf(await batch(server, [{ url: 'me/profile/emails' }, { url: 'v1.0/me/profile' }], { token: kim, version: 'beta' })),
      [200, 404],
    )
  })

  it('has next links that lead to the ordinary URL', async () => {
    for (const name of ['one', 'two']) await ask(server, `POST ${emails}`, { token: lee, body: { address: `${name}@contoso.com` } })
    const [page] = await batch(server, [{ url: `${emails}?$top=1` }], { token: lee })
    const next: string = page.body['@odata.nextLink']
    assert.ok(next.startsWith(`${server.http}/beta/users(`))
    const rest = await ask(server, `GET ${next.slice(server.http.length)}`, { token: lee })
    assert.deepEqual(
      rest.json.value.map((item: Json) => item.address),
      ['two@contoso.com'],
    )
  })

  it('passes over headers: null, body: null, dependsOn: [], atomicityGroup, members that nobody knows, and respond-async', async () => {
    const odd = { headers: null, body: null, dependsOn: null, atomicityGroup: 'g', if: 'x', nobody: { knows: 1 } }
    const parts = await batch(
      server,
      [odd, { headers: {}, body: {}, dependsOn: [], atomicityGroup: 'g' }, { url: '/nowhere', atomicityGroup: 'g' }],
      {
        token: kim,
        headers: { Prefer: 'respond-async, odata.continue-on-error=false' },
      },
    )
    assert.deepEqual(statusOf(parts), [200, 200, 400])
  })

  it('is one line in the log, and one for each part, the parts by their own routes', async () => {
    const before = server.log.length
    const parts = await batch(server, [{}, { method: 'delete', url: '/users/kim@contoso.com/nothing' }, { url: 'https://x/me' }], {
      token: kim,
    })
    const lines = server.log.slice(before).map((line) => JSON.parse(line))
    assert.deepEqual(lines.map(({ method, route, status }) => [method, route, status]).sort(), [
      ['DELETE', '-', 400],
      ['GET', '-', 400],
      ['GET', '/users/{user}', 200],
      ['POST', '/$batch', 200],
    ])
    for (const { headers } of parts) assert.ok(lines.some(({ requestId }) => requestId === headers['request-id']))
  })
})
