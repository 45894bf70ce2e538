/** `OData-Version` and `OData-MaxVersion` (OData 4.01 Protocol, sections 8.1.5 and 8.2.7). */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertPartRefused, batch, sendBatch, write } from '../../support/batch.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const emails = '/beta/me/profile/emails'
const body = { address: 'kim@contoso.com' }
const malformed = ['4', 'x', '4.0.1', '4.0, 4.0', '-4.0', '4.x', '4.0;NetFx', '4'.repeat(1000)]

describe('A version of OData', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const create = (headers: Readonly<Record<string, string>>) => ask(server, `POST ${emails}`, { token: kim, body, headers })
  const documents = ['/v1.0', '/v1.0/$metadata', '/beta/openapi.json']

  for (const version of ['4.0', '4.01'])
    it(`${version} may be that of a body`, async () => {
      assert.equal((await create({ 'OData-Version': version })).status, 201)
    })

  it('that is no other may be that of a body: 400, and nothing is written', async () => {
    const before = (await ask(server, `GET ${emails}/$count`, { token: kim })).text
    for (const version of ['3.0', '2.0', '4.1', '4.02', '5.0', ...malformed])
      assertRefused(await create({ 'OData-Version': version }), 400, 'BadRequest', 'OData-Version')
    assert.equal((await ask(server, `GET ${emails}/$count`, { token: kim })).text, before)
  })

  it('is not looked at where there is no body, as long as it is one', async () => {
    for (const path of [emails, ...documents]) {
      assert.equal((await ask(server, `GET ${path}`, { token: kim, headers: { 'OData-Version': '3.0' } })).status, 200, path)
      for (const version of malformed)
        assertRefused(
          await ask(server, `GET ${path}`, { token: kim, headers: { 'OData-Version': version } }),
          400,
          'BadRequest',
          'OData-Version',
        )
    }
  })

  it('of 4.0 or later as the newest that a client reads is answered in 4.0', async () => {
    for (const path of [emails, ...documents])
      for (const version of ['4.0', '4.01', '4.1', '5.0', '10.0']) {
        const { status, headers } = await ask(server, `GET ${path}`, { token: kim, headers: { 'OData-MaxVersion': version } })
        assert.deepEqual([status, headers.get('odata-version')], [200, '4.0'], path)
      }
  })

  it('before 4.0 as the newest that a client reads is a 400: no answer is so old', async () => {
    for (const version of ['3.0', '1.0', '0.0', ...malformed]) {
      const headers = { 'OData-MaxVersion': version }
      for (const path of [emails, ...documents])
        assertRefused(await ask(server, `GET ${path}`, { token: kim, headers }), 400, 'BadRequest', 'OData-MaxVersion')
      assertRefused(await create(headers), 400, 'BadRequest', 'OData-MaxVersion')
    }
  })

  it('counts for a batch as a whole, and for each part by itself', async () => {
    const requests = [{ id: '1', method: 'GET', url: '/me' }]
    for (const [name, value] of [
      ['OData-Version', '3.0'],
      ['OData-MaxVersion', '3.0'],
    ] as const)
      assertRefused(await sendBatch(server, requests, { token: kim, headers: { [name]: value } }), 400, 'BadRequest', name)
    const parts = await batch(
      server,
      [
        { ...write('POST', emails, body), headers: { 'Content-Type': 'application/json', 'OData-Version': '3.0' } },
        { url: '/me', headers: { 'odata-maxversion': '3.0' } },
        { url: '/me', headers: { 'OData-MaxVersion': '4.01', 'OData-Version': '4.01' } },
      ],
      { token: kim },
    )
    assert.equal(assertPartRefused(parts[0], 400, 'BadRequest').target, 'OData-Version')
    assert.equal(assertPartRefused(parts[1], 400, 'BadRequest').target, 'OData-MaxVersion')
    assert.equal(parts[2].status, 200)
  })
})
