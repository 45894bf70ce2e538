import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { emails, eventual, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server)
const bearer = await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true })
const { get } = questions(server, bearer)
const methods = '/v1.0/me/authentication/emailMethods'
await ask(server, `POST ${methods}`, { token: bearer, body: { emailAddress: 'back@contoso.com' } })

/** A collection, a filter that takes some of it, how many, and of how many. */
const collections = [
  [emails, "type eq 'work'", 2, 6],
  ['/v1.0/users', "startswith(userPrincipalName,'p')", 2, 9],
  [methods, "emailAddress eq 'nobody@contoso.com'", 0, 1],
] as const

describe('$count=true', () => {
  for (const [path, filter, some, all] of collections)
    it(`counts all that the filter takes, whatever the page: ${path}`, async () => {
      const count = async (query: string) => (await get(`${path}?$count=true${query}`, eventual)).json['@odata.count']
      assert.equal(await count(''), all)
      assert.equal(await count(`&$filter=${filter}`), some)
      for (const page of ['&$top=1', '&$top=0', '&$skip=1', '&$orderby=id desc&$top=1']) {
        assert.equal(await count(page), all)
        assert.equal(await count(`${page}&$filter=${filter}`), some)
      }
    })

  it('left out, or false, counts nothing', async () => {
    for (const query of ['$top=1', '$count=false&$filter=true']) assert.ok(!('@odata.count' in (await get(`${emails}?${query}`)).json))
  })
})

describe('/$count', () => {
  for (const [path, filter, some, all] of collections) {
    it(`answers the number of what $filter takes, as plain text: ${path}`, async () => {
      const answer = await get(`${path}/$count?$filter=${filter}`, { ...eventual, Accept: 'text/plain;q=0.9' })
      assert.deepEqual([answer.status, answer.text, answer.headers.get('content-type')], [200, String(some), 'text/plain'])
      assert.equal((await get(`${path}/$count`, eventual)).text, String(all))
      assert.equal((await get(`${path}/$count?filter=not (${filter})`, eventual)).text, String(all - some))
    })

    it(`takes no other option than $filter and $search: ${path}`, async () => {
      for (const option of ['$orderby=id', '$top=1', '$skip=1', '$select=id', '$count=true', '$expand=x', '$format=json', '$skiptoken=x']) {
        const answer = await get(`${path}/$count?${option}`, eventual)
        assertRefused(answer, 400, path === '/v1.0/users' ? 'Request_BadRequest' : 'badRequest', option.split('=')[0])
      }
    })
  }

  it('refuses a filter as the list does', async () => {
    assertRefused(await get(`${emails}/$count?$filter=nothing eq 1`), 400, 'badRequest', '$filter')
    assertRefused(await get(`${emails}/$count?$filter=cast(address,Edm.String) eq 'x'`), 501, 'NotImplemented', '$filter')
  })
})
