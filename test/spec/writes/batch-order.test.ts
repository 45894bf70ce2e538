/** When the parts of a batch run: side by side, or in the order that they ask for. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Event } from '../../../src/observe.ts'
import { handle } from '../../../src/request/handle.ts'
import type { GraphRequest } from '../../../src/request/message.ts'
import { ask, type Json } from '../../support/ask.ts'
import { assertPartRefused, batch, write } from '../../support/batch.ts'
import { startServer, token } from '../../support/server.ts'

const emails = '/beta/me/profile/emails'
const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite User.Read.All' })
const statusOf = (parts: readonly Json[]) => parts.map(({ status }) => status)

describe('The parts of a batch', () => {
  it('run after those that they name in dependsOn, whatever the case of the ids, and over many steps', async () => {
    const add = (index: number) =>
      write(
        'POST',
        emails,
        { address: `step${index}@contoso.com` },
        { id: `Step${index}`, ...(index === 0 ? {} : { dependsOn: [`sTEP${index - 1}`] }) },
      )
    const mara = await token(server, 'reader', { scope: 'User.ReadWrite' })
    const parts = await batch(
      server,
      [...Array.from({ length: 19 }, (_, index) => add(index)), { id: 'n', url: `${emails}/$count`, dependsOn: ['step18'] }],
      { token: mara },
    )
    assert.deepEqual(
      parts.map(({ body }) => body.address ?? body),
      [...Array.from({ length: 19 }, (_, index) => `step${index}@contoso.com`), '19'],
    )
    const listed = await ask(server, `GET ${emails}`, { token: mara })
    assert.deepEqual(
      listed.json.value.map((item: Json) => item.address),
      parts.slice(0, 19).map(({ body }) => body.address),
    )
  })

  it('are 424 FailedDependency where one that they depend on failed, down the whole chain, and nothing else is', async () => {
    const parts = await batch(
      server,
      [
        { id: 'good' },
        { id: 'bad', url: '/users/nobody@contoso.com' },
        write('POST', emails, { address: 'never@contoso.com' }, { id: 'after', dependsOn: ['good', 'bad'] }),
        { id: 'later', dependsOn: ['AFTER'] },
        { id: 'document', url: '/$metadata', dependsOn: ['bad'] },
        { id: 'fine', dependsOn: ['good', 'good'] },
      ],
      { token: kim },
    )
    assert.deepEqual(statusOf(parts), [200, 404, 424, 424, 424, 200])
    for (const part of parts.slice(2, 5)) assertPartRefused(part, 424, 'FailedDependency')
    assert.ok(!(await ask(server, `GET ${emails}`, { token: kim })).text.includes('never@contoso.com'))
  })

  it('run side by side where nothing holds them, and only then the one that depends on them', async () => {
    const { app } = server
    const told: string[] = []
    let arrived = 0
    let open = () => {}
    const allThere = new Promise<void>((resolve) => {
      open = resolve
    })
    // The batch itself, then three parts of which none goes on before all have come, then the fourth.
    const authenticate = async (authorization: string | undefined) => {
      arrived++
      const mine = arrived
      told.push(`${mine} asks`)
      if (mine === 4) open()
      if (mine > 1) await allThere
      return app.authenticate(authorization)
    }
    const observe = (event: Event) => void (event.kind === 'answered' && told.push(`${event.route} is answered`))
    const requests = ['1', '2', '3', '4'].map((id) => ({ id, method: 'GET', url: '/me', dependsOn: id === '4' ? ['1', '2', '3'] : [] }))
    const request: GraphRequest = {
      method: 'POST',
      url: '/v1.0/$batch',
      headers: { authorization: `Bearer ${kim}`, 'content-type': 'application/json' },
      origin: server.http,
      body: async () => Buffer.from(JSON.stringify({ requests })),
    }
    const { status, body = '' } = await handle({ ...app, authenticate, observe }, request)
    assert.deepEqual([status, statusOf(JSON.parse(body).responses)], [200, [200, 200, 200, 200]])
    const answered = '/users/{user} is answered'
    assert.deepEqual(told, [
      '1 asks',
      '2 asks',
      '3 asks',
      '4 asks',
      answered,
      answered,
      answered,
      '5 asks',
      answered,
      '/$batch is answered',
    ])
  })
})
