/** `@microsoft/microsoft-graph-client`, pointed at a test server by its documented options. */

import assert from 'node:assert/strict'
import { Client, GraphError } from '@microsoft/microsoft-graph-client'
import type { Version } from './clients.ts'
import type { TestServer } from './server.ts'

export function graphClient({ https }: TestServer, bearer: string, defaultVersion: Version): Client {
  return Client.init({
    baseUrl: `${https}/`,
    defaultVersion,
    customHosts: new Set(['localhost']),
    authProvider: (done) => done(null, bearer),
  })
}

/** The GraphError that the request is to end in. */
export async function graphErrorOf(request: Promise<unknown>): Promise<GraphError> {
  const error = await request.then(
    () => assert.fail('this was to be refused'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof GraphError)
  return error
}
