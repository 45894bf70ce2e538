/** A batch is no way around anything: neither a permission nor a limit. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import sql from 'sql-template-tag'
import { longUrl } from '../../../src/request/batch.ts'
import { ask, type Json } from '../../support/ask.ts'
import { assertPartRefused, batch, sendBatch, write } from '../../support/batch.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { sendOnce } from '../../support/wire.ts'

const emails = '/beta/me/profile/emails'
const methods = '/v1.0/me/authentication/emailMethods'
const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite' })
const reader = await token(server, 'lee', { scope: 'User.Read' })
const statusOf = (parts: readonly Json[]) => parts.map(({ status }) => status)
/** An error without what differs from request to request. */
const toldBy = ({ status, headers, body: { error } }: Json) => {
  const { innerError, ...told } = error
  const { 'request-id': _, 'client-request-id': __, ...others } = headers
  return { status, others, told, inner: Object.keys(innerError) }
}

describe('Permission in a batch', () => {
  it('needs a good token for the whole before anything of the body is read', async () => {
    for (const authorization of ['', 'Authorization: Bearer x.y.z\r\n']) {
      const head = `POST /v1.0/$batch HTTP/1.1\r\nHost: localhost\r\n${authorization}Content-Type: application/json\r\n`
      const answer = await sendOnce(server.http, `${head}Expect: 100-continue\r\nContent-Length: 100\r\n\r\n`)
      assert.deepEqual([answer.status, answer.json.error.code], [401, 'InvalidAuthenticationToken'])
      assert.notEqual(answer.headers['www-authenticate'], undefined)
    }
    const inside = [{ id: '1', method: 'GET', url: '/me', headers: { Authorization: `Bearer ${kim}` } }]
    assertRefused(await sendBatch(server, inside, {}), 401, 'InvalidAuthenticationToken')
  })

  it('is looked at for each part: what is refused alone is refused in the same words, and not done', async () => {
    const parts = [
      write('POST', emails, { address: 'lee@contoso.com' }),
      write('POST', '/beta/users/kim@contoso.com/profile/emails', { address: 'lee@contoso.com' }),
      write('POST', methods, { emailAddress: 'lee@home.example' }),
      { url: '/users/kim@contoso.com/authentication/emailMethods' },
      { url: '/users' },
      { url: '/groups' },
    ]
    const answers = await batch(server, [...parts, { url: emails }], { token: reader })
    assert.deepEqual(statusOf(answers), [403, 403, 403, 403, 403, 403, 200])
    for (const [index, part] of parts.entries()) {
      const { method = 'GET', url, body } = part as Json
      const alone = await ask(server, `${method} ${url.startsWith('/users') || url === '/groups' ? '/v1.0' : ''}${url}`, {
        token: reader,
        body,
      })
      assert.equal(alone.status, 403)
      assert.deepEqual(toldBy(answers[index]).told, toldBy({ status: 403, headers: {}, body: alone.json }).told)
    }
    assert.deepEqual(answers.at(-1).body.value, [])
  })

  it('asks for MFA in each part', async () => {
    const [part] = await batch(server, [write('POST', methods, { emailAddress: 'kim@home.example' })], { token: kim })
    assertPartRefused(part, 403, 'accessDenied')
  })

  it('tells people of other organizations from nobody as little as a request alone', async () => {
    for (const rest of ['', '/profile', '/profile/emails', '/profile/emails/$count']) {
      const [theirs, nobodys] = await batch(
        server,
        ['ari@litware.com', 'nobody@litware.com'].map((who) => ({ url: `/beta/users/${who}${rest}` })),
        {
          token: await token(server, 'kim', { scope: 'User.Read.All' }),
        },
      )
      const words = (part: Json) => JSON.stringify(toldBy(part)).replaceAll(/(ari|nobody)@litware\.com/g, 'x')
      assert.equal(theirs.status, 404)
      assert.equal(words(theirs), words(nobodys))
    }
  })

  it('is that of the token which a part brings, where it brings one, and of no other', async () => {
    const own = (Authorization: string) => ({
      ...write('POST', emails, { address: 'x@contoso.com' }),
      headers: { Authorization, 'Content-Type': 'application/json' },
    })
    const expired = await token(server, 'kim', { scope: 'User.ReadWrite', claims: { exp: 1 } })
    const answers = await batch(
      server,
      [own(`Bearer ${reader}`), own('Bearer x.y.z'), own(`Bearer ${expired}`), own(''), own(`Bearer ${kim}`)],
      { token: kim },
    )
    assert.deepEqual(statusOf(answers), [403, 401, 401, 401, 201])
    for (const answer of answers.slice(1, 4)) {
      assertPartRefused(answer, 401, 'InvalidAuthenticationToken')
      assert.match(answer.headers['WWW-Authenticate'], /^Bearer /)
    }
  })
})

