/** Rows that go with an operation's write: committed with the change, and never without it. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import type { WriteFacts } from '../../../src/store/alongside.ts'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'
import { type Scene, setScene, type Write, writes } from '../../support/stale.ts'

const server = await startServer()
const { database } = server.app
await database.write('schema', async (transaction) => {
  await transaction.change(sql`CREATE TABLE notes (request_id TEXT NOT NULL PRIMARY KEY, facts TEXT NOT NULL)`)
})

let fails = false
const append = (facts: WriteFacts) => [
  sql`INSERT INTO notes (request_id, facts) VALUES (${facts.requestId}, ${JSON.stringify(facts)})`,
  ...(fails ? [sql`INSERT INTO nowhere VALUES (1)`] : []),
]
Object.assign(server.app, { alongside: [append] })

async function notes(): Promise<readonly WriteFacts[]> {
  const rows = await database.read<{ facts: string }>(sql`SELECT facts FROM notes`)
  return rows.map(({ facts }) => JSON.parse(facts) as WriteFacts) // as append wrote them
}

async function send(key: string, write: Write, scene: Scene) {
  const { caller } = scene
  const { scope, mfa = false, path, body } = write
  const bearer = await token(server, 'kim', { scope, mfa, claims: { oid: caller.id, upn: caller.principalName } })
  return ask(server, `${key.split(' ', 1)[0]} ${path(scene)}`, { token: bearer, body: body?.(scene) })
}

const every = Object.entries(writes).flatMap(([key, rows]) => rows.map((write) => ({ key, write, title: `${key}, ${write.what}` })))

describe('What goes with a write', () => {
  for (const { key, write, title } of every) {
    it(`is there once the change is, and tells what it was: ${title}`, async () => {
      const scene = await setScene(server, write)
      const answer = await send(key, write, scene)
      assert.ok(answer.status < 300, answer.text)
      const told = (await notes()).filter(({ requestId }) => requestId === answer.headers.get('request-id'))
      assert.equal(told.length, 1)
      const [{ operation, tenantId, actor, application } = assert.fail()] = told
      assert.match(operation, /^\w+(\.[\w$]+)*\.(create|createRef|update|replace|remove|add)$/)
      assert.equal(tenantId, scene.caller.tenantId)
      assert.equal(actor?.id, scene.caller.id)
      assert.equal(application.id, '11111111-2222-4333-8444-555555555555')
    })

    it(`undoes the change where it fails, and is not there either: ${title}`, async () => {
      const scene = await setScene(server, write)
      const before = (await notes()).length
      fails = true
      try {
        assert.equal((await send(key, write, scene)).status, 500)
      } finally {
        fails = false
      }
      assert.equal((await notes()).length, before)
      // The same may be done now: nothing of it was.
      const again = await send(key, write, scene)
      assert.ok(again.status < 300, again.text)
    })
  }

  const method = writes['POST /users/{user}/authentication/emailMethods']?.[0] ?? assert.fail()
  const refusals: Readonly<Record<string, { readonly key: string; readonly write: Write; readonly status: number }>> = {
    'a second method': {
      key: 'POST',
      write: {
        what: method.what,
        scope: method.scope,
        mfa: true,
        path: method.path,
        ...(method.body === undefined ? {} : { body: method.body }),
      },
      status: 409,
    },
    'a method that is not there': {
      key: 'DELETE',
      write: { ...(writes['DELETE /users/{user}/authentication/emailMethods/{id}']?.[0] ?? assert.fail()), noMethod: true },
      status: 404,
    },
    'a member who is one': {
      key: 'POST',
      write: {
        ...(writes['POST /groups/{group}/members/$ref']?.[0] ?? assert.fail()),
        body: ({ target }) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/users/${target.id}` }),
      },
      status: 400,
    },
    'an assignment that is one': {
      key: 'POST',
      write: {
        ...(writes['POST /roleManagement/directory/roleAssignments']?.[0] ?? assert.fail()),
        body: ({ target }) => ({ principalId: target.id, roleDefinitionId: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', directoryScopeId: '/' }),
      },
      status: 400,
    },
  }
  for (const [what, { key, write, status }] of Object.entries(refusals))
    it(`is not there where the write is refused: ${what}`, async () => {
      const scene = await setScene(server, write)
      const before = (await notes()).length
      const answer = await send(key, write, scene)
      assert.equal(answer.status, status, answer.text)
      assert.equal((await notes()).length, before)
    })
})
