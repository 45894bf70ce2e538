/** A client that a generator makes from our OpenAPI document: it compiles, knows what may be sent, and works. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openApi } from '../../src/graph/describe/render-documents.ts'
import { administratorsToken, emailMethodId, kimsToken } from '../support/clients.ts'
import { startServer } from '../support/server.ts'
import { untagged } from '../support/untagged.ts'

const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url))
const run = promisify(execFile)

/** What somebody writes on top of the client for a profile's emails. */
const profileProgram = `
import * as graph from './beta.ts'

Object.assign(graph.defaults, { baseUrl: process.env.SERVER + '/beta', headers: { Authorization: 'Bearer ' + process.env.TOKEN } })

function expect<S extends number, R extends { readonly status: number }>(response: R, status: S): Extract<R, { readonly status: S }> {
  if (response.status !== status) throw new Error(JSON.stringify(response))
  return response as Extract<R, { readonly status: S }>
}

const { data: made } = expect(await graph.meProfileEmailsCreate({ address: 'kim@contoso.com', type: 'work' }), 201)
const id = made.id ?? ''
const { data: page } = expect(await graph.meProfileEmailsList({ select: ['id', 'address'], top: 5, count: true }), 200)
const { data: read } = expect(await graph.meProfileEmailsGet(id), 200)
const { data: changed } = expect(await graph.meProfileEmailsUpdate(id, { displayName: 'Work' }), 200)
expect(await graph.meProfileEmailsRemove(id), 204)
const { data: gone } = expect(await graph.meProfileEmailsGet(id), 404)
const author: string | null | undefined = made.createdBy?.user?.displayName
console.log(JSON.stringify({ id, author, count: page['@odata.count'], value: page.value, type: read.type, name: changed.displayName, gone: gone.error.code }))

// What the document forbids does not compile.
// @ts-expect-error no such member
graph.meProfileEmailsCreate.bind(undefined, { favourite: true })
// @ts-expect-error no such type
graph.meProfileEmailsCreate.bind(undefined, { type: 'home' })
// @ts-expect-error set by the server
graph.meProfileEmailsCreate.bind(undefined, { createdDateTime: '2026-01-31T12:00:00Z' })
// @ts-expect-error the header that Graph's directory asks for is missing
graph.usersCount.bind(undefined, {})
`

/** The same for an administrator, with v1.0. */
const methodProgram = `
import * as graph from './v1.0.ts'

Object.assign(graph.defaults, { baseUrl: process.env.SERVER + '/v1.0', headers: { Authorization: 'Bearer ' + process.env.TOKEN } })

const user = 'lee@contoso.com'
const made = await graph.usersAuthenticationEmailMethodsCreate(user, { emailAddress: 'lee@fabrikam.com' })
const again = await graph.usersAuthenticationEmailMethodsCreate(user, { emailAddress: 'lee@fabrikam.com' })
const id = made.status === 201 ? (made.data.id ?? '') : ''
const changed = await graph.usersAuthenticationEmailMethodsUpdate(user, id, { emailAddress: 'lee@litware.com' })
const read = await graph.usersAuthenticationEmailMethodsGet(user, id)
const removed = await graph.usersAuthenticationEmailMethodsRemove(user, id)
const address = read.status === 200 ? read.data.emailAddress : undefined
console.log(JSON.stringify({ id, address, statuses: [made, again, changed, read, removed].map(({ status }) => status) }))
`

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    lib: ['es2024', 'dom'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts'],
}

describe('A client that is generated from the OpenAPI documents', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'selfgraph-client-'))
  after(() => rm(folder, { recursive: true, force: true }))
  await symlink(packages, join(folder, 'node_modules'), 'junction')
  const files = {
    'profile.ts': profileProgram,
    'method.ts': methodProgram,
    'tsconfig.json': JSON.stringify(tsconfig),
    'package.json': '{"type":"module"}',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const server = await startServer()
  const execute = async (program: string, token: string) => {
    const { stdout } = await run(process.execPath, [join(folder, program)], { env: { ...process.env, SERVER: server.http, TOKEN: token } })
    return JSON.parse(stdout)
  }

  for (const version of ['v1.0', 'beta'] as const)
    it(`is made of the document of ${version}`, async () => {
      const document = join(folder, `${version}.json`)
      await writeFile(document, openApi(version, server.http))
      await run(process.execPath, [join(packages, 'oazapfts/dist/cli.js'), document, join(folder, `${version}.ts`)])
    })

  it('compiles, with programs on top of it, and knows what may not be sent', async () => {
    const compiled = run(process.execPath, [join(packages, 'typescript/bin/tsc'), '-p', folder], { cwd: folder })
    await assert.doesNotReject(compiled.catch((error: { stdout: string }) => Promise.reject(new Error(error.stdout))))
  })

  it('adds, lists, reads, changes and deletes an email of the signed-in user', async () => {
    const { id, ...seen } = await execute('profile.ts', await kimsToken(server))
    assert.deepEqual(untagged(seen), {
      author: 'Kim Akers',
      count: 1,
      value: [{ id, address: 'kim@contoso.com' }],
      type: 'work',
      name: 'Work',
      gone: 'ErrorItemNotFound',
    })
  })

  it('sets, changes and removes the email method of somebody else for an administrator, and sees a second one refused', async () => {
    assert.deepEqual(await execute('method.ts', await administratorsToken(server)), {
      id: emailMethodId,
      address: 'lee@litware.com',
      statuses: [201, 409, 204, 200, 204],
    })
  })
})
