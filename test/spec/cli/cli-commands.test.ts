import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readMigrations } from '../../../src/store/migrate.ts'
import { freshFolder, launch, mainFile, root, run } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { tenants } from '../../support/tenants.ts'
import { command, linesFile } from '../../support/terminal.ts'

const nowhere = '/a/folder/that/nobody/looks/into'
const { out: overview } = await command([], nowhere)
const commands = [...overview.matchAll(/^ {2}(\w+) +[A-Z].*\.$/gm)].map(([, name = '']) => name)

describe('The command line', () => {
  it('lists every command with a sentence when it is asked nothing, or for help', async () => {
    const answers = await Promise.all([[], ['help'], ['--help'], ['-h']].map((args) => command(args, nowhere)))
    for (const { code, out, err } of answers) {
      assert.deepEqual({ code, err }, { code: 0, err: '' })
      assert.equal(out, overview)
    }
    for (const name of ['serve', 'token', 'import', 'export', 'migrate', 'doctor']) assert.ok(commands.includes(name), name)
  })

  for (const name of commands)
    it(`explains ${name}, and does nothing else, with --help among whatever else is said`, async () => {
      const { code, out, err } = await command([name, '--help'], nowhere)
      assert.deepEqual({ code, err }, { code: 0, err: '' })
      assert.ok(out.startsWith(`Usage: selfgraph ${name}`), out)
      assert.deepEqual(await command([name, '--nonsense', '-h'], nowhere), { code, out, err })
    })

  it('explains each option that a command knows', async () => {
    const options = {
      token: ['user', 'scope', 'app', 'app-id', 'app-only', 'tenant', 'role', 'mfa', 'mfa-age', 'step-up', 'audience', 'expires-in'],
      import: ['check', 'skip-bad'],
      export: ['tenant'],
      migrate: ['dry-run'],
      doctor: ['json'],
    }
    for (const [name, known] of Object.entries(options)) {
      const { out } = await command([name, '--help'], nowhere)
      for (const option of known) assert.match(out, new RegExp(`^ +--${option}\\b`, 'm'))
    }
  })

  it('refuses a command that does not exist, names those that do, and exits with 64', async () => {
    for (const name of ['sevre', '--versoin', 'constructor']) {
      const { code, out, err } = await command([name], nowhere)
      assert.deepEqual({ code, out }, { code: 64, out: '' })
      assert.equal(err, `selfgraph: there is no command "${name}"; there are ${commands.join(', ')}\n`)
    }
  })

  it('says its version, which is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string } // npm requires it
    for (const name of ['--version', 'version', '-v'])
      assert.deepEqual(await command([name], nowhere), { code: 0, out: `selfgraph ${version}\n`, err: '' })
  })

  it('says which command does what another word asks for', async () => {
    const { code, err } = await command(['start'], nowhere)
    assert.equal(code, 64)
    assert.match(err, /^selfgraph: there is no command "start" \(did you mean serve\?\); there are /)
  })

  it('refuses an option that a command does not know, and a word too many, in one line and with 64', async () => {
    const cases: readonly (readonly string[])[] = [
      ...commands.map((name) => [name, '--nonsense']),
      ['serve', 'now'],
      ['token', 'kim@contoso.com'],
      ['migrate', 'now'],
      ['doctor', 'me'],
      ['import', '--check=yes', 'x'],
      ['token', '--user'],
    ]
    for (const args of cases) {
      const { code, out, err } = await command(args, nowhere)
      assert.deepEqual({ code, out }, { code: 64, out: '' }, args.join(' '))
      assert.match(err, /^selfgraph: [^\n]*; --help shows what there is\n$/)
    }
    for (const args of [['import'], ['import', 'a', 'b'], ['export'], ['export', 'a', 'b']])
      assert.deepEqual(await command(args, nowhere), {
        code: 64,
        out: '',
        err: `selfgraph: give one file: selfgraph ${args[0]} FILE.ndjson\n`,
      })
  })

  it('tells apart by its exit code what went wrong', async () => {
    const folder = await freshFolder()
    await mkdir(join(folder, 'folder'))
    const cases: readonly (readonly [number, readonly string[], RegExp])[] = [
      [65, ['import', join(folder, 'missing.ndjson')], /missing\.ndjson cannot be read \(ENOENT/],
      [65, ['import', join(folder, 'folder')], /folder is not a file$/],
      [69, ['export', '-'], /selfgraph\.db does not exist: start the server once, or import into it$/],
      [69, ['token', '--user', 'kim@contoso.com', '--scope', 'User.Read'], /does not exist: start the server once, or import into it$/],
    ]
    for (const [code, args, line] of cases) {
      const said = await command(args, folder)
      assert.equal(said.code, code, args.join(' '))
      assert.match(said.err.slice(0, -1), line)
    }
    assert.equal((await command(['migrate'], folder, { settings: { SELFGRAPH_DEMO: 'perhaps' } })).code, 78)
    assert.equal((await command(['migrate'], await linesFile(folder, []))).code, 73)
  })

  it('migrates, says what it did or would do, and does nothing twice', async () => {
    const folder = await freshFolder()
    const migrations = await readMigrations()
    const told = (word: string) => ({ code: 0, out: migrations.map(({ name }) => `${word} ${name}\n`).join(''), err: '' })
    assert.notEqual(migrations.length, 0)
    assert.deepEqual(await command(['migrate', '--dry-run'], folder), told('Would apply'))
    assert.deepEqual(await command(['migrate', '--dry-run'], folder), told('Would apply'))
    assert.deepEqual(await command(['migrate'], folder), told('Applied'))
    for (const args of [['migrate', '--dry-run'], ['migrate']])
      assert.deepEqual(await command(args, folder), { code: 0, out: 'Nothing to do.\n', err: '' })
  })
})

describe('The program as a process', () => {
  it('says the same as inside a test, with its exit code', async () => {
    const [help, wrong] = await Promise.all([run(['--help']), run(['sevre'])])
    assert.deepEqual({ code: help.code, stderr: help.stderr }, { code: 0, stderr: '' })
    assert.equal(help.stdout, (await command(['--help'], nowhere)).out)
    assert.deepEqual({ code: wrong.code, stdout: wrong.stdout }, { code: 64, stdout: '' })
    assert.match(wrong.stderr, /^selfgraph: there is no command "sevre";[^\n]*\n$/)
  })

  it('ends without a word when whoever reads its output has seen enough', async () => {
    const folder = await freshFolder()
    const users = Array.from({ length: 3000 }, (_, n) => ({
      kind: 'user',
      tenantId: tenants.contoso,
      id: `user-${n}`,
      userPrincipalName: `user${n}@contoso.com`,
    }))
    await command(
      ['import', await linesFile(folder, [{ kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }, ...users])],
      folder,
    )
    const program = launch(['export', '-'], { settings: { SELFGRAPH_DATA: folder } })
    program.child.stdout?.once('data', () => program.child.stdout?.destroy())
    const { code, stderr } = await program.ended
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })

  it('runs from a checkout as npx selfgraph does', async () => {
    const child = spawn(process.execPath, [join(root, 'bin/selfgraph.mjs'), 'help'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.deepEqual({ code, out }, { code: 0, out: (await run(['help'], { command: [process.execPath, mainFile] })).stdout })
  })
})
