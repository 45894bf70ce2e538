import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, copyFile, open, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { readMigrations } from '../../../src/store/migrate.ts'
import { ask } from '../../support/ask.ts'
import { failingStart, freePort, freshFolder, mainFile, type ProgramOptions, run, serveProcess } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { tenants } from '../../support/tenants.ts'
import { command, linesFile } from '../../support/terminal.ts'

const pageSize = 4096

/** A start that fails on its folder: no port matters. */
const startIn = (folder: string, more: ProgramOptions = {}) =>
  failingStart({ ...more, settings: { SELFGRAPH_DATA: folder, SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: '1' } })

/** A folder whose database some commands made, before it is spoilt. */
async function usedFolder(): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await freshFolder()
  const users = Array.from({ length: 500 }, (_, n) => ({
    kind: 'user',
    tenantId: tenants.contoso,
    id: `user-${n}`,
    userPrincipalName: `user${n}@contoso.com`,
  }))
  await command(
    ['import', await linesFile(folder, [{ kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }, ...users])],
    folder,
  )
  return { folder, file: join(folder, 'selfgraph.db') }
}

async function overwrite(file: string, bytes: Uint8Array, at: number): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, 0, bytes.length, at)
  await handle.close()
}

/** Commands besides `serve` that open the database. */
const others: readonly (readonly string[])[] = [
  ['migrate'],
  ['migrate', '--dry-run'],
  ['token', '--user', 'user1@contoso.com', '--scope', 'User.Read'],
  ['export', '-'],
]

const cannotBeWritten =
  /^selfgraph: the data folder \S+ cannot be written to \(.+\): change its rights, or choose another with SELFGRAPH_DATA$/

describe('A start in a folder that cannot be used', { concurrency: 2 }, () => {
  it('ends with exit code 73 when the folder cannot be made', async () => {
    const folder = await freshFolder()
    await writeFile(join(folder, 'file'), '')
    const inside = join(folder, 'file', 'data')
    const { code, line } = await startIn(inside)
    assert.equal(code, 73)
    assert.match(line, cannotBeWritten)
    assert.match(line, /ENOTDIR/)
  })

  it('ends with exit code 73 when the folder is a file', async () => {
    const file = join(await freshFolder(), 'file')
    await writeFile(file, '')
    const { code, line } = await startIn(file)
    assert.equal(code, 73)
    assert.match(line, cannotBeWritten)
    assert.match(line, /EEXIST/)
  })

  // Root may write to every folder, unless this right of root's is taken away.
  const humble = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : []
  const [tool, ...args] = [...humble, 'true']
  const skip = spawnSync(tool ?? '', args).status !== 0 && 'root may write to every folder, and there is no setpriv'
  it('ends with exit code 73 when the folder may not be written to', { skip }, async () => {
    const folder = await freshFolder()
    await chmod(folder, 0o500)
    const { code, line } = await startIn(folder, { command: [...humble, process.execPath, mainFile] })
    assert.equal(code, 73)
    assert.match(line, cannotBeWritten)
  })

  it('ends with exit code 73 when there is no room in it', async () => {
    const folder = await freshFolder()
    // Files of a few blocks only: what a full disk looks like from inside.
    const { code, line } = await startIn(folder, {
      command: ['sh', '-c', 'ulimit -f 16; exec "$@"', 'sh', process.execPath, mainFile],
    })
    assert.equal(code, 73)
    assert.match(line, /^selfgraph: \S+selfgraph\.db cannot be used \(.*\)$/)
  })

  it('ends with exit code 69 when another server has the folder, which goes on', async () => {
    const server = await serveProcess({ folder: await freshFolder() })
    const { code, line } = await startIn(server.folder)
    assert.deepEqual(
      { code, line },
      {
        code: 69,
        line: `selfgraph: ${server.folder} is in use by another Selfgraph process, perhaps a server that runs already: stop it first, or choose another folder with SELFGRAPH_DATA`,
      },
    )
    assert.equal((await ask(server, 'GET /health/ready')).status, 200)
  })

  it('succeeds when the server that had the folder was killed', async () => {
    const server = await serveProcess({ folder: await freshFolder() })
    server.child.kill('SIGKILL')
    await server.ended
    const next = await serveProcess({ folder: server.folder })
    assert.equal((await ask(next, 'GET /health/ready')).status, 200)
  })

  it('ends with exit code 65 when the signing key is damaged, and shows nothing of it', async () => {
    const folder = await freshFolder()
    const key = join(folder, 'signing-key.json')
    for (const text of ['not JSON', '{"kty":"RSA","n":"secret"}', '']) {
      await writeFile(key, text)
      const { code, stderr } = await run(['serve'], {
        settings: { SELFGRAPH_DATA: folder, SELFGRAPH_DEMO: '1', SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: String(await freePort()) },
      })
      assert.deepEqual(
        { code, stderr },
        { code: 65, stderr: `selfgraph: ${key} is damaged: put a copy back, or move it away to have a new key made\n` },
      )
    }
  })
})

