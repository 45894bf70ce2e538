import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openCertificate } from '../../../src/http/certificate.ts'
import { randomness } from '../../../src/randomness.ts'
import { examine } from '../../support/doctor.ts'
import { freshFolder } from '../../support/program.ts'

const aDay = 86_400_000

describe("The look of selfgraph doctor at the operator's own certificate", async () => {
  const folder = await freshFolder()
  const pair = async (name: string, madeAt: number) => {
    const place = join(folder, name)
    await mkdir(place)
    await openCertificate({ folder: place, certFile: undefined, keyFile: undefined, host: 'graph.example.org', now: madeAt, ...randomness })
    return { SELFGRAPH_TLS_CERT: join(place, 'development-certificate.pem'), SELFGRAPH_TLS_KEY: join(place, 'development-key.pem') }
  }
  const now = Date.now()
  const good = await pair('good', now)
  const names = 'names graph\\.example\\.org, localhost, 127\\.0\\.0\\.1, \\S+'
  const say = async (settings: Record<string, string>) => (await examine(folder, { settings })).of('certificate')

  it('tells its names and how many days it has left', async () => {
    assert.match(await say(good), new RegExp(`^ok: ${names}; 82[45] days left$`))
  })

  it('warns when it runs out soon, and calls it bad when it has or is not valid yet', async () => {
    assert.match(await say(await pair('soon', now - 805 * aDay)), new RegExp(`^warn: ${names}; (19|20) days left: renew it soon$`))
    assert.match(
      await say(await pair('expired', now - 900 * aDay)),
      new RegExp(`^bad: ${names}; expired on .+ GMT: renew it and start the server again$`),
    )
    assert.match(await say(await pair('early', now + 10 * aDay)), new RegExp(`^bad: valid from .+ GMT only, ${names}; 83\\d days left$`))
  })

  it('warns when it does not name the host of the public URL', async () => {
    assert.match(
      await say({ ...good, SELFGRAPH_PUBLIC_URL: 'https://other.example.org' }),
      /^warn: it does not name other\.example\.org, the host of SELFGRAPH_PUBLIC_URL; /,
    )
    assert.match(await say({ ...good, SELFGRAPH_PUBLIC_URL: 'https://graph.example.org:8443' }), /^ok: /)
    assert.match(await say({ ...good, SELFGRAPH_PUBLIC_URL: 'https://[::1]' }), /^ok: /)
  })

  it('calls it bad when its key is another one, or a file cannot be read', async () => {
    const other = await pair('other', now)
    assert.match(
      await say({ ...good, SELFGRAPH_TLS_KEY: other.SELFGRAPH_TLS_KEY }),
      /^bad: SELFGRAPH_TLS_KEY: the key in \S+ is not that of the certificate/,
    )
    assert.match(await say({ ...good, SELFGRAPH_TLS_CERT: '/no/such/file' }), /^bad: SELFGRAPH_TLS_CERT: \S+ cannot be read \(ENOENT/)
  })
})
