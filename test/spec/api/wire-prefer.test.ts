/** `Prefer` (RFC 7240): what is asked for, and what was done. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const emails = '/beta/me/profile/emails'

describe('Prefer: return', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
  const send = (request: string, prefer: string | undefined, body: object = { address: 'kim@contoso.com' }) =>
    ask(server, request, { token: kim, body, ...(prefer === undefined ? {} : { headers: { Prefer: prefer } }) })

  it('=minimal makes a POST answer 204 with Location and OData-EntityId, and the item is there', async () => {
    for (const path of [emails, `${emails}/$ref`]) {
      const { status, headers, text } = await send(`POST ${path}`, 'return=minimal')
      assert.deepEqual([status, text], [204, ''])
      assert.equal(headers.get('preference-applied'), 'return=minimal')
      const location = headers.get('location') ?? ''
      assert.equal(headers.get('odata-entityid'), location)
      assert.equal((await ask({ http: '' }, `GET ${location}`, { token: kim })).json.address, 'kim@contoso.com')
    }
  })

  it('=minimal makes a POST of an email method answer 204 too', async () => {
    const { status, headers } = await send('POST /v1.0/me/authentication/emailMethods', 'return=minimal', {
      emailAddress: 'kim@contoso.com',
    })
    assert.deepEqual([status, headers.get('preference-applied')], [204, 'return=minimal'])
    const got = await ask({ http: '' }, `GET ${headers.get('location')}`, { token: kim })
    assert.equal(got.json.emailAddress, 'kim@contoso.com')
  })

  it('=representation makes a POST answer as it does anyway, and says so', async () => {
    const { status, headers, json } = await send(`POST ${emails}`, 'return=representation')
    assert.deepEqual([status, headers.get('preference-applied')], [201, 'return=representation'])
    assert.equal(json.address, 'kim@contoso.com')
  })

  it('=minimal makes a PATCH of an email answer 204, =representation 200', async () => {
    const { json } = await send(`POST ${emails}`, undefined)
    const minimal = await send(`PATCH ${emails}/${json.id}`, 'return=minimal', { displayName: 'Work' })
    assert.deepEqual([minimal.status, minimal.text, minimal.headers.get('preference-applied')], [204, '', 'return=minimal'])
    const full = await send(`PATCH ${emails}/${json.id}`, 'return=representation', {})
    assert.deepEqual([full.status, full.json.displayName, full.headers.get('preference-applied')], [200, 'Work', 'return=representation'])
  })

  for (const prefer of [undefined, '', 'respond-async', 'return=everything', 'include-unknown-enum-members', 'outlook.timezone="UTC"'])
    it(`is as if it were absent for Prefer: ${prefer}`, async () => {
      const { status, headers } = await send(`POST ${emails}`, prefer)
      assert.deepEqual([status, headers.get('preference-applied')], [201, null])
    })

  for (const prefer of [
    'RETURN=minimal',
    'respond-async, return=minimal; x=1',
    'return="minimal"',
    'return=minimal, return=representation',
  ])
    it(`is found in Prefer: ${prefer}`, async () => {
      assert.equal((await send(`POST ${emails}`, prefer)).status, 204)
    })

  it('changes nothing about a GET or a DELETE', async () => {
    const { json } = await send(`POST ${emails}`, undefined)
    for (const [verb, expected] of [
      ['GET', 200],
      ['DELETE', 204],
    ] as const) {
      const { status, headers } = await ask(server, `${verb} ${emails}/${json.id}`, { token: kim, headers: { Prefer: 'return=minimal' } })
      assert.deepEqual([status, headers.get('preference-applied')], [expected, null])
    }
  })
})

describe('Prefer: odata.maxpagesize', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All' })
  for (let n = 0; n < 5; n++) await ask(server, `POST ${emails}`, { token: kim, body: { address: `kim${n}@contoso.com` } })
  const list = (prefer: string, query = '') => ask(server, `GET ${emails}${query}`, { token: kim, headers: { Prefer: prefer } })

  for (const prefer of ['odata.maxpagesize=2', 'maxpagesize=2', 'ODATA.MaxPageSize="2"', 'return=minimal,odata.maxpagesize=2'])
    it(`bounds the pages of a list for Prefer: ${prefer}`, async () => {
      const { status, headers, json } = await list(prefer)
      assert.equal(status, 200)
      assert.equal(json.value.length, 2)
      assert.equal(typeof json['@odata.nextLink'], 'string')
      assert.equal(headers.get('preference-applied'), 'odata.maxpagesize=2')
    })

  it('and $top: the smaller one counts', async () => {
    assert.equal((await list('odata.maxpagesize=2', '?$top=4')).json.value.length, 2)
    assert.equal((await list('odata.maxpagesize=4', '?$top=2')).json.value.length, 2)
  })

  it('bounds the pages of users as well', async () => {
    const { headers, json } = await ask(server, 'GET /v1.0/users', { token: kim, headers: { Prefer: 'odata.maxpagesize=3' } })
    assert.deepEqual([json.value.length, headers.get('preference-applied')], [3, 'odata.maxpagesize=3'])
  })

  it('is not asked for: nothing is said to be applied', async () => {
    assert.equal((await ask(server, `GET ${emails}`, { token: kim })).headers.get('preference-applied'), null)
  })

  for (const size of ['0', '-1', 'x', '', '1.5'])
    it(`of ${JSON.stringify(size)} is a 400 that names Prefer`, async () => {
      assertRefused(await list(`odata.maxpagesize=${size}`), 400, 'BadRequest', 'Prefer')
    })
})
