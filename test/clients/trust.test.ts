/** The development certificate, as programs of other people trust it: by `NODE_EXTRA_CA_CERTS` alone. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kimsToken } from '../support/clients.ts'
import { startServer, type TestServer } from '../support/server.ts'

const program = fileURLToPath(new URL('../support/clients-program.ts', import.meta.url))

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the program against a server to its end. */
async function run(server: TestServer, url: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const env = { PATH: process.env.PATH, SERVER: url, TOKEN: await kimsToken(server), ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, [program], { env }, (error, out, err) => resolve({ code: error === null ? 0 : 1, out, err }))
  })
}

describe('A program with an official client', async () => {
  const server = await startServer()
  const trustFile = server.trustFile ?? ''

  it('refuses the server while it does not trust the certificate', async () => {
    const { code, out } = await run(server, server.https, {})
    assert.deepEqual([code, out], [1, ''])
  })

  it('works unmodified with NODE_EXTRA_CA_CERTS, by name and by loopback address', async () => {
    const byName = await run(server, server.https, { NODE_EXTRA_CA_CERTS: trustFile })
    assert.equal(byName.out, 'kim@contoso.com 1\n', byName.err)
    const byAddress = await run(server, server.https.replace('localhost', '127.0.0.1'), { NODE_EXTRA_CA_CERTS: trustFile })
    assert.equal(byAddress.out, 'kim@contoso.com 2\n', byAddress.err)
  })

  it('reaches each of three servers when it trusts all of their certificates', async () => {
    const servers = [server, await startServer(), await startServer()]
    const certificates = await Promise.all(servers.map((one) => readFile(one.trustFile ?? '', 'utf8')))
    const bundle = join(server.folder, 'bundle.pem')
    await writeFile(bundle, certificates.join(''))
    for (const one of servers) {
      const { out, err } = await run(one, one.https, { NODE_EXTRA_CA_CERTS: bundle })
      assert.match(out, /^kim@contoso\.com \d\n$/, err)
    }
  })
})
