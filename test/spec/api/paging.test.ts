import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const emails = '/beta/me/profile/emails'

/** Every page from `first` on, by following @odata.nextLink as given. */
async function pagesOf(server: TestServer, bearer: string, first: string): Promise<readonly Json[]> {
  const pages: Json[] = []
  for (let next: string | undefined = server.http + first; next !== undefined; next = pages.at(-1)['@odata.nextLink']) {
    const { status, json, text } = await ask({ http: '' }, `GET ${next}`, { token: bearer })
    assert.equal(status, 200, text)
    pages.push(json)
    assert.ok(pages.length < 100, 'the pages come to an end')
  }
  return pages
}

const idsOf = (pages: readonly Json[]): readonly string[] => pages.flatMap(({ value }) => value.map((item: Json) => item.id))

describe('Paging through emails', async () => {
  const server = await startServer()
  const owner = 'aaaaaaaa-0000-4000-8000-000000000001'
  // Seven at the same moment, so that the id has to decide.
  const created = (n: number) => (n < 7 ? '2026-03-01T12:00:00Z' : `2026-03-01T12:00:${String(n).padStart(2, '0')}Z`)
  const record = (n: number) => ({
    kind: 'email',
    tenantId: tenants.contoso,
    userId: owner,
    id: `e${String(n).padStart(2, '0')}`,
    address: `e${n}@contoso.com`,
    createdDateTime: created(n),
  })
  await putRecords(server, [contosoUser(owner, 'pat@contoso.com'), ...Array.from({ length: 25 }, (_, n) => record(n))])
  const claims = { oid: owner, upn: 'pat@contoso.com' }
  const pat = await token(server, 'kim', { scope: 'User.ReadWrite', claims })
  const all = idsOf(await pagesOf(server, pat, emails))

  it('gives all on one page where they fit, without a next link', async () => {
    const pages = await pagesOf(server, pat, emails)
    assert.equal(pages.length, 1)
    assert.equal(all.length, 25)
    assert.deepEqual([...all].sort(), all)
  })

  for (const size of [1, 2, 5, 7, 24, 25])
    it(`gives each item once and in order with pages of ${size}`, async () => {
      const pages = await pagesOf(server, pat, `${emails}?$top=${size}`)
      assert.deepEqual(idsOf(pages), all)
      assert.equal(pages.length, Math.ceil(25 / size))
      for (const page of pages.slice(0, -1)) assert.equal(page.value.length, size)
    })

  it('has absolute next links that keep the other options, with an opaque $skiptoken', async () => {
    const { json } = await ask(server, `GET ${emails}?$top=10&$select=id,address&$count=true`, { token: pat })
    const link = new URL(json['@odata.nextLink'])
    assert.equal(link.origin, server.http)
    assert.equal(link.pathname, `/beta/users('${owner}')/profile/emails`)
    assert.deepEqual([...link.searchParams.keys()].sort(), ['$count', '$select', '$skiptoken', '$top'])
    assert.deepEqual([link.searchParams.get('$top'), link.searchParams.get('$select')], ['10', 'id,address'])
    assert.match(link.searchParams.get('$skiptoken') ?? '', /^[\w-]+$/)
    const { json: second } = await ask({ http: '' }, `GET ${link.href}`, { token: pat })
    assert.deepEqual(Object.keys(untagged(second.value[0])), ['id', 'address'])
    assert.equal(second['@odata.count'], 25)
    assert.equal(second['@odata.context'], json['@odata.context'])
  })

  it('keeps the options of a client that writes them without $ and in another case', async () => {
    const pages = await pagesOf(server, pat, `${emails}?TOP=10&Select=ID`)
    assert.deepEqual(idsOf(pages), all)
    for (const page of pages) for (const item of page.value) assert.deepEqual(Object.keys(untagged(item)), ['id'])
  })

  it('keeps the name under which the user was asked for', async () => {
    const { json } = await ask(server, 'GET /beta/users/pat@contoso.com/profile/emails?$top=10', { token: pat })
    assert.equal(new URL(json['@odata.nextLink']).pathname, "/beta/users('pat%40contoso.com')/profile/emails")
    const pages = await pagesOf(server, pat, '/beta/users/pat@contoso.com/profile/emails?$top=10')
    assert.deepEqual(idsOf(pages), all)
  })

  it('goes on with the page size of Prefer where the client sends it again', async () => {
    const headers = { Prefer: 'odata.maxpagesize=10' }
    const { json } = await ask(server, `GET ${emails}`, { token: pat, headers })
    const { json: second } = await ask({ http: '' }, `GET ${json['@odata.nextLink']}`, { token: pat, headers })
    assert.deepEqual(idsOf([json, second]), all.slice(0, 20))
  })

  it('skips what $skip says once, not on every page', async () => {
    const pages = await pagesOf(server, pat, `${emails}?$skip=4&$top=8`)
    assert.deepEqual(idsOf(pages), all.slice(4))
    assert.equal(pages.length, 3)
  })

  it('gives nothing and no next link for $top=0, and for a $skip beyond the end', async () => {
    for (const query of ['$top=0', '$skip=25', '$skip=1000000']) {
      const { json } = await ask(server, `GET ${emails}?${query}&$count=true`, { token: pat })
      assert.deepEqual([json.value, json['@odata.nextLink'], json['@odata.count']], [[], undefined, 25])
    }
  })

  it('counts all for $count=true, whatever the page, and does not count for $count=false', async () => {
    const counted = await ask(server, `GET ${emails}?$count=true&$top=3&$skip=2`, { token: pat })
    assert.equal(counted.json['@odata.count'], 25)
    const uncounted = await ask(server, `GET ${emails}?$count=false&$top=3`, { token: pat })
    assert.ok(!('@odata.count' in uncounted.json))
  })

  it('stays in order and loses nothing while items come and go between pages', async () => {
    const { json: first } = await ask(server, `GET ${emails}?$top=10`, { token: pat })
    // One that was seen, the last that was seen, and one that is yet to come are deleted; one is added at the end.
    for (const id of ['e03', 'e09', 'e12']) await ask(server, `DELETE ${emails}/${id}`, { token: pat })
    const { json: late } = await ask(server, `POST ${emails}`, { token: pat, body: { address: 'late@contoso.com' } })
    const rest = await pagesOf(server, pat, first['@odata.nextLink'].slice(server.http.length))
    assert.deepEqual(idsOf(rest), [...all.slice(10).filter((id) => id !== 'e12'), late.id])
  })
})

