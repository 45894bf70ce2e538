import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { userToPut } from '../../../src/graph/users/user-item.ts'
import { group, user } from '../../../src/model/directory.ts'
import { propertiesOf } from '../../../src/model/edm.ts'
import { addUser } from '../../../src/store/tables/people.ts'
import { ask, type Json } from '../../support/ask.ts'
import { makeGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants, users } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

const defaultMembers = [
  'businessPhones',
  'displayName',
  'givenName',
  'id',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
]

const kimsMembers = {
  businessPhones: [],
  displayName: 'Kim Akers',
  givenName: 'Kim',
  id: personId('kim'),
  jobTitle: 'Product Manager',
  mail: 'kim@contoso.com',
  mobilePhone: null,
  officeLocation: null,
  preferredLanguage: 'en-US',
  surname: 'Akers',
  userPrincipalName: 'kim@contoso.com',
}

describe('A user', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.Read' })
  const reader = await token(server, 'lee', { scope: 'User.Read.All' })
  const basic = await token(server, 'lee', { scope: 'User.ReadBasic.All' })

  const keys = ['me', `users/${personId('kim')}`, 'users/kim@contoso.com', 'users/KIM@Contoso.com']

  it('has Graph’s default members by /me, by id and by principal name in v1.0', async () => {
    for (const key of keys) {
      const { status, json } = await ask(server, `GET /v1.0/${key}`, { token: kim })
      assert.equal(status, 200)
      const { '@odata.context': _, ...members } = json
      assert.deepEqual(untagged(members), kimsMembers)
    }
  })

  it('has every declared member in beta, as Graph does: null where it is not set, and an empty list', async () => {
    for (const key of keys) {
      const { status, json } = await ask(server, `GET /beta/${key}`, { token: kim })
      assert.equal(status, 200)
      const { '@odata.context': context, ...members } = json
      assert.equal(context, `${server.http}/beta/$metadata#users/$entity`)
      const declared = propertiesOf(user)
      assert.deepEqual(Object.keys(untagged(members)), Object.keys(declared))
      assert.deepEqual(Object.fromEntries(Object.keys(kimsMembers).map((name) => [name, members[name]])), kimsMembers)
      assert.deepEqual([members.accountEnabled, members.userType, members.passwordProfile], [true, 'Member', null])
      for (const name of ['deletedDateTime', 'aboutMe', 'employeeId']) assert.equal(members[name], null, name)
      for (const name of ['otherMails', 'imAddresses', 'skills']) assert.deepEqual(members[name], [], name)
    }
  })

  it('has every declared member in a list and in the answer to its creation in beta, and what $select names alone', async () => {
    const { json } = await ask(server, 'GET /beta/users?$top=1', { token: reader })
    assert.deepEqual(Object.keys(untagged(json.value[0])), Object.keys(propertiesOf(user)))
    const { json: few } = await ask(server, 'GET /beta/users?$top=1&$select=id,city', { token: reader })
    assert.deepEqual(Object.keys(untagged(few.value[0])), ['id', 'city'])
    const { id } = await makeGroup(server, 'Whole')
    const { json: made } = await ask(server, `GET /beta/groups/${id}`, { token: await token(server, 'lee', { scope: 'Group.Read.All' }) })
    assert.deepEqual(Object.keys(untagged(made)).slice(1), Object.keys(propertiesOf(group)))
  })

  it('shows in beta no more to those who may see less', async () => {
    const { json } = await ask(server, `GET /beta/users/${personId('kim')}`, { token: basic })
    assert.deepEqual([json.displayName, json.jobTitle, json.accountEnabled, json.proxyAddresses], ['Kim Akers', null, null, []])
  })

  it('has further members for those who select them', async () => {
    const { json } = await ask(server, 'GET /v1.0/me?$select=otherMails,accountEnabled,userType,proxyAddresses,imAddresses', { token: kim })
    const { '@odata.context': _, ...members } = json
    assert.deepEqual(untagged(members), {
      otherMails: [],
      accountEnabled: true,
      userType: 'Member',
      proxyAddresses: ['SMTP:kim@contoso.com'],
      imAddresses: [],
    })
  })

  it('is a 404 Request_ResourceNotFound where there is none, or only in another tenant', async () => {
    for (const key of ['nobody@contoso.com', 'ffffffff-0000-4000-8000-000000000001', personId('jo'), 'jo@fabrikam.com'])
      assertRefused(await ask(server, `GET /v1.0/users/${key}`, { token: reader }), 404, 'Request_ResourceNotFound')
  })

  it('shows others with User.ReadBasic.All alone the basic members only, the rest as absent', async () => {
    const { json } = await ask(server, 'GET /v1.0/users/kim@contoso.com', { token: basic })
    const { '@odata.context': _, ...members } = json
    assert.deepEqual(untagged(members), { ...kimsMembers, jobTitle: null, preferredLanguage: null })
    const { json: selected } = await ask(server, 'GET /v1.0/users/kim@contoso.com?$select=accountEnabled,mail', { token: basic })
    assert.deepEqual([selected.accountEnabled, selected.mail], [null, 'kim@contoso.com'])
    const { json: all } = await ask(server, 'GET /v1.0/users/kim@contoso.com', { token: reader })
    assert.equal(all.jobTitle, 'Product Manager')
  })

  it('is not replaced, nor are all of them at once: 405 with what is allowed', async () => {
    for (const [request, allowed] of [
      ['PUT /v1.0/me', 'GET, HEAD, PATCH, DELETE'],
      ['PUT /v1.0/users/kim@contoso.com', 'GET, HEAD, PATCH, DELETE'],
      ['PATCH /v1.0/users', 'GET, HEAD, POST'],
      ['POST /v1.0/me', 'GET, HEAD, PATCH, DELETE'],
    ] as const) {
      const answer = await ask(server, request, { token: reader, body: {} })
      assertRefused(answer, 405, 'Request_BadRequest')
      assert.equal(answer.headers.get('allow'), allowed)
    }
  })
})

