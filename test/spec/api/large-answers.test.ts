/** How much one answer holds at most, where the records in it are as large as they can be. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask, type Json } from '../../support/ask.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()
const tenantId = '11111111-0000-4000-8000-000000000001'
const idOf = (n: number) => `large-${String(n).padStart(4, '0')}`
const largest = 16 * 1024
/** 4 MiB of characters on a page. */
const onOnePage = 256

/** A user whose stored record has so many octets; small where none are given. */
const userOf = (n: number, padding = 0) => ({
  kind: 'user',
  tenantId,
  id: idOf(n),
  userPrincipalName: `${idOf(n)}@large.example`,
  skills: Array.from({ length: Math.ceil(padding / 200) }, (_, index) => 'x'.repeat(Math.min(200, padding - index * 200))),
  aboutMe: 'x',
})

/** A record of exactly the largest size, whoever it is of. */
async function largestUser(n: number): Promise<Json> {
  const filled = userOf(n, 13_000)
  await putRecords(server, [filled])
  const [row] = await server.app.database.read<{ record: string }>(sql`SELECT record FROM users WHERE id = ${idOf(n)}`)
  return { ...filled, aboutMe: 'x'.repeat(1 + largest - Buffer.byteLength(row?.record ?? '')) }
}

await putRecords(server, [{ kind: 'tenant', id: tenantId, verifiedDomains: [{ name: 'large.example' }] }])
const one = await largestUser(1)
const records = Array.from({ length: onOnePage + 1 }, (_, index) => ({
  ...one,
  id: idOf(index + 1),
  userPrincipalName: `${idOf(index + 1)}@large.example`,
}))
await putRecords(server, records)
const reader = await token(server, 'kim', {
  scope: 'User.Read.All',
  claims: { tid: tenantId, oid: idOf(1), upn: `${idOf(1)}@large.example` },
})

describe('A page', () => {
  const get = (url: string) => ask({ http: '' }, `GET ${url}`, { token: reader })
  const first = `${server.http}/v1.0/users?$top=999&$select=id`

  it('ends where its records have 4 MiB of characters, and the next one goes on', async () => {
    const { json } = await get(first)
    assert.equal(json.value.length, onOnePage)
    const { json: rest } = await get(json['@odata.nextLink'])
    assert.deepEqual([rest.value.map(({ id }: Json) => id), rest['@odata.nextLink']], [[idOf(onOnePage + 1)], undefined])
  })

  it('ends one record earlier where there is one character more', async () => {
    await putRecords(server, [userOf(0)])
    const { json } = await get(first)
    assert.equal(json.value.length, onOnePage)
    assert.deepEqual([json.value[0].id, json.value.at(-1).id], [idOf(0), idOf(onOnePage - 1)])
    const { json: rest } = await get(json['@odata.nextLink'])
    assert.deepEqual(
      rest.value.map(({ id }: Json) => id),
      [idOf(onOnePage), idOf(onOnePage + 1)],
    )
  })

  it('ends so as well where its items are filtered and sorted', async () => {
    const filtered = `${first}&$count=true&$filter=startswith(userPrincipalName,'large-')&$orderby=userPrincipalName desc`
    const { json } = await ask({ http: '' }, `GET ${filtered}`, { token: reader, headers: { ConsistencyLevel: 'eventual' } })
    assert.deepEqual([json['@odata.count'], json.value.length, json.value[0].id], [onOnePage + 2, onOnePage, idOf(onOnePage + 1)])
  })
})

describe('A batch of large answers', () => {
  const page = '/users?$top=999&$select=id,aboutMe,skills'
  const add = {
    method: 'POST',
    url: '/me/profile/emails',
    headers: { 'Content-Type': 'application/json' },
    body: { address: 'a@large.example' },
  }
  const send = async (requests: readonly object[]) => {
    const bearer = await token(server, 'kim', {
      scope: 'User.Read.All User.ReadWrite',
      claims: { tid: tenantId, oid: idOf(1), upn: `${idOf(1)}@large.example` },
    })
    const numbered = requests.map((request, index) => ({ method: 'GET', ...request, id: String(index) }))
    return ask(server, 'POST /beta/$batch', { token: bearer, body: { requests: numbered } })
  }

  it('holds some megabytes: further reads are a 429, to be sent again, and writes are done', async () => {
    const { status, json, text } = await send([...Array(18).fill({ url: page }), add, { url: '/me/profile/emails/$count' }])
    assert.equal(status, 200)
    const statuses: number[] = json.responses.map((response: Json) => response.status)
    const read = statuses.filter((one) => one === 200).length
    assert.ok(read >= 2 && read < 8, statuses.join())
    assert.ok(Buffer.byteLength(text) < 32 * 1024 * 1024)
    assert.equal(statuses[18], 201)
    const refused = json.responses.filter((response: Json) => response.status === 429)
    assert.equal(refused.length, 19 - read)
    for (const { headers, body } of refused) assert.deepEqual([headers['Retry-After'], body.error.code], ['1', 'TooManyRequests'])
  })

  it('holds twenty that are small', async () => {
    const { json } = await send([...Array(19).fill({ url: '/me?$select=aboutMe' }), add])
    assert.deepEqual(
      json.responses.map((response: Json) => response.status),
      [...Array(19).fill(200), 201],
    )
  })
})
