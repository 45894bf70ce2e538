/** `@microsoft/microsoft-graph-client` with If-Match, as its users guard against each other's changes. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kimsToken, startTrustedServer } from '../support/clients.ts'
import { graphClient } from '../support/clients-graph-client.ts'

describe('microsoft-graph-client with the tag of an email', async () => {
  const server = await startTrustedServer()
  const client = graphClient(server, await kimsToken(server), 'beta')
  const emails = client.api('/me/profile/emails')

  it('changes and deletes it with the tag that it was given', async () => {
    const created = await emails.post({ address: 'kim@contoso.com' })
    const email = client.api(`/me/profile/emails/${created.id}`)
    const changed = await email.header('If-Match', created['@odata.etag']).patch({ displayName: 'Desk' })
    assert.equal(changed.displayName, 'Desk')
    await client.api(`/me/profile/emails/${created.id}`).header('If-Match', changed['@odata.etag']).delete()
    await assert.rejects(client.api(`/me/profile/emails/${created.id}`).get(), { statusCode: 404 })
  })

  it('is told with 412 that somebody else was faster, and succeeds after it has read again', async () => {
    const { id } = await emails.post({ address: 'kim@contoso.com' })
    const path = `/me/profile/emails/${id}`
    const [mine, theirs] = [await client.api(path).get(), await client.api(path).get()]
    await client.api(path).header('If-Match', theirs['@odata.etag']).patch({ displayName: 'Theirs' })
    const late = client.api(path).header('If-Match', mine['@odata.etag']).patch({ displayName: 'Mine' })
    await assert.rejects(late, { statusCode: 412, code: 'ErrorIrresolvableConflict' })
    const now = await client.api(path).get()
    assert.equal(now.displayName, 'Theirs')
    const again = await client.api(path).header('If-Match', now['@odata.etag']).patch({ displayName: 'Mine' })
    assert.equal(again.displayName, 'Mine')
  })

  it('may send what it read back as it is, tag included', async () => {
    const { id } = await emails.post({ address: 'kim@contoso.com' })
    const read = await client.api(`/me/profile/emails/${id}`).get()
    const changed = await client.api(`/me/profile/emails/${id}`).patch({ ...read, displayName: 'Desk' })
    assert.equal(changed.displayName, 'Desk')
  })
})
