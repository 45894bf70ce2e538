import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ask, Json } from '../../support/ask.ts'
import { emails, eventual, pat, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { personId } from '../../support/tenants.ts'

const server = await startServer()
await putPat(server, {
  mail: 'pat@contoso.com',
  mobilePhone: '+1 555',
  jobTitle: 'Spy',
  otherMails: ['secret@x.example'],
  identities: [{ signInType: 'federated', issuer: 'fabrikam.com', issuerAssignedId: 'p' }],
})
const theirs = '/beta/users/pat@contoso.com/profile/emails'

describe('What a query asks of users', async () => {
  const basic = questions(server, await token(server, 'lee', { scope: 'User.ReadBasic.All' }))
  const full = questions(server, await token(server, 'lee', { scope: 'User.Read.All' }))

  for (const [query, member] of Object.entries({
    "$filter=mobilePhone eq '%2B1 555'": 'mobilePhone',
    "$filter=MOBILEPHONE eq '%2B1 555'": 'mobilePhone',
    '$filter=mobilePhone eq null': 'mobilePhone',
    "$filter=displayName eq 'x' or startswith(jobTitle,'s')": 'jobTitle',
    "$filter=not (jobTitle eq 'x')": 'jobTitle',
    '$filter=length(jobTitle) gt 2': 'jobTitle',
    "$filter=concat(displayName,jobTitle) eq 'x'": 'jobTitle',
    "$filter=jobTitle in ('spy')": 'jobTitle',
    "$filter=$it/jobTitle eq 'spy'": 'jobTitle',
    "$filter=@p eq jobTitle&@p='spy'": 'jobTitle',
    "$filter=otherMails/any(m:m eq 'secret@x.example')": 'otherMails',
    '$filter=otherMails/$count gt 0': 'otherMails',
    "$filter=identities/any(i:i/issuer eq 'fabrikam.com')": 'identities',
    "$filter=otherMails/any(m:jobTitle eq 'spy')": 'otherMails',
    '$filter=accountEnabled': 'accountEnabled',
    '$filter=createdDateTime lt now()': 'createdDateTime',
    '$filter=true eq accountEnabled': 'accountEnabled',
    '$orderby=jobTitle': 'jobTitle',
    '$orderby=displayName,length(mobilePhone) desc': 'mobilePhone',
    "$orderby=jobTitle eq 'spy'": 'jobTitle',
    '$orderby=otherMails/$count': 'otherMails',
  })) {
    it(`is refused where the answer may not show it, by the name of the member: ${query}`, async () => {
      const answer = await basic.get(`/v1.0/users?${query}`, eventual)
      assertRefused(answer, 403, 'Authorization_RequestDenied', member)
      assert.ok(answer.json.error.details.some(({ message }: Json) => message === 'User.Read.All'))
      assert.equal((await full.get(`/v1.0/users?${query}`, eventual)).status, 200)
    })

    if (query.startsWith('$filter'))
      it(`is refused to be counted by as well: ${query}`, async () => {
        assertRefused(await basic.get(`/v1.0/users/$count?${query}`, eventual), 403, 'Authorization_RequestDenied', member)
        assert.equal((await full.get(`/v1.0/users/$count?${query}`, eventual)).status, 200)
      })
  }

  it('is answered where the answer may show it: who people are', async () => {
    for (const query of [
      "$filter=mail eq 'pat@contoso.com'",
      "$filter=startswith(displayName,'pat') and userPrincipalName eq 'pat@contoso.com'",
      '$search="displayName:pat"',
      "$filter=id eq 'aaaaaaaa-0000-4000-8000-000000000001'&$orderby=surname,givenName",
    ])
      assert.equal(await basic.found(`/v1.0/users?${query}`, eventual, 'userPrincipalName'), 'pat@contoso.com')
  })

  it('never reaches a password or what belongs to it, not even for those who may read everything', async () => {
    for (const query of [
      "$filter=passwordProfile/password eq 'x'",
      '$filter=passwordProfile/forceChangePasswordNextSignIn',
      '$filter=passwordProfile ne null',
      '$orderby=passwordProfile/password',
    ])
      assertRefused(await full.get(`/v1.0/users?${query}`, eventual), 501, 'NotImplemented', query.split('=')[0])
  })

  it('never reaches another tenant', async () => {
    for (const user of ['jo', 'ari', 'sam'] as const) {
      assert.equal(await full.found(`/v1.0/users?$filter=id eq '${personId(user)}'`), '')
      assert.equal(await full.found(`/v1.0/users?$filter=startswith(userPrincipalName,'${user}')`), '')
      assert.equal(await full.found(`/v1.0/users?$search="userPrincipalName:${user}"`, eventual), '')
      assert.equal((await full.get(`/v1.0/users/$count?$filter=not (id eq '${personId(user)}')`, eventual)).text, '9')
    }
    const all = await full.items('/v1.0/users?$filter=true or true&$orderby=id', eventual)
    assert.equal(all.length, 9)
  })
})

describe('What a query asks of emails', async () => {
  const readers = {
    'a colleague': ['lee', 'c d f e'],
    'somebody of a federated tenant': ['jo', 'c e'],
    'somebody of another tenant': ['ari', 'c'],
  } as const

  for (const [who, [user, seen]] of Object.entries(readers)) {
    const all = seen.split(' ')
    const reader = await token(server, user, { scope: 'User.Read.All' })
    const { get, found } = questions(server, reader)

    it(`finds, sorts and counts for ${who} what the audiences let them see, and nothing else`, async () => {
      for (const query of [
        '',
        '?$filter=true',
        '?$filter=true or false',
        "?$filter=not (id eq 'a' and id eq 'b')",
        '?$orderby=createdDateTime',
        '?$search=NOT nobody',
      ])
        assert.equal(await found(`${theirs}${query}`), seen, query)
      assert.equal((await get(`${theirs}?$count=true&$filter=true&$top=1`)).json['@odata.count'], all.length)
      assert.equal((await get(`${theirs}/$count?$filter=true`)).text, String(all.length))
      assert.equal((await get(`${theirs}/$count?$search=NOT nobody`)).text, String(all.length))
    })

    it(`answers ${who} about an email out of sight as about one that is not there`, async () => {
      for (const [about, none] of [
        ["$filter=address eq 'anna@contoso.com'", "$filter=address eq 'nobody@contoso.com'"],
        ["$filter=id eq 'a'", "$filter=id eq 'z'"],
        ["$filter=allowedAudiences has 'family'", "$filter=allowedAudiences has 'unknownFutureValue'"],
        ['$search=anna', '$search=nobody'],
        ["$orderby=address eq 'anna@contoso.com' desc", "$orderby=address eq 'nobody@contoso.com' desc"],
      ]) {
        const [asked, other] = await Promise.all([about, none].map((query) => get(`${theirs}?$count=true&${query}`)))
        assert.deepEqual(asked?.json, other?.json)
        assert.equal(asked?.status, 200)
      }
    })

    it(`shows ${who} by $expand what the path shows`, async () => {
      const { json } = await get('/beta/users/pat@contoso.com/profile?$expand=emails($count=true;$select=id)')
      assert.deepEqual([json.emails.map(({ id }: Json) => id).join(' '), json['emails@odata.count']], [seen, all.length])
    })
  }

  it('does not go behind what is out of sight by a token that names it', async () => {
    const owner = questions(server, await patsToken(server))
    const lee = questions(server, await token(server, 'lee', { scope: 'User.Read.All' }))
    for (const query of ['$top=1', '$orderby=createdDateTime&$top=1', '$filter=true&$top=2']) {
      const { json } = await owner.get(`${emails}?${query}`)
      const skiptoken = new URL(json['@odata.nextLink']).searchParams.get('$skiptoken')
      assert.equal(await lee.found(`${theirs}?${query.replace(/\$top=\d/, '$top=9')}&$skiptoken=${skiptoken}`), 'c d f e')
    }
  })
})

describe('$expand', async () => {
  /** What a refusal says, apart from the code, which each workload spells in a way of its own. */
  const wordsOf = ({ status, json }: Awaited<ReturnType<typeof ask>>) => [status, json.error?.message, json.error?.details]

  const refusedTo = {
    'without a permission for methods': [await token(server, 'lee', { scope: 'User.Read.All' }), 'UserAuthenticationMethod.Read.All'],
    'with the permission and without a role': [
      await token(server, 'lee', { scope: 'User.Read.All UserAuthenticationMethod.Read.All' }),
      'Authentication Administrator',
    ],
    'with a role that does not count': [
      await token(server, 'helpdesk', { scope: 'User.Read.All UserAuthenticationMethod.Read.All' }),
      'Authentication Administrator',
    ],
    'to an application without the permission': [
      await token(server, 'lee', { roles: ['User.Read.All'] }),
      'UserAuthenticationMethod.Read.All',
    ],
  } as const

  for (const [who, [bearer, missing]] of Object.entries(refusedTo))
    it(`of authentication is refused ${who}, in the words of its own path`, async () => {
      const { get } = questions(server, bearer)
      const byPath = await get(`/v1.0/users/${pat.id}/authentication`)
      for (const name of ['authentication', 'authentication($expand=emailMethods)']) {
        const byExpand = await get(`/v1.0/users/${pat.id}?$expand=${name}`)
        assert.equal(byExpand.status, 403, byExpand.text)
        assert.deepEqual(wordsOf(byExpand), wordsOf(byPath))
        assert.ok(byExpand.text.includes(missing), byExpand.text)
        assert.ok(!byExpand.text.includes('emailAddress'))
        assert.equal((await get(`/v1.0/users?$expand=${name}`)).status, 403)
      }
    })

  it('of authentication is open to an application with the permission of its path', async () => {
    const { get } = questions(server, await token(server, 'lee', { roles: ['User.Read.All', 'UserAuthenticationMethod.Read.All'] }))
    assert.equal((await get(`/v1.0/users/${pat.id}?$expand=authentication`)).status, 200)
  })

  it('of one’s own authentication needs the permission of its path', async () => {
    const without = questions(server, await patsToken(server, { scope: 'User.Read' }))
    const answer = await without.get('/v1.0/me?$expand=authentication')
    assert.equal(answer.status, 403)
    assert.deepEqual(wordsOf(answer), wordsOf(await without.get('/v1.0/me/authentication')))
    const withIt = questions(server, await patsToken(server, { scope: 'User.Read UserAuthenticationMethod.Read' }))
    assert.equal((await withIt.get('/v1.0/me?$expand=authentication')).status, 200)
  })

  it('of emailMethods needs more than the finer permission, which the authentication around them does not know', async () => {
    const finer = questions(server, await patsToken(server, { scope: 'User.Read UserAuthMethod-Email.Read' }))
    assert.equal((await finer.get('/v1.0/me/authentication/emailMethods')).status, 200)
    assert.equal((await finer.get('/v1.0/me?$expand=authentication($expand=emailMethods)')).status, 403)
  })

  it('of the profile is refused where the profile is', async () => {
    const without = questions(server, await patsToken(server, { scope: 'Directory.Read.All' }))
    const answer = await without.get(`/beta/users/${pat.id}?$expand=profile`)
    assert.equal(answer.status, 403, answer.text)
    assert.deepEqual(wordsOf(answer), wordsOf(await without.get(`/beta/users/${pat.id}/profile`)))
  })

  const profileIsThere = async (running: TestServer): Promise<readonly [number, boolean]> => {
    const { get } = questions(running, await token(running, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.Read' }))
    return [(await get('/v1.0/me?$expand=profile($expand=emails)')).status, 'profile' in (await get('/v1.0/me?$expand=*')).json]
  }

  it('of the profile is a 400 in v1.0, and * passes it over', async () => {
    assert.deepEqual(await profileIsThere(server), [400, false])
  })

  it('of the profile works in v1.0 with SELFGRAPH_PROFILE_IN_V1=1', async () => {
    assert.deepEqual(await profileIsThere(await startServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '1' } })), [200, true])
  })
})