describe('A start with a database that is none, is damaged or is not ours', { concurrency: 2 }, async () => {
  const made = await usedFolder()
  const known = (await readMigrations()).at(-1)?.version

  const damaged = (file: string) => `selfgraph: ${file} is damaged, or no database at all: put a copy back, or move it away to start anew`

  const cases: readonly (readonly [string, (file: string) => Promise<void> | void, (file: string) => string])[] = [
    ['garbage', (file) => writeFile(file, Buffer.alloc(20 * pageSize, 'garbage')), damaged],
    ['cut off in the middle', (file) => truncate(file, 7 * pageSize), damaged],
    ['cut off in its first page', (file) => truncate(file, 50), damaged],
    ['full of zeros from the second page on', (file) => overwrite(file, Buffer.alloc(30 * pageSize), pageSize), damaged],
    [
      "another program's",
      async (file) => {
        await rm(file)
        const database = new DatabaseSync(file)
        database.exec('CREATE TABLE schema_migrations (version TEXT); CREATE TABLE users (name TEXT)')
        database.close()
      },
      (file) => `selfgraph: ${file} is a database of another program: move it away, or choose another folder with SELFGRAPH_DATA`,
    ],
    [
      'of a newer version',
      (file) => {
        const database = new DatabaseSync(file)
        database.exec("INSERT INTO schema_migrations (version, name) VALUES (9999, '9999_things_to_come')")
        database.close()
      },
      (file) =>
        `selfgraph: the database (SQLite in ${file}) is of a newer Selfgraph: it has migration 9999, this program knows ${known}. Upgrade the program`,
    ],
  ]

  for (const [what, spoil, expected] of cases)
    it(`ends with one line and exit code 65 when it is ${what}, and so does every command that opens it`, async () => {
      const folder = await freshFolder()
      const file = join(folder, 'selfgraph.db')
      await copyFile(made.file, file)
      await spoil(file)
      assert.deepEqual(await startIn(folder), { code: 65, line: expected(file) })
      for (const args of [...others, ['import', join(made.folder, 'records.ndjson')]]) {
        const { code, out, err } = await command(args, folder)
        assert.deepEqual({ code, out, err }, { code: 65, out: '', err: `${expected(file)}\n` }, args.join(' '))
      }
    })

  it('is refused by commands that only look on when the database has yet to be migrated', async () => {
    const folder = await freshFolder()
    new DatabaseSync(join(folder, 'selfgraph.db')).close()
    for (const args of others.slice(2)) {
      const { code, err } = await command(args, folder)
      assert.equal(code, 65)
      assert.match(err, /^selfgraph: the database \(\S+ in \S+\) is of an older Selfgraph: run selfgraph migrate first\n$/)
    }
    assert.equal((await command(['migrate'], folder)).code, 0)
    assert.equal((await command(['export', '-'], folder)).code, 0)
  })
})
