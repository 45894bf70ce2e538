import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { roleTemplates } from '../../../src/auth/roles.ts'
import { ask, type Json } from '../../support/ask.ts'
import { freshFolder, run, serveProcess } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { command, linesFile } from '../../support/terminal.ts'

const kim = ['--user', 'kim@contoso.com', '--scope', 'User.Read']

describe('selfgraph token', async () => {
  const server = await startServer()
  const say = (...args: readonly string[]) => command(['token', ...args], server.folder)
  /** The token, after making sure that nothing else was printed. */
  const made = async (...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await say(...args)
    assert.deepEqual({ code, err }, { code: 0, err: '' })
    assert.match(out, /^[\w-]+\.[\w-]+\.[\w-]*\n$/)
    return out.trim()
  }
  const claimsOf = async (...args: readonly string[]): Promise<Json> => decodeJwt(await made(...args))
  const status = async (token: string, path = '/v1.0/me') => (await ask(server, `GET ${path}`, { token })).status

  it('prints a token and nothing else, which the running server accepts', async () => {
    const me = await ask(server, 'GET /v1.0/me', { token: await made(...kim) })
    assert.deepEqual([me.status, me.json.id], [200, personId('kim')])
  })

  it('finds the user by principal name in any case, or by id, in whatever tenant', async () => {
    for (const [name, user, tenant] of [
      ['KIM@Contoso.com', 'kim', 'contoso'],
      [personId('lee'), 'lee', 'contoso'],
      ['jo@fabrikam.com', 'jo', 'fabrikam'],
      ['sam@outlook.example', 'sam', 'personal'],
    ] as const) {
      const claims = await claimsOf('--user', name, '--scope', 'User.Read')
      assert.deepEqual([claims.oid, claims.tid, claims.idtyp], [personId(user), tenants[tenant], 'user'])
    }
  })

  it('finds the user in the tenant that --tenant says, and there only', async () => {
    const claims = await claimsOf(...kim, '--tenant', tenants.contoso.toUpperCase())
    assert.deepEqual([claims.oid, claims.tid], [personId('kim'), tenants.contoso])
    const { code, out, err } = await say(...kim, '--tenant', tenants.fabrikam)
    assert.deepEqual(
      { code, out, err },
      { code: 65, out: '', err: `selfgraph: there is no user kim@contoso.com in tenant ${tenants.fabrikam}\n` },
    )
  })

  it('says that there is no such user', async () => {
    const { code, out, err } = await say('--user', 'nobody@contoso.com', '--scope', 'User.Read')
    assert.deepEqual({ code, out, err }, { code: 65, out: '', err: 'selfgraph: there is no user nobody@contoso.com\n' })
  })

  it('carries the scopes as they are given', async () => {
    const claims = await claimsOf('--user', 'kim@contoso.com', '--scope', 'User.ReadWrite UserAuthenticationMethod.ReadWrite')
    assert.deepEqual([claims.scp, claims.roles], ['User.ReadWrite UserAuthenticationMethod.ReadWrite', undefined])
  })

  it('is made with a scope that no operation asks for as well, with a warning beside it', async () => {
    const { code, out, err } = await command(
      ['token', '--user', 'kim@contoso.com', '--scope', 'openid Files.Read User.Raed'],
      server.folder,
    )
    assert.equal(code, 0)
    assert.equal(err, 'selfgraph: no operation here asks for Files.Read, User.Raed; docs/permissions.md lists the permissions\n')
    assert.equal(await status(out.trim()), 403)
  })

  it('makes a token of an application with --app-only, which is no user', async () => {
    const claims = await claimsOf('--app-only', '--scope', 'User.Read.All Group.Read.All', '--tenant', tenants.contoso)
    assert.deepEqual(
      [claims.roles, claims.scp, claims.oid, claims.idtyp, claims.tid],
      [['User.Read.All', 'Group.Read.All'], undefined, undefined, 'app', tenants.contoso],
    )
    const token = await made('--app-only', '--scope', 'User.Read.All', '--tenant', tenants.contoso)
    assert.deepEqual([await status(token, '/v1.0/users'), await status(token)], [200, 400])
  })

  it('names the application with --app and --app-id, and puts a name where none is given', async () => {
    const named = await claimsOf(...kim, '--app', 'My app', '--app-id', 'app-7')
    assert.deepEqual([named.app_displayname, named.appid], ['My app', 'app-7'])
    const unnamed = await claimsOf(...kim)
    assert.equal(unnamed.app_displayname, 'selfgraph token')
    assert.match(unnamed.appid, /^[\da-f-]{36}$/)
  })

  it('carries administrator roles by name in any case or by id, as many as are given, and refuses a name that is none', async () => {
    const other = '11111111-2222-4333-8444-555555555555'
    assert.deepEqual((await claimsOf(...kim, '--role', 'global reader', '--role', other.toUpperCase())).wids, [
      roleTemplates['Global Reader'],
      other,
    ])
    for (const [name, id] of Object.entries(roleTemplates)) assert.deepEqual((await claimsOf(...kim, '--role', name)).wids, [id])
    assert.equal((await claimsOf(...kim)).wids, undefined)
    const { code, err } = await say(...kim, '--role', 'Duke')
    assert.equal(code, 64)
    assert.match(err, /^selfgraph: there is no role "Duke"; there are Authentication Administrator, [^\n]*or give a template id\n$/)
  })

  it('tells of MFA, and of how long ago it was, when asked to', async () => {
    const at = Math.floor(Date.now() / 1000)
    const without = await claimsOf(...kim)
    assert.deepEqual([without.amr, without.auth_time], [['pwd'], undefined])
    const now = await claimsOf(...kim, '--mfa')
    assert.deepEqual(now.amr, ['pwd', 'mfa'])
    assert.ok(Math.abs(now.auth_time - at) <= 5)
    const ago = await claimsOf(...kim, '--mfa-age', '900')
    assert.deepEqual(ago.amr, ['pwd', 'mfa'])
    assert.ok(Math.abs(ago.auth_time - (at - 900)) <= 5)
  })

  it('says that the client can step up with --step-up', async () => {
    assert.deepEqual([(await claimsOf(...kim, '--step-up')).xms_cc, (await claimsOf(...kim)).xms_cc], [['cp1'], undefined])
  })

  it('is for the first audience of the settings, or another', async () => {
    const other = { settings: { SELFGRAPH_AUDIENCES: 'api://mine, api://second' } }
    const { out } = await command(['token', ...kim], server.folder, other)
    assert.equal(decodeJwt(out).aud, 'api://mine')
    assert.equal((await claimsOf(...kim)).aud, 'https://graph.microsoft.com')
    assert.equal((await claimsOf(...kim, '--audience', 'api://third')).aud, 'api://third')
  })

  it('lives for an hour, or as long as it is told', async () => {
    for (const [args, seconds] of [
      [[], 3600],
      [['--expires-in', '60'], 60],
    ] as const) {
      const { exp, iat } = await claimsOf(...kim, ...args)
      assert.equal(exp - iat, seconds)
    }
  })

  it('refuses what is no number of seconds', async () => {
    for (const option of ['--expires-in', '--mfa-age'])
      for (const value of ['soon', '1.5', '-1', '1e3', ''])
        assert.deepEqual(await say(...kim, `${option}=${value}`), {
          code: 64,
          out: '',
          err: `selfgraph: ${option} takes a number of seconds\n`,
        })
  })

  it('asks for what it needs, and refuses what excludes each other', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[], 'say who signs in with --user NAME, or --app-only for an application'],
      [['--user', 'kim@contoso.com'], 'say what the token allows with --scope "User.Read …"'],
      [['--app-only', '--scope', 'User.Read.All'], 'say the tenant of the application with --tenant ID'],
      [['--app-only', ...kim], '--user and --app-only exclude each other'],
    ]
    for (const [args, reason] of cases) assert.deepEqual(await say(...args), { code: 64, out: '', err: `selfgraph: ${reason}\n` })
  })

  for (const hostile of ['--expired', '--not-yet-valid', '--wrong-audience', '--wrong-issuer', '--wrong-key', '--unsigned'])
    it(`makes a token that must be refused with ${hostile}, and the server refuses it`, async () => {
      assert.equal(await status(await made(...kim)), 200)
      assert.equal(await status(await made(...kim, hostile)), 401)
    })

  it('leaves an unsigned token without a signature, and others with one', async () => {
    const [unsigned, signed] = [await made(...kim, '--unsigned'), await made(...kim)]
    assert.deepEqual([decodeProtectedHeader(unsigned).alg, unsigned.split('.')[2]], ['none', ''])
    assert.deepEqual([decodeProtectedHeader(signed).alg, signed.split('.')[2]?.length], ['RS256', 342])
  })

  it('never makes the same token twice', async () => {
    assert.notEqual(await made(...kim), await made(...kim))
  })

  it('speaks of whoever the data says: a user that was imported, and none before', async () => {
    const folder = await freshFolder()
    const tenant = { kind: 'tenant', id: tenants.litware, ...domainsOf('litware.com') }
    await command(['import', await linesFile(folder, [tenant])], folder)
    const args = ['token', '--user', 'ari@litware.com', '--scope', 'User.Read']
    assert.equal((await command(args, folder)).code, 65)
    const ari = {
      kind: 'user',
      tenantId: tenants.litware,
      id: personId('ari'),
      userPrincipalName: 'ari@litware.com',
      displayName: 'Ari Katz',
    }
    await command(['import', await linesFile(folder, [ari])], folder)
    const claims: Json = decodeJwt((await command(args, folder)).out)
    assert.deepEqual([claims.oid, claims.upn, claims.name], [personId('ari'), 'ari@litware.com', 'Ari Katz'])
  })

  it('works as a process of its own beside a server that is one too', async () => {
    const running = await serveProcess()
    const { code, stdout, stderr } = await run(['token', ...kim], { settings: { SELFGRAPH_DATA: running.folder } })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    assert.equal((await ask(running, 'GET /v1.0/me', { token: stdout.trim() })).status, 200)
  })

  it('makes tokens that a server without the demo does not trust, whatever it trusted before', async () => {
    const folder = await freshFolder()
    for (const [demo, expected] of [
      ['1', 200],
      ['0', 401],
      ['1', 200],
    ] as const) {
      const running = await startServer({ folder, settings: { SELFGRAPH_DEMO: demo } })
      const { out } = await command(['token', ...kim], folder)
      assert.equal((await ask(running, 'GET /v1.0/me', { token: out.trim() })).status, expected)
      await running.stop()
    }
  })
})
