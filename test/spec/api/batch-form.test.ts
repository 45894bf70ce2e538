/** What a batch must look like, and what is refused of the whole of it or of one part. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ask, type Json } from '../../support/ask.ts'
import { assertPartRefused, batch, sendBatch, write } from '../../support/batch.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const emails = '/beta/me/profile/emails'
const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
const good = (id: unknown = '1') => ({ id, method: 'GET', url: '/me' })

describe('A batch as a whole', () => {
  it('is served under both versions, at a slash more, and with the dollar encoded', async () => {
    for (const path of ['/v1.0/$batch', '/beta/$batch', '/v1.0/$batch/', '/v1.0/%24batch', '/BETA/$BATCH'])
      assert.equal((await ask(server, `POST ${path}`, { token: kim, body: { requests: [good()] } })).json.responses[0].status, 200, path)
  })

  it('is POST alone, without query options', async () => {
    for (const verb of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await ask(server, `${verb} /v1.0/$batch`, { token: kim })
      assertRefused(answer, 405, 'Request_BadRequest')
      assert.equal(answer.headers.get('allow'), 'POST')
    }
    assertRefused(await ask(server, 'POST /v1.0/$batch?$top=1', { token: kim, body: { requests: [good()] } }), 400, 'BadRequest')
  })

  it('holds 1 to 20 requests', async () => {
    const many = (length: number) => Array.from({ length }, (_, index) => good(`${index}`))
    assert.equal((await sendBatch(server, many(20), { token: kim })).parts.filter(({ status }) => status === 200).length, 20)
    const over = await sendBatch(server, many(21), { token: kim })
    assertRefused(over, 400, 'BadRequest', 'requests')
    assert.match(over.json.error.message, /at most 20 requests.* 21/)
    assertRefused(await sendBatch(server, [], { token: kim }), 400, 'BadRequest', 'requests')
  })

  it('is an object with a list of requests', async () => {
    for (const body of [
      {},
      [],
      [good()],
      null,
      1,
      'text',
      { requests: null },
      { requests: {} },
      { requests: 'x' },
      { requestsx: [good()] },
      { requeſts: [good()] },
    ])
      assertRefused(await ask(server, 'POST /v1.0/$batch', { token: kim, body: JSON.stringify(body) }), 400, 'BadRequest', 'requests')
  })

  it('is read as any body: JSON, plain or in gzip, no member twice, not too deep', async () => {
    const send = (body: string | Uint8Array, headers = {}) => ask(server, 'POST /v1.0/$batch', { token: kim, body, headers })
    const text = JSON.stringify({ requests: [good()] })
    assert.equal((await send(gzipSync(text), { 'Content-Encoding': 'gzip' })).json.responses[0].status, 200)
    assertRefused(await send(text, { 'Content-Type': 'multipart/mixed; boundary=b' }), 415, 'UnsupportedMediaType')
    for (const bad of [
      '',
      '{',
      '{"requests":[',
      text.replace('"id"', '"url":"/users","id"'),
      `{"requests":${'['.repeat(40)}${']'.repeat(40)}}`,
    ])
      assertRefused(await send(bad), 400, 'BadRequest')
  })

  const wrong: Readonly<Record<string, readonly (readonly [member: string, value: unknown])[]>> = {
    id: [undefined, null, '', true, [], {}, ['1']].map((value) => ['id', value] as const),
    method: [undefined, null, '', 1, 'FETCH', 'HEAD', 'OPTIONS', 'GET ', ['GET'], 'constructor'].map((value) => ['method', value] as const),
    url: [undefined, null, '', 1, {}, ['/me']].map((value) => ['url', value] as const),
    headers: [1, 'x', [], true].map((value) => ['headers', value] as const),
    dependsOn: [1, 'x', {}, true].map((value) => ['dependsOn', value] as const),
  }
  for (const [member, values] of Object.entries(wrong))
    it(`is refused with 400 that names the ${member} at fault`, async () => {
      for (const [, value] of values) {
        const answer = await sendBatch(server, [good('a'), { ...good('b'), [member]: value }], { token: kim })
        assertRefused(answer, 400, 'BadRequest', `requests/1/${member}`)
      }
    })

  it('is refused where a request is no object', async () => {
    for (const item of [null, 1, 'GET /me', [], [good()]])
      assertRefused(await sendBatch(server, [good(), item], { token: kim }), 400, 'BadRequest', 'requests/1')
  })

  it('is refused where an id comes twice, without regard to case', async () => {
    for (const [one, two] of [
      ['1', '1'],
      ['a', 'A'],
      ['ÄB', 'äb'],
    ])
      assertRefused(await sendBatch(server, [good(one), good('x'), good(two)], { token: kim }), 400, 'BadRequest', 'requests/2/id')
    assert.equal((await sendBatch(server, [good('1'), good('01')], { token: kim })).status, 200)
  })

  it('is refused where dependsOn names the request itself, a later one, one that is not there, or no text: so there is no circle', async () => {
    for (const dependsOn of [['b'], ['B'], ['c'], ['nobody'], [''], [1], [null]]) {
      const answer = await sendBatch(
        server,
        [good('a'), { ...good('b'), dependsOn: ['a', ...dependsOn] }, { ...good('c'), dependsOn: ['b'] }],
        { token: kim },
      )
      assertRefused(answer, 400, 'BadRequest', 'requests/1/dependsOn/1')
    }
  })

  it('is refused where a header is given twice, has a bad name, or no text that a header can hold', async () => {
    for (const [headers, name] of [
      [{ Prefer: 'a', prefer: 'b' }, 'prefer'],
      [{ prefer: 'a', Prefer: 'b' }, 'Prefer'],
      [{ 'a b': 'x' }, 'a b'],
      [{ 'a\r\nb': 'x' }, 'a\ufffd\ufffdb'],
      [{ '': 'x' }, ''],
      [{ Prefer: 1 }, 'Prefer'],
      [{ Prefer: null }, 'Prefer'],
      [{ Prefer: ['a'] }, 'Prefer'],
      [{ Prefer: 'a\r\nb: c' }, 'Prefer'],
      [{ Prefer: 'a\u0000' }, 'Prefer'],
    ] as const)
      assertRefused(await sendBatch(server, [{ ...good(), headers }], { token: kim }), 400, 'BadRequest', `requests/0/headers/${name}`)
  })

  it('may have its names in any case, and numbers for ids, which are answered as texts', async () => {
    const body = {
      Requests: [
        { Id: 1, Method: 'get', Url: '/me', Headers: { AUTHORIZATION: `Bearer ${kim}`, PREFER: 'odata.maxpagesize=1' }, Body: null },
        { ID: 2.5, METHOD: 'POST', URL: emails, HEADERS: { 'CONTENT-TYPE': 'application/json' }, BODY: { ADDRESS: 'x' }, DEPENDSON: [1] },
        { id: '3', method: 'GET', url: '/me', DependsOn: ['1', 1] },
        { id: -0, method: 'GET', url: '/me', dependsOn: [2.5] },
      ],
    }
    const { status, json } = await ask(server, 'POST /v1.0/$batch', { token: kim, body })
    assert.equal(status, 200)
    assert.deepEqual(
      json.responses.map((part: Json) => [part.id, part.status]),
      [
        ['1', 200],
        ['2.5', 400],
        ['3', 200],
        ['0', 424],
      ],
    )
  })

  it('is refused where a number and a text are the same id, or a number is none', async () => {
    assertRefused(await sendBatch(server, [good(1), good('1')], { token: kim }), 400, 'BadRequest', 'requests/1/id')
    const huge = JSON.stringify({ requests: [good(1)] }).replace('"id":1', '"id":1e999')
    assertRefused(await ask(server, 'POST /v1.0/$batch', { token: kim, body: huge }), 400, 'BadRequest', 'requests/0/id')
  })

  it('is refused where a member comes in two spellings', async () => {
    const twice = { requests: [good()], Requests: [good()] }
    assertRefused(await ask(server, 'POST /v1.0/$batch', { token: kim, body: twice }), 400, 'BadRequest', 'Requests')
    assertRefused(await sendBatch(server, [{ ...good(), Url: '/users' }], { token: kim }), 400, 'BadRequest', 'requests/0/Url')
  })

  it('runs nothing when it is refused', async () => {
    const requests = [{ id: '1', ...write('POST', emails, { address: 'kim@contoso.com' }) }, good('1')]
    assertRefused(await sendBatch(server, requests, { token: kim }), 400, 'BadRequest', 'requests/1/id')
    assert.equal((await ask(server, `GET ${emails}/$count`, { token: kim })).text, '0')
  })
})

describe('A part of a batch', () => {
  it('is refused alone, with the others served', async () => {
    const parts = await batch(server, [{}, { url: '/nothing' }, { url: '/me?$what=1' }, {}], { token: kim })
    assert.deepEqual(
      parts.map(({ status }: Json) => status),
      [200, 400, 400, 200],
    )
  })

  it('has a relative URL', async () => {
    const urls = [
      `${server.http}/v1.0/me`,
      'https://graph.microsoft.com/v1.0/me',
      'HTTP://x',
      '//example.com/v1.0/me',
      'file:///etc/passwd',
    ]
    const parts = await batch(
      server,
      urls.map((url) => ({ url })),
      { token: kim },
    )
    for (const part of parts) assert.match(assertPartRefused(part, 400, 'BadRequest').message, /relative/)
  })

  it('is no batch', async () => {
    const inner = { requests: [good()] }
    const urls = ['/$batch', '$batch', '/v1.0/$batch', '/beta/$BATCH/', '/%24batch', '$batch?x=1']
    const parts = await batch(
      server,
      urls.map((url) => write('POST', url, inner)),
      { token: kim },
    )
    for (const part of parts) assert.match(assertPartRefused(part, 400, 'BadRequest').message, /batch/)
    const [got] = await batch(server, [{ url: '/$batch' }], { token: kim })
    assertPartRefused(got, 400, 'BadRequest')
  })

  it('with a body needs a Content-Type, of JSON in UTF-8; one without a body needs none', async () => {
    const body = { address: 'kim@contoso.com' }
    const post = (id: string, headers: unknown) => ({ id, method: 'POST', url: emails, body, headers })
    const parts = await batch(
      server,
      [
        post('None', undefined),
        post('Empty', {}),
        post('x', { 'Content-Type': 'text/plain' }),
        post('y', { 'content-type': 'application/json;charset=latin1' }),
        { body },
      ],
      { token: kim },
    )
    for (const part of parts.slice(0, 2))
      assert.equal(
        assertPartRefused(part, 400, 'BadRequest').message,
        `Write request with id '${part.id}' does not contain a Content-Type header.`,
      )
    for (const part of parts.slice(2, 4)) assertPartRefused(part, 415, 'UnsupportedMediaType')
    assert.equal(parts[4].status, 200)
  })

  it('has a JSON object for its body: no text, no base64, no list, and something where something is needed', async () => {
    const json = JSON.stringify({ address: 'kim@contoso.com' })
    const bodies = [json, Buffer.from(json).toString('base64'), [], 1, true, null, undefined]
    const parts = await batch(
      server,
      bodies.map((body) => write('POST', emails, body)),
      { token: kim },
    )
    for (const part of parts) assertPartRefused(part, 400, 'BadRequest')
    assert.match(parts[1].body.error.message, /must be a JSON object, not text or base64/)
    for (const part of parts.slice(5)) assert.match(part.body.error.message, /^Unable to read JSON/)
    const [empty] = await batch(server, [write('POST', emails, {})], { token: kim })
    assert.equal(assertPartRefused(empty, 400, 'badRequest').target, 'address')
  })
})
