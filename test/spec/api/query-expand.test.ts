import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { emails, membersOf, pagesOf, pat, patsToken, putPat, questions } from '../../support/queries.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const server = await startServer()
await putPat(server)
const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite'
const bearer = await patsToken(server, { scope, mfa: true })
const { get } = questions(server, bearer)
const profile = '/beta/me/profile'
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

async function read(path: string): Promise<Json> {
  const { status, json, text } = await get(path)
  assert.equal(status, 200, text)
  return json
}

const idsOf = (items: readonly Json[]): string => items.map(({ id }) => id).join(' ')

before(async () => {
  await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: bearer, body: { emailAddress: 'back@contoso.com' } })
})

describe('$expand=emails of a profile', () => {
  for (const [options, expected] of Object.entries({
    '': 'a b c d f e',
    "$filter=type eq 'work'": 'a e',
    "$filter=(type eq 'work') or (type eq 'main')": 'a c e',
    "$filter=contains(displayName,';)(')": '',
    '$orderby=address desc': 'c f e d b a',
    '$search=anna OR joan': 'a d',
    '$search="displayName:joan";$select=id': 'd',
    '$top=2': 'a b',
    '$skip=4': 'f e',
    '$orderby=address;$skip=1;$top=2': 'b d',
    "filter=type eq 'work';ORDERBY=id desc": 'e a',
    "$filter=type+eq+'work'": 'a e',
    "@t='work';$filter=type eq @t": 'a e',
  }))
    it(`(${options}) gives ${expected === '' ? 'none' : expected}`, async () => {
      const { emails: found } = await read(`${profile}?$expand=emails${options === '' ? '' : `(${options})`}`)
      assert.equal(idsOf(found), expected)
    })

  it('gives of each the members that $select names inside, and says so in its context', async () => {
    const json = await read(`${profile}?$expand=emails($select=address,inference/confidenceScore;$filter=id eq 'a')`)
    assert.deepEqual(
      json.emails.map((item: Json) => Object.fromEntries(membersOf(item).map((name) => [name, item[name]]))),
      [{ address: 'Anna@contoso.com', inference: { confidenceScore: 0.25 } }],
    )
    assert.ok(json['emails@odata.context'].endsWith('/profile/emails(address,inference/confidenceScore)'), json['emails@odata.context'])
  })

  it('counts what its filter takes for $count=true, whatever the page', async () => {
    const json = await read(`${profile}?$expand=emails($filter=type ne 'work';$count=true;$top=1)`)
    assert.equal(json['emails@odata.count'], 4)
    assert.equal(json.emails.length, 1)
    assert.ok(!('emails@odata.count' in (await read(`${profile}?$expand=emails($count=false)`))))
  })

  it('takes the aliases of the request, and those inside before them', async () => {
    assert.equal(idsOf((await read(`${profile}?$expand=emails($filter=type eq @t)&@t='main'`)).emails), 'c')
    assert.equal(idsOf((await read(`${profile}?$expand=emails(@t='other';$filter=type eq @t)&@t='main'`)).emails), 'd')
  })

  for (const options of [
    '$orderby=address desc;$top=2',
    "$filter=(type eq 'work') or (type eq 'main');$top=1",
    "$filter=address+ne+'e%2Be@contoso.com';$top=2;$orderby=address",
    '$filter=createdDateTime lt 2026-06-30T23:59:59.9999999+00:00;$top=2',
    "@t='work';$filter=type eq @t;$top=1",
    '$filter=type eq @u;$top=1',
    '$search=(anna OR joan) OR bert;$top=1;$select=address,inference/confidenceScore;$count=true',
    "$filter=contains(address,'%26') or contains(address,'%23') or contains(displayName,'s');$top=1",
    '$skip=1;$top=2;$orderby=type,id desc',
  ])
    it(`goes on by emails@odata.nextLink with what was asked inside: ${options}`, async () => {
      const wanted = options.replace(/;?\$top=\d/, '')
      const whole = await read(`${profile}?$expand=emails(${wanted})&@u='work'`)
      const first = await read(`${profile}?$expand=emails(${options})&@u='work'`)
      const next = first['emails@odata.nextLink']
      assert.ok(next.startsWith(`${server.http}/beta/users('${pat.id}')/profile/emails?`), next)
      const rest = await pagesOf(server, bearer, next.slice(server.http.length))
      const all = [...first.emails, ...rest.flatMap(({ value }) => value)]
      assert.deepEqual(all, whole.emails)
      assert.deepEqual(membersOf(all.at(-1)), membersOf(whole.emails[0]))
    })

  it('may be *, and is written in any case, with $ or without', async () => {
    for (const option of ['$expand=*', 'expand=emails', '$EXPAND=Emails', '%24expand=emails'])
      assert.equal((await read(`${profile}?${option}`)).emails.length, 6)
  })

  it('follows the amount of metadata', async () => {
    const none = await read(`${profile}?$expand=emails($select=id;$top=1)&$format=application/json;odata.metadata=none`)
    assert.deepEqual(none.emails, [{ id: 'a' }])
    assert.deepEqual(Object.keys(none).sort(), ['emails', 'emails@odata.nextLink', 'id'])
    const full = await read(`${profile}?$expand=emails($top=1)&$format=application/json;odata.metadata=full`)
    assert.equal(full.emails[0]['@odata.type'], '#microsoft.graph.itemEmail')
  })
})

