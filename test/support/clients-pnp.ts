/** `@pnp/graph`, pointed at a test server by its documented behaviours, and its error class. */

import assert from 'node:assert/strict'
import { DefaultHeaders, DefaultInit, type GraphFI, graphfi } from '@pnp/graph'
import type { IUser, IUsers } from '@pnp/graph/users/index.js'
import '@pnp/graph/users/index.js'
import { BearerToken, BrowserFetchWithRetry, DefaultParse, HttpRequestError } from '@pnp/queryable'
import type { Json } from './ask.ts'
import type { Version } from './clients.ts'
import type { TestServer } from './server.ts'

// The package declares these for `../fi`, a path without an extension that Node's module resolution doesn't find.
declare module '@pnp/graph/fi.js' {
  interface GraphFI {
    readonly me: IUser
    readonly users: IUsers
  }
}

export function pnp({ https }: TestServer, bearer: string, version: Version): GraphFI {
  return graphfi().using(DefaultHeaders(), DefaultInit(`${https}/${version}`), BrowserFetchWithRetry(), DefaultParse(), BearerToken(bearer))
}

/** Status of the HttpRequestError that the request is to end in, and Graph's error in its body. */
export async function httpRefusalOf(request: Promise<unknown>): Promise<{ readonly status: number; readonly error: Json }> {
  const error = await request.then(
    () => assert.fail('this was to be refused'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof HttpRequestError)
  assert.ok(error.isHttpRequestError)
  const { error: sent } = (await error.response.json()) as Json
  assert.ok(error.message.includes(`[${error.status}]`) && error.message.includes(`"code":"${sent.code}"`))
  return { status: error.status, error: sent }
}
