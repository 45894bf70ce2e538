import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { itemEmail } from '../../../src/model/profile.ts'
import { renderSkiptoken } from '../../../src/odata/query/skiptoken.ts'
import { ask, type Json } from '../../support/ask.ts'
import { emails, membersOf, pagesOf, pat, patsToken, putPat, questions } from '../../support/queries.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const idsOf = (pages: readonly Json[]): string => pages.flatMap(({ value }) => value.map(({ id }: Json) => id)).join(' ')

describe('$orderby', async () => {
  const server = await startServer()
  await putPat(server)
  const bearer = await patsToken(server)
  const { get, found } = questions(server, bearer)

  for (const [order, expected] of Object.entries({
    id: 'a b c d e f',
    'id desc': 'f e d c b a',
    address: 'a b d e f c',
    'ADDRESS DESC': 'c f e d b a',
    'createdDateTime desc': 'e f d c b a',
    'type,address desc': 'f e a b c d',
    'type desc,createdDateTime': 'd c b a e f',
    allowedAudiences: 'a b d f e c',
    'inference/userHasVerifiedAccuracy,id': 'b d f c e a',
    'createdBy/user/displayName desc,id': 'b a c d e f',
    'length(address),id': 'c e a b f d',
    "startswith(address,'b') desc,id": 'b a c d e f',
    'source/type/$count desc,id desc': 'a f e d c b',
    'tolower(address)': 'a b d e f c',
    'month(createdDateTime) desc,id': 'e f c d b a',
    '$it/address': 'a b d e f c',
  }))
    it(`${order} gives ${expected}`, async () => {
      assert.equal(await found(`${emails}?$orderby=${order}`), expected)
    })

  it('puts null before everything where it ascends, and after everything where it descends', async () => {
    assert.equal(await found(`${emails}?$orderby=displayName`), 'b d a c e f')
    assert.equal(await found(`${emails}?$orderby=displayName desc`), 'f e c a d b')
    assert.equal(await found(`${emails}?$orderby=inference/confidenceScore,id`), 'b f e a c d')
    assert.equal(await found(`${emails}?$orderby=inference/confidenceScore desc,id desc`), 'd c a e f b')
  })

  it('is by code points without regard to case, whatever the script: ～ comes before 😀', async () => {
    assert.equal(await found(`${emails}?$orderby=displayName&$filter=id in ('e','f')`), 'e f')
  })

  it('left out leaves the order of making, with a filter as without', async () => {
    assert.equal(await found(emails), 'a b c d f e')
    assert.equal(await found(`${emails}?$filter=true`), 'a b c d f e')
    assert.equal(await found(`${emails}?$search=contoso OR f OR e`), 'f e')
  })

  it('may be written without $, in any case, with + for spaces', async () => {
    for (const name of ['orderby', 'OrderBy', '$ORDERBY', '%24orderby'])
      assert.equal(await found(`${emails}?${name}=id+desc`), 'f e d c b a')
  })

  for (const [order, says] of Object.entries({
    '': 'Character 1: expected an expression, found the end.',
    'address up': "Character 9: expected ',', 'asc', 'desc' or an operator, found 'up'.",
    'address,': 'Character 9: expected an expression, found the end.',
    nothing: "Character 1: could not find a property named 'nothing' on type 'microsoft.graph.itemEmail'.",
    'id,inference': 'Character 4: expected a member that has an order.',
    'source/type': 'Character 1: expected any, all or $count behind a collection.',
    [Array.from({ length: 17 }, () => 'id').join(',')]: 'Character 49: expected at most 16 keys to sort by.',
  }))
    it(`that cannot be is a 400 that says where and what was expected: ${order}`, async () => {
      const answer = await get(`${emails}?$orderby=${order}`)
      assertRefused(answer, 400, 'badRequest', '$orderby')
      assert.equal(answer.json.error.message, says)
    })

  it('by what all items have alike, or by a sum, is a 501', async () => {
    for (const order of ['1', 'now()', 'inference/confidenceScore add 1'])
      assertRefused(await get(`${emails}?$orderby=${order}`), 501, 'NotImplemented', '$orderby')
  })
})

