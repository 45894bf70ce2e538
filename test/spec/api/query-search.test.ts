import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { emails, eventual, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server, { displayName: "Pat O'Neil", givenName: 'Pat', surname: "O'Neil" })
const bearer = await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true })
const { get, found } = questions(server, bearer)
await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: bearer, body: { emailAddress: 'Back@contoso.com' } })

describe('$search of emails', () => {
  for (const [search, expected] of Object.entries({
    anna: 'a',
    ANN: 'a',
    '"Anna@contoso.com"': 'a',
    STRASSE: 'a',
    ζοη: '',
    zoë: 'c',
    οδος: 'c',
    "d'arc": 'd',
    arc: '',
    '"joan d\'arc"': 'd',
    wave: 'e',
    smile: 'f',
    nobody: '',
    'anna OR bert': 'a b',
    'joan AND "d.arc"': 'd',
    'joan d.arc': 'd',
    'joan anna': '',
    'NOT joan': 'a b c f e',
    '(anna OR joan) AND NOT bert': 'a d',
    '"displayName:straße"': 'a',
    '"ADDRESS:anna"': 'a',
    '"displayName:anna"': '',
    '"displayName:joan" OR "address:bert"': 'b d',
  }))
    it(`${search} finds ${expected === '' ? 'none' : expected}`, async () => {
      assert.equal(await found(`${emails}?$search=${search}`), expected)
    })

  it('narrows a filter, and is narrowed by it; counts and pages are of what is found', async () => {
    assert.equal(await found(`${emails}?$search=anna OR bert&$filter=type eq 'work'`), 'a')
    const { json } = await get(`${emails}?$search=NOT joan&$orderby=address desc&$top=2&$count=true`)
    assert.equal(json['@odata.count'], 5)
    assert.equal((await ask({ http: '' }, `GET ${json['@odata.nextLink']}`, { token: bearer })).json.value.length, 2)
    assert.equal((await get(`${emails}/$count?$search="displayName:joan"`)).text, '1')
  })

  it('may be written without $ and in any case, with + for spaces', async () => {
    assert.equal(await found(`${emails}?SEARCH=anna+OR+bert`), 'a b')
  })

  for (const [search, says] of Object.entries({
    '': 'Character 1: expected a word, a phrase in double quotes, or a parenthesis, found the end.',
    '"anna': 'Character 6: expected the double quote that closes the phrase begun at character 1, found the end.',
    '(anna': "Character 6: expected ')', found the end.",
    'anna)': "Character 5: expected a word, AND, OR or the end, found ')'.",
    '"nothing:x"': 'Character 1: expected one of address, displayName in front of the colon.',
  }))
    it(`that cannot be is a 400 that says where and what was expected: ${search}`, async () => {
      const answer = await get(`${emails}?$search=${search}`)
      assertRefused(answer, 400, 'badRequest', '$search')
      assert.equal(answer.json.error.message, says)
    })
})

describe('$search of users', () => {
  for (const [search, expected] of Object.entries({
    '"displayName:pat"': 'pat@contoso.com',
    "o'neil": 'pat@contoso.com',
    '"mail:kim" OR "userPrincipalName:lee"': 'kim@contoso.com lee@contoso.com',
    '"surname:pat"': '',
  }))
    it(`${search} finds ${expected === '' ? 'nobody' : expected}`, async () => {
      assert.equal(await found(`/v1.0/users?$search=${search}`, eventual, 'userPrincipalName'), expected)
    })
})

describe('$search of authentication methods', () => {
  it('looks at the address of email methods', async () => {
    const path = '/v1.0/me/authentication/emailMethods'
    assert.equal((await get(`${path}?$search=BACK`)).json.value.length, 1)
    assert.equal((await get(`${path}?$search=other`)).json.value.length, 0)
    assert.equal((await get(`${path}/$count?$search=NOT back`)).text, '0')
  })

  it('is a 501 for methods of all types, which have no text in common', async () => {
    assertRefused(await get('/v1.0/me/authentication/methods?$search=back'), 501, 'NotImplemented', '$search')
  })
})
