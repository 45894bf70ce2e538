import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emails, eventual, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server)
const { get } = questions(server, await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.Read' }))

/** What is asked of users, and what a refusal names. */
const advanced = {
  "$filter=mail ne 'x'": "'ne'",
  "$filter=not startswith(displayName,'a')": "'not'",
  "$filter=endswith(mail,'.com')": "'endswith'",
  "$filter=contains(displayName,'a')": "'contains'",
  '$filter=otherMails/$count eq 0': "'$count'",
  '$filter=accountEnabled eq true&$orderby=displayName': "'$orderby together with $filter'",
  '$search="displayName:a"': '$search',
  "$filter=startswith(displayName,'a') and mail ne null": "'ne'",
}

const plain = [
  "$filter=startswith(displayName,'a')",
  "$filter=mail eq 'kim@contoso.com'",
  "$filter=userPrincipalName in ('kim@contoso.com')",
  "$filter=otherMails/any(m:m eq 'x')",
  "$filter=displayName ge 'a' and displayName lt 'b'",
  '$orderby=displayName desc',
  '$count=true&$top=1',
  '$select=id',
]

describe('ConsistencyLevel: eventual', () => {
  for (const [query, named] of Object.entries(advanced)) {
    it(`is needed to ask of users ${query}`, async () => {
      const answer = await get(`/v1.0/users?${query}`)
      assertRefused(answer, 400, 'Request_UnsupportedQuery', 'ConsistencyLevel')
      assert.ok(answer.json.error.message.includes(named), answer.json.error.message)
      assert.match(answer.json.error.message, /ConsistencyLevel: eventual/)
      assertRefused(await get(`/v1.0/users?${query}`, { ConsistencyLevel: 'strong' }), 400, 'Request_UnsupportedQuery', 'ConsistencyLevel')
      for (const headers of [eventual, { consistencylevel: 'EVENTUAL' }])
        assert.equal((await get(`/v1.0/users?${query}`, headers)).status, 200)
    })
  }

  for (const query of plain)
    it(`is not needed to ask of users ${query}`, async () => {
      for (const headers of [{}, eventual]) assert.equal((await get(`/v1.0/users?${query}`, headers)).status, 200)
    })

  it('is needed to count users by /$count, with a filter and without', async () => {
    for (const query of ['', "?$filter=startswith(displayName,'a')"]) {
      const answer = await get(`/v1.0/users/$count${query}`)
      assertRefused(answer, 400, 'Request_BadRequest', 'ConsistencyLevel')
      assert.match(answer.json.error.message, /^\$count is not currently supported/)
      assert.equal((await get(`/v1.0/users/$count${query}`, eventual)).status, 200)
    }
  })

  it('is not needed for emails and methods, whatever is asked', async () => {
    for (const query of ["$filter=address ne 'x'&$orderby=address", "$filter=not endswith(address,'x')", '$search=anna'])
      assert.equal((await get(`${emails}?${query}`)).status, 200)
    for (const query of ["$filter=emailAddress ne 'x'&$orderby=emailAddress", '$search=anna'])
      assert.equal((await get(`/v1.0/me/authentication/emailMethods?${query}`)).status, 200)
    assert.equal((await get(`${emails}/$count`)).status, 200)
  })

  it('may be a query option, in any case, and stays in the link to the next page', async () => {
    for (const option of ['ConsistencyLevel=eventual', 'consistencylevel=EVENTUAL', 'CONSISTENCYLEVEL=Eventual']) {
      assert.equal((await get(`/v1.0/users/$count?${option}`)).status, 200)
      const { json } = await get(`/v1.0/users?${option}&$filter=mail ne 'x'&$top=1`)
      assert.match(json['@odata.nextLink'], /[?&]ConsistencyLevel=eventual&/i)
      const { pathname, search } = new URL(json['@odata.nextLink'])
      assert.equal((await get(pathname + search)).status, 200)
    }
    assert.equal((await get(`${emails}?ConsistencyLevel=eventual`)).status, 200)
  })

  it('with another value as a query option is as without; given twice it is a 400', async () => {
    for (const value of ['strong', '', 'eventual%20'])
      assertRefused(await get(`/v1.0/users/$count?ConsistencyLevel=${value}`), 400, 'Request_BadRequest', 'ConsistencyLevel')
    assert.equal((await get('/v1.0/users?ConsistencyLevel=session')).status, 200)
    const twice = await get('/v1.0/users?ConsistencyLevel=eventual&consistencylevel=eventual')
    assertRefused(twice, 400, 'Request_BadRequest', 'ConsistencyLevel')
    assertRefused(await get('/v1.0/users?ConsistencyLevel=eventual&nothing=1'), 400, 'Request_BadRequest', 'nothing')
  })

  it('is asked for after what is wrong with the query itself', async () => {
    assertRefused(await get('/v1.0/users?$filter=not nothing'), 400, 'Request_BadRequest', '$filter')
    assertRefused(await get("/v1.0/users?$filter=mail ne 'x' and cast(mail,Edm.String) eq 'x'"), 501, 'NotImplemented', '$filter')
  })
})
