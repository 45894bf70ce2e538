import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../support/ask.ts'
import { startServer, token } from '../support/server.ts'
import { personId } from '../support/tenants.ts'

describe('Adding an email to a profile', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

  it('answers 201 with the whole itemEmail and its type, and the item is there afterwards', async () => {
    const created = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com', type: 'work' } })
    assert.equal(created.status, 201)
    assert.equal(created.json['@odata.type'], '#microsoft.graph.itemEmail')
    assert.equal(created.json.createdBy.user.id, personId('kim'))
    const listed = await ask(server, 'GET /beta/me/profile/emails', { token: kim })
    assert.deepEqual(
      listed.json.value.map((item: { id: string }) => item.id),
      [created.json.id],
    )
  })
})
