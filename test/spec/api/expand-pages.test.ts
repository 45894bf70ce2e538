/** $expand over many: what it takes, where it ends, and that it shows what each path shows. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { before, describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '1' } })
const idOf = (n: number) => `cccccccc-0000-4000-8000-${String(n).padStart(12, '0')}`
const tenantId = tenants.contoso
const audiences = ['me', 'family', 'contacts', 'groupMembers', 'organization', 'federatedOrganizations', 'everyone'] as const
const scope = 'User.Read.All UserAuthenticationMethod.Read.All'
const everything = 'profile($expand=emails),authentication($expand=emailMethods,methods)'
const linksOfEverything = 5

/** Persons of a test, in places of their own: more than a page has, and enough for several pages. */
const persons = 130
const groupId = 'dddddddd-0000-4000-8000-000000000001'
before(() =>
  putRecords(server, [
    { kind: 'group', tenantId, id: groupId, displayName: 'Some' },
    { kind: 'groupMember', tenantId, groupId, userId: personId('lee') },
    ...Array.from({ length: persons }, (_, n) => [
      contosoUser(idOf(n), `person${n}@contoso.com`),
      ...audiences.map((allowedAudiences) => ({
        kind: 'email',
        tenantId,
        userId: idOf(n),
        id: `${allowedAudiences}${n}`,
        address: `${allowedAudiences}.${n}@contoso.com`,
        allowedAudiences,
      })),
      ...(n % 2 === 0 ? [{ kind: 'emailMethod', tenantId, userId: idOf(n), emailAddress: `back${n}@contoso.com` }] : []),
      ...(n % 3 === 0 ? [{ kind: 'groupMember', tenantId, groupId, userId: idOf(n) }] : []),
      ...(n % 5 === 0
        ? [{ kind: 'relation', tenantId, userId: idOf(n), relation: 'family', otherTenantId: tenantId, otherUserId: personId('lee') }]
        : []),
      ...(n % 7 === 0
        ? [
            {
              kind: 'relation',
              tenantId,
              userId: idOf(n),
              relation: 'contacts',
              otherTenantId: tenantId,
              otherUserId: personId('authadmin'),
            },
          ]
        : []),
    ]).flat(),
  ]),
)

const page = (from: number, size: number) =>
  `$filter=id ge '${idOf(from)}' and id le '${idOf(from + size - 1)}'&$orderby=id&$expand=${everything}`
const headers = { ConsistencyLevel: 'eventual' }

describe('A page of users with what they lead to', () => {
  for (const [who, bearer] of Object.entries({
    'a member of a group who is family to some': () => token(server, 'lee', { scope, wids: ['Global Reader'] }),
    'an administrator whom some list among their contacts': () => token(server, 'authadmin', { scope }),
    'an application': () => token(server, 'kim', { roles: ['User.Read.All', 'UserAuthenticationMethod.Read.All'] }),
  }))
    it(`shows ${who} of each what the path of each shows`, async () => {
      const asker = await bearer()
      const { status, json, text } = await ask(server, `GET /beta/users?${page(0, 40)}`, { token: asker, headers })
      assert.equal(status, 200, text)
      assert.equal(json.value.length, 40)
      const seen = new Set<string>()
      for (const { id, profile, authentication } of json.value) {
        const path = `/beta/users/${id}`
        const read = async (of: string): Promise<Json> => (await ask(server, `GET ${path}/${of}`, { token: asker })).json
        assert.deepEqual(profile.emails, (await read('profile/emails')).value)
        assert.deepEqual(authentication.emailMethods, (await read('authentication/emailMethods')).value)
        assert.deepEqual(authentication.methods, (await read('authentication/methods')).value)
        seen.add(profile.emails.map(({ allowedAudiences }: Json) => allowedAudiences).join())
      }
      if (who !== 'an application') assert.ok(seen.size > 1, 'the persons show different things')
    })

  it('shows nobody the emails of one in the sight of another: the owner among others sees all of their own alone', async () => {
    const owner = await token(server, 'kim', { scope: 'User.Read.All', claims: { oid: idOf(3) } })
    const { json } = await ask(server, `GET /beta/users?${page(0, 16).replace(everything, 'profile($expand=emails)')}`, {
      token: owner,
      headers,
    })
    for (const { id, profile } of json.value)
      assert.deepEqual(
        profile.emails.map(({ allowedAudiences }: Json) => allowedAudiences).filter((audience: string) => audience === 'me'),
        id === idOf(3) ? ['me'] : [],
      )
  })

  it('has 100 users at most and goes on by its link, whatever $top says', async () => {
    const asker = await token(server, 'authadmin', { scope })
    const first = await ask(server, `GET /beta/users?$top=999&${page(0, persons)}`, { token: asker, headers })
    assert.equal(first.json.value.length, 100)
    const next = first.json['@odata.nextLink']
    const second = await ask(server, `GET ${next.slice(server.http.length)}`, { token: asker, headers })
    assert.deepEqual(
      [...first.json.value, ...second.json.value].map(({ id }: Json) => id),
      Array.from({ length: persons }, (_, n) => idOf(n)),
    )
    assert.ok(!('@odata.nextLink' in second.json))
    const whole = await ask(server, `GET /beta/users?$top=999&${page(0, 100)}`, { token: asker, headers })
    assert.equal(whole.json.value.length, 100)
    assert.ok(!('@odata.nextLink' in whole.json))
  })

  it('asks the database as often for sixteen users as for two', async () => {
    const asker = await token(server, 'authadmin', { scope })
    const { database } = server.app
    const read = database.read.bind(database)
    const countOf = async (from: number, size: number): Promise<number> => {
      let count = 0
      database.read = (statement, use, by) => {
        count++
        return read(statement, use, by)
      }
      const { json } = await ask(server, `GET /beta/users?${page(from, size)}`, { token: asker, headers })
      Object.assign(database, { read })
      assert.equal(json.value.length, size)
      return count
    }
    // Who they are is remembered where one process owns the data: none of them was asked about before.
    await countOf(100, 2)
    assert.equal(await countOf(104, 16), await countOf(102, 2))
  })
})

