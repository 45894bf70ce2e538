/** Asking each operation of the matrix as somebody of somebody, and what a refusal must look like. */

import assert from 'node:assert/strict'
import { resources } from '../../src/graph/index.ts'
import { suffixes } from '../../src/odata/url/path.ts'
import { always } from '../../src/store/database.ts'
import { dropEmailMethod } from '../../src/store/tables/email-methods.ts'
import { type Answer, ask, type Json } from './ask.ts'
import { directoryTable } from './directory-table.ts'
import type { Person } from './matrix-people.ts'
import { type Asks, codes, table } from './matrix-table.ts'
import { putRecords } from './records.ts'
import type { TestServer } from './server.ts'

const emailId = '018f2f5e-0000-7000-8000-00000000a001'
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

/** The operations that the server has, as `VERB /path`. */
export function allOperations(): readonly string[] {
  return resources.flatMap(({ path, key, operations }) =>
    Object.values(operations).map(({ verb, on }) => `${verb} ${path}${suffixes[on].replace('{key}', `{${key}}`)}`),
  )
}

/** Those of the matrix: all but the writes of the directory and what came with them, which have a table of their own. */
export function operationsServed(): readonly string[] {
  return allOperations().filter((operation) => !Object.hasOwn(directoryTable, operation))
}

/** What the table expects of an operation; an operation that it does not know has no expectations, and fails. */
export function asksOf(operation: string): Asks {
  const asks = table[operation]
  assert.ok(asks !== undefined, `${operation} stands in no row of test/support/matrix-table.ts`)
  return asks
}

/** The operations with a row that passes. */
export function operationsWhere(condition: (asks: Asks) => boolean): readonly string[] {
  return operationsServed().filter((operation) => condition(asksOf(operation)))
}

/** Whether the operation is about one person, rather than about a tenant. */
export const isPersonal = ({ self }: Asks): boolean => self !== undefined

export interface Call {
  /** How the path names the person: `/me`, `/users/kim@contoso.com`. Left out where the operation is about the tenant. */
  readonly path?: string
  readonly token?: string
  readonly version?: 'v1.0' | 'beta'
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of the row's own. */
  readonly body?: unknown
}

export function send(
  server: Pick<TestServer, 'http'>,
  operation: string,
  { path = '', token, version, headers, body }: Call,
): Promise<Answer> {
  const asks = asksOf(operation)
  const place = operation
    .replace('/users/{user}', path)
    .replace('/emails/{id}', `/emails/${emailId}`)
    .replace('{id}', methodId)
    .replace('{configuration}', 'email')
    .replace(' ', ` /${version ?? usualVersion(asks)}`)
  return ask(server, place, {
    ...(token === undefined ? {} : { token }),
    headers: { ...asks.headers, ...headers },
    body: body ?? asks.body,
  })
}

export function usualVersion({ workload }: Asks): 'v1.0' | 'beta' {
  return workload === 'profile' ? 'beta' : 'v1.0'
}

export function okStatus({ ok, okInBeta = ok }: Asks, version: 'v1.0' | 'beta'): number {
  return version === 'beta' ? okInBeta : ok
}

/** Sees to it that what an operation must find is there before each call; knows what a call that succeeded has changed. */
export function stageOn(server: TestServer): (operation: string, owner: Person, call: Call) => Promise<Answer> {
  const ready = new Map<string, Asks['finds']>()
  return async (operation, owner, call) => {
    const { finds } = asksOf(operation)
    const key = `${owner.id} ${finds === 'email' ? 'profile' : 'method'}`
    if (finds !== undefined && ready.get(key) !== finds) {
      await arrange(server, owner, finds)
      ready.set(key, finds)
    }
    const answer = await send(server, operation, call)
    if (!operation.startsWith('GET') && answer.status < 400) ready.delete(key)
    return answer
  }
}

async function arrange(server: TestServer, owner: Person, finds: NonNullable<Asks['finds']>): Promise<void> {
  const { tenantId, id: userId } = owner
  if (finds === 'email')
    return putRecords(server, [
      { kind: 'email', tenantId, userId, id: emailId, address: 'shown@example.org', allowedAudiences: 'everyone' },
    ])
  await putRecords(server, [{ kind: 'emailMethod', tenantId, userId, emailAddress: 'back@example.org' }])
  if (finds === 'noMethod') await server.app.database.write(owner, (transaction) => transaction.change(dropEmailMethod(always, owner)))
}

/** What a refusal says would have sufficed: the kind, where it stands in a token, and the names of which any one would do. */
export interface Remedy {
  readonly code: 'permission' | 'role' | 'account' | 'setting' | 'mfa' | 'owner'
  readonly target?: string
  readonly names?: readonly string[]
}

/** A 403 with the code that the operation's part of Graph gives it, and `details` that say exactly `remedies`. */
export function assertDenied(answer: Answer, operation: string, code: string | undefined, remedies: readonly Remedy[], note = ''): void {
  const label = `${operation} ${note}: ${answer.text}`
  assert.equal(answer.status, 403, label)
  assert.equal(answer.json.error.code, code, label)
  const details: readonly Json[] = answer.json.error.details ?? []
  const said = details.map(({ code, target, message }, index) => ({
    code,
    ...(remedies[index]?.target === undefined ? {} : { target }),
    ...(remedies[index]?.names === undefined ? {} : { names: namesIn(message) }),
  }))
  const due = remedies.map((remedy) => (remedy.names === undefined ? remedy : { ...remedy, names: remedy.names.toSorted() }))
  assert.deepEqual(said, due, label)
}

function namesIn(message: string): readonly string[] {
  return (/: (.+)\.$/.exec(message)?.[1] ?? '').split(', ').toSorted()
}

export const permissionRemedy = (names: readonly string[], target: 'scp' | 'roles' = 'scp'): Remedy => ({
  code: 'permission',
  target,
  names,
})
export const roleRemedy = (names: readonly string[] = []): Remedy => ({ code: 'role', target: 'wids', names })
export const accountRemedy: Remedy = { code: 'account' }
export const ownerRemedy: Remedy = { code: 'owner' }
export const settingRemedy = (target: string): Remedy => ({ code: 'setting', target })

/** The code of a refusal by what was missing. */
export function codeFor({ workload }: Asks, missing: 'permission' | 'role' | 'account' | 'mfa' | 'notFound'): string | undefined {
  return codes[workload][missing]
}
