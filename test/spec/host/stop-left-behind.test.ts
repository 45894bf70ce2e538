/** A server that is asked to end while its database has fallen silent. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startNetwork } from '../../crash/network.ts'
import { ask } from '../../support/ask.ts'
import { bothDatabases } from '../../support/databases.ts'
import { serveProcess } from '../../support/program.ts'

const both = await bothDatabases()

describe('A server whose database has fallen silent', { timeout: 60_000 }, () => {
  it('ends all the same when it is asked to, with exit code 0 and a line for what it left behind', async () => {
    const { settings } = await both.postgres()
    const url = new URL(settings.SELFGRAPH_DATABASE_URL ?? '')
    const network = await startNetwork(new URL(url))
    after(() => network.close())
    url.port = String(network.port)
    const server = await serveProcess({ settings: { SELFGRAPH_DATABASE_URL: url.href } })
    assert.equal((await ask(server, 'GET /health/ready')).status, 200)
    network.silence()
    server.child.kill('SIGTERM')
    const { code, signal, stdout } = await server.ended
    assert.deepEqual([code, signal], [0, null])
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const left = lines.filter(({ kind }) => kind === 'leftBehind').map(({ part, milliseconds }) => `${part} ${milliseconds}`)
    // A look at the queue may have been under way.
    assert.deepEqual(
      left.filter((part) => part !== 'jobs 500'),
      ['database 1250'],
    )
    assert.equal(lines.at(-1).kind, 'stopped')
  })
})
