/** `@microsoft/microsoft-graph-client` on users, role assignments and groups that it writes. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PageIterator } from '@microsoft/microsoft-graph-client'
import type { Json } from '../support/ask.ts'
import { guid, startTrustedServer } from '../support/clients.ts'
import { graphClient, graphErrorOf } from '../support/clients-graph-client.ts'
import { token } from '../support/server.ts'
import { personId } from '../support/tenants.ts'

const server = await startTrustedServer()
const scope = 'User.ReadWrite.All Group.ReadWrite.All RoleManagement.ReadWrite.Directory'
const client = graphClient(server, await token(server, 'globaladmin', { scope }), 'v1.0')

const adele = {
  accountEnabled: true,
  displayName: 'Adele Vance',
  mailNickname: 'AdeleV',
  userPrincipalName: 'AdeleV@contoso.com',
  passwordProfile: { forceChangePasswordNextSignIn: true, password: 'xWwvJ]6NMw+bWH-d' },
}

describe('microsoft-graph-client on users', () => {
  it('creates, changes, disables and removes one', async () => {
    const created = await client.api('/users').post(adele)
    assert.match(created.id, guid)
    assert.equal(created.userPrincipalName, 'AdeleV@contoso.com')
    assert.equal(await client.api(`/users/${created.id}`).patch({ jobTitle: 'Retail Manager', accountEnabled: false }), undefined)
    const changed = await client.api('/users/adelev@contoso.com').select('jobTitle,accountEnabled').get()
    assert.deepEqual([changed.jobTitle, changed.accountEnabled], ['Retail Manager', false])
    assert.equal(await client.api(`/users/${created.id}`).delete(), undefined)
    await assert.rejects(client.api(`/users/${created.id}`).get(), { statusCode: 404, code: 'Request_ResourceNotFound' })
  })

  it('throws a GraphError 400 that tells of the conflict where the name is taken', async () => {
    const error = await graphErrorOf(client.api('/users').post({ ...adele, userPrincipalName: 'kim@contoso.com' }))
    assert.deepEqual([error.statusCode, error.code], [400, 'Request_BadRequest'])
    assert.equal(JSON.parse(error.body).details[0].code, 'ObjectConflict')
  })
})

describe('microsoft-graph-client on role assignments', () => {
  it('lists, gives and takes them', async () => {
    const assignments = '/roleManagement/directory/roleAssignments'
    const given = await client.api(assignments).post({
      '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
      roleDefinitionId: '4a5d8f65-41da-4de4-8968-e035b65339cf',
      principalId: personId('lee'),
      directoryScopeId: '/',
    })
    const seen: Json[] = []
    const pages = new PageIterator(client, await client.api(assignments).top(2).get(), (assignment: Json) => seen.push(assignment) > 0)
    await pages.iterate()
    assert.equal(seen.length, 7)
    assert.ok(seen.some(({ id }) => id === given.id))
    assert.equal((await client.api(`${assignments}/${given.id}`).get()).principalId, personId('lee'))
    assert.equal(await client.api(`${assignments}/${given.id}`).delete(), undefined)
    assert.equal((await client.api(assignments).count().get())['@odata.count'], 6)
  })
})

describe('microsoft-graph-client on groups', () => {
  it('makes one, puts people in and takes them out, and removes it', async () => {
    const group = await client.api('/groups').post({
      displayName: 'Operations',
      groupTypes: [],
      mailEnabled: false,
      mailNickname: 'operations',
      securityEnabled: true,
    })
    const members = `/groups/${group.id}/members`
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${personId('kim')}` }
    assert.equal(await client.api(`${members}/$ref`).post(reference), undefined)
    const [member] = (await client.api(members).get()).value
    assert.deepEqual([member['@odata.type'], member.id], ['#microsoft.graph.user', personId('kim')])
    await assert.rejects(client.api(`${members}/$ref`).post(reference), { statusCode: 400, code: 'Request_BadRequest' })
    assert.equal(await client.api(`${members}/${personId('kim')}/$ref`).delete(), undefined)
    assert.deepEqual((await client.api(members).get()).value, [])
    assert.equal(await client.api(`/groups/${group.id}`).update({ displayName: 'Operations 2' }), undefined)
    assert.ok((await client.api('/groups').get()).value.some(({ displayName }: Json) => displayName === 'Operations 2'))
    assert.equal(await client.api(`/groups/${group.id}`).delete(), undefined)
  })
})
