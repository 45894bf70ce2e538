/** Who may read what the program writes, whatever the umask, and what it does not write onto. */

import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { examine } from '../../support/doctor.ts'
import { freePort, freshFolder, launch, mainFile, run, seen } from '../../support/program.ts'
import { startServer } from '../../support/server.ts'
import { command } from '../../support/terminal.ts'

const skip = process.platform === 'win32' && 'Windows has no such rights'
const rightsOf = async (place: string) => ((await stat(place)).mode & 0o777).toString(8)
const underUmask = (umask: string) => ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, mainFile]

/** Every file in a folder, with its rights. */
async function files(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder)
  return Object.fromEntries(await Promise.all(names.sort().map(async (name) => [name, await rightsOf(join(folder, name))] as const)))
}

describe('What the program writes', { skip }, () => {
  for (const umask of ['022', '000'])
    it(`is for its owner alone under umask ${umask}: the data folder and all that is in it, exports and backups`, async () => {
      const parent = await freshFolder()
      const folder = join(parent, 'new/data')
      const settings = {
        SELFGRAPH_DATA: folder,
        SELFGRAPH_DEMO: '1',
        SELFGRAPH_HTTP_PORT: '0',
        SELFGRAPH_HTTPS_PORT: String(await freePort()),
      }
      const server = launch(['serve'], { settings, command: underUmask(umask) })
      await seen(server, 'stderr', /Selfgraph is listening/)
      for (const [name, file] of [
        ['export', 'all.ndjson'],
        ['backup', 'copy.db'],
      ] as const)
        assert.equal((await run([name, join(parent, file)], { settings, command: underUmask(umask) })).code, 0)
      const kept = await files(folder)
      assert.deepEqual(Object.keys(kept), [
        'development-certificate.pem',
        'development-key.pem',
        'owner.lock',
        'owner.lock-journal',
        'secrets',
        'selfgraph.db',
        'selfgraph.db-shm',
        'selfgraph.db-wal',
      ])
      for (const [name, rights] of Object.entries(kept)) assert.equal(rights, '600', name)
      for (const name of ['new', 'new/data']) assert.equal(await rightsOf(join(parent, name)), '700', name)
      assert.deepEqual(await files(parent), { 'all.ndjson': '600', 'copy.db': '600', new: '700' })
      server.child.kill('SIGTERM')
      assert.equal((await server.ended).code, 0)
    })

  it('is closed to others by the next start where it was open to them; a folder that was there stays as it is', async () => {
    const first = await startServer({ folder: await freshFolder() })
    await first.stop()
    const { folder } = first
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o664)
    await chmod(folder, 0o755)
    assert.match(
      (await examine(folder)).of('folder'),
      /^warn: \S+ has files that other accounts may read \(selfgraph\.db, .*secrets.*\): the next start closes them$/,
    )
    const next = await startServer({ folder })
    for (const name of ['selfgraph.db', 'selfgraph.db-wal', 'owner.lock', 'secrets', 'development-key.pem'])
      assert.equal(await rightsOf(join(folder, name)), '600', name)
    await next.stop()
    assert.equal(await rightsOf(folder), '755')
    assert.equal((await examine(folder)).of('folder'), `warn: ${folder} can be entered by other accounts: chmod 700 ${folder}`)
    await chmod(folder, 0o700)
    assert.equal((await examine(folder)).of('folder'), `ok: ${folder} can be written to, and read by nobody else`)
  })
})

describe('selfgraph export and backup', { skip }, () => {
  const used = async () => {
    const server = await startServer({ folder: await freshFolder() })
    await server.stop()
    return server.folder
  }
  const kinds = ['export', 'backup'] as const

  for (const kind of kinds)
    it(`${kind}: replaces a file only when told to, and never what is no file`, async () => {
      const folder = await used()
      const file = join(folder, 'out')
      await writeFile(file, 'what was there')
      assert.deepEqual(await command([kind, file], folder), {
        code: 73,
        out: '',
        err: `selfgraph: ${file} is there already: --force replaces it\n`,
      })
      assert.equal(await readFile(file, 'utf8'), 'what was there')
      assert.equal((await command([kind, file, '--force'], folder)).code, 0)
      assert.ok((await stat(file)).size > 1000)
      const place = join(folder, 'place')
      await mkdir(place)
      assert.deepEqual(await command([kind, place, '--force'], folder), {
        code: 73,
        out: '',
        err: `selfgraph: ${place} is not a file, so it is not replaced\n`,
      })
    })

  for (const kind of kinds)
    it(`${kind}: follows no link that somebody put where the file is to be, or its draft`, async () => {
      const folder = await used()
      const theirs = join(folder, 'theirs')
      await writeFile(theirs, 'what was there')
      const file = join(folder, 'out')
      for (const name of ['out', 'out.part']) await symlink(theirs, join(folder, name))
      assert.equal((await command([kind, file], folder)).code, 73)
      assert.equal((await command([kind, file, '--force'], folder)).code, 0)
      assert.equal(await readFile(theirs, 'utf8'), 'what was there')
      assert.ok((await lstat(file)).isFile())
      // A link that leads nowhere is there as well.
      await symlink(join(folder, 'nowhere'), join(folder, 'dangling'))
      assert.equal((await command([kind, join(folder, 'dangling')], folder)).code, 73)
    })

  for (const kind of kinds)
    it(`${kind}: leaves nothing behind when it is interrupted`, async () => {
      const folder = await used()
      const said = await command([kind, join(folder, 'out')], folder, { terminal: { onStop: (stop) => stop('SIGINT') } })
      assert.deepEqual(said, { code: 73, out: '', err: `selfgraph: interrupted: ${join(folder, 'out')} was not written\n` })
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.startsWith('out')),
        [],
      )
    })
})
