import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { freePort, freshFolder, launch, mainFile, type Program, root, run, seen } from '../../support/program.ts'

const bin = join(root, 'bin/selfgraph.mjs')
const npmStart = join(root, 'scripts/run.mjs')
const ownNode = join(root, 'node_modules/node/bin/node')

/** A Node of this machine that is too old to run the sources; undefined where there is none. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .concat('/usr/local/bin', '/usr/bin')
  .map((folder) => join(folder, 'node'))
  .filter((file) => existsSync(file) && statSync(file).isFile())
  .find((file) => {
    const version = Number.parseInt(spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout, 10)
    return version >= 20 && version < 24
  })
const withoutOldNode = oldNode === undefined && 'this machine has no Node 20 or 22 besides the one of this project'

/** A server started through another process, when it listens. */
async function serve(command: readonly string[], args: readonly string[]): Promise<Program> {
  const settings = {
    SELFGRAPH_DATA: await freshFolder(),
    SELFGRAPH_DEMO: '0',
    SELFGRAPH_HTTPS_PORT: '0',
    SELFGRAPH_HTTP_PORT: String(await freePort()),
  }
  const program = launch(args, { command, settings, starts: 'others' })
  await seen(program, 'stderr', /Selfgraph is listening/)
  return program
}

/** A checkout of its own, with a `.env`: its parts are those of this one. */
async function checkoutWith(environment: readonly string[]): Promise<string> {
  const folder = await freshFolder()
  await mkdir(join(folder, 'scripts'))
  await copyFile(npmStart, join(folder, 'scripts/run.mjs'))
  for (const part of ['node_modules', 'src', 'package.json', 'package-lock.json']) await symlink(join(root, part), join(folder, part))
  await writeFile(join(folder, '.env'), `${environment.join('\n')}\n`)
  return folder
}

/** The server ended as it likes to, and the process in front of it with it. */
async function endsWell(program: Program, signal: NodeJS.Signals): Promise<void> {
  program.child.kill(signal)
  const { code, stdout, stderr } = await program.ended
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`"kind":"stopping","signal":"${signal}"`))
  assert.match(stdout, /"kind":"stopped"/)
}

