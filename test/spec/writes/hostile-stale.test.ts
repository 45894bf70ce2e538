/**
 * A write whose permission has gone between the look at it and the change: because its body is held back, or in the last moment
 * before its transaction. It is refused as if it came only now, and changes nothing.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql, { raw } from 'sql-template-tag'
import { roleTemplates } from '../../../src/auth/roles.ts'
import { type Answer, ask, type Json } from '../../support/ask.ts'
import { makeGroup } from '../../support/groups.ts'
import { allOperations } from '../../support/matrix.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { holdBack, type Scene, setScene, type Write, writes } from '../../support/stale.ts'

const server = await startServer()
const assignments = '/v1.0/roleManagement/directory/roleAssignments'

/** As somebody who may do anything; fails where that fails. */
async function change(request: string, body?: unknown): Promise<Json> {
  const scope = 'User.ReadWrite.All User.EnableDisableAccount.All RoleManagement.ReadWrite.Directory Group.ReadWrite.All'
  const { status, json, text } = await ask(server, request, { token: await token(server, 'globaladmin', { scope }), body })
  assert.ok(status < 300, text)
  return json
}

interface Turn {
  readonly happens: (scene: Scene, write: Write) => Promise<unknown>
  readonly concerns: (write: Write, send: Send) => boolean
  readonly status: number
}

const everyWrite = () => true
/** Time is looked at before a statement is sent. */
const inTime = ({ single }: Write, send: Send) => single !== true || send === holdingBack
const byRole = ({ role }: Write) => role !== undefined
const onTarget = ({ onTarget }: Write) => onTarget === true
const idOfAssignment = (userId: string, role: keyof typeof roleTemplates) =>
  Buffer.from(JSON.stringify([userId, roleTemplates[role], '/'])).toString('base64url')

// biome-ignore format: a table of facts, aligned by hand
const turns: Readonly<Record<string, Turn>> = {
  'the caller was disabled':   { concerns: everyWrite, status: 401, happens: ({ caller }) => change(`PATCH /v1.0/users/${caller.id}`, { accountEnabled: false }) },
  'the caller was removed':    { concerns: everyWrite, status: 401, happens: ({ caller }) => change(`DELETE /v1.0/users/${caller.id}`) },
  'the token has run out':     { concerns: inTime, status: 401, happens: async () => server.advance(3_606_000) },
  'the caller lost the role':  { concerns: byRole,     status: 403, happens: ({ caller }, { role }) => change(`DELETE ${assignments}/${idOfAssignment(caller.id, role ?? 'Global Reader')}`) },
  'the target became a Global Administrator': { concerns: onTarget, status: 403, happens: ({ target }) => change(`POST ${assignments}`, { principalId: target.id, roleDefinitionId: roleTemplates['Global Administrator'], directoryScopeId: '/' }) },
  'the target joined a group that roles can be assigned to': { concerns: onTarget, status: 403, happens: async ({ target }) => joinProtected(target.id) },
  'the target was removed':    { concerns: onTarget,   status: 404, happens: ({ target }) => change(`DELETE /v1.0/users/${target.id}`) },
  'the name went to somebody else': { concerns: onTarget, status: 404, happens: ({ target }) => giveAway(target.id, target.principalName) },
}

async function joinProtected(userId: string): Promise<void> {
  const { id } = await makeGroup(server, 'Protected', { isAssignableToRole: true })
  await change(`POST /v1.0/groups/${id}/members/$ref`, { '@odata.id': `https://graph.microsoft.com/v1.0/users/${userId}` })
}

async function giveAway(userId: string, name: string): Promise<void> {
  await change(`PATCH /v1.0/users/${userId}`, { userPrincipalName: `former-${name}` })
  const nickname = name.split('@', 1)[0]
  await change('POST /v1.0/users', {
    accountEnabled: true,
    displayName: nickname,
    mailNickname: nickname,
    userPrincipalName: name,
    passwordProfile: { password: 'Sesame-2026' },
  })
}

interface Ready {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly bearer: string
}

