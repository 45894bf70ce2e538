import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { decodeProtectedHeader } from 'jose'
import sql from 'sql-template-tag'
import { openOwnKey } from '../../../src/auth/own-key.ts'
import { randomness } from '../../../src/randomness.ts'
import { ask } from '../../support/ask.ts'
import { freshFolder, run, serveProcess } from '../../support/program.ts'
import { testRun } from '../../support/run.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { command, type Said } from '../../support/terminal.ts'

/** The settings by which a command finds the server's database. */
function settingsOf({ app }: TestServer): Readonly<Record<string, string>> {
  const { databaseUrl, secrets } = app.config
  return {
    ...(databaseUrl === undefined ? {} : { SELFGRAPH_DATABASE_URL: databaseUrl.reveal() }),
    ...(secrets === undefined ? {} : { SELFGRAPH_SECRETS: secrets.reveal() }),
  }
}

const say = (server: TestServer, ...args: readonly string[]): Promise<Said> =>
  command(args, server.folder, { settings: settingsOf(server), terminal: { now: server.now } })

async function made(server: TestServer): Promise<string> {
  const { code, out, err } = await say(server, 'token', '--user', 'kim@contoso.com', '--scope', 'User.Read', '--expires-in', '86400')
  assert.deepEqual({ code, err }, { code: 0, err: '' })
  return out.trim()
}

const kidOf = (text: string) => decodeProtectedHeader(text).kid
const status = async (server: TestServer, bearer: string) => (await ask(server, 'GET /v1.0/me', { token: bearer })).status
const minute = 60_000
const day = 24 * 60 * minute

async function listed(server: TestServer): Promise<readonly string[]> {
  const { code, out, err } = await say(server, 'keys', 'list')
  assert.deepEqual({ code, err }, { code: 0, err: '' })
  return out
    .split('\n')
    .filter((line) => !line.startsWith('secret') && line !== '')
    .map((line) => line.split(/ +/, 2).join(' '))
}

