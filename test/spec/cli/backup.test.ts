import assert from 'node:assert/strict'
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { emailToPut } from '../../../src/graph/profile-email-item.ts'
import type { ItemEmail } from '../../../src/model/profile.ts'
import { always } from '../../../src/store/database.ts'
import { addEmailMethod, dropEmailMethod } from '../../../src/store/tables/email-methods.ts'
import { putEmail } from '../../../src/store/tables/profile-emails.ts'
import { freshFolder, mainFile, run } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenant = { kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }
const aboutMe = 'n'.repeat(500)
const user = (n: number) => ({
  kind: 'user',
  tenantId: tenants.contoso,
  id: `user-${n}`,
  userPrincipalName: `user${n}@contoso.com`,
  aboutMe,
})

/** A folder whose database holds a tenant and its people. */
async function filled(count: number): Promise<string> {
  const folder = await freshFolder()
  const { code } = await command(['import', await linesFile(folder, [tenant, ...Array.from({ length: count }, (_, n) => user(n))])], folder)
  assert.equal(code, 0)
  return folder
}

/** A folder with the copy in the place of its database, as an operator goes back to it. */
async function restored(copy: string): Promise<string> {
  const folder = await freshFolder()
  await copyFile(copy, join(folder, 'selfgraph.db'))
  return folder
}

