/**
 * What a 404 costs: on somebody of another tenant who shows nothing the database is asked the same questions, in the same order, as on
 * nobody at all, so that no stopwatch tells whether there is such a person. How long they take is for bench/secrecy.ts.
 */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { type Asking, ask } from '../../support/ask.ts'
import { makeGroup, reference } from '../../support/groups.ts'
import { allOperations } from '../../support/matrix.ts'
import { applicationToken, demo, type Person, person, tokenOf, userLine } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '1', SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: '1' } })
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const emailId = '018f2f5e-0000-7000-8000-00000000a001'

const strangers: Readonly<Record<string, Person>> = {
  'shows nothing and has nothing': person('blank', 'litware.com', tenants.litware),
  'has emails and a method, and shows nothing': person('hidden', 'litware.com', tenants.litware),
  'is disabled': person('disabled', 'litware.com', tenants.litware),
  'has a personal account': person('private', 'outlook.example', tenants.personal),
}
const nobodys: Person = person('nobody', 'litware.com', tenants.litware)

/** What is asked of the database while a request is answered, without the values. */
async function questionsOf(request: string, asking: Asking): Promise<{ readonly status: number; readonly questions: readonly string[] }> {
  const { database } = server.app
  const read = database.read.bind(database)
  const questions: string[] = []
  Object.assign(database, {
    read: (...[statement, ...further]: Parameters<typeof read>) => {
      questions.push(statement.sql)
      return read(statement, ...further)
    },
  })
  try {
    const { status } = await ask(server, request, asking)
    return { status, questions }
  } finally {
    Object.assign(database, { read })
  }
}

const bodies: Readonly<Record<string, unknown>> = {
  'POST /users/{user}/profile/emails': { address: 'x@contoso.com' },
  'POST /users/{user}/profile/emails/$ref': { address: 'x@contoso.com' },
  'PATCH /users/{user}/profile/emails/{id}': { displayName: 'x' },
  'POST /users/{user}/authentication/emailMethods': { emailAddress: 'x@contoso.com' },
  'PATCH /users/{user}/authentication/emailMethods/{id}': { emailAddress: 'x@contoso.com' },
  'PUT /users/{user}/authentication/emailMethods/{id}': { emailAddress: 'x@contoso.com' },
  'PATCH /users/{user}': { jobTitle: 'x' },
}

const expansions = [
  '/users/{user}?$expand=profile($expand=emails)',
  '/users/{user}/profile?$expand=emails',
  '/users/{user}/authentication?$expand=methods',
]

/** Of each operation on a person the request, by the key in its path. */
const requests: readonly (readonly [name: string, request: (key: string) => string, body?: (key: string) => unknown])[] = [
  ...allOperations()
    .filter((operation) => operation.includes('/users/{user}'))
    .map((operation) => {
      const request = operation.replace('/emails/{id}', `/emails/${emailId}`).replace('{id}', methodId).replace(' /', ' /beta/')
      return [operation, (key: string) => request.replace('{user}', key), () => bodies[operation]] as const
    }),
  ...expansions.map((path) => [path, (key: string) => `GET /beta${path.replace('{user}', key)}`] as const),
  ['by quoted key', (key) => `GET /beta/users('${key}')/profile/emails`],
  ['with a filter', (key) => `GET /beta/users/${key}/profile/emails?$filter=startswith(address,'x')`],
  ['with a count', (key) => `GET /beta/users/${key}/profile/emails?$count=true&$top=1`],
]

const { id: group } = await makeGroup(server, 'Watched')
const inDirectory: typeof requests = [
  ...['members', 'owners'].flatMap((relation): typeof requests => [
    [`a new one of ${relation}`, () => `POST /v1.0/groups/${group}/${relation}/$ref`, (key) => reference(key, 'users')],
    [`a new one of ${relation}, as an object`, () => `POST /v1.0/groups/${group}/${relation}/$ref`, (key) => reference(key)],
    [`one of ${relation}`, (key) => `DELETE /v1.0/groups/${group}/${relation}/${key}/$ref`],
  ]),
  [
    'a new assignment',
    () => 'POST /v1.0/roleManagement/directory/roleAssignments',
    (key) => ({ principalId: key, roleDefinitionId: methodId, directoryScopeId: '/' }),
  ],
  [
    'an assignment',
    (key) =>
      `GET /v1.0/roleManagement/directory/roleAssignments/${Buffer.from(JSON.stringify([key, methodId, '/'])).toString('base64url')}`,
  ],
]

const everything = [...permissions, 'Group.ReadWrite.All', 'Directory.ReadWrite.All', 'User.DeleteRestore.All'].join(' ')
const callers = {
  'a user': await tokenOf(server, demo('kim'), {
    scope: everything,
    mfa: true,
    wids: ['Privileged Authentication Administrator', 'Global Administrator'],
  }),
  'an application': await applicationToken(server, everything.split(' ')),
  'a personal account': await tokenOf(server, demo('sam'), { scope: everything, mfa: true }),
} as const

describe('Somebody of another tenant who shows nothing', () => {
  before(async () => {
    const { tenantId, id: userId } = strangers['has emails and a method, and shows nothing'] ?? nobodys
    await putRecords(server, [
      ...Object.entries(strangers).map(([what, stranger]) => ({ ...userLine(stranger), accountEnabled: what !== 'is disabled' })),
      ...[1, 2, 3].map((n) => ({
        kind: 'email',
        tenantId,
        userId,
        id: randomUUID(),
        address: `e${n}@litware.com`,
        allowedAudiences: 'me',
      })),
      { kind: 'emailMethod', tenantId, userId, emailAddress: 'back@litware.com' },
    ])
  })

  for (const [who, bearer] of Object.entries(callers))
    for (const [name, request, body] of [...requests, ...inDirectory])
      it(`is asked about like nobody by ${who}: ${name}`, async () => {
        for (const [what, stranger] of Object.entries(strangers))
          for (const by of ['id', 'principalName'] as const) {
            const asked = async ({ [by]: key }: Person) => questionsOf(request(key), { token: bearer, body: body?.(key) })
            await asked(nobodys) // who the caller is, is remembered from here on
            // Twice: what is remembered of the first time must not tell either.
            for (const _ of [1, 2]) {
              const [there, nowhere] = [await asked(stranger), await asked(nobodys)]
              assert.deepEqual(there, nowhere, `${what}, by ${by}`)
              assert.ok(there.status >= 400, `${what}, by ${by}: ${there.status}`)
            }
          }
      })

  it('costs questions at all, by those who may ask', async () => {
    const { status, questions } = await questionsOf(`GET /beta/users/${nobodys.id}/profile/emails`, { token: callers['a user'] })
    assert.equal(status, 404)
    assert.ok(questions.length >= 6)
  })
})
