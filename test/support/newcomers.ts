/** People whom a test creates over Graph, and what a refusal by role looks like there. */

import assert from 'node:assert/strict'
import { type Answer, ask, type Json } from './ask.ts'
import { type TestServer, token } from './server.ts'

export const password = 'xWwvJ]6NMw+bWH-d'

/** A body that creates somebody. */
export const newcomer = (name: string, members: Readonly<Record<string, unknown>> = {}) => ({
  accountEnabled: true,
  displayName: `Adele ${name}`,
  mailNickname: name,
  userPrincipalName: `${name}@contoso.com`,
  passwordProfile: { forceChangePasswordNextSignIn: true, password },
  ...members,
})

export const userWriter = (server: TestServer) => token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })

/** The user as the answer to their creation shows them. */
export async function createUser(server: TestServer, name: string, members: Readonly<Record<string, unknown>> = {}): Promise<Json> {
  const { status, json, text } = await ask(server, 'POST /v1.0/users', { token: await userWriter(server), body: newcomer(name, members) })
  assert.equal(status, 201, text)
  return json
}

/** A token of somebody whom the test created. */
export const tokenFor = (server: TestServer, { id, userPrincipalName }: Json, scope: string, { mfa = false } = {}) =>
  token(server, 'kim', { scope, mfa, claims: { oid: id, upn: userPrincipalName } })

/** A 403 of the directory that names these roles among those that would do. */
export function assertNamesRole({ status, json, text }: Answer, ...roles: readonly string[]): void {
  assert.equal(status, 403, text)
  assert.equal(json.error.code, 'Authorization_RequestDenied')
  for (const role of roles) assert.ok(json.error.details[0].message.includes(role), text)
}