// A signal that gets lost would let a test wait for ever.
describe('The program on whatever Node the machine has', { timeout: 120_000 }, () => {
  it('runs on an older Node, by way of the one that the project brings along', { skip: withoutOldNode }, async () => {
    const { code, stdout, stderr } = await run(['help'], { command: [oldNode ?? '', bin] })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(stdout, (await run(['help'], { command: [ownNode, mainFile] })).stdout)
  })

  it('hands on the exit code and what was said on an older Node', { skip: withoutOldNode }, async () => {
    const { code, stdout, stderr } = await run(['sevre'], { command: [oldNode ?? '', bin] })
    assert.deepEqual({ code, stdout }, { code: 64, stdout: '' })
    assert.match(stderr, /^selfgraph: there is no command "sevre";[^\n]*\n$/)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`lets ${signal} reach the server through the installed command on an older Node`, { skip: withoutOldNode }, async () => {
      await endsWell(await serve([oldNode ?? '', bin], ['serve']), signal)
    })

    it(`lets ${signal} reach the server through the installed command`, async () => {
      await endsWell(await serve([ownNode, bin], ['serve']), signal)
    })

    it(`lets ${signal} reach the server through the script behind npm start`, async () => {
      await endsWell(await serve([oldNode ?? process.execPath, npmStart], ['start']), signal)
    })
  }

  const withoutNpm = spawnSync('npm', ['--version']).status !== 0 && 'there is no npm in the path'
  for (const [what, signal, to] of [
    ['SIGTERM to npm alone', 'SIGTERM', 1],
    ['SIGINT to npm and all that it started, as a terminal sends it,', 'SIGINT', -1],
  ] as const)
    it(`lets ${what} end the server that npm start started`, { skip: withoutNpm }, async () => {
      const program = await serve(['npm', '--prefix', root], ['start'])
      process.kill(to * (program.child.pid ?? 0), signal)
      // It has ended when its output has, which the server holds open as long as it runs.
      assert.match((await program.ended).stdout, /"kind":"stopping","signal":"\w+"[\s\S]*"kind":"stopped"/)
    })

  for (const [node, folder, without] of [
    ['an older Node', dirname(oldNode ?? ''), withoutOldNode],
    ['the Node of the project', dirname(ownNode), false],
  ] as const)
    it(`lets SIGTERM to npx alone end the server that npx selfgraph serve started on ${node}`, {
      skip: without || withoutNpm,
    }, async () => {
      const path = [folder, ...(process.env.PATH ?? '').split(delimiter).filter((each) => !each.includes('node_modules'))].join(delimiter)
      const program = await serve(['env', `PATH=${path}`, 'npx', '--prefix', root], ['selfgraph', 'serve'])
      program.child.kill('SIGTERM')
      assert.match((await program.ended).stdout, /"kind":"stopping","signal":"SIGTERM"[\s\S]*"kind":"stopped"/)
    })

  it('runs npm start with the demo on unless a setting says otherwise', async () => {
    const settings = async (more: Record<string, string>) => ({
      SELFGRAPH_DATA: await freshFolder(),
      SELFGRAPH_HTTPS_PORT: '0',
      SELFGRAPH_HTTP_PORT: String(await freePort()),
      ...more,
    })
    for (const [more, expected] of [
      [{}, true],
      [{ SELFGRAPH_DEMO: '0' }, false],
    ] as const) {
      const program = launch(['start'], { command: [process.execPath, npmStart], settings: await settings(more), starts: 'others' })
      await seen(program, 'stderr', /Selfgraph is listening[\s\S]*\n\n/)
      assert.equal(program.stderr().includes('tenants contoso.com'), expected)
      program.child.kill('SIGTERM')
      assert.equal((await program.ended).code, 0)
    }
  })

  it('runs npm start without the demo where .env says so or an issuer is trusted: no administrators, no token', async () => {
    const issuer = 'SELFGRAPH_TRUSTED_ISSUERS=https://login.example.org'
    for (const [lines, expected] of [
      [['SELFGRAPH_DEMO=0'], false],
      [['SELFGRAPH_DEMO='], false],
      [[issuer], false],
      [[issuer, 'SELFGRAPH_DEMO=0'], false],
      [[issuer, 'SELFGRAPH_DEMO=1'], true],
      [['SELFGRAPH_LOG_LEVEL=warn'], true],
    ] as const) {
      const checkout = await checkoutWith(lines)
      const ports = { SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: String(await freePort()) }
      const program = launch(['start'], {
        command: [process.execPath, join(checkout, 'scripts/run.mjs')],
        settings: ports,
        starts: 'others',
      })
      await seen(program, 'stderr', /Selfgraph is listening[\s\S]*\n\n/)
      const database = new DatabaseSync(join(checkout, 'data/selfgraph.db'), { readOnly: true })
      const [users, keys] = ['users', 'signing_keys'].map((table) => database.prepare(`SELECT id FROM ${table}`).all())
      assert.deepEqual(
        { curl: program.stderr().includes('Bearer'), key: keys?.length === 1, users: users !== undefined && users.length > 0 },
        { curl: expected, key: expected, users: expected },
        lines.join(' '),
      )
      program.child.kill('SIGTERM')
      assert.equal((await program.ended).code, 0)
    }
  })

  const withoutNpx = withoutOldNode || withoutNpm
  it('prints through npx in a checkout what it prints, and not a word of npm about an older Node', { skip: withoutNpx }, async () => {
    const path = [dirname(oldNode ?? ''), ...(process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))]
    // What npm was told when it started this test must not keep it quiet.
    const command = ['env', '-u', 'npm_config_loglevel', 'npx']
    const { code, stdout, stderr } = await run(['selfgraph', 'help'], { command, cwd: root, settings: { PATH: path.join(delimiter) } })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^Selfgraph: /)
  })

  it('says in one line what is missing: packages in a checkout, a newer Node beside a published package', async () => {
    const folder = await freshFolder()
    await mkdir(join(folder, 'bin'))
    await copyFile(bin, join(folder, 'bin/selfgraph.mjs'))
    const start = (node: string) => run(['help'], { command: [node, join(folder, 'bin/selfgraph.mjs')] })
    const installed = await start(oldNode ?? process.execPath)
    assert.deepEqual(installed, {
      code: 69,
      signal: null,
      stdout: '',
      stderr: 'selfgraph: nothing is installed yet: run npm start, or npm ci for the commands alone\n',
    })
    if (oldNode === undefined) return
    await mkdir(join(folder, 'node_modules'))
    await symlink(join(root, 'node_modules/fastify'), join(folder, 'node_modules/fastify'))
    const { code, stderr } = await start(oldNode)
    assert.equal(code, 69)
    assert.match(
      stderr,
      /^selfgraph: Node 24 or later is needed, and this is v2\d\.\S+: install it from https:\/\/nodejs\.org, or add the package node@24\n$/,
    )
  })

  it('refuses a script that does not exist, and names those that do', async () => {
    const { code, stderr } = await run(['strat'], { command: [process.execPath, npmStart] })
    assert.equal(code, 64)
    assert.match(stderr, /^run\.mjs: there is no script strat; there are start, test, [^\n]*\n$/)
  })
})
