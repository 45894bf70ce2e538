import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { settings } from '../../../src/config.ts'
import { ask } from '../../support/ask.ts'
import { failingStart, freePort, freshFolder, launch, seen, serveProcess } from '../../support/program.ts'

const badConfig = 78
const origin = 'expected a URL such as https://graph.example.org'
const issuers = 'expected URLs such as https://login.example.org or https://login.example.org|<tenant id>'

/** A value of each setting that cannot be used, and what is said of it. Paths and addresses show when they are used, in other tests. */
const badValues: readonly (readonly [keyof typeof settings, string, string])[] = [
  ['databaseUrl', 'mysql://db.example.org/selfgraph', 'expected a URL such as postgres://user:password@host:5432/database'],
  ['secrets', 'short', 'expected secrets of at least 32 characters each, separated by commas'],
  ['databaseConnections', '1', 'expected a whole number from 2 to 1000'],
  ['databaseTimeout', 'long', 'expected a whole number from 1 to 300'],
  ['queryTimeout', '0', 'expected a whole number from 1 to 300'],
  ['mostConnections', 'many', 'expected a whole number from 1 to 1000000'],
  ['httpsPort', '65536', 'expected a whole number from 0 to 65535'],
  ['httpsPort', '-1', 'expected a whole number from 0 to 65535'],
  ['httpPort', '80a', 'expected a whole number from 0 to 65535'],
  ['publicUrl', 'graph.example.org', origin],
  ['publicUrl', 'https://graph.example.org/?a=b', origin],
  ['demo', 'yes', 'expected 0 or 1'],
  ['trustedIssuers', 'login.example.org', issuers],
  ['trustedIssuers', 'https://login.example.org|contoso', issuers],
  ['trustedIssuers', 'http://login.example.org', 'expected https URLs (http on a loopback address only)'],
  ['audiences', ' , ', 'expected at least one entry'],
  ['allowApplications', '2', 'expected 0 or 1'],
  ['allowPersonalAccounts', 'on', 'expected 0 or 1'],
  ['selfServiceMethods', 'off', 'expected 0 or 1'],
  ['mfaMaxAge', '0', 'expected a whole number from 1 to 86400'],
  ['profileInV1', 'true!', 'expected 0 or 1'],
  ['logLevel', 'debug', 'expected one of silent, error, warn, info'],
]
const anyText: readonly (keyof typeof settings)[] = ['data', 'host', 'tlsCert', 'tlsKey']

describe('A start with a setting that cannot be used', { concurrency: 2 }, () => {
  it('is tested here for every setting', () => {
    assert.deepEqual([...new Set([...badValues.map(([key]) => key), ...anyText])].sort(), Object.keys(settings).sort())
  })

  for (const [key, value, expected] of badValues)
    it(`ends with one line and exit code 78 for ${settings[key].name}=${value}`, async () => {
      const { code, line } = await failingStart({ settings: { SELFGRAPH_DATA: await freshFolder(), [settings[key].name]: value } })
      assert.equal(line, `selfgraph: ${settings[key].name} has a value that cannot be used: ${expected}`)
      assert.equal(code, badConfig)
    })

  for (const [name, said] of [
    ['SELFGRAPH_HTTP_PROT', 'SELFGRAPH_HTTP_PROT is not a setting (did you mean SELFGRAPH_HTTP_PORT?)'],
    ['SELFGRAPH_AUDIENCE', 'SELFGRAPH_AUDIENCE is not a setting (did you mean SELFGRAPH_AUDIENCES?)'],
    ['SELFGRAPH_NONSENSE', 'SELFGRAPH_NONSENSE is not a setting; docs/configuration.md lists them'],
  ] as const)
    it(`ends with one line and exit code 78 for ${name}, which is no setting`, async () => {
      const { code, line } = await failingStart({ settings: { SELFGRAPH_DATA: await freshFolder(), [name]: '1' } })
      assert.deepEqual({ code, line }, { code: badConfig, line: `selfgraph: ${said}` })
    })

  it('ends when there is nothing to listen on', async () => {
    const { code, line } = await failingStart({
      settings: { SELFGRAPH_DATA: await freshFolder(), SELFGRAPH_HTTP_PORT: '0', SELFGRAPH_HTTPS_PORT: '0' },
    })
    assert.equal(code, badConfig)
    assert.equal(line, 'selfgraph: SELFGRAPH_HTTPS_PORT and SELFGRAPH_HTTP_PORT are both 0: there is nothing to listen on')
  })

  for (const host of ['no..name', '192.0.2.1'])
    it(`ends when SELFGRAPH_HOST is ${host}, which is no address of this machine`, async () => {
      const data = await freshFolder()
      const { code, line } = await failingStart({
        settings: { SELFGRAPH_DATA: data, SELFGRAPH_HTTP_PORT: '0', SELFGRAPH_HTTPS_PORT: String(await freePort()), SELFGRAPH_HOST: host },
      })
      assert.deepEqual(
        { code, line },
        { code: badConfig, line: `selfgraph: ${host} is no address of this machine: correct SELFGRAPH_HOST` },
      )
    })

  it('starts with the settings that an empty value leaves at their defaults', async () => {
    const server = await serveProcess({
      folder: await freshFolder(),
      settings: { SELFGRAPH_LOG_LEVEL: '', SELFGRAPH_MFA_MAX_AGE: '', SELFGRAPH_PUBLIC_URL: '' },
    })
    assert.equal((await ask(server, 'GET /health/ready')).status, 200)
  })
})

