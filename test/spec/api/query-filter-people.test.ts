import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { eventual, patsToken, putPat, questions } from '../../support/queries.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server, {
  displayName: "Pat O'Neil",
  otherMails: ['Pat@Home.Example', 'zoe\u0308@x.example'],
  businessPhones: ['+1 555'],
  mobilePhone: '+1 556',
  identities: [{ signInType: 'federated', issuer: 'Fabrikam.com', issuerAssignedId: 'P' }],
})
await putRecords(server, [
  contosoUser('aaaaaaaa-0000-4000-8000-000000000002', 'quinn@contoso.com', { mail: 'q@x.example', accountEnabled: false }),
])
const { get, found } = questions(
  server,
  await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite', mfa: true }),
)

describe('$filter of users', () => {
  const byName = (filter: string) => found(`/v1.0/users?$filter=${filter}`, eventual, 'userPrincipalName')
  for (const [filter, expected] of Object.entries({
    "userPrincipalName eq 'PAT@contoso.com'": 'pat@contoso.com',
    "startswith(userPrincipalName,'PA')": 'pat@contoso.com',
    "displayName eq 'pat o''neil'": 'pat@contoso.com',
    "startswith(displayName,'Pat O''')": 'pat@contoso.com',
    "mail eq 'KIM@contoso.com'": 'kim@contoso.com',
    'mail eq null': 'pat@contoso.com',
    "otherMails/any(m:m eq 'pat@home.example')": 'pat@contoso.com',
    "otherMails/any(m:m eq 'ZOË@x.example')": 'pat@contoso.com',
    "otherMails/any(m:endswith(m,'@HOME.example'))": 'pat@contoso.com',
    'otherMails/$count eq 2': 'pat@contoso.com',
    "proxyAddresses/any(p:p eq 'nobody')": '',
    "businessPhones/any(p:p eq '%2B1 555')": 'pat@contoso.com',
    "identities/any(i:i/issuer eq 'fabrikam.com' and i/issuerAssignedId eq 'p')": 'pat@contoso.com',
    "identities/any(i:i/issuer eq 'fabrikam.com' and i/issuerAssignedId eq 'q')": '',
    "mobilePhone eq '%2B1 556'": 'pat@contoso.com',
    'accountEnabled eq false': 'quinn@contoso.com',
    'not accountEnabled': 'quinn@contoso.com',
    "userPrincipalName in ('KIM@contoso.com','pat@contoso.com')": 'kim@contoso.com pat@contoso.com',
    "startswith(mail,'lee') or startswith(displayName,'pat')": 'lee@contoso.com pat@contoso.com',
  }))
    it(`${filter} takes ${expected === '' ? 'none' : expected}`, async () => {
      assert.equal(await byName(filter), expected)
    })
})

describe('$filter of authentication methods', async () => {
  const id = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
  const bearer = await patsToken(server, { scope: 'UserAuthenticationMethod.ReadWrite', mfa: true })
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: bearer, body: { emailAddress: 'Back@contoso.com' } })

  for (const [filter, isFound] of Object.entries({
    "emailAddress eq 'BACK@contoso.com'": true,
    "emailAddress ne 'BACK@contoso.com'": false,
    "startswith(emailAddress,'b') and createdDateTime gt 2020-01-01": true,
    'createdDateTime gt now()': false,
    'emailAddress eq null': false,
    "id eq '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'": true,
    "id eq '3DDFCFC8-9383-446f-83cc-3ab9be4be18f'": false,
  }))
    it(`${filter} takes ${isFound ? 'the one there is' : 'none'}`, async () => {
      assert.equal(await found(`/v1.0/me/authentication/emailMethods?$filter=${filter}`), isFound ? id : '')
      assert.equal((await get(`/v1.0/me/authentication/emailMethods/$count?$filter=${filter}`)).text, isFound ? '1' : '0')
    })

  it('of all types knows the members that all types have, and no others', async () => {
    const methods = '/v1.0/me/authentication/methods'
    assert.equal(await found(`${methods}?$filter=createdDateTime lt now()`), id)
    assert.equal(await found(`${methods}?$filter=createdDateTime gt now()`), '')
    assertRefused(await get(`${methods}?$filter=emailAddress eq 'x'`), 400, 'badRequest', '$filter')
  })
})
