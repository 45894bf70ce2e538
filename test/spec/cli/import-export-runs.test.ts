import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshFolder, mainFile, run } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenant = { kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }
const personOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const user = (n: number) => ({ kind: 'user', tenantId: tenants.contoso, id: personOf(n), userPrincipalName: `user${n}@contoso.com` })
/** An email without an id and a time: both are made. */
const email = (n: number) => ({ kind: 'email', tenantId: tenants.contoso, userId: personOf(n), address: `user${n}@example.org` })
const people = (count: number) => Array.from({ length: count }, (_, n) => [user(n), email(n)]).flat()

/** A terminal with somebody before it, and what they saw. */
function onlooker(look: (text: string) => void = () => undefined) {
  let seen = ''
  const err = (text: string) => {
    seen += text
    look(text)
  }
  return { terminal: { interactive: true, err }, seen: () => seen }
}

describe('A run of an import', () => {
  it('that is interrupted keeps whole batches, goes on where it stopped when it is run again, and doubles nothing', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, ...people(1200)])
    let stop: (signal: string) => void = () => undefined
    const { terminal } = onlooker((text) => {
      if (text.includes('Importing')) stop('SIGINT')
    })
    const onStop = (callback: (signal: string) => void) => {
      stop = callback
    }
    const first = await command(['import', file], folder, { terminal: { ...terminal, onStop } })
    assert.deepEqual(
      { code: first.code, out: first.out },
      { code: 65, out: '1000 records written, 0 lines refused. Interrupted: run it again to go on.\n' },
    )
    assert.equal((await exported(folder)).length, 1000)

    assert.deepEqual(await command(['import', file], folder), {
      code: 0,
      out: 'Went on after line 1000.\n1401 records written, 0 lines refused.\n',
      err: '',
    })
    const all = await exported(folder)
    assert.equal(all.length, 2401)

    const again = await command(['import', file], folder)
    assert.equal(again.out, '2401 records written, 0 lines refused.\n', 'a finished import is no interrupted one')
    assert.deepEqual(await exported(folder), all)
  })

  it('that is asked to end when all is written says nothing of an interruption', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, user(1)])
    let stop: (signal: string) => void = () => undefined
    const { terminal } = onlooker((text) => {
      if (text.includes('Importing')) stop('SIGINT')
    })
    const onStop = (callback: (signal: string) => void) => {
      stop = callback
    }
    const { code, out } = await command(['import', file], folder, { terminal: { ...terminal, onStop } })
    assert.deepEqual({ code, out }, { code: 0, out: '2 records written, 0 lines refused.\n' })
  })

  it('that was interrupted begins anew when the file has changed since, and doubles nothing then either', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, ...people(600)])
    let stop: (signal: string) => void = () => undefined
    const { terminal } = onlooker((text) => {
      if (text.includes('Importing')) stop('SIGINT')
    })
    const onStop = (callback: (signal: string) => void) => {
      stop = callback
    }
    assert.equal((await command(['import', file], folder, { terminal: { ...terminal, onStop } })).code, 65)
    await appendFile(file, `${JSON.stringify(user(5000))}\n`)
    assert.deepEqual(await command(['import', file], folder), { code: 0, out: '1202 records written, 0 lines refused.\n', err: '' })
    assert.equal((await exported(folder)).length, 1202)
  })

  it('again with the same file changes nothing, times and ids that the records leave out included', async () => {
    const folder = await freshFolder()
    const method = { kind: 'emailMethod', tenantId: tenants.contoso, userId: personOf(1), emailAddress: 'back@example.org' }
    const file = await linesFile(folder, [tenant, user(1), email(1), { ...email(1), displayName: 'another' }, method])
    await command(['import', file], folder, { terminal: { now: () => Date.UTC(2026, 0, 1) } })
    const before = await exported(folder)
    assert.equal(before.filter(({ kind }) => kind === 'email').length, 2)
    await command(['import', file], folder, { terminal: { now: () => Date.UTC(2027, 0, 1) } })
    assert.deepEqual(await exported(folder), before)
  })

  it('draws a bar where somebody looks on, takes it away in the end and for a bad line, and draws none elsewhere', async () => {
    const folder = await freshFolder()
    const good = await linesFile(folder, [tenant, user(1)], 'good.ndjson')
    const bad = await linesFile(folder, [tenant, 'nonsense'], 'bad.ndjson')
    const importing = onlooker()
    assert.equal((await command(['import', good], folder, { terminal: importing.terminal })).code, 0)
    assert.match(importing.seen(), /Checking [█░]{30} \d+ % line 1.*Importing █{30} 100 % line 2/s)
    assert.ok(importing.seen().endsWith('\r\u001b[K'))
    const refusing = onlooker()
    await command(['import', bad, '--skip-bad'], folder, { terminal: refusing.terminal })
    assert.ok(refusing.seen().includes(`\r\u001b[K${bad}:2: not a JSON object\n`), 'the line begins at the left')
    const exporting = onlooker()
    await command(['export', join(folder, 'out.ndjson')], folder, { terminal: exporting.terminal })
    assert.match(exporting.seen().replaceAll('\u001b', '<ESC>'), /^\r<ESC>\[KExporting █{15}░{15} 50 % 1 records\r<ESC>\[K$/)
    for (const args of [
      ['import', good],
      ['export', join(folder, 'out.ndjson'), '--force'],
    ])
      assert.equal((await command(args, folder)).err, '')
  })

  it('is refused while a server owns the folder, and changes nothing', async () => {
    const server = await startServer()
    const before = await exported(server.folder)
    const { code, out, err } = await command(['import', await linesFile(server.folder, [tenant, user(1)])], server.folder)
    assert.deepEqual(
      { code, out, err },
      {
        code: 69,
        out: '',
        err: `selfgraph: ${server.folder} is in use by another Selfgraph process, perhaps a server that runs already: stop it first, or choose another folder with SELFGRAPH_DATA\n`,
      },
    )
    assert.deepEqual(await exported(server.folder), before)
  })

  it('reads a file of twenty thousand lines in bounded memory', async () => {
    const folder = await freshFolder()
    const file = join(folder, 'big.ndjson')
    const aboutMe = 'n'.repeat(4000)
    await writeFile(file, `${JSON.stringify(tenant)}\n`)
    for (let from = 0; from < 20_000; from += 1000)
      await appendFile(file, Array.from({ length: 1000 }, (_, n) => `${JSON.stringify({ ...user(from + n), aboutMe })}\n`).join(''))
    const tell = "process.on('exit',()=>process.stderr.write('kB '+process.resourceUsage().maxRSS))"
    const measured = [
      process.execPath,
      '--max-old-space-size=96',
      '--max-semi-space-size=4',
      '--import',
      `data:text/javascript,${tell}`,
      mainFile,
    ]
    const kilobytes = async (args: string[]) => {
      const { code, stderr } = await run(args, { command: measured, settings: { SELFGRAPH_DATA: folder } })
      assert.equal(code, 0, stderr)
      return Number(/^kB (\d+)$/.exec(stderr)?.[1])
    }
    // The caches of the database, 64 MiB each, are in it; the file of 80 MB must not be.
    const bound = 250 * 1024
    for (const args of [
      ['import', file],
      ['export', join(folder, 'out.ndjson')],
    ]) {
      const used = await kilobytes(args)
      assert.ok(used < bound, `${args[0]} used ${used} kB`)
    }
    assert.equal((await readFile(join(folder, 'out.ndjson'), 'utf8')).split('\n').length - 1, 20_001)
  })
})

