/** `@microsoft/microsoft-graph-client` on the emails of a profile. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { PageIterator } from '@microsoft/microsoft-graph-client'
import type { Json } from '../support/ask.ts'
import { addresses, guid, kimsToken, nobodysId, startTrustedServer } from '../support/clients.ts'
import { graphClient, graphErrorOf } from '../support/clients-graph-client.ts'
import { token } from '../support/server.ts'
import { personId } from '../support/tenants.ts'
import { untagged } from '../support/untagged.ts'

// The groups take turns on it.
const server = await startTrustedServer()

describe('microsoft-graph-client on one email of a profile', async () => {
  const client = graphClient(server, await kimsToken(server), 'beta')
  let created: Json

  before(async () => {
    created = await client.api('/me/profile/emails').post({
      '@odata.type': '#microsoft.graph.itemEmail',
      address: 'kim@contoso.com',
      displayName: 'Desk',
      type: 'work',
      allowedAudiences: 'contacts, family',
      inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true },
    })
  })

  it('creates it and gets the whole itemEmail back', () => {
    assert.equal(created['@odata.type'], '#microsoft.graph.itemEmail')
    assert.match(created.id, guid)
    assert.equal(created.address, 'kim@contoso.com')
    assert.equal(created.displayName, 'Desk')
    assert.equal(created.type, 'work')
    assert.equal(created.allowedAudiences, 'family,contacts')
    assert.deepEqual(created.inference, { confidenceScore: 0.5, userHasVerifiedAccuracy: true })
    assert.ok(Math.abs(Date.parse(created.createdDateTime) - server.now()) < 60_000)
    assert.equal(created.lastModifiedDateTime, created.createdDateTime)
    assert.deepEqual(created.createdBy.user, { displayName: 'Kim Akers', id: personId('kim') })
    assert.equal(created.createdBy.application.displayName, 'Test client')
    assert.deepEqual(created.lastModifiedBy, created.createdBy)
  })

  it('gets it, and with select the chosen members alone', async () => {
    const { '@odata.context': context, ...email } = await client.api(`/me/profile/emails/${created.id}`).get()
    const { '@odata.context': _, '@odata.type': __, ...expected } = created
    assert.deepEqual(email, expected)
    assert.equal(context, `${server.https}/beta/$metadata#users('${personId('kim')}')/profile/emails/$entity`)
    const chosen = await client.api(`/me/profile/emails/${created.id}`).select(['id', 'address']).get()
    assert.deepEqual(Object.keys(untagged(chosen)), ['@odata.context', 'id', 'address'])
    assert.equal(chosen.address, 'kim@contoso.com')
  })

  it('changes a member and leaves the others', async () => {
    const changed = await client.api(`/me/profile/emails/${created.id}`).patch({ displayName: 'Front desk' })
    assert.equal(changed.displayName, 'Front desk')
    assert.equal(changed.address, 'kim@contoso.com')
    assert.equal(changed.createdDateTime, created.createdDateTime)
    assert.ok(Date.parse(changed.lastModifiedDateTime) >= Date.parse(created.lastModifiedDateTime))
  })

  it('sends back what it got, read-only members and all, with one member changed', async () => {
    const got = await client.api(`/me/profile/emails/${created.id}`).get()
    const changed = await client.api(`/me/profile/emails/${created.id}`).update({ ...got, type: 'personal' })
    assert.equal(changed.type, 'personal')
    const kept = ({ type: _, lastModifiedDateTime: __, ...others }: Json) => others
    assert.deepEqual(untagged(kept(changed)), untagged(kept(got)))
  })

  it('gets a 204 and nothing from a PATCH that prefers so, with header()', async () => {
    const nothing = await client.api(`/me/profile/emails/${created.id}`).header('Prefer', 'return=minimal').patch({ displayName: null })
    assert.equal(nothing, undefined)
    assert.equal((await client.api(`/me/profile/emails/${created.id}`).get()).displayName, null)
  })

  it('deletes it, after which it is a GraphError 404', async () => {
    assert.equal(await client.api(`/me/profile/emails/${created.id}`).delete(), undefined)
    await assert.rejects(client.api(`/me/profile/emails/${created.id}`).get(), { statusCode: 404, code: 'ErrorItemNotFound' })
  })
})

describe('microsoft-graph-client on the list of emails', async () => {
  const client = graphClient(server, await kimsToken(server), 'beta')
  const added = addresses(7)
  before(async () => {
    for (const [index, address] of added.entries())
      await client.api(index === 0 ? '/me/profile/emails/$ref' : '/me/profile/emails').create({ address })
  })

  it('lists all that were added, the first of them through $ref', async () => {
    const { value, '@odata.context': context } = await client.api('/me/profile/emails').get()
    assert.deepEqual(addressesOf(value), added)
    assert.equal(context, `${server.https}/beta/$metadata#users('${personId('kim')}')/profile/emails`)
  })

  it('takes top, skip, select and count together', async () => {
    const page = await client.api('/me/profile/emails').top(2).skip(3).select('address').count(true).get()
    assert.deepEqual(untagged(page.value), [{ address: added[3] }, { address: added[4] }])
    assert.equal(page['@odata.count'], 7)
    assert.ok(page['@odata.nextLink'].startsWith(`${server.https}/beta/`))
  })

  it('counts them as a text of digits', async () => {
    assert.equal(await client.api('/me/profile/emails/$count').get(), '7')
  })

  it('walks over all pages with its PageIterator, each item once and in order', async () => {
    const seen: Json[] = []
    const first = await client.api('/me/profile/emails').top(3).select(['id', 'address']).get()
    const iterator = new PageIterator(client, first, (item: Json) => seen.push(item) > 0)
    await iterator.iterate()
    assert.deepEqual(addressesOf(seen), added)
    assert.deepEqual(Object.keys(untagged(seen[6])), ['id', 'address'], 'the last page is selected like the first')
    assert.ok(iterator.isComplete())
  })

  it('stops its PageIterator and resumes it on a later page', async () => {
    const seen: Json[] = []
    const iterator = new PageIterator(client, await client.api('/me/profile/emails').top(2).get(), (item: Json) => seen.push(item) !== 5)
    await iterator.iterate()
    assert.equal(seen.length, 5)
    assert.ok(!iterator.isComplete())
    await iterator.resume()
    assert.deepEqual(addressesOf(seen), added)
    assert.ok(iterator.isComplete())
  })

  it('follows pages of the size that it prefers with header()', async () => {
    const preferring = { headers: { Prefer: 'odata.maxpagesize=4' } }
    const seen: Json[] = []
    const first = await client.api('/me/profile/emails').headers(preferring.headers).get()
    assert.equal(first.value.length, 4)
    await new PageIterator(client, first, (item: Json) => seen.push(item) > 0, preferring).iterate()
    assert.deepEqual(addressesOf(seen), added)
  })

  it('gets the profile with its emails expanded, and empties it by deleting it', async () => {
    const profile = await client.api('/me/profile').expand('emails').get()
    assert.equal(profile.id, 'profileId')
    assert.deepEqual(addressesOf(profile.emails), added)
    assert.equal(await client.api('/me/profile').delete(), undefined)
    assert.equal(await client.api('/me/profile/emails/$count').get(), '0')
  })
})

describe('microsoft-graph-client where the server refuses', async () => {
  const client = graphClient(server, await kimsToken(server), 'beta')
  const emails = '/me/profile/emails'

  it('throws its GraphError with status, code, message, request id, date and body', async () => {
    const error = await graphErrorOf(client.api(emails).post({ address: 'no address' }))
    assert.equal(error.statusCode, 400)
    assert.equal(error.code, 'badRequest')
    assert.match(error.message, /not an email address/)
    assert.match(error.requestId ?? '', guid)
    assert.equal(error.headers?.get('request-id'), error.requestId)
    assert.ok(Math.abs(error.date.getTime() - server.now()) < 60_000 + Math.abs(new Date().getTimezoneOffset()) * 60_000)
    assert.equal(JSON.parse(error.body).target, 'address')
  })

  it('throws one for an item that nobody has, an unknown member, a wrong scope and a bad token', async () => {
    await assert.rejects(client.api(`${emails}/${nobodysId}`).patch({ displayName: 'x' }), { statusCode: 404, code: 'ErrorItemNotFound' })
    await assert.rejects(client.api(emails).post({ address: 'a@b.example', colour: 'red' }), { statusCode: 400, code: 'badRequest' })
    const narrow = graphClient(server, await token(server, 'kim', { scope: 'User.Read' }), 'beta')
    await assert.rejects(narrow.api(emails).post({ address: 'a@b.example' }), {
      statusCode: 403,
      code: 'ErrorInsufficientPermissionsInAccessToken',
    })
    await assert.rejects(graphClient(server, 'x.y.z', 'beta').api(emails).get(), { statusCode: 401, code: 'InvalidAuthenticationToken' })
  })

  it('reads what others show and may not write to them', async () => {
    const lee = graphClient(server, await token(server, 'lee', { scope: 'User.ReadWrite' }), 'beta')
    await lee.api(emails).post({ address: 'lee@contoso.com' })
    await lee.api(emails).post({ address: 'secret@lee.example', allowedAudiences: 'me' })
    assert.deepEqual(addressesOf((await client.api(`/users/lee@contoso.com/profile/emails`).get()).value), ['lee@contoso.com'])
    await assert.rejects(client.api(`/users/${personId('lee')}/profile/emails`).post({ address: 'a@b.example' }), {
      statusCode: 403,
      code: 'ErrorAccessDeniedForRole',
    })
  })

  it('finds no profile under v1.0 unless the server is set to have it there', async () => {
    await assert.rejects(client.api(emails).version('v1.0').get(), { statusCode: 404, code: 'Request_ResourceNotFound' })
    const both = await startTrustedServer({ settings: { SELFGRAPH_PROFILE_IN_V1: '1' } })
    const page = await graphClient(both, await kimsToken(both), 'beta')
      .api(emails)
      .version('v1.0')
      .get()
    assert.deepEqual(page.value, [])
  })
})

function addressesOf(emails: readonly { address: string }[]): readonly string[] {
  return emails.map(({ address }) => address)
}
