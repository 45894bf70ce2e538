/** Every write with a caller who may do it, and what can take that permission away before it is done. */

import type { RoleName } from '../../src/auth/roles.ts'
import { memberLine, type Person, person, roleLine, userLine } from './matrix-people.ts'
import { newcomer } from './newcomers.ts'
import { putRecords } from './records.ts'
import type { TestServer } from './server.ts'
import { personId } from './tenants.ts'
import { open, type WireAnswer } from './wire.ts'

/** Whom and what a write is about, made anew for each test. */
export interface Scene {
  readonly caller: Person
  readonly target: Person
  readonly group: string
  readonly email: string
}

export interface Write {
  /** Words of a test's title. */
  readonly what: string
  readonly path: (scene: Scene) => string
  readonly body?: (scene: Scene) => unknown
  readonly scope: string
  readonly mfa?: true
  /** The caller holds it by an assignment; absent: the write asks for none. */
  readonly role?: RoleName
  /** The path names the target, whose protection counts. */
  readonly onTarget?: true
  /** Done by a single statement, which knows no time. */
  readonly single?: true
  /** Nobody has an email method at the beginning. */
  readonly noMethod?: true
}

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const policy = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const assignments = '/v1.0/roleManagement/directory/roleAssignments'
const readers = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b'

const own = { what: 'of one’s own', scope: 'UserAuthenticationMethod.ReadWrite', mfa: true } as const
const others = {
  what: 'of somebody else',
  scope: 'UserAuthenticationMethod.ReadWrite.All',
  role: 'Authentication Administrator',
  onTarget: true,
} as const
const ownMethod = () => `/v1.0/me/authentication/emailMethods/${methodId}`
const theirMethods = ({ target }: Scene) => `/v1.0/users/${target.principalName}/authentication/emailMethods`
const theirMethod = (scene: Scene) => `${theirMethods(scene)}/${methodId}`
const address = () => ({ emailAddress: 'late@example.org' })

const profile = { what: 'of one’s own', scope: 'User.ReadWrite' } as const
const newEmail = () => ({ address: 'late@contoso.com' })
const email = (scene: Scene) => `/beta/me/profile/emails/${scene.email}`

const people = { what: 'in the directory', scope: 'User.ReadWrite.All', role: 'User Administrator' } as const
const groups = { what: 'in the directory', scope: 'Group.ReadWrite.All', role: 'Groups Administrator' } as const
const roles = { what: 'in the directory', scope: 'RoleManagement.ReadWrite.Directory', role: 'Privileged Role Administrator' } as const
const policies = {
  what: 'of the tenant',
  scope: 'Policy.ReadWrite.AuthenticationMethod',
  role: 'Authentication Policy Administrator',
} as const
const reference = () => ({ '@odata.id': `https://graph.microsoft.com/v1.0/users/${personId('lee')}` })
const idOf = ({ target }: Scene) => Buffer.from(JSON.stringify([target.id, readers, '/'])).toString('base64url')

