/** Many at once: each rule holds as it does for one after the other, and one that fails is no trouble to those beside it. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, type Asking, ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import type { UserName } from '../../support/tenants.ts'

const server = await startServer()
const emails = '/beta/me/profile/emails'
const methods = '/v1.0/me/authentication/emailMethods'
const method = `${methods}/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`

const tokenOf = (user: UserName) => token(server, user, { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })

/** `n` requests that are all on their way before the first is answered. */
function atOnce(n: number, request: (index: number) => readonly [request: string, asking: Asking]): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: n }, (_, index) => ask(server, ...request(index))))
}

/** How often each status came, with the code where it is a refusal. */
function tally(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { status, json } of answers) {
    const name = status < 400 ? String(status) : `${status} ${json.error.code}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

async function idsOf(bearer: string): Promise<readonly string[]> {
  const { json } = await ask(server, `GET ${emails}?$top=999`, { token: bearer })
  return json.value.map(({ id }: { readonly id: string }) => id)
}

describe('An email method', () => {
  it('that 200 requests create at once is created by one of them, and the others are told 409', async () => {
    const kim = await tokenOf('kim')
    const answers = await atOnce(200, (n) => [`POST ${methods}`, { token: kim, body: { emailAddress: `kim${n}@fabrikam.com` } }])
    assert.deepEqual(tally(answers), { 201: 1, '409 conflict': 199 })
    const won = answers.find(({ status }) => status === 201)
    const { json } = await ask(server, `GET ${methods}`, { token: kim })
    assert.deepEqual(
      json.value.map(({ emailAddress }: { readonly emailAddress: string }) => emailAddress),
      [won?.json.emailAddress],
    )
    for (const refused of answers.filter(({ status }) => status === 409)) assertRefused(refused, 409, 'conflict')
  })

  it('that its owner and administrators create at once is created by one of them', async () => {
    const lee = await tokenOf('lee')
    const admin = await token(server, 'authadmin', { scope: 'UserAuthenticationMethod.ReadWrite.All' })
    const answers = await atOnce(100, (n) => {
      const body = { emailAddress: `lee${n}@fabrikam.com` }
      return n % 2 === 0
        ? [`POST ${methods}`, { token: lee, body }]
        : ['POST /v1.0/users/lee@contoso.com/authentication/emailMethods', { token: admin, body }]
    })
    assert.deepEqual(tally(answers), { 201: 1, '409 conflict': 99 })
  })

  it('that is deleted 50 times at once is deleted once', async () => {
    const jo = await tokenOf('jo')
    await ask(server, `POST ${methods}`, { token: jo, body: { emailAddress: 'jo@contoso.com' } })
    assert.deepEqual(tally(await atOnce(50, () => [`DELETE ${method}`, { token: jo }])), { 204: 1, '404 resourceNotFound': 49 })
  })

  it('that is created, changed and deleted at once ends as one of the answers says', async () => {
    const ari = await tokenOf('ari')
    for (let round = 0; round < 5; round++) {
      const answers = await atOnce(60, (n) => {
        const body = { emailAddress: `ari${round}.${n}@fabrikam.com` }
        const asked = [`POST ${methods}`, `PATCH ${method}`, `DELETE ${method}`][n % 3] ?? ''
        return [asked, n % 3 === 2 ? { token: ari } : { token: ari, body }]
      })
      for (const { status, text } of answers) assert.ok([201, 204, 404, 409].includes(status), text)
      const created = answers.filter(({ status }, n) => n % 3 === 0 && status === 201).length
      const deleted = answers.filter(({ status }, n) => n % 3 === 2 && status === 204).length
      const { json } = await ask(server, `GET ${methods}`, { token: ari })
      assert.equal(json.value.length, created - deleted)
      if (json.value.length > 0) await ask(server, `DELETE ${method}`, { token: ari })
    }
  })
})

describe('The emails of a profile', () => {
  it('are 250 after 300 more were added to 240 at once: ten came in, and the others are told 507', async () => {
    const kim = await tokenOf('kim')
    const add = (n: number) => [`POST ${emails}`, { token: kim, body: { address: `kim${n}@contoso.com` } }] as const
    assert.deepEqual(tally(await atOnce(240, add)), { 201: 240 })
    const answers = await atOnce(300, add)
    assert.deepEqual(tally(answers), { 201: 10, '507 quotaLimitReached': 290 })
    assert.equal((await idsOf(kim)).length, 250)
    assert.equal((await ask(server, `GET ${emails}/$count`, { token: kim })).text, '250')
    const refused = answers.find(({ status }) => status === 507)
    if (refused !== undefined) assertRefused(refused, 507, 'quotaLimitReached')

    const [first] = await idsOf(kim)
    assert.equal((await ask(server, `DELETE ${emails}/${first}`, { token: kim })).status, 204)
    assert.deepEqual(tally(await atOnce(20, add)), { 201: 1, '507 quotaLimitReached': 19 })
    assert.equal((await ask(server, 'DELETE /beta/me/profile', { token: kim })).status, 204)
  })

  it('have an id each, however many are added at once', async () => {
    const lee = await tokenOf('lee')
    const answers = await atOnce(200, (n) => [`POST ${emails}`, { token: lee, body: { address: `lee${n}@contoso.com` } }])
    assert.equal(new Set(answers.map(({ json }) => json.id)).size, 200)
    assert.deepEqual([...(await idsOf(lee))].sort(), answers.map(({ json }) => json.id).sort())
    await ask(server, 'DELETE /beta/me/profile', { token: lee })
  })

  it('that are changed and deleted at once are whole or gone', async () => {
    const jo = await tokenOf('jo')
    for (let round = 0; round < 5; round++) {
      const { json } = await ask(server, `POST ${emails}`, { token: jo, body: { address: 'jo@fabrikam.com' } })
      const item = `${emails}/${json.id}`
      const answers = await atOnce(60, (n) =>
        n % 10 === 9
          ? [`DELETE ${item}`, { token: jo }]
          : [`PATCH ${item}`, { token: jo, body: { address: `jo${n}@fabrikam.com`, displayName: `${n}` } }],
      )
      const deletions = answers.filter((_, n) => n % 10 === 9)
      assert.deepEqual(tally(deletions), { 204: 1, '404 ErrorItemNotFound': 5 })
      for (const { status, json: changed } of answers.filter((_, n) => n % 10 !== 9)) {
        assert.ok(status === 200 || status === 404)
        if (status === 200) assert.equal(changed.address, `jo${changed.displayName}@fabrikam.com`)
      }
      assert.deepEqual(await idsOf(jo), [])
    }
  })

  it('that are changed at once end as one of the changes, with the others undone by it', async () => {
    const jo = await tokenOf('jo')
    const { json } = await ask(server, `POST ${emails}`, { token: jo, body: { address: 'jo@fabrikam.com' } })
    const changes = await atOnce(100, (n) => [
      `PATCH ${emails}/${json.id}`,
      { token: jo, body: n % 2 === 0 ? { displayName: `${n}` } : { type: n % 4 === 1 ? 'work' : 'personal' } },
    ])
    assert.deepEqual(tally(changes), { 200: 100 })
    const { json: last } = await ask(server, `GET ${emails}/${json.id}`, { token: jo })
    assert.match(last.displayName, /^\d*[02468]$/, 'no change of one member takes back that of another')
    assert.match(last.type, /^(work|personal)$/)
  })
})

describe('A request that fails in the middle of many', () => {
  it('leaves those before and after it as they are', async () => {
    const ari = await tokenOf('ari')
    const answers = await atOnce(240, (n) => {
      if (n % 3 === 0) return [`POST ${emails}`, { token: ari, body: { address: `ari${n}@litware.com` } }]
      return n % 3 === 1
        ? [`PATCH ${emails}/nothing`, { token: ari, body: { displayName: 'x' } }]
        : [`DELETE ${emails}/nothing`, { token: ari }]
    })
    assert.deepEqual(tally(answers), { 201: 80, '404 ErrorItemNotFound': 160 })
    const created = answers.filter(({ status }) => status === 201).map(({ json }) => json.id)
    assert.deepEqual([...(await idsOf(ari))].sort(), created.sort())
  })

  it('is no trouble to other people: each has what was answered to them', async () => {
    const people = await Promise.all((['reader', 'helpdesk', 'useradmin', 'privadmin'] as const).map(tokenOf))
    const answers = await atOnce(200, (n) => {
      const bearer = people[n % 4] ?? ''
      const body = n % 5 === 0 ? { address: 'nowhere' } : { address: `person${n % 4}.${n}@contoso.com` }
      return [`POST ${emails}`, { token: bearer, body }]
    })
    assert.deepEqual(tally(answers), { 201: 160, '400 badRequest': 40 })
    for (const [index, bearer] of people.entries()) {
      const { json } = await ask(server, `GET ${emails}`, { token: bearer })
      assert.equal(json.value.length, 40)
      for (const { address } of json.value) assert.match(address, new RegExp(`^person${index}\\.`))
    }
  })
})

describe('What was answered', () => {
  it('is there after the server has ended and begun again', async () => {
    const authadmin = await tokenOf('authadmin')
    const answers = await atOnce(50, (n) => [`POST ${emails}`, { token: authadmin, body: { address: `a${n}@contoso.com` } }])
    await server.stop()
    const { databaseUrl } = server.app.config
    const settings: Readonly<Record<string, string>> = databaseUrl === undefined ? {} : { SELFGRAPH_DATABASE_URL: databaseUrl.reveal() }
    const again = await startServer({ folder: server.folder, settings })
    const { json } = await ask(again, `GET ${emails}`, { token: authadmin })
    assert.deepEqual(json.value.map(({ id }: { readonly id: string }) => id).sort(), answers.map(({ json: created }) => created.id).sort())
  })
})
