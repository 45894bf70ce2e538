/** People besides the demo's: their records, such as `selfgraph import` reads, and tokens for anybody. */

import { randomUUID } from 'node:crypto'
import { type TestServer, type TokenOptions, token } from './server.ts'
import { personId, tenants, type UserName, users } from './tenants.ts'

export interface Person {
  readonly tenantId: string
  readonly id: string
  readonly principalName: string
}

export function demo(user: UserName): Person {
  const { tenant, principalName } = users[user]
  return { tenantId: tenants[tenant], id: personId(user), principalName }
}

/** Somebody new. `name` becomes the principal name and must be alone of its kind in the tenant. */
export function person(name: string, domain = 'contoso.com', tenantId: string = tenants.contoso): Person {
  return { tenantId, id: randomUUID(), principalName: `${name}@${domain}` }
}

export type Line = Readonly<Record<string, unknown>> & { readonly kind: string }

export const userLine = ({ tenantId, id, principalName }: Person): Line => ({
  kind: 'user',
  tenantId,
  id,
  userPrincipalName: principalName,
  displayName: principalName,
})

export const roleLine = ({ tenantId, id }: Person, role: string, directoryScopeId = '/'): Line => ({
  kind: 'role',
  tenantId,
  userId: id,
  role,
  directoryScopeId,
})

export const memberLine = ({ tenantId, id }: Person, groupId: string, relation: 'member' | 'owner' = 'member'): Line => ({
  kind: 'groupMember',
  tenantId,
  groupId,
  userId: id,
  relation,
})

export const relationLine = (owner: Person, relation: 'family' | 'contacts', other: Person): Line => ({
  kind: 'relation',
  tenantId: owner.tenantId,
  userId: owner.id,
  relation,
  otherTenantId: other.tenantId,
  otherUserId: other.id,
})

const made = new WeakMap<object, Map<string, Promise<string>>>()

/** A token with these claims, signed once: the matrix asks for the same ones over and over. Not for tests that move the clock. */
function signedOnce(server: Pick<TestServer, 'key' | 'now'>, options: TokenOptions): Promise<string> {
  const known = made.get(server) ?? new Map<string, Promise<string>>()
  made.set(server, known)
  const name = JSON.stringify(options, (_, value: unknown) => (value === undefined ? 'taken away' : value))
  const signed = known.get(name) ?? token(server, 'kim', options)
  known.set(name, signed)
  return signed
}

/** A token of anybody. */
export function tokenOf(server: Pick<TestServer, 'key' | 'now'>, who: Person, options: TokenOptions): Promise<string> {
  return signedOnce(server, { ...options, claims: { oid: who.id, upn: who.principalName, tid: who.tenantId, ...options.claims } })
}

/** A token of an application without a user. */
export function applicationToken(
  server: Pick<TestServer, 'key' | 'now'>,
  roles: readonly string[],
  claims: TokenOptions['claims'] = {},
): Promise<string> {
  return signedOnce(server, { roles, claims })
}