// biome-ignore format: a table of facts, aligned by hand
export const writes: Readonly<Record<string, readonly Write[]>> = {
  'POST /users/{user}/authentication/emailMethods':        [{ ...own, noMethod: true, path: () => '/v1.0/me/authentication/emailMethods', body: address }, { ...others, noMethod: true, path: theirMethods, body: address }],
  'PATCH /users/{user}/authentication/emailMethods/{id}':  [{ ...own, path: ownMethod, body: address }, { ...others, path: theirMethod, body: address }],
  'PUT /users/{user}/authentication/emailMethods/{id}':    [{ ...own, path: ownMethod, body: address }, { ...others, path: theirMethod, body: address }],
  'DELETE /users/{user}/authentication/emailMethods/{id}': [{ ...own, path: ownMethod }, { ...others, path: theirMethod }],

  'POST /users/{user}/profile/emails':        [{ ...profile, single: true, path: () => '/beta/me/profile/emails', body: newEmail }],
  'POST /users/{user}/profile/emails/$ref':   [{ ...profile, single: true, path: () => '/beta/me/profile/emails/$ref', body: newEmail }],
  'PATCH /users/{user}/profile/emails/{id}':  [{ ...profile, path: email, body: newEmail }],
  'DELETE /users/{user}/profile/emails/{id}': [{ ...profile, path: email }],
  'DELETE /users/{user}/profile':             [{ ...profile, path: () => '/beta/me/profile' }],

  'POST /users':          [{ ...people, path: () => '/v1.0/users', body: ({ group }) => newcomer(`late-${group.slice(0, 8)}`) }],
  'PATCH /users/{user}':  [{ ...people, onTarget: true, path: ({ target }) => `/v1.0/users/${target.principalName}`, body: () => ({ jobTitle: 'Late' }) },
                           { ...profile, path: () => '/v1.0/me', body: () => ({ aboutMe: 'Late' }) }],
  'DELETE /users/{user}': [{ ...people, onTarget: true, path: ({ target }) => `/v1.0/users/${target.principalName}` }],

  'POST /groups':           [{ ...groups, path: () => '/v1.0/groups', body: () => ({ displayName: 'Late', mailEnabled: false, mailNickname: 'late', securityEnabled: true }) }],
  'PATCH /groups/{group}':  [{ ...groups, path: ({ group }) => `/v1.0/groups/${group}`, body: () => ({ description: 'Late' }) }],
  'DELETE /groups/{group}': [{ ...groups, path: ({ group }) => `/v1.0/groups/${group}` }],
  'POST /groups/{group}/members/$ref':            [{ ...groups, path: ({ group }) => `/v1.0/groups/${group}/members/$ref`, body: reference }],
  'DELETE /groups/{group}/members/{member}/$ref': [{ ...groups, path: ({ group, target }) => `/v1.0/groups/${group}/members/${target.id}/$ref` }],
  'POST /groups/{group}/owners/$ref':             [{ ...groups, path: ({ group }) => `/v1.0/groups/${group}/owners/$ref`, body: reference }],
  'DELETE /groups/{group}/owners/{owner}/$ref':   [{ ...groups, path: ({ group, target }) => `/v1.0/groups/${group}/owners/${target.id}/$ref` }],

  'POST /roleManagement/directory/roleAssignments':                [{ ...roles, path: () => assignments, body: ({ target }) => ({ principalId: target.id, roleDefinitionId: '95e79109-95c0-4d8e-aee3-d01accf2d47b', directoryScopeId: '/' }) }],
  'DELETE /roleManagement/directory/roleAssignments/{assignment}': [{ ...roles, path: (scene) => `${assignments}/${idOf(scene)}` }],

  'PATCH /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}':  [{ ...policies, path: () => policy, body: () => ({ '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration', state: 'disabled' }) }],
  'DELETE /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}': [{ ...policies, path: () => policy }],
}

let scenes = 0

/** People and a group whom no other test knows, with all that a write must find. */
export async function setScene(server: TestServer, { role, noMethod }: Write): Promise<Scene> {
  const n = ++scenes
  const [caller, target] = [person(`caller${n}`), person(`target${n}`)]
  const [group, email] = [server.app.newId(), server.app.newId()]
  const { tenantId } = caller
  await putRecords(server, [
    userLine(caller),
    userLine(target),
    ...(role === undefined ? [] : [roleLine(caller, role)]),
    roleLine(target, 'Directory Readers'),
    { kind: 'group', tenantId, id: group, displayName: 'Ordinary' },
    memberLine(target, group),
    memberLine(target, group, 'owner'),
    { kind: 'email', tenantId, userId: caller.id, id: email, address: 'early@contoso.com' },
    { kind: 'emailMethodPolicy', tenantId, state: 'enabled' },
    ...(noMethod === true
      ? []
      : [caller, target].map(({ id }) => ({ kind: 'emailMethod', tenantId, userId: id, emailAddress: 'early@example.org' }))),
  ])
  return { caller, target, group, email }
}

export interface HeldBack {
  /** As `ask` takes it. */
  readonly request: string
  readonly token: string
  readonly body: unknown
}

/** The server asks for the body once it has given its permission, and gets the rest of it after `meanwhile`. */
export async function holdBack(
  { http }: Pick<TestServer, 'http'>,
  { request, token, body }: HeldBack,
  meanwhile: () => Promise<unknown>,
): Promise<WireAnswer> {
  const wire = open(http)
  const text = JSON.stringify(body)
  const lines = [`Authorization: Bearer ${token}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]
  await wire.send(`${request} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n${lines.join('\r\n')}\r\n\r\n`)
  const { status } = await wire.answer()
  if (status !== 100) throw new Error(`${request} was answered with ${status} before its body`)
  await wire.send(text.slice(0, 4))
  await meanwhile()
  await wire.send(text.slice(4))
  const answer = await wire.answer()
  wire.end()
  return answer
}