describe('$expand from users', () => {
  const nested = '$expand=authentication($expand=emailMethods($select=emailAddress))&$select=userPrincipalName'

  it('gives one their own email methods, by /me and by their id, in both versions', async () => {
    for (const path of ['/v1.0/me', '/beta/me', `/v1.0/users/${pat.id}`, '/v1.0/users/pat@contoso.com']) {
      const { authentication } = await read(`${path}?$expand=authentication($expand=emailMethods,methods)`)
      assert.equal(authentication.id, pat.id)
      assert.deepEqual([authentication.emailMethods[0].id, authentication.emailMethods[0].emailAddress], [methodId, 'back@contoso.com'])
      assert.equal(authentication.methods[0]['@odata.type'], '#microsoft.graph.emailAuthenticationMethod')
    }
  })

  it('gives an administrator those of everybody on the page, each beside their user', async () => {
    for (const user of ['authadmin', 'privadmin', 'reader'] as const) {
      const admin = await token(server, user, { scope: 'User.Read.All UserAuthenticationMethod.Read.All' })
      const { status, json, text } = await ask(server, `GET /v1.0/users?${nested}`, { token: admin })
      assert.equal(status, 200, text)
      assert.equal(json.value.length, 9)
      for (const { userPrincipalName, authentication } of json.value)
        assert.deepEqual(
          authentication.emailMethods.map(({ emailAddress }: Json) => emailAddress),
          userPrincipalName === 'pat@contoso.com' ? ['back@contoso.com'] : [],
        )
    }
  })

  it('goes with $filter, $top and the links to the next page', async () => {
    const admin = await token(server, 'authadmin', { scope: 'User.Read.All UserAuthenticationMethod.Read.All' })
    const pages = await pagesOf(server, admin, `/v1.0/users?${nested}&$filter=startswith(userPrincipalName,'p')&$top=1`)
    assert.deepEqual(
      pages.map(({ value }) => [value[0].userPrincipalName, value[0].authentication.emailMethods.length]),
      [
        ['pat@contoso.com', 1],
        ['privadmin@contoso.com', 0],
      ],
    )
  })

  it('gives profiles with their emails in beta, each as the path of its own would', async () => {
    const { value } = await read('/beta/users?$expand=profile($expand=emails($select=address;$orderby=address))&$select=userPrincipalName')
    for (const { userPrincipalName, profile: found } of value) {
      const own = await read(`/beta/users/${userPrincipalName}/profile/emails?$select=address&$orderby=address`)
      assert.deepEqual(found.emails, own.value, userPrincipalName)
    }
    assert.equal(value.find(({ userPrincipalName }: Json) => userPrincipalName === 'pat@contoso.com').profile.emails.length, 6)
  })

  it('gives what several names lead to, beside what $select chose', async () => {
    const json = await read('/beta/me?$expand=profile,authentication&$select=id')
    assert.deepEqual([...membersOf(json)].sort(), ['authentication', 'id', 'profile'])
    assert.deepEqual([json.profile.id, json.authentication.id], ['profileId', pat.id])
  })

  it('gives the emails of many users, each of them whole up to 250', async () => {
    const id = 'aaaaaaaa-0000-4000-8000-000000000099'
    const email = (n: number) => ({ kind: 'email', tenantId: tenants.contoso, userId: id, id: `m${n}`, address: `m${n}@contoso.com` })
    await putRecords(server, [contosoUser(id, 'many@contoso.com'), ...Array.from({ length: 250 }, (_, n) => email(n))])
    const { profile: found } = await read('/beta/users/many@contoso.com?$expand=profile($expand=emails)')
    assert.equal(found.emails.length, 250)
    assert.ok(!('emails@odata.nextLink' in found))
  })
})