async function ready(key: string, write: Write, { caller, ...scene }: Scene): Promise<Ready> {
  const { scope, mfa = false, path, body } = write
  const bearer = await token(server, 'kim', { scope, mfa, claims: { oid: caller.id, upn: caller.principalName } })
  return { method: key.split(' ', 1)[0] ?? '', path: path({ caller, ...scene }), body: body?.({ caller, ...scene }), bearer }
}

type Send = (what: Ready, meanwhile: () => Promise<unknown>) => Promise<Pick<Answer, 'status' | 'text'>>

const holdingBack: Send = ({ method, path, body, bearer }, meanwhile) =>
  holdBack(server, { request: `${method} ${path}`, token: bearer, body }, meanwhile)

/** `meanwhile` gets in between the request and its transaction. */
const justBefore: Send = async ({ method, path, body, bearer }, meanwhile) => {
  const { database } = server.app
  const own = { write: database.write.bind(database), change: database.change.bind(database) }
  const first = async () => {
    Object.assign(database, own)
    await meanwhile()
  }
  const write: typeof own.write = async (...asked) => {
    await first()
    return own.write(...asked)
  }
  const changeOne: typeof own.change = async (...asked) => {
    await first()
    return own.change(...asked)
  }
  Object.assign(database, { write, change: changeOne })
  try {
    return await ask(server, `${method} ${path}`, { token: bearer, body })
  } finally {
    Object.assign(database, own)
  }
}

const tables = ['users', 'email_methods', 'profile_emails', 'groups', 'group_members', 'role_assignments', 'email_method_policies']

async function everything({ app: { database } }: TestServer): Promise<string> {
  const found = await Promise.all(tables.map((table) => database.read(sql`SELECT * FROM ${raw(table)}`)))
  return JSON.stringify(found.map((rows) => rows.map((row) => JSON.stringify(row)).sort()))
}

const every = Object.entries(writes).flatMap(([key, rows]) => rows.map((write) => ({ key, write, title: `${key}, ${write.what}` })))

describe('A write whose permission has gone meanwhile', () => {
  it('is tried here for each write that is served', () => {
    const served = allOperations().filter((operation) => !operation.startsWith('GET '))
    assert.deepEqual(Object.keys(writes).toSorted(), served.toSorted())
  })

  for (const { key, write, title } of every)
    for (const [how, send] of write.body === undefined
      ? [['at the last moment', justBefore] as const]
      : ([
          ['while its body was held back', holdingBack],
          ['at the last moment', justBefore],
        ] as const)) {
      it(`is carried out where nothing has gone: ${title}, ${how}`, async () => {
        const what = await ready(key, write, await setScene(server, write))
        const answer = await send(what, async () => undefined)
        assert.ok(answer.status < 300, answer.text)
      })

      for (const [turn, { happens, status }] of Object.entries(turns).filter(([, { concerns }]) => concerns(write, send)))
        it(`is refused with ${status}: ${title}: ${turn} ${how}`, async () => {
          const scene = await setScene(server, write)
          let before = ''
          const answer = await send(await ready(key, write, scene), async () => {
            await happens(scene, write)
            before = await everything(server)
          })
          assert.equal(answer.status, status, answer.text)
          assert.equal(await everything(server), before)
        })
    }

  it('is refused to an application out of whose reach the user has got', async () => {
    const write = writes['PATCH /users/{user}']?.[0]
    assert.ok(write !== undefined)
    const scene = await setScene(server, write)
    const bearer = await token(server, 'kim', { roles: ['User.ReadWrite.All'] })
    const what = { method: 'PATCH', path: write.path(scene), body: { accountEnabled: false }, bearer }
    const answer = await holdingBack(what, () => joinProtected(scene.target.id))
    assert.equal(answer.status, 403, answer.text)
  })

  it('is refused on a group to which roles can be assigned since', async () => {
    const write = writes['POST /groups/{group}/members/$ref']?.[0]
    assert.ok(write !== undefined)
    const scene = await setScene(server, write)
    const answer = await holdingBack(await ready('POST /', write, scene), () =>
      putRecords(server, [{ kind: 'group', tenantId: scene.caller.tenantId, id: scene.group, isAssignableToRole: true }]),
    )
    assert.equal(answer.status, 403, answer.text)
  })
})
