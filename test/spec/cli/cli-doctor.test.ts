import assert from 'node:assert/strict'
import { open, readdir, rename, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { examine, free } from '../../support/doctor.ts'
import { startIssuer } from '../../support/issuer.ts'
import { freshFolder, run } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command, linesFile } from '../../support/terminal.ts'

const portOf = (url: string) => new URL(url).port

describe('selfgraph doctor', () => {
  it('finds a machine good on which nothing has been started yet, and changes nothing there', async () => {
    const above = await freshFolder()
    const folder = join(above, 'not', 'there')
    const said = await examine(folder)
    assert.equal(said.code, 0)
    assert.deepEqual(said.checks, ['node', 'settings', 'folder', 'database', 'certificate', 'https', 'http', 'tokens'])
    assert.equal(said.of('node'), `ok: ${process.versions.node}`)
    assert.equal(said.of('settings'), 'ok: set: SELFGRAPH_DATA, SELFGRAPH_HTTPS_PORT, SELFGRAPH_HTTP_PORT')
    assert.equal(said.of('folder'), `ok: ${folder} is not there yet: the first start makes it`)
    assert.equal(said.of('database'), 'ok: none yet: the first start makes it')
    assert.equal(said.of('certificate'), 'ok: the next start makes one for development')
    assert.equal(said.of('https'), `ok: port ${free.SELFGRAPH_HTTPS_PORT} is free`)
    assert.equal(said.of('http'), `ok: port ${free.SELFGRAPH_HTTP_PORT} is free`)
    assert.deepEqual(await readdir(above), [])
  })

  it('looks on beside a running server, and finds it ready on both ports', async () => {
    const server = await startServer()
    const settings = { SELFGRAPH_HTTPS_PORT: portOf(server.https), SELFGRAPH_HTTP_PORT: portOf(server.http), SELFGRAPH_DEMO: '1' }
    const said = await examine(server.folder, { settings })
    assert.equal(said.code, 0)
    assert.equal(said.of('folder'), `ok: ${server.folder} can be written to, and read by nobody else`)
    assert.match(said.of('database'), /^ok: SQLite in \S+selfgraph\.db is whole and up to date, \d+\.\d MiB$/)
    assert.match(said.of('certificate'), /^ok: for development, names localhost, 127\.0\.0\.1, ::1; 82\d days left$/)
    assert.equal(said.of('https'), `ok: port ${portOf(server.https)} is a running Selfgraph, which is ready`)
    assert.equal(said.of('http'), `ok: port ${portOf(server.http)} is a running Selfgraph, which is ready`)
    assert.match(said.of('tokens'), /^warn: test tokens .* not for production \(SELFGRAPH_DEMO\)$/)

    const asOutside = { SELFGRAPH_HTTPS_PORT: settings.SELFGRAPH_HTTPS_PORT, SELFGRAPH_HTTP_PORT: settings.SELFGRAPH_HTTP_PORT }
    const outside = await examine(server.folder, { settings: asOutside })
    assert.match(outside.of('tokens'), /^ok: the server that runs has settings of its own, such as the demo of npm start: /)

    await rename(join(server.folder, 'selfgraph.db'), join(server.folder, 'away.db'))
    const without = await examine(server.folder, { settings })
    assert.equal(without.of('http'), `bad: port ${portOf(server.http)} is a running Selfgraph whose database does not answer: see its log`)
  })

  it('says of a port that a Selfgraph with another folder has it, so that a start here would fail', async () => {
    const server = await startServer()
    const folder = await freshFolder()
    const said = await examine(folder, {
      settings: { SELFGRAPH_HTTPS_PORT: portOf(server.https), SELFGRAPH_HTTP_PORT: portOf(server.http) },
    })
    assert.equal(said.code, 1)
    for (const [check, setting, url] of [
      ['https', 'SELFGRAPH_HTTPS_PORT', server.https],
      ['http', 'SELFGRAPH_HTTP_PORT', server.http],
    ] as const)
      assert.equal(
        said.of(check),
        `bad: port ${portOf(url)} is taken by a Selfgraph with another data folder: stop it, or choose another port with ${setting}`,
      )
  })

  it('tells a Node that is too old from one that is not', async () => {
    const folder = await freshFolder()
    for (const [nodeVersion, expected] of [
      ['22.11.0', 'bad: 22.11.0 is too old: install Node 24 or later'],
      ['24.0.0', 'ok: 24.0.0'],
      ['100.1.0', 'ok: 100.1.0'],
    ] as const)
      assert.equal((await examine(folder, { terminal: { nodeVersion } })).of('node'), expected)
  })

  it('tells of settings that cannot be used, and then checks nothing that depends on them', async () => {
    const said = await examine(await freshFolder(), { settings: { SELFGRAPH_HTTP_PROT: '1' } })
    assert.deepEqual(said.checks, ['node', 'settings', 'rest'])
    assert.equal(said.of('settings'), 'bad: SELFGRAPH_HTTP_PROT is not a setting (did you mean SELFGRAPH_HTTP_PORT?)')
    assert.equal(said.of('rest'), 'warn: not checked: correct the settings first')
  })

  it('tells of a folder that cannot be written to, be it there or not', async () => {
    const file = join(await freshFolder(), 'file')
    await writeFile(file, '')
    for (const folder of [file, join(file, 'data')])
      assert.match((await examine(folder)).of('folder'), /^bad: \S+ cannot be written to \(.+\): change its rights, or choose another with/)
  })

  it('says in JSON what it says in lines', async () => {
    const folder = await freshFolder()
    const { code, out, err } = await command(['doctor', '--json'], folder, { settings: free })
    const { ok, checks } = JSON.parse(out)
    assert.deepEqual({ code, err, ok }, { code: 0, err: '', ok: true })
    assert.deepEqual(checks[0], { check: 'node', verdict: 'ok', says: process.versions.node })
    assert.deepEqual(
      checks.map(({ check }: { check: string }) => check),
      (await examine(folder)).checks,
    )
    const bad = await command(['doctor', '--json'], folder, { settings: { SELFGRAPH_DEMO: 'perhaps' } })
    assert.deepEqual([bad.code, JSON.parse(bad.out).ok], [1, false])
  })

  it('ends as a process with 0 when nothing is bad and with 1 when something is', async () => {
    const folder = await freshFolder()
    const [good, bad] = await Promise.all([
      run(['doctor'], { settings: { SELFGRAPH_DATA: folder, ...free } }),
      run(['doctor'], { settings: { SELFGRAPH_DATA: folder, ...free, SELFGRAPH_DEMO: 'perhaps' } }),
    ])
    assert.deepEqual([good.code, good.stderr, bad.code, bad.stderr], [0, '', 1, ''])
    assert.match(bad.stdout, /^bad {3}settings {5}SELFGRAPH_DEMO has a value that cannot be used: expected 0 or 1$/m)
  })
})