describe('A .env file in the working folder', { concurrency: 2 }, () => {
  const folderWith = async (text: string | Uint8Array) => {
    const cwd = await freshFolder()
    await writeFile(join(cwd, '.env'), text)
    return cwd
  }

  it('gives the settings that the environment does not', async () => {
    const [fromFile, fromEnvironment] = [await freePort(), await freePort()]
    const text = (port: number) =>
      `# a comment\nexport SELFGRAPH_HTTPS_PORT=0\nSELFGRAPH_HTTP_PORT="${port}" # and another\n\nOTHER=thing\n`
    const cwd = await folderWith(text(fromFile))
    for (const [settings, port] of [
      [{}, fromFile],
      [{ SELFGRAPH_HTTP_PORT: String(fromEnvironment) }, fromEnvironment],
    ] as const) {
      const program = launch(['serve'], { cwd, settings })
      await seen(program, 'stderr', /Selfgraph is listening/)
      assert.match(program.stderr(), new RegExp(`Selfgraph is listening on http://localhost:${port}\n`))
      program.child.kill('SIGTERM')
      assert.equal((await program.ended).code, 0)
    }
  })

  for (const [what, text, said] of [
    ['a bad value', 'SELFGRAPH_DEMO=perhaps\n', 'SELFGRAPH_DEMO has a value that cannot be used: expected 0 or 1'],
    ['an unknown name', 'SELFGRAPH_DEMON=1\n', 'SELFGRAPH_DEMON is not a setting (did you mean SELFGRAPH_DEMO?)'],
    ['a setting without =', '# first\nSELFGRAPH_DEMO 1\n', '.env:2: expected SELFGRAPH_DEMO=value'],
    ['something that is no text', new Uint8Array([0xff, 0xfe, 0x00, 0x53]), '.env is not text in UTF-8'],
  ] as const)
    it(`ends the start with one line and exit code 78 when it holds ${what}`, async () => {
      const { code, line } = await failingStart({ cwd: await folderWith(text) })
      assert.deepEqual({ code, line }, { code: badConfig, line: `selfgraph: ${said}` })
    })

  it('ends the start with one line and exit code 78 when it cannot be read', async () => {
    const cwd = await freshFolder()
    await mkdir(join(cwd, '.env'))
    const { code, line } = await failingStart({ cwd })
    assert.equal(code, badConfig)
    assert.match(line, /^selfgraph: \.env cannot be read \(EISDIR: .*\)$/)
  })

  it('does not keep help from being given when it is bad', async () => {
    const program = launch(['serve', '--help'], { cwd: await folderWith('SELFGRAPH_DEMO 1\n') })
    const { code, stderr } = await program.ended
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })
})