describe('A page of users whose emails are large', () => {
  it('ends where the emails of all of them come to 4 MiB, and goes on by its link without losing any', async () => {
    const asker = await token(server, 'authadmin', { scope })
    const owner = (n: number) => idOf(5000 + n)
    const owners = 12
    await putRecords(
      server,
      Array.from({ length: owners }, (_, n) => [
        contosoUser(owner(n), `large${n}@contoso.com`),
        ...Array.from({ length: 100 }, (_unused, m) => ({
          kind: 'email',
          tenantId,
          userId: owner(n),
          id: `m${m}`,
          address: `large${n}.${m}@contoso.com`,
          source: { type: Array.from({ length: 16 }, (_text, k) => `${k} ${'x'.repeat(240)}`) },
        })),
      ]).flat(),
    )
    const found: Json[] = []
    const sizes: number[] = []
    let path = `/beta/users?$filter=id ge '${owner(0)}' and id le '${owner(owners - 1)}'&$orderby=id&$expand=profile($expand=emails)`
    while (path !== '') {
      const { status, json, text } = await ask(server, `GET ${path}`, { token: asker, headers })
      assert.equal(status, 200, text)
      found.push(...json.value)
      sizes.push(json.value.length)
      path = json['@odata.nextLink']?.slice(server.http.length) ?? ''
    }
    assert.ok(sizes.length > 1, sizes.join())
    assert.deepEqual(
      found.map(({ id, profile }) => [id, profile.emails.length]),
      Array.from({ length: owners }, (_, n) => [owner(n), 100]),
    )
  })
})

describe('A batch whose requests expand', () => {
  /** Ten pages of 100 users take all that there is: 5,000. */
  const pages = Array.from({ length: 10 }, (_, n) => ({ id: String(n), method: 'GET', url: `/users?${page(0, 100)}`, headers }))
  const one = { method: 'GET', url: `/me?$expand=profile`, dependsOn: pages.map(({ id }) => id) }

  it('may follow 5,000 names of items, and its request for one more is a 429', async () => {
    assert.equal(pages.length * 100 * linksOfEverything, 5000)
    const asker = await token(server, 'authadmin', { scope })
    const { status, json } = await ask(server, 'POST /beta/$batch', {
      token: asker,
      body: { requests: [...pages, { ...one, id: 'more' }, { id: 'plain', method: 'GET', url: '/me' }] },
    })
    assert.equal(status, 200)
    const statusOf = new Map<string, Json>(json.responses.map((part: Json) => [part.id, part]))
    for (const { id } of pages) assert.equal(statusOf.get(id).status, 200)
    assert.equal(statusOf.get('plain').status, 200)
    const refused = statusOf.get('more')
    assert.equal(refused.status, 429)
    assert.equal(refused.body.error.code, 'TooManyRequests')
    assert.match(refused.headers['Retry-After'], /^\d+$/)
  })

  it('leaves those alone that come by themselves', async () => {
    const asker = await token(server, 'authadmin', { scope })
    for (let n = 0; n < 11; n++) {
      const { status } = await ask(server, `GET /beta/users?${page(0, 100)}`, { token: asker, headers })
      assert.equal(status, 200)
    }
    assertRefused(await ask(server, 'GET /beta/users?$expand=nothing', { token: asker }), 400, 'Request_BadRequest', '$expand')
  })
})

describe('Requests that are sent on one connection without waiting', () => {
  it('are taken up four at a time, and answered in their order', async () => {
    const asker = await token(server, 'authadmin', { scope })
    const { newId, observe } = server.app
    let [inProgress, most, answered] = [0, 0, 0]
    Object.assign(server.app, {
      newId: () => {
        most = Math.max(most, ++inProgress)
        return newId()
      },
      observe: (event: Parameters<typeof observe>[0]) => {
        if (event.kind === 'answered') {
          inProgress--
          answered++
        }
        observe(event)
      },
    })
    const sizes = Array.from({ length: 30 }, (_, n) => 1 + ((n * 7) % 30))
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.http).port), '127.0.0.1')
      let received = ''
      socket
        .setEncoding('utf8')
        .on('error', reject)
        .on('close', () => resolve(received))
      socket.on('data', (part: string) => {
        received += part
      })
      const requests = sizes.map(
        (size, n) =>
          `GET /v1.0/users?$top=${size} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${asker}\r\n${n === sizes.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
      )
      socket.write(requests.join(''))
    })
    Object.assign(server.app, { newId, observe })
    const found = text.split('HTTP/1.1 200 OK').slice(1)
    assert.deepEqual(
      found.map((answer) => answer.match(/"userPrincipalName"/g)?.length),
      sizes,
    )
    assert.deepEqual([answered, most], [30, 4])
  })
})