describe('Paging in an order', async () => {
  const server = await startServer()
  await putPat(server)
  const bearer = await patsToken(server)
  const { get } = questions(server, bearer)

  for (const order of [
    'address',
    'displayName desc',
    'inference/confidenceScore,displayName desc',
    'type,inference/userHasVerifiedAccuracy desc,createdDateTime desc',
    "contains(address,'contoso'),length(displayName) desc",
    'createdBy/user/id',
    Array.from({ length: 16 }, () => 'type').join(','),
  ])
    it(`gives each item once, in the same order, whatever the size of a page: ${order}`, async () => {
      const whole = idsOf(await pagesOf(server, bearer, `${emails}?$orderby=${order}`))
      assert.equal(whole.split(' ').length, 6)
      for (const size of [1, 2, 5, 6]) assert.equal(idsOf(await pagesOf(server, bearer, `${emails}?$orderby=${order}&$top=${size}`)), whole)
    })

  it('keeps the options as the client wrote them in its next links', async () => {
    const query = "$filter=type+ne+@t&$orderby=address%20desc,id&$select=address,inference/confidenceScore&$count=true&@t='unknown'&$top=2"
    const { json } = await get(`${emails}?${query}`)
    const options = new URL(json['@odata.nextLink']).search.slice(1).split('&')
    const given = query.replaceAll("'", '%27').split('&')
    assert.deepEqual(options.slice(0, -1).sort(), given.sort())
    assert.match(options.at(-1) ?? '', /^\$skiptoken=[\w-]+$/)
    const pages = await pagesOf(server, bearer, `${emails}?${query}`)
    assert.deepEqual(
      pages.map(({ value }) => value.map(({ address }: Json) => address)),
      [['zoë@exämple.com', 'e+e@contoso.com'], ['d.arc@fabrikam.com', 'bert@contoso.com'], ['Anna@contoso.com']],
    )
    for (const page of pages) {
      assert.equal(page['@odata.count'], 5)
      for (const item of page.value) assert.deepEqual(membersOf(item), ['address', 'inference'])
    }
  })

  it('goes on where the client encodes the link in another way', async () => {
    const { json } = await get(`${emails}?$orderby=address eq 'bert@contoso.com' desc&$top=1`)
    const link = json['@odata.nextLink']
    for (const other of [link.replaceAll('%27', "'"), link.replaceAll('%20', '+'), link.replaceAll('$', '%24'), new URL(link).href]) {
      const { status, json: next, text } = await ask({ http: '' }, `GET ${other}`, { token: bearer })
      assert.equal(status, 200, text)
      assert.equal(next.value[0].id, 'a')
    }
  })

  it('refuses a token from another order, and one of the usual order, with a 400', async () => {
    const tokenOf = async (query: string) =>
      new URL((await get(`${emails}?$top=1&${query}`)).json['@odata.nextLink']).searchParams.get('$skiptoken')
    const byAddress = await tokenOf('$orderby=address')
    const usual = await tokenOf('')
    assert.equal((await get(`${emails}?$orderby=address&$skiptoken=${byAddress}`)).status, 200)
    for (const query of [
      `$skiptoken=${byAddress}`,
      `$orderby=address desc&$skiptoken=${byAddress}`,
      `$orderby=type&$skiptoken=${byAddress}`,
      `$orderby=address&$skiptoken=${usual}`,
    ])
      assertRefused(await get(`${emails}?${query}`), 400, 'badRequest', '$skiptoken')
  })

  it('answers a token that somebody made up with a 400, or with a page of what they may see', async () => {
    const linkOptions = [['$orderby', 'inference/confidenceScore']] as const
    const goOn = (place: readonly (string | number)[]) =>
      get(`${emails}?$orderby=inference/confidenceScore&$skiptoken=${renderSkiptoken(place, itemEmail, { linkOptions })}`)
    for (const place of [[], ['x'], [0.5], ['0.5', 'a'], [0.5, 'a', 'b'], ['x'.repeat(5000), 'a'], ['\u0000', 'a']])
      assertRefused(await goOn(place), 400, 'badRequest', '$skiptoken')
    for (const [place, expected] of [
      [[0.5, 'z'], 'c d'],
      [[1e308, ''], ''],
      [[-1e308, "' OR 1=1 --"], 'e a c d'],
    ] as const) {
      const { status, json, text } = await goOn(place)
      assert.equal(status, 200, text)
      assert.equal(idsOf([json]), expected)
    }
  })

  it('keeps to the page size of Prefer, and says so', async () => {
    const headers = { Prefer: 'odata.maxpagesize=2' }
    const first = await get(`${emails}?$orderby=address desc&$filter=type ne 'main'`, headers)
    assert.equal(first.headers.get('preference-applied'), 'odata.maxpagesize=2')
    const pages = await pagesOf(server, bearer, `${emails}?$orderby=address desc&$filter=type ne 'main'`, headers)
    assert.deepEqual(
      pages.map(({ value }) => value.map(({ id }: Json) => id).join(' ')),
      ['f e', 'd b', 'a'],
    )
  })

  it('skips once what $skip says', async () => {
    assert.equal(idsOf(await pagesOf(server, bearer, `${emails}?$orderby=address&$skip=2&$top=2`)), 'd e f c')
  })

  it('sorts long texts by how they begin, and its links stay short enough to be followed', async () => {
    const long = (end: string) => 'ΐ'.repeat(3999) + end
    const people = ['x', 'y', 'z'].map((end, n) =>
      contosoUser(`aaaaaaaa-0000-4000-8000-00000000010${n}`, `${end}@contoso.com`, { aboutMe: n === 1 ? 'short' : long(end) }),
    )
    await putRecords(server, people)
    const lee = await token(server, 'lee', { scope: 'User.Read.All' })
    const pages = await pagesOf(server, lee, `/v1.0/users?$orderby=aboutMe desc&$top=1&$select=userPrincipalName`)
    assert.deepEqual(
      pages.slice(0, 3).map(({ value }) => value[0].userPrincipalName),
      ['x@contoso.com', 'z@contoso.com', 'y@contoso.com'],
    )
  })
})

