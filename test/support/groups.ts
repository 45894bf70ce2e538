/** Groups that a test makes over Graph, and who is put into them. */

import assert from 'node:assert/strict'
import { type Answer, ask, type Json } from './ask.ts'
import { type TestServer, token } from './server.ts'
import { personId, type UserName } from './tenants.ts'

export const groupScope = 'Group.ReadWrite.All'
export const securityGroup = (displayName: string, members: Readonly<Record<string, unknown>> = {}) => ({
  displayName,
  mailEnabled: false,
  mailNickname: 'somebody',
  securityEnabled: true,
  ...members,
})

/** Somebody who may do anything with groups. */
export const groupWriter = (server: TestServer) =>
  token(server, 'globaladmin', { scope: `${groupScope} GroupMember.ReadWrite.All RoleManagement.ReadWrite.Directory User.Read.All` })

export async function makeGroup(server: TestServer, displayName: string, members: Readonly<Record<string, unknown>> = {}): Promise<Json> {
  const { status, json, text } = await ask(server, 'POST /v1.0/groups', {
    token: await groupWriter(server),
    body: securityGroup(displayName, members),
  })
  assert.equal(status, 201, text)
  return json
}

export const reference = (id: string, collection = 'directoryObjects') => ({
  '@odata.id': `https://graph.microsoft.com/v1.0/${collection}/${id}`,
})

export async function addTo(server: TestServer, group: string, user: UserName, relation = 'members'): Promise<Answer> {
  return ask(server, `POST /v1.0/groups/${group}/${relation}/$ref`, { token: await groupWriter(server), body: reference(personId(user)) })
}

export async function removeFrom(server: TestServer, group: string, user: UserName, relation = 'members'): Promise<Answer> {
  return ask(server, `DELETE /v1.0/groups/${group}/${relation}/${personId(user)}/$ref`, { token: await groupWriter(server) })
}
