/** What the tests with official clients share: a server that this process trusts, and the people who ask it. */

import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { type ServerOptions, startServer, type TestServer, token } from './server.ts'

/** The version of the API that most paths of a test are asked in. */
export type Version = 'v1.0' | 'beta'

/** Every email method's id, as Graph has it. */
export const emailMethodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
/** The path of the email method's policy, from the version on. */
export const policyPath = 'policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
/** An id that no item has. */
export const nobodysId = '00000000-0000-4000-8000-0000000000ff'
/** GUIDs of any version, as request ids are. */
export const guid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** A server whose development certificate this process trusts from now on, as with `NODE_EXTRA_CA_CERTS` from its start. */
export async function startTrustedServer(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options)
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(server.trustFile ?? '', 'utf8')])
  return server
}

type Issuing = Pick<TestServer, 'key' | 'now'>

/** Kim, who may do with an own profile and an own email method whatever one may; signed in with MFA unless said otherwise. */
export function kimsToken(server: Issuing, { mfa = true } = {}): Promise<string> {
  const scope = 'User.ReadWrite User.ReadBasic.All UserAuthenticationMethod.ReadWrite'
  return token(server, 'kim', { scope, mfa })
}

/** The Authentication Administrator of Kim's tenant; the role is in the directory. */
export function administratorsToken(server: Issuing): Promise<string> {
  return token(server, 'authadmin', { scope: 'User.Read.All UserAuthenticationMethod.ReadWrite.All' })
}

/** Somebody with the role, in the token, that may change the email method's policy. */
export function policyAdministratorsToken(server: Issuing): Promise<string> {
  return token(server, 'lee', { scope: 'Policy.ReadWrite.AuthenticationMethod', wids: ['Authentication Policy Administrator'] })
}

/** `count` addresses, one after the other in the order in which they are to be added. */
export function addresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `kim.${index + 1}@contoso.com`)
}