describe('Paging in an order while rows come and go', async () => {
  const server = await startServer()
  const write = await patsToken(server)
  const email = (id: string, address: string, type: string) => ({
    kind: 'email',
    tenantId: tenants.contoso,
    userId: pat.id,
    id,
    address,
    type,
    createdDateTime: '2026-03-01T12:00:00Z',
  })
  await putRecords(server, [
    contosoUser(pat.id, pat.userPrincipalName),
    ...Array.from({ length: 12 }, (_, n) =>
      email(`e${String(n).padStart(2, '0')}`, `${String.fromCharCode(97 + n)}@contoso.com`, n % 3 === 0 ? 'main' : 'work'),
    ),
  ])

  it('gives what stays exactly once, what comes behind as well, and nothing twice', async () => {
    const first = `${emails}?$filter=type eq 'work'&$orderby=address desc&$top=3`
    const { json } = await ask(server, `GET ${first.replaceAll(' ', '%20')}`, { token: write })
    assert.equal(idsOf([json]), 'e11 e10 e08')
    // Seen, the last that was seen, and one to come are deleted; one to come drops out of the filter, one enters it.
    for (const id of ['e11', 'e08', 'e07']) assert.equal((await ask(server, `DELETE ${emails}/${id}`, { token: write })).status, 204)
    await ask(server, `PATCH ${emails}/e05`, { token: write, body: { type: 'other' } })
    await ask(server, `PATCH ${emails}/e03`, { token: write, body: { type: 'work' } })
    const { json: ahead } = await ask(server, `POST ${emails}`, { token: write, body: { address: 'bb@contoso.com', type: 'work' } })
    await ask(server, `POST ${emails}`, { token: write, body: { address: 'zz@contoso.com', type: 'work' } })
    const rest = await pagesOf(server, write, json['@odata.nextLink'].slice(server.http.length))
    assert.equal(idsOf(rest), ['e04', 'e03', 'e02', ahead.id, 'e01'].join(' '))
  })
})