describe('A limit in a batch', () => {
  const send = (body: string | Uint8Array, headers = {}) => ask(server, 'POST /v1.0/$batch', { token: kim, body, headers })
  const around = (part: string) =>
    `{"requests":[{"id":"1","method":"POST","url":"${emails}","headers":{"Content-Type":"application/json"},"body":${part}}]}`

  it('holds for the whole body, as it is sent and as it inflates', async () => {
    const large = around('{}').padEnd(1024 * 1024 + 1, ' ')
    assertRefused(await send(large), 413, 'RequestEntityTooLarge')
    assertRefused(await send(gzipSync(large), { 'Content-Encoding': 'gzip' }), 413, 'RequestEntityTooLarge')
    assert.equal((await send(around('{}').padEnd(1024 * 1024, ' '))).status, 200)
  })

  it('holds for the body of a part, which may be longer once it is written out', async () => {
    const { json } = await send(around(`{"displayName":"${'x'.repeat(900_000)}","address":[${'1e20,'.repeat(10_000)}1]}`))
    assertPartRefused(json.responses[0], 413, 'RequestEntityTooLarge')
  })

  it('holds for depth', async () => {
    const deep = (levels: number) => `{"address":${'['.repeat(levels)}${']'.repeat(levels)}}`
    assertRefused(await send(around(deep(40))), 400, 'BadRequest')
    assert.equal((await send(around(deep(20)))).json.responses[0].status, 400)
  })

  it('holds for how many members a body has, and how many headers a part', async () => {
    const wide = (members: number) => `{${Array.from({ length: members }, (_, at) => `"@x${at}":1`).join()}}`
    assertRefused(await send(around(wide(9_000))), 400, 'BadRequest')
    assertPartRefused((await send(around(wide(7_000)))).json.responses[0], 400, 'badRequest')
    const headers = (count: number) => ({ headers: Object.fromEntries(Array.from({ length: count }, (_, at) => [`X-${at}`, 'x'])) })
    assert.deepEqual(statusOf(await batch(server, [headers(100)], { token: kim })), [200])
    assertRefused(await send(JSON.stringify({ requests: [{ id: '1', method: 'GET', url: '/me', ...headers(101) }] })), 400, 'BadRequest')
  })

  it("holds for a part's URL, headers and token", async () => {
    const url = (length: number) => ({ url: '/v1.0/me?'.padEnd(length, '&') })
    const answers = await batch(
      server,
      [
        url(16 * 1024),
        url(16 * 1024 + 1),
        { url: `/users/${'ü'.repeat(3 * 1024)}` },
        { headers: { X: 'x'.repeat(150_000) } },
        { headers: { X: 'x'.repeat(170_000) } },
        { headers: { Authorization: `Bearer ${'x'.repeat(100_000)}` } },
      ],
      { token: kim },
    )
    assert.deepEqual(statusOf(answers), [200, 414, 414, 200, 431, 401])
  })

  it('has a part wait for its turn by the length of its URL, where that is over 1,024 characters', async () => {
    const { pace } = server.app
    const take = pace.take.bind(pace)
    const taken: number[] = []
    pace.take = (asker, units) => {
      taken.push(units)
      return take(asker, units)
    }
    const url = (length: number) => ({ url: '/v1.0/me?'.padEnd(length, '&') })
    const answers = await batch(server, [url(longUrl), url(longUrl + 1), url(16 * 1024)], { token: kim })
    pace.take = take
    assert.deepEqual(statusOf(answers), [200, 200, 200])
    const [body, ...parts] = taken
    assert.ok(body !== undefined, 'a body over 4 KiB waits as well')
    assert.deepEqual(parts, [13, 205])
  })

  it('holds for how many emails a profile has', async () => {
    const full = await token(server, 'helpdesk', { scope: 'User.ReadWrite' })
    const twenty = Array.from({ length: 20 }, () => write('POST', emails, { address: 'full@contoso.com' }))
    const answers = (await Promise.all(Array.from({ length: 13 }, () => batch(server, twenty, { token: full })))).flat()
    assert.deepEqual(
      [answers.filter(({ status }) => status === 201).length, answers.filter(({ status }) => status === 507).length],
      [250, 10],
    )
  })
})

