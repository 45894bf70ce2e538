/** How long the headers may be that are read, and what their reading holds against. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
const emails = '/beta/me/profile/emails'
const { json: email } = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' } })
const get = (headers: Readonly<Record<string, string>>) => ask(server, `GET ${emails}/${email.id}`, { token: kim, headers })
const inBatch = async (headers: Readonly<Record<string, string>>) => {
  const requests = [{ id: '1', method: 'GET', url: `/me/profile/emails/${email.id}`, headers }]
  const { json } = await ask(server, 'POST /beta/$batch', { token: kim, body: { requests } })
  return json.responses[0]
}

/** Each with the most characters that are read, and a value of that length which is taken. */
const limits = [
  ['Accept', 4096, (length: number) => 'application/json'.padEnd(length, ',*/*')],
  ['ConsistencyLevel', 64, (length: number) => 'x'.repeat(length)],
  ['If-None-Match', 16_384, (length: number) => `"${'x'.repeat(length - 2)}"`],
  [
    'If-Match',
    16_384,
    (length: number) =>
      `${email['@odata.etag']}${',"x"'.repeat(5000)}`
        .slice(0, length - 1)
        .replace(/,[^,]*$/, '')
        .padEnd(length, ','),
  ],
  ['Prefer', 4096, (length: number) => 'respond-async'.padEnd(length, ',x')],
] as const

describe('A header that is read', () => {
  for (const [name, most, value] of limits)
    it(`has at most ${most} characters: ${name}`, async () => {
      assert.equal((await get({ [name]: value(most) })).status, 200)
      assertRefused(await get({ [name]: value(most + 1) }), 400, 'BadRequest', name)
      assert.equal((await inBatch({ [name]: value(most) })).status, 200)
      const refused = await inBatch({ [name]: value(most + 1) })
      assert.deepEqual([refused.status, refused.body.error.target], [400, name])
    })

  it('is passed over where it is a client-request-id that is too long', async () => {
    assert.equal((await get({ 'client-request-id': 'x'.repeat(128) })).headers.get('client-request-id'), 'x'.repeat(128))
    assert.notEqual((await get({ 'client-request-id': 'x'.repeat(129) })).headers.get('client-request-id'), 'x'.repeat(129))
  })

  it('is refused as a media type where it is a Content-Type of more than 256 characters', async () => {
    const add = (length: number) =>
      ask(server, `POST ${emails}`, {
        token: kim,
        body: { address: 'kim@contoso.com' },
        headers: { 'Content-Type': 'application/json;x='.padEnd(length, 'y') },
      })
    assert.equal((await add(256)).status, 201)
    assertRefused(await add(257), 415, 'UnsupportedMediaType', 'Content-Type')
  })
})

describe('Entity tags in a header', () => {
  const tag = email['@odata.etag']

  it('are taken with blanks and empty places around them', async () => {
    for (const text of [tag, ` ${tag}`, `,${tag}`, `, ,\t${tag} \t,,`, `"x",${tag}`, `"x" ,W/"y", ${tag},`, `"a,b",${tag}`, ' * '])
      assert.equal((await get({ 'If-Match': text })).status, 200, text)
    for (const text of ['"x"', 'W/"x", "y"', '"a,b"']) assert.equal((await get({ 'If-Match': text })).status, 412, text)
  })

  it('are refused where something else stands between the commas', async () => {
    const blanks = ' '.repeat(16_000)
    for (const text of [',', `,${blanks}x`, `${blanks}x${blanks}`, 'x', '"x', '"x"y', '"x" "y"', 'w/"x"', '*,"x"', '"x",*', '""x'])
      assertRefused(await get({ 'If-Match': text }), 400, 'BadRequest', 'If-Match')
    assert.equal((await inBatch({ 'If-Match': `,${'\t'.repeat(16_000)}x` })).status, 400)
  })
})