describe('selfgraph keys beside a running server', async () => {
  it('lists the key that signs, and shows no key and no secret', async () => {
    const server = await startServer()
    const { out } = await say(server, 'keys', 'list')
    assert.match(
      out,
      /^current {2}[\da-f-]{36} {2}signs since \d{4}-\S+Z {2}sealed by [\w-]{8}\nsecret {3}entity tags {2}sealed by [\w-]{8}\n$/,
    )
    const secrets = server.app.config.secrets?.reveal() ?? (await readFile(join(server.folder, 'secrets'), 'utf8')).trim()
    for (const part of [secrets, server.key.n, server.key.d]) assert.ok(!out.includes(String(part)))
  })

  it('rotates: the next key is published now and signs a day later, and a second rotation adds no other', async () => {
    const server = await startServer()
    const [before] = await listed(server)
    assert.match((await say(server, 'keys', 'rotate')).out, /^[\da-f-]{36} signs from \S+Z\n$/)
    const [current, next] = await listed(server)
    assert.equal(current, before)
    assert.match(next ?? '', /^next /)
    assert.match((await say(server, 'keys', 'rotate')).out, /it was the next key already/)
    assert.deepEqual(await listed(server), [current, next])
    const old = await made(server)
    server.advance(day)
    const fresh = await made(server)
    assert.deepEqual([kidOf(old), kidOf(fresh)], [current?.split(' ')[1], next?.split(' ')[1]])
    assert.deepEqual(await listed(server), [current?.replace('current', 'retired'), next?.replace('next', 'current')])
    assert.equal(await status(server, fresh), 200)
  })

  it('rotates at once with --now: the server takes tokens of the new key without waiting, and those of the old one still', async () => {
    const server = await startServer()
    const old = await made(server)
    assert.equal(await status(server, old), 200)
    assert.match((await say(server, 'keys', 'rotate', '--now')).out, /^[\da-f-]{36} signs now\n$/)
    const fresh = await made(server)
    assert.notEqual(kidOf(fresh), kidOf(old))
    // A reading of the ring that an unknown key causes is at most once in a tenth of a second.
    server.advance(100)
    assert.deepEqual([await status(server, fresh), await status(server, old)], [200, 200])
    const two = await Promise.all([say(server, 'keys', 'rotate', '--now'), say(server, 'keys', 'rotate', '--now')])
    assert.ok(two.some(({ code }) => code === 0))
    assert.equal((await listed(server)).filter((line) => line.startsWith('current')).length, 1)
  })

  it('revokes all other keys with --revoke: their tokens are refused within a minute, also those that were accepted before', async () => {
    const server = await startServer()
    const old = await made(server)
    assert.equal(await status(server, old), 200)
    assert.equal((await say(server, 'keys', 'rotate')).code, 0)
    assert.equal((await say(server, 'keys', 'rotate', '--revoke')).code, 0)
    assert.equal((await listed(server)).length, 1)
    server.advance(minute + 1)
    assert.equal(await status(server, await made(server)), 200)
    assert.equal(await status(server, old), 401)
  })

  it('takes a key file in the data folder over at the start, and removes it: tokens from before stay good', async () => {
    const folder = await freshFolder()
    const key = await openOwnKey(folder, randomness)
    const server = await startServer({ folder })
    assert.equal(existsSync(join(folder, 'signing-key.json')), false)
    assert.equal(server.key.kid, key.kid)
    assert.equal(await status(server, await token({ key, now: server.now }, 'kim', { scope: 'User.Read' })), 200)
    await server.stop()
  })

  it('says what there is where the command line is wrong, and that there is no database', async () => {
    const server = await startServer()
    for (const args of [[], ['make'], ['list', 'all'], ['list', '--now'], ['reset', '--revoke'], ['constructor']]) {
      const { code, out, err } = await say(server, 'keys', ...args)
      assert.deepEqual([code, out], [64, ''], args.join(' '))
      assert.match(err, /^selfgraph: say selfgraph keys list\|rotate\|reset; --help tells more\n$/)
    }
    for (const action of ['list', 'rotate', 'reset']) {
      const { code, err } = await command(['keys', action], await freshFolder())
      assert.equal(code, 69)
      assert.match(err, /selfgraph\.db does not exist/)
    }
  })
})

const strong = (letter: string) => letter.repeat(32)