describe('Paging through users', async () => {
  const server = await startServer()
  const idOf = (n: number) => `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  await putRecords(
    server,
    Array.from({ length: 230 }, (_, n) => contosoUser(idOf(n), `user${n}@contoso.com`)),
  )
  const lee = await token(server, 'lee', { scope: 'User.Read.All' })

  it('gives a hundred a page where nothing else is asked for, and all of them in the end', async () => {
    const pages = await pagesOf(server, lee, '/v1.0/users')
    assert.deepEqual(
      pages.map(({ value }) => value.length),
      [100, 100, 38],
    )
    const ids = idsOf(pages)
    assert.equal(new Set(ids).size, 238)
    assert.deepEqual([...ids].sort(), ids)
  })

  it('gives up to 999 a page for $top, and refuses more', async () => {
    assert.equal((await ask(server, 'GET /v1.0/users?$top=999', { token: lee })).json.value.length, 238)
    assertRefused(await ask(server, 'GET /v1.0/users?$top=1000', { token: lee }), 400, 'Request_BadRequest', '$top')
  })

  it('links to /users with the options that were given', async () => {
    const { json } = await ask(server, 'GET /beta/users?$top=200&$select=userPrincipalName', { token: lee })
    const link = new URL(json['@odata.nextLink'])
    assert.equal(link.origin + link.pathname, `${server.http}/beta/users`)
    assert.equal(link.searchParams.get('$select'), 'userPrincipalName')
    const { json: rest } = await ask({ http: '' }, `GET ${link.href}`, { token: lee })
    assert.equal(rest.value.length, 38)
    assert.equal(rest['@odata.nextLink'], undefined)
  })
})

describe('A $skiptoken', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true })
  for (let n = 0; n < 3; n++) await ask(server, `POST ${emails}`, { token: kim, body: { address: `kim${n}@contoso.com` } })
  const tokenOf = async (path: string) => {
    const { json } = await ask(server, `GET ${path}?$top=1`, { token: kim })
    return new URL(json['@odata.nextLink']).searchParams.get('$skiptoken') ?? ''
  }
  const own = await tokenOf(emails)
  const goOn = (skiptoken: string, path = emails) => ask(server, `GET ${path}?$skiptoken=${encodeURIComponent(skiptoken)}`, { token: kim })

  it('goes on after the page it came with', async () => {
    assert.equal((await goOn(own)).json.value.length, 2)
  })

  it('that was tampered with is a 400 that names it, whichever character was changed', async () => {
    for (let at = 0; at < own.length; at++) {
      const other = own[at] === 'A' ? 'B' : 'A'
      assertRefused(await goOn(own.slice(0, at) + other + own.slice(at + 1)), 400, 'badRequest', '$skiptoken')
    }
    for (const text of [own.slice(1), own.slice(0, -1), `${own}A`, `${own}=`, ` ${own}`])
      assertRefused(await goOn(text), 400, 'badRequest', '$skiptoken')
  })

  for (const text of ['', 'x', 'W10', 'X%2744', 'AAAA'.repeat(100), Buffer.from('["2026","x"]').toString('base64url')])
    it(`that never came from a next link is a 400: ${text.slice(0, 20)}`, async () => {
      assertRefused(await goOn(text), 400, 'badRequest', '$skiptoken')
      assertRefused(await goOn(text, '/v1.0/users'), 400, 'Request_BadRequest', '$skiptoken')
    })

  it('of another collection is a 400', async () => {
    const users = await tokenOf('/v1.0/users')
    assertRefused(await goOn(users), 400, 'badRequest', '$skiptoken')
    assertRefused(await goOn(own, '/v1.0/users'), 400, 'Request_BadRequest', '$skiptoken')
    for (const path of ['/v1.0/me/authentication/emailMethods', '/v1.0/me/authentication/methods'])
      assertRefused(await goOn(own, path), 400, 'badRequest', '$skiptoken')
  })
})