describe('The users of a tenant', async () => {
  const server = await startServer()
  const reader = await token(server, 'lee', { scope: 'User.Read.All' })
  const mates = Object.entries(users).filter(([, user]) => user.tenant === 'contoso')

  it('are those of the caller’s tenant and no others, by id, each with the default members', async () => {
    const { status, json } = await ask(server, 'GET /v1.0/users', { token: reader })
    assert.equal(status, 200)
    assert.deepEqual(
      json.value.map((user: Json) => user.userPrincipalName),
      mates.map(([, user]) => user.principalName),
    )
    for (const user of json.value) assert.deepEqual(Object.keys(untagged(user)).sort(), defaultMembers)
  })

  it('are counted by /$count for those who send ConsistencyLevel: eventual, in any case', async () => {
    for (const level of ['eventual', 'Eventual']) {
      const { status, text } = await ask(server, 'GET /v1.0/users/$count', { token: reader, headers: { ConsistencyLevel: level } })
      assert.deepEqual([status, text], [200, String(mates.length)])
    }
  })

  it('are not counted without ConsistencyLevel: eventual: 400 Request_BadRequest', async () => {
    const wrong: Record<string, string>[] = [{}, { ConsistencyLevel: 'session' }]
    for (const headers of wrong)
      assertRefused(await ask(server, 'GET /v1.0/users/$count', { token: reader, headers }), 400, 'Request_BadRequest', 'ConsistencyLevel')
  })

  it('show with User.ReadBasic.All alone the basic members only', async () => {
    const basic = await token(server, 'lee', { scope: 'User.ReadBasic.All' })
    const { json } = await ask(server, 'GET /v1.0/users', { token: basic })
    const kim = json.value.find((user: Json) => user.id === personId('kim'))
    assert.deepEqual(untagged(kim), { ...kimsMembers, jobTitle: null, preferredLanguage: null })
  })
})

describe('A user with an unusual name', async () => {
  const server = await startServer()
  const names = {
    'has an apostrophe': "o'brien@contoso.com",
    'is a guest’s with #EXT#': 'pat_outlook.com#EXT#@contoso.onmicrosoft.com',
    'begins with $': '$avings@contoso.com',
    'has letters beyond ASCII': 'zoë.müller@contoso.com',
    'has a plus sign and a percent sign': '100%+kim@contoso.com',
    'has parentheses': 'kim(ext)@contoso.com',
  }
  const idOf = (index: number) => `abcdef00-0000-4000-8000-00000000000${index}`
  // As they may be in a database from before names were held to Entra's characters.
  for (const [index, userPrincipalName] of Object.values(names).entries()) {
    const person = userToPut(tenants.contoso, { id: idOf(index), userPrincipalName, displayName: userPrincipalName })
    await server.app.database.write(person, (transaction) => addUser(transaction, person))
  }
  const reader = await token(server, 'lee', { scope: 'User.Read.All User.ReadBasic.All' })

  for (const [index, [what, name]] of Object.entries(names).entries()) {
    const quoted = name.replaceAll("'", "''")
    it(`that ${what} is found by the name as a segment and in parentheses, written in any case`, async () => {
      for (const one of [name, name.toUpperCase()]) {
        const inParentheses = encodeURIComponent(one.replaceAll("'", "''"))
        for (const key of [
          `/${encodeURIComponent(one)}`,
          `('${inParentheses}')`,
          `(%27${inParentheses}%27)`,
          `(userPrincipalName='${inParentheses}')`,
        ]) {
          const { status, json } = await ask(server, `GET /v1.0/users${key}`, { token: reader })
          assert.equal(status, 200, key)
          assert.equal(json.id, idOf(index))
        }
      }
    })

    it(`that ${what} reads their own things by that name, and the context names them so`, async () => {
      const scope = 'User.ReadWrite'
      const own = await token(server, 'kim', { scope, claims: { oid: idOf(index), upn: name } })
      const created = await ask(server, `POST /beta/users/${encodeURIComponent(name)}/profile/emails`, {
        token: own,
        body: { address: 'kim@contoso.com' },
      })
      assert.equal(created.status, 201)
      const key = encodeURIComponent(quoted)
      assert.equal(created.json['@odata.context'], `${server.http}/beta/$metadata#users('${key}')/profile/emails/$entity`)
      const location = created.headers.get('location') ?? ''
      assert.equal((await ask({ http: '' }, `GET ${location}`, { token: own })).json.id, created.json.id)
    })
  }

  it('is not found by an id in another case: ids are case-sensitive', async () => {
    assert.equal((await ask(server, `GET /v1.0/users/${idOf(0)}`, { token: reader })).status, 200)
    assertRefused(await ask(server, `GET /v1.0/users/${idOf(0).toUpperCase()}`, { token: reader }), 404, 'Request_ResourceNotFound')
  })
})