describe('A file that cannot be written', () => {
  it('is told in one line, and what was there before stays', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, [tenant, ...people(500)])], folder)
    const missing = join(folder, 'no', 'such', 'out.ndjson')
    const inFile = join(folder, 'records.ndjson', 'out.ndjson')
    for (const file of [missing, inFile]) {
      const { code, out, err } = await command(['export', file], folder)
      assert.deepEqual({ code, out }, { code: 73, out: '' })
      assert.match(err, /^selfgraph: \S+ cannot be written \(E\w+: .*\)\n$/)
      assert.ok(err.startsWith(`selfgraph: ${file} `))
    }
  })

  it('because there is no room is told in one line; no half of it is left under its name or any other', async () => {
    const folder = await freshFolder()
    await command(['import', await linesFile(folder, [tenant, ...people(500)])], folder)
    const file = join(folder, 'out.ndjson')
    await writeFile(file, 'what was there before')
    // A process may be allowed files of so many blocks only: the writes fail as they do on a full disk.
    const limited = ['sh', '-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, mainFile]
    const { code, stdout, stderr } = await run(['export', file, '--force'], { command: limited, settings: { SELFGRAPH_DATA: folder } })
    assert.deepEqual({ code, stdout }, { code: 73, stdout: '' })
    assert.match(stderr, /^selfgraph: \S+out\.ndjson cannot be written \(EFBIG: .*\)\n$/)
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('out')),
      ['out.ndjson'],
    )
    assert.equal(await readFile(file, 'utf8'), 'what was there before')
  })

  it('because there is no room for the database is told in one line, and the import goes on when there is', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, ...people(2000)])
    const limited = ['sh', '-c', 'ulimit -f 800; exec "$@"', 'sh', process.execPath, mainFile]
    const { code, stdout, stderr } = await run(['import', file], { command: limited, settings: { SELFGRAPH_DATA: folder } })
    assert.deepEqual({ code, stdout }, { code: 73, stdout: '' })
    assert.match(stderr, /^selfgraph: \S+selfgraph\.db cannot be used \(disk I\/O error\)\n$/)
    const kept = (await exported(folder)).length
    assert.equal(kept % 1000, 0, 'whole batches only')
    const again = await command(['import', file], folder)
    assert.equal(again.code, 0)
    assert.match(again.out, new RegExp(`${4001 - kept} records written`))
    assert.equal((await exported(folder)).length, 4001)
  })
})