describe('selfgraph backup', () => {
  it('makes a copy that holds what the database holds, in one file, and says how large it is', async () => {
    const folder = await filled(2000)
    const before = await exported(folder)
    const place = await freshFolder()
    const copy = join(place, 'copy.db')
    const { code, out, err } = await command(['backup', copy], folder)
    assert.deepEqual({ code, err }, { code: 0, err: '' })
    assert.match(out, /^\d+\.\d MiB written to \S+copy\.db\n$/)
    assert.deepEqual(await readdir(place), ['copy.db'])
    assert.deepEqual(await exported(await restored(copy)), before)
    assert.deepEqual(await exported(folder), before)
  })

  it('copies one view of the data while a server writes, which is neither stopped nor slowed to the end of the copy', async () => {
    const server = await startServer({ folder: await filled(40_000) })
    const { database } = server.app
    const person = { tenantId: tenants.contoso, id: 'user-0' }
    // The counter stands in an email and in an email method, always written together.
    const email = (n: number) =>
      emailToPut({ id: 'counter', displayName: String(n), createdDateTime: '2026-01-01T00:00:00Z', inference: null } as ItemEmail) // the other members don't matter here
    const count = (n: number) =>
      database.write(person, async (transaction) => {
        await putEmail(transaction, person, email(n))
        await transaction.change(dropEmailMethod(always, person))
        const row = { email_address: `${n}@example.org`, created_at: '2026-01-01T00:00:00.0000000Z' }
        await transaction.change(addEmailMethod(always, person, row))
      })
    await count(0)
    let written = 0
    let copying = true
    const writing = (async () => {
      while (copying) await count(++written)
    })()
    const copy = join(server.folder, 'copy.db')
    const { code, err } = await command(['backup', copy], server.folder).finally(() => {
      copying = false
    })
    await writing
    assert.equal(code, 0, err)
    assert.ok(written > 1, `the server wrote ${written} times while the copy was made`)
    await server.stop()
    const records = await exported(await restored(copy))
    assert.equal(records.filter(({ kind }) => kind === 'user').length, 40_000)
    const counter = records.find(({ kind, id }) => kind === 'email' && id === 'counter')?.displayName
    assert.equal(records.find(({ kind }) => kind === 'emailMethod')?.emailAddress, `${counter}@example.org`)
  })

  it('copies what a server that was killed had answered, though it stands in the log of the database only', async () => {
    const server = await startServer({ folder: await freshFolder() })
    const before = await exported(server.folder)
    const folder = await freshFolder()
    for (const name of ['selfgraph.db', 'selfgraph.db-wal']) await copyFile(join(server.folder, name), join(folder, name))
    const copy = join(folder, 'copy.db')
    assert.equal((await command(['backup', copy], folder)).code, 0)
    assert.deepEqual(await exported(await restored(copy)), before)
  })

  it('leaves a file that is there alone, unless --force says otherwise', async () => {
    const folder = await filled(1)
    const copy = join(folder, 'copy.db')
    await writeFile(copy, 'what was there')
    assert.deepEqual(await command(['backup', copy], folder), {
      code: 73,
      out: '',
      err: `selfgraph: ${copy} is there already: --force replaces it\n`,
    })
    assert.equal(await readFile(copy, 'utf8'), 'what was there')
    assert.equal((await command(['backup', copy, '--force'], folder)).code, 0)
    assert.equal((await exported(await restored(copy))).length, 2)
  })

  it('never writes onto the database itself, by whatever name', async () => {
    const folder = await filled(1)
    const database = join(folder, 'selfgraph.db')
    const link = join(folder, 'link.db')
    await symlink(database, link)
    for (const file of [database, link, join(folder, '.', 'selfgraph.db')]) {
      const { code, err } = await command(['backup', file, '--force'], folder)
      assert.equal(code, 73)
      assert.equal(err, `selfgraph: ${file} is the database itself: give another file\n`)
    }
    assert.equal((await exported(folder)).length, 2)
  })

  it('says in one line that it cannot write, and leaves nothing half done', async () => {
    const folder = await filled(2000)
    const missing = join(folder, 'no', 'copy.db')
    const absent = await command(['backup', missing], folder)
    assert.equal(absent.code, 73)
    assert.match(absent.err, /^selfgraph: \S+copy\.db cannot be written \(.*\)\n$/)
    assert.doesNotMatch(absent.err, /\.part/)
    await mkdir(join(folder, 'taken.db'))
    assert.equal((await command(['backup', join(folder, 'taken.db'), '--force'], folder)).code, 73)
    // A process may be allowed files of so many blocks only: the writes fail as they do on a full disk.
    const limited = ['sh', '-c', 'ulimit -f 800; exec "$@"', 'sh', process.execPath, mainFile]
    const copy = join(folder, 'copy.db')
    const { code, stdout, stderr } = await run(['backup', copy], { command: limited, settings: { SELFGRAPH_DATA: folder } })
    assert.deepEqual({ code, stdout }, { code: 73, stdout: '' })
    assert.match(stderr, /^selfgraph: \S+copy\.db cannot be written \(.*\)\n$/)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => /^(copy|taken)/.test(name)),
      ['taken.db'],
    )
  })

  it('refuses to pass a damaged database off as a copy', async () => {
    const folder = await filled(2000)
    const file = join(folder, 'selfgraph.db')
    const database = new DatabaseSync(file)
    // An index without its entries: every page can be read, and the database is not whole.
    database.enableDefensive?.(false)
    database.exec(
      "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'relations') WHERE name = 'users_anywhere_by_id'",
    )
    database.close()
    const copy = join(folder, 'copy.db')
    const { code, err } = await command(['backup', copy], folder)
    assert.equal(code, 65)
    assert.match(err, /^selfgraph: .*damaged.*\n$/)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('copy')),
      [],
    )
  })

  it('draws a bar where somebody looks on', async () => {
    const folder = await filled(4000)
    let seen = ''
    const err = (text: string) => {
      seen += text
    }
    const terminal = { interactive: true, err }
    assert.equal((await command(['backup', join(folder, 'copy.db')], folder, { terminal })).code, 0)
    assert.match(seen, /Copying [█░]{30} \d+ % of the database/)
    assert.ok(seen.endsWith('\r\u001b[K'))
  })

  it('says with PostgreSQL what to type there, without the password', async () => {
    const folder = await freshFolder()
    const { code, out, err } = await command(['backup', 'copy.dump'], folder, {
      settings: { SELFGRAPH_DATABASE_URL: 'postgres://graph:secret@db.example:5433/people?sslmode=require' },
    })
    assert.deepEqual({ code, out }, { code: 69, out: '' })
    assert.equal(
      err,
      "selfgraph: PostgreSQL makes its own copies: pg_dump --format=custom --file='copy.dump' 'postgres://graph@db.example:5433/people?sslmode=require'\n",
    )
  })

  it('asks for one file, and says where there is no database', async () => {
    const folder = await freshFolder()
    assert.equal((await command(['backup'], folder)).code, 64)
    assert.equal((await command(['backup', 'a', 'b'], folder)).code, 64)
    const { code, err } = await command(['backup', join(folder, 'copy.db')], folder)
    assert.equal(code, 69)
    assert.match(err, /selfgraph\.db does not exist/)
  })
})
