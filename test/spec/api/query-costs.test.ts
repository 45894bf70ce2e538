/** Questions that cost more than their text shows are refused before anything is worked out, whoever asks; others are asked beside the requests. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { itemEmail } from '../../../src/model/profile.ts'
import { isShort } from '../../../src/odata/query/budget.ts'
import { costOf, costOfOrder, plus } from '../../../src/odata/query/cost.ts'
import { parseQuery } from '../../../src/odata/query/query.ts'
import type { Use } from '../../../src/store/database.ts'
import { ask } from '../../support/ask.ts'
import { assertPartRefused, batch } from '../../support/batch.ts'
import { emails, pat, patsToken } from '../../support/queries.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { concats } from '../../support/trees.ts'

const server = await startServer()
const { database } = server.app
const stranger = await token(server, 'kim', {
  scope: 'openid',
  claims: { oid: '00000000-0000-4000-8000-00000000ffff', upn: 'no@where.example' },
})
const everything = 'User.ReadWrite User.Read.All UserAuthenticationMethod.Read.All'
const kim = await token(server, 'kim', { scope: everything, mfa: true })
const eventual = { ConsistencyLevel: 'eventual' }

const p = `@p='${'a'.repeat(4000)}'`
const inPlaces = `indexof(${concats('@p', 64)},concat(${concats('@p', 16)},concat('b',${concats('@p', 16)}))) eq 0`
const inEmails = `contains(${concats('@p', 256)},concat(${concats('@p', 128)},'b'))`
const ofMembers = (member: string) => `contains(${concats(member, 128)},concat(${concats(member, 64)},'b'))`

describe('A question that costs more than its text shows', () => {
  for (const [query, target] of [
    [`/v1.0/users?$filter=${inPlaces}&${p}`, '$filter'],
    [`${emails}?$filter=${inEmails}&${p}`, '$filter'],
    [`${emails}/$count?$filter=${inEmails}&${p}`, '$filter'],
    [`${emails}?$orderby=${inEmails}&${p}`, '$orderby'],
    [`${emails}?$filter=source/type/any(t:${inEmails})&${p}`, '$filter'],
    [`/beta/me/profile?$expand=emails($filter=${inEmails})&${p}`, '$expand'],
    [`/beta/me/profile?$expand=emails($orderby=${inEmails})&${p}`, '$expand'],
    [`/v1.0/me/authentication/methods?$filter=${inPlaces}&${p}`, '$filter'],
    [`${emails}?$filter=${ofMembers('displayName')}`, '$filter'],
    [`${emails}?$orderby=${ofMembers('displayName')}`, '$orderby'],
    [`${emails}?$filter=source/type/any(t:${ofMembers('t')})`, '$filter'],
    [`/beta/me/profile?$expand=emails($filter=${ofMembers('displayName')})`, '$expand'],
    [`/v1.0/me/authentication/emailMethods?$filter=${ofMembers('emailAddress')}`, '$filter'],
    [`/v1.0/users?$filter=otherMails/any(m:proxyAddresses/any(n:${ofMembers('m')} or ${ofMembers('n')}))`, '$filter'],
    [
      `/v1.0/users?$filter=${Array.from({ length: 200 }, () => 'displayName eq @q').join(' or ')}&@q='${encodeURIComponent('ΐ'.repeat(100))}'`,
      '$filter',
    ],
  ] as const)
    it(`is a 400 before permission is looked at, alone and in a batch: ${query.slice(0, 80)}`, async () => {
      const path = query.replaceAll(' ', '+')
      const code = path.startsWith('/v1.0/users') ? 'Request_BadRequest' : 'badRequest'
      for (const bearer of [stranger, kim])
        assertRefused(await ask(server, `GET ${path}`, { token: bearer, headers: eventual }), 400, code, target)
      const version = path.startsWith('/beta') ? 'beta' : 'v1.0'
      const [part] = await batch(server, [{ url: path.slice(version.length + 1), headers: eventual }], { token: stranger, version })
      assert.equal(assertPartRefused(part, 400, code).target, target)
    })

  it('is held to the limits of a URL in a batch as elsewhere', async () => {
    const most = 16 * 1024
    const url = (length: number) => `/users?$filter=id+eq+'${'a'.repeat(length - "/v1.0/users?$filter=id+eq+''".length)}'`
    const [within, beyond] = await batch(server, [{ url: url(most) }, { url: url(most + 1) }], { token: kim })
    assert.equal(within.status, 200)
    assertPartRefused(beyond, 414, 'UriTooLong')
  })
})

describe('A question about the emails of a profile', async () => {
  const pats = await patsToken(server, { scope: 'User.ReadWrite' })

  /** Has Pat hold so many emails, all of one size. */
  async function putEmails(count: number): Promise<void> {
    const at = '2026-01-01T00:00:00Z'
    const times = { createdDateTime: at, lastModifiedDateTime: at }
    const email = { kind: 'email', tenantId: tenants.contoso, userId: pat.id, address: 'a@b.example', ...times }
    const added = Array.from({ length: count }, (_, id) => ({ ...email, id: String(id).padStart(3, '0') }))
    await putRecords(server, [contosoUser(pat.id, pat.userPrincipalName), ...added])
  }

  async function usesOf(path: string): Promise<readonly (Use | undefined)[]> {
    const uses: (Use | undefined)[] = []
    const read = database.read.bind(database)
    database.read = (asked, use, asker) => {
      uses.push(use)
      return read(asked, use, asker)
    }
    assert.equal((await ask(server, `GET ${path.replaceAll(' ', '+')}`, { token: pats })).status, 200)
    Object.assign(database, { read })
    return uses.filter((use) => use !== undefined)
  }

  it('is short for what people ask of a few emails', async () => {
    await putEmails(10)
    const ors = Array.from({ length: 20 }, () => "contains(displayName,'a text of 20 letters')").join(' or ')
    assert.deepEqual(await usesOf(`${emails}?$filter=${ors}`), ['once'])
    assert.deepEqual(await usesOf(`${emails}?$filter=type eq 'work'&$count=true`), ['once', 'once'])
  })

  it('is asked where requests are answered as long as counting shows that it is short, and beside them with one email more', async () => {
    const query = `$filter=${Array.from({ length: 20 }, () => "contains(displayName,'x')").join(' or ')}&$orderby=displayName`
    const queried = { type: itemEmail, options: ['filter', 'orderby'], searched: [], expandable: new Map() } as const
    const { filter, order } = parseQuery(query.replaceAll(' ', '+'), queried, 0)
    assert.ok(filter !== undefined)
    const cost = plus(costOf(filter), costOfOrder(order))
    const [held] = await database.read<{ octets: number }>(
      sql`SELECT max(octet_length(record) + COALESCE(octet_length(compared), 0)) AS octets FROM profile_emails WHERE user_id = ${pat.id}`,
    )
    const isShortFor = (count: number) => isShort(cost, { count, octets: count * Number(held?.octets) })
    let most = 10
    while (isShortFor(most + 1)) most++
    assert.ok(most > 10 && most < 100, `${most}`)
    await putEmails(most)
    assert.deepEqual(await usesOf(`${emails}?${query}`), ['once'])
    await putEmails(most + 1)
    assert.deepEqual(await usesOf(`${emails}?${query}`), ['long'])
  })
})
