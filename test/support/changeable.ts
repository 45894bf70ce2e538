/** Of each resource something that can be changed or removed, made anew for each test. */

import assert from 'node:assert/strict'
import { ask, type Json } from './ask.ts'
import { addTo, groupWriter, makeGroup } from './groups.ts'
import { type TestServer, token } from './server.ts'
import { personId } from './tenants.ts'

export interface Changeable {
  /** Where it is, version included. */
  readonly path: string
  readonly token: string
  /** What a PATCH or PUT may send; each number makes another. */
  readonly body: (n: number) => Readonly<Record<string, unknown>>
  /** Changes it in any other way than by its own path; absent where that cannot be. */
  readonly touch?: () => Promise<unknown>
}

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const methods = '/v1.0/me/authentication/emailMethods'
const policy = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'

let made = 0

export async function makeUser(server: TestServer): Promise<Json> {
  const nickname = `person${++made}`
  const { status, json, text } = await ask(server, 'POST /v1.0/users', {
    token: await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' }),
    body: {
      accountEnabled: true,
      displayName: nickname,
      mailNickname: nickname,
      userPrincipalName: `${nickname}@contoso.com`,
      passwordProfile: { password: 'Sesame-2026' },
    },
  })
  assert.equal(status, 201, text)
  return json
}

async function addEmail(server: TestServer, bearer: string): Promise<Json> {
  const { status, json, text } = await ask(server, 'POST /beta/me/profile/emails', { token: bearer, body: { address: 'kim@contoso.com' } })
  assert.equal(status, 201, text)
  return json
}

async function memberOf(server: TestServer, relation: 'members' | 'owners'): Promise<Changeable> {
  const { id } = await makeGroup(server, relation)
  await addTo(server, id, 'kim', relation)
  return { path: `/v1.0/groups/${id}/${relation}/${personId('kim')}/$ref`, token: await groupWriter(server), body: () => ({}) }
}

/** By the path of the resource. */
export const changeables: Readonly<Record<string, (server: TestServer) => Promise<Changeable>>> = {
  '/users': async (server) => {
    const { id } = await makeUser(server)
    const bearer = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
    return { path: `/v1.0/users/${id}`, token: bearer, body: (n) => ({ jobTitle: `Title ${n}` }) }
  },
  '/users/{user}/profile': async (server) => {
    const bearer = await token(server, 'lee', { scope: 'User.ReadWrite' })
    return { path: '/beta/me/profile', token: bearer, body: () => ({}), touch: () => addEmail(server, bearer) }
  },
  '/users/{user}/profile/emails': async (server) => {
    const bearer = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const { id } = await addEmail(server, bearer)
    return { path: `/beta/me/profile/emails/${id}`, token: bearer, body: (n) => ({ displayName: `Name ${n}` }) }
  },
  '/users/{user}/authentication/emailMethods': async (server) => {
    const bearer = await token(server, 'kim', { scope: 'UserAuthenticationMethod.ReadWrite', mfa: true })
    const { status } = await ask(server, `POST ${methods}`, { token: bearer, body: { emailAddress: 'kim@example.org' } })
    assert.ok(status === 201 || status === 409)
    return { path: `${methods}/${methodId}`, token: bearer, body: (n) => ({ emailAddress: `kim${n}@example.org` }) }
  },
  '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations': async (server) => {
    const bearer = await token(server, 'kim', {
      scope: 'Policy.ReadWrite.AuthenticationMethod',
      wids: ['Authentication Policy Administrator'],
    })
    const excluded = (n: number) => [{ targetType: 'group', id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` }]
    const type = '#microsoft.graph.emailAuthenticationMethodConfiguration'
    return { path: policy, token: bearer, body: (n) => ({ '@odata.type': type, excludeTargets: excluded(n) }) }
  },
  '/roleManagement/directory/roleAssignments': async (server) => {
    const { id: principalId } = await makeUser(server)
    const bearer = await token(server, 'globaladmin', { scope: 'RoleManagement.ReadWrite.Directory' })
    const { json } = await ask(server, 'POST /v1.0/roleManagement/directory/roleAssignments', {
      token: bearer,
      body: { principalId, roleDefinitionId: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451', directoryScopeId: '/' },
    })
    return { path: `/v1.0/roleManagement/directory/roleAssignments/${json.id}`, token: bearer, body: () => ({}) }
  },
  '/groups': async (server) => {
    const { id } = await makeGroup(server, 'A group')
    return { path: `/v1.0/groups/${id}`, token: await groupWriter(server), body: (n) => ({ description: `Text ${n}` }) }
  },
  '/groups/{group}/members': (server) => memberOf(server, 'members'),
  '/groups/{group}/owners': (server) => memberOf(server, 'owners'),
}