describe('The look of selfgraph doctor at a database', () => {
  const filled = async () => {
    const folder = await freshFolder()
    const users = Array.from({ length: 500 }, (_, n) => ({
      kind: 'user',
      tenantId: tenants.contoso,
      id: `u${n}`,
      userPrincipalName: `u${n}@contoso.com`,
    }))
    await command(
      ['import', await linesFile(folder, [{ kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }, ...users])],
      folder,
    )
    return { folder, file: join(folder, 'selfgraph.db') }
  }

  it('finds damage that no start would meet', async () => {
    const { folder, file } = await filled()
    assert.match((await examine(folder)).of('database'), /^ok: /)
    const database = new DatabaseSync(file, { readOnly: true })
    const { rootpage } = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'users'").get() as { rootpage: number } // as selected
    database.close()
    const handle = await open(file, 'r+')
    await handle.write(Buffer.alloc(4096), 0, 4096, (rootpage - 1) * 4096)
    await handle.close()
    assert.match((await examine(folder)).of('database'), /^bad: SQLite in \S+ is damaged \(.+\): put a copy back$/)
  })

  it('tells garbage, a newer database and one that is yet to be migrated from a good one', async () => {
    const { folder, file } = await filled()
    const database = new DatabaseSync(file)
    database.exec("INSERT INTO schema_migrations (version, name) VALUES (9999, '9999_things_to_come')")
    database.close()
    assert.match((await examine(folder)).of('database'), /^bad: the database \(.+\) is of a newer Selfgraph/)
    await writeFile(file, Buffer.alloc(20_000, 'garbage'))
    assert.match((await examine(folder)).of('database'), /^bad: \S+ is damaged, or no database at all/)
    const fresh = await freshFolder()
    new DatabaseSync(join(fresh, 'selfgraph.db')).close()
    assert.match((await examine(fresh)).of('database'), /^warn: the next start brings it up to date: 0001_tables/)
  })
})

describe('The look of selfgraph doctor at the network', () => {
  it('tells a port that another program has, whether that speaks HTTP or not', async () => {
    const folder = await freshFolder()
    const another = createHttpServer((_, response) => response.end('hello'))
    const silent = createServer((socket) => socket.destroy())
    const ports = await Promise.all(
      [another, silent].map(async (server) => {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        after(() => server.close())
        const address = server.address()
        return String(typeof address === 'object' ? address?.port : '')
      }),
    )
    for (const port of ports) {
      const said = await examine(folder, { settings: { SELFGRAPH_HTTP_PORT: port } })
      assert.equal(
        said.of('http'),
        `bad: port ${port} is taken by another program: stop it, or choose another port with SELFGRAPH_HTTP_PORT`,
      )
      assert.match((await examine(folder, { settings: { SELFGRAPH_HTTPS_PORT: port } })).of('https'), /^bad: port \d+ is taken by another/)
    }
  })

  it('tells an address that is none of this machine, and looks at no port that is switched off', async () => {
    const folder = await freshFolder()
    const said = await examine(folder, { settings: { SELFGRAPH_HOST: '192.0.2.1' } })
    assert.match(
      said.of('https'),
      /^bad: port \d+ cannot be opened on 192\.0\.2\.1, which is no address of this machine: correct SELFGRAPH_HOST$/,
    )
    const off = await examine(folder, { settings: { SELFGRAPH_HTTPS_PORT: '0' } })
    assert.deepEqual([off.checks.includes('https'), off.of('certificate')], [false, 'ok: none is needed: https is switched off'])
  })

  it('asks trusted issuers for their keys, and tells which of them cannot be used', async () => {
    const [good, broken] = [await startIssuer(), await startIssuer()]
    good.keys.push((await good.makeKey('one')).jwk)
    broken.answerWith((_, response) => response.writeHead(500).end())
    const settings = { SELFGRAPH_TRUSTED_ISSUERS: `${good.url}|${tenants.contoso},${broken.url}` }
    const { code, out } = await command(['doctor'], await freshFolder(), { settings: { ...free, ...settings } })
    assert.equal(code, 1)
    assert.match(out, new RegExp(`^ok    issuer       ${good.url} publishes 1 keys$`, 'm'))
    assert.match(
      out,
      new RegExp(`^bad   issuer       ${broken.url} cannot be used \\(.+ answered 500\\): its tokens are answered with 503$`, 'm'),
    )
    assert.doesNotMatch(out, /^\w+ +tokens/m)
  })
})