describe('An $expand that is not served', () => {
  for (const [path, message] of Object.entries({
    [`${profile}?$expand=`]: "Character 1: expected the name of a navigation property, or '*', found the end.",
    [`${profile}?$expand=nothing`]: "Character 1: 'nothing' of type microsoft.graph.profile cannot be expanded here.",
    [`${profile}?$expand=emails,emails`]: 'Character 8: emails is given twice.',
    [`${profile}?$expand=emails($filter=nothing eq 1)`]:
      "Character 16: could not find a property named 'nothing' on type 'microsoft.graph.itemEmail'.",
    [`${profile}?$expand=emails($top=1000)`]: 'Expected a whole number from 0 to 999.',
    [`${profile}?$expand=emails($top=1;$top=2)`]: 'Character 15: $top is given twice.',
    '/v1.0/me?$expand=authentication($expand=nothing)':
      "Character 24: 'nothing' of type microsoft.graph.authentication cannot be expanded here.",
    '/v1.0/me?$expand=authentication($filter=true)': 'The option $filter is not taken inside $expand of authentication.',
    '/v1.0/users?$expand=boss': "Character 1: 'boss' of type microsoft.graph.user cannot be expanded here.",
    '/v1.0/me?$expand=profile': "Character 1: 'profile' of type microsoft.graph.user cannot be expanded here.",
  }))
    it(`is a 400 that says where and what is wrong: ${path}`, async () => {
      const answer = await get(path)
      assertRefused(answer, 400, path.startsWith('/beta') ? 'badRequest' : 'Request_BadRequest', '$expand')
      assert.equal(answer.json.error.message, message)
    })

  for (const [expand, construct] of Object.entries({
    skills: '$expand of skills',
    'emails($expand=x)': '$expand inside $expand of itemEmail',
    'emails/$ref': '$ref in $expand',
    'emails/$count': '$count in $expand',
    'emails($levels=2)': '$levels',
    '*($levels=2)': '$levels',
    'microsoft.graph.profile/emails': 'paths and types inside $expand; put an $expand inside the parentheses',
    'emails($compute=1 as x)': '$compute inside $expand',
    'emails($filter=$it/id ne id)': '$it inside $expand, where it is the item outside',
    'emails($filter=source/type/any(t:t eq $it/id))': '$it inside $expand, where it is the item outside',
    'emails($filter=$it/source/type/any())': '$it inside $expand, where it is the item outside',
    'emails($orderby=$it/id)': '$it inside $expand, where it is the item outside',
    "emails($filter=$this/id eq 'a')": '$this',
    "emails($filter=$root/users('x')/id eq id)": '$root',
    'emails($filter=cast(id,Edm.String) eq null)': 'cast()',
  }))
    it(`is a 501 that names what OData knows: ${expand}`, async () => {
      const answer = await get(`${profile}?$expand=${expand}`)
      assertRefused(answer, 501, 'NotImplemented', '$expand')
      assert.equal(answer.json.error.message, `This server does not support ${construct}.`)
    })

  it('is a 501 for lists whose items lead nowhere, and for such an item', async () => {
    for (const path of [emails, '/v1.0/me/authentication/emailMethods', `${emails}/a`, `/v1.0/me/authentication/methods/${methodId}`])
      assertRefused(await get(`${path}?$expand=emails`), 501, 'NotImplemented', '$expand')
  })

  it('is a 501 for what Graph can expand, in any case', async () => {
    for (const path of [
      '/v1.0/users?$expand=manager',
      '/v1.0/me?$expand=MEMBEROF',
      '/v1.0/me?$expand=authentication($expand=phoneMethods)',
    ])
      assertRefused(await get(path), 501, 'NotImplemented', '$expand')
  })

  it('is a 400 before permission: whoever is named', async () => {
    const lee = await token(server, 'lee', { scope: 'User.Read' })
    for (const user of [personId('kim'), 'nobody@contoso.com'])
      assertRefused(await ask(server, `GET /v1.0/users/${user}?$expand=nothing`, { token: lee }), 400, 'Request_BadRequest', '$expand')
  })
})