describe('A part of a batch', () => {
  it('cannot bring in what HTTP could not', async () => {
    const urls = [
      '/users/\u0000',
      '/users/a\u0000b',
      '/me?$select=\u0000',
      '/users/\ud800',
      '/me\r\nHost: x',
      '/users/\u{1f600}',
      '/..',
      '\\\\x',
      '#',
    ]
    const answers = await batch(
      server,
      urls.map((url) => ({ url })),
      { token: await token(server, 'kim', { scope: 'User.Read.All' }) },
    )
    assert.deepEqual(statusOf(answers), [400, 400, 400, 400, 400, 404, 400, 400, 400])
  })

  it('cannot turn a number that is no number into null', async () => {
    const sent = `{"requests":[{"id":"1","method":"POST","url":"${emails}","headers":{"Content-Type":"application/json"},"body":{"address":"a@b.cc","inference":{"confidenceScore":1e400}}}]}`
    const { json } = await ask(server, 'POST /v1.0/$batch', { token: kim, body: sent })
    assert.equal(assertPartRefused(json.responses[0], 400, 'badRequest').target, 'confidenceScore')
  })

  it('may be called as every object is', async () => {
    const names = ['__proto__', 'constructor', 'toString', '\ud800', '\u0000"\\']
    const headers = JSON.parse('{"__proto__":"x","constructor":"y","hasOwnProperty":"z"}')
    const answers = await batch(
      server,
      names.map((id) => ({ id, headers })),
      { token: kim },
    )
    assert.deepEqual(statusOf(answers), [200, 200, 200, 200, 200])
    const dependsOn = Array.from({ length: 10_000 }, () => 'a')
    assert.deepEqual(statusOf(await batch(server, [{ id: 'a' }, { id: 'b', dependsOn }], { token: kim })), [200, 200])
    assertRefused(
      await sendBatch(server, [{ id: 'a', method: 'GET', url: '/me', dependsOn: ['__proto__'] }], { token: kim }),
      400,
      'BadRequest',
    )
  })

  it('that ends in a defect of the server is a 500 alone, told to the operator', async () => {
    const own = await startServer()
    const writer = await token(own, 'kim', { scope: 'User.ReadWrite' })
    const { json } = await ask(own, `POST ${emails}`, { token: writer, body: { address: 'kim@contoso.com' } })
    await own.app.database.write('everyone', (transaction) => transaction.change(sql`UPDATE profile_emails SET record = ${'{'}`))
    const change = write('PATCH', `${emails}/${json.id}`, { displayName: 'x' })
    const answers = await batch(own, [{}, { ...change, id: 'broken' }, { dependsOn: ['broken'] }, {}], { token: writer })
    assert.deepEqual(statusOf(answers), [200, 500, 424, 200])
    assertPartRefused(answers[1], 500, 'generalException')
    assert.equal(own.log.filter((line) => line.includes('"failed"')).length, 1)
  })
})