describe('The secrets from outside', () => {
  const start = (folder: string, secrets?: string) =>
    startServer({ folder, settings: { SELFGRAPH_HTTPS_PORT: '0', ...(secrets === undefined ? {} : { SELFGRAPH_SECRETS: secrets }) } })

  it('are made once in the data folder, for its owner alone', async () => {
    const folder = await freshFolder()
    const first = await start(folder)
    const file = join(folder, 'secrets')
    const text = await readFile(file, 'utf8')
    assert.match(text, /^[\w-]{43}\n$/)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    await first.stop()
    const second = await start(folder)
    assert.equal(await readFile(file, 'utf8'), text)
    assert.equal(second.key.kid, first.key.kid)
    await second.stop()
  })

  it('are rotated with the previous one behind the current one; the keys and entity tags stay what they are', async () => {
    const folder = await freshFolder()
    const servers: TestServer[] = []
    for (const secrets of [strong('a'), `${strong('b')},${strong('a')}`, strong('b')]) {
      const server = await start(folder, secrets)
      servers.push(server)
      await server.stop()
    }
    assert.equal(new Set(servers.map(({ key }) => key.kid)).size, 1)
    assert.equal(new Set(servers.map(({ app }) => app.tagKey)).size, 1)
    await assert.rejects(start(folder, strong('a')), /sealed with secret [\w-]{8}, which is not at hand .* SELFGRAPH_SECRETS/)
  })

  it('that are lost end a start with one line, and the server starts again after selfgraph keys reset, with new keys', async () => {
    const folder = await freshFolder()
    const first = await start(folder)
    const bearer = await token(first, 'kim', { scope: 'User.Read' })
    await first.stop()
    await rm(join(folder, 'secrets'))
    const settings = { SELFGRAPH_DATA: folder, SELFGRAPH_DEMO: '1', SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: '0' }
    const { code, stderr } = await run(['serve'], { settings: { ...settings, SELFGRAPH_HTTP_PORT: '8080' } })
    assert.equal(code, 78)
    assert.match(
      stderr,
      /^selfgraph: \S+secrets does not exist: put it back, or set SELFGRAPH_SECRETS; if it is lost, run selfgraph keys reset\n$/,
    )
    assert.match(
      (await command(['doctor'], folder)).out,
      /^bad +database +\S+secrets does not exist: put it back, or set SELFGRAPH_SECRETS/m,
    )
    assert.match((await command(['keys', 'reset'], folder)).out, /^2 dropped: start the servers again\n$/)
    assert.match((await command(['keys', 'reset'], folder)).out, /^Nothing to do/)
    const again = await start(folder)
    assert.deepEqual([await status(again, bearer), await status(again, await made(again))], [401, 200])
    await again.stop()
  })

  it('in a file that is damaged or too short end a start with one line that shows nothing of it', async () => {
    const folder = await freshFolder()
    for (const text of ['', 'too short', `${strong('a')},short`]) {
      await writeFile(join(folder, 'secrets'), text)
      await assert.rejects(start(folder), (error: Error) => {
        assert.match(error.message, /secrets is damaged: put a copy back/)
        assert.doesNotMatch(error.message, /short|aaaa/)
        return true
      })
    }
  })

  it('let an entity tag secret from before sealing stay what it is', async () => {
    const folder = await freshFolder()
    const server = await start(folder)
    const { database, tagKey } = server.app
    await database.change('nobody', sql`UPDATE secrets SET value = ${tagKey}`)
    await server.stop()
    const again = await start(folder)
    assert.equal(again.app.tagKey, tagKey)
    const [row] = await again.app.database.read<{ value: string }>(sql`SELECT value FROM secrets`)
    assert.match(row?.value ?? '', /^sealed1\./)
    await again.stop()
  })

  it('show in no log, error or output of a server that is given them', async () => {
    const secret = 'extremely-secret-value-of-the-operator'
    const server = await serveProcess({ settings: { SELFGRAPH_SECRETS: secret } })
    const settings = { SELFGRAPH_DATA: server.folder, SELFGRAPH_SECRETS: secret }
    const said = await Promise.all([
      run(['doctor'], { settings }),
      run(['keys', 'list'], { settings }),
      run(['keys', 'list'], { settings: { ...settings, SELFGRAPH_SECRETS: 'short-and-secret' } }),
      run(['serve'], { settings }),
    ])
    server.child.kill('SIGTERM')
    for (const { stdout, stderr } of [...said, await server.ended]) assert.doesNotMatch(stdout + stderr, /extremely|short-and/)
    assert.match(said[0]?.stdout ?? '', /SELFGRAPH_SECRETS/)
    assert.match(
      said[2]?.stderr ?? '',
      /^selfgraph: SELFGRAPH_SECRETS has a value that cannot be used: expected secrets of at least 32 characters/,
    )
  })

  const embedded = testRun.engine === 'embedded' && 'about PostgreSQL'
  it('must be set with PostgreSQL unless it is a demo', { skip: embedded }, async () => {
    const folder = await freshFolder()
    const { databaseUrl } = (await startServer()).app.config
    assert.ok(databaseUrl !== undefined)
    const { code, stderr } = await run(['serve'], { settings: { SELFGRAPH_DATA: folder, SELFGRAPH_DATABASE_URL: databaseUrl.reveal() } })
    assert.equal(code, 78)
    assert.match(stderr, /^selfgraph: SELFGRAPH_SECRETS is not set: with PostgreSQL, give all servers the same/)
  })
})
