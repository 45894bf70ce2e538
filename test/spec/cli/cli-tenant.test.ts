/** `selfgraph tenant`: whose a domain is, as one who operates the server says it; on both databases. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { bothDatabases } from '../../support/databases.ts'
import { newcomer, userWriter } from '../../support/newcomers.ts'
import { freshFolder } from '../../support/program.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const both = await bothDatabases()
const { contoso, fabrikam, personal } = tenants

for (const engine of ['embedded', 'postgres'] as const)
  describe(`selfgraph tenant (${engine})`, async () => {
    const place = await both[engine]()
    const tenant = (...args: readonly string[]) => command(['tenant', ...args], place.folder, place)

    it('adds a tenant with its domains, the first of them the default, and adds more to it', async () => {
      assert.deepEqual(
        await tenant('add', '--id', contoso.toUpperCase(), '--name', 'Contoso', '--domain', 'Contoso.com', '--domain', 'CONTOSO.com.'),
        {
          code: 0,
          out: `${contoso} has contoso.com (default)\n`,
          err: '',
        },
      )
      assert.equal(
        (await tenant('add', '--id', contoso, '--domain', 'bücher.example')).out,
        `${contoso} has contoso.com (default), xn--bcher-kva.example\n`,
      )
      assert.equal((await tenant('add', '--id', fabrikam)).out, `${fabrikam} has no domain\n`)
      assert.equal(
        (await tenant('add', '--id', contoso)).out,
        `${contoso} has contoso.com (default), xn--bcher-kva.example\n`,
        'the same again changes nothing',
      )
    })

    it('lists the tenants with their domains', async () => {
      const { code, out } = await tenant('list')
      assert.deepEqual([code, out], [0, `${contoso}  Contoso  contoso.com (default), xn--bcher-kva.example\n${fabrikam}  -  -\n`])
    })

    it('refuses a domain of another tenant, however it is spelled, and then changes nothing', async () => {
      for (const domain of ['CONTOSO.COM', 'contoso.com.', 'BÜCHER.example'])
        assert.deepEqual(await tenant('add', '--id', fabrikam, '--name', 'Fabrikam', '--domain', 'free.example', '--domain', domain), {
          code: 65,
          out: '',
          err: `selfgraph: the domain ${domain.startsWith('B') ? 'xn--bcher-kva.example' : 'contoso.com'} belongs to another tenant; selfgraph tenant list shows which\n`,
        })
      assert.match((await tenant('list')).out, new RegExp(`${fabrikam} {2}- {2}-\n`))
    })

    it('takes a domain away that no principal name is in, and gives another the place of the default', async () => {
      const users = [{ kind: 'user', tenantId: contoso, id: 'kim', userPrincipalName: 'Kim@XN--bcher-kva.example' }]
      assert.equal((await command(['import', await linesFile(place.folder, users)], place.folder, place)).code, 0)
      const inUse = await tenant('remove', '--id', contoso, '--domain', 'Bücher.example')
      assert.deepEqual(
        [inUse.code, inUse.err],
        [65, `selfgraph: xn--bcher-kva.example is in use by 1 principal name of tenant ${contoso}: change them first\n`],
      )
      assert.equal(
        (await tenant('remove', '--id', fabrikam, '--domain', 'contoso.com')).err,
        `selfgraph: the domain contoso.com does not belong to tenant ${fabrikam}\n`,
      )
      assert.deepEqual(await tenant('remove', '--id', contoso, '--domain', 'contoso.com'), {
        code: 0,
        out: `contoso.com: taken away from ${contoso}\n`,
        err: '',
      })
      assert.equal((await tenant('add', '--id', fabrikam, '--domain', 'contoso.com')).out, `${fabrikam} has contoso.com (default)\n`)
      assert.match((await tenant('list')).out, /Contoso {2}xn--bcher-kva\.example \(default\)/)
    })

    it('takes a tenant away that has no users, with its domains, and no other', async () => {
      assert.equal((await tenant('remove', '--id', contoso)).err, `selfgraph: tenant ${contoso} has users: remove them first\n`)
      assert.equal((await tenant('remove', '--id', tenants.litware)).err, `selfgraph: there is no tenant ${tenants.litware}\n`)
      assert.deepEqual(await tenant('remove', '--id', fabrikam), { code: 0, out: `${fabrikam} was removed\n`, err: '' })
      assert.equal((await tenant('add', '--id', contoso, '--domain', 'contoso.com')).code, 0)
    })

    it('says what is wrong with a command line, each with exit code 64', async () => {
      const wrong: readonly (readonly [readonly string[], RegExp])[] = [
        [[], /say what to do/],
        [['rename'], /say what to do/],
        [['add'], /--id ID/],
        [['add', contoso], /unexpected/],
        [['add', '--id', 'a/b'], /^selfgraph: id: An id holds no white space/],
        [['add', '--id', contoso, '--domain', 'contoso'], /"contoso" is no domain such as contoso\.com/],
        [['add', '--id', contoso, '--domain', 'a b.com'], /is no domain/],
        [['add', '--id', personal, '--domain', 'mail.example'], /personal accounts have no domain/],
        [['add', '--id', contoso, '--color', 'red'], /--help shows what there is/],
        [['remove', '--domain', 'contoso.com'], /--id ID/],
        [['remove', '--id', contoso, '--name', 'x'], /takes --id and --domain/],
        [['list', '--id', contoso], /takes no options/],
      ]
      for (const [args, says] of wrong) {
        const { code, out, err } = await tenant(...args)
        assert.deepEqual([code, out], [64, ''], `${args.join(' ')}: ${err}`)
        assert.match(err, says)
      }
      const { code, out } = await tenant('--help')
      assert.equal(code, 0)
      assert.match(out, /selfgraph tenant add --id ID/)
    })
  })

describe('selfgraph tenant beside a server', () => {
  it('works on PostgreSQL, and the server knows of it at once', async () => {
    const place = await both.postgres()
    const server = await startServer({ folder: place.folder, settings: place.settings })
    const admin = await userWriter(server)
    const create = (name: string) =>
      ask(server, 'POST /v1.0/users', { token: admin, body: newcomer(name, { userPrincipalName: `${name}@new.example` }) })
    const tenant = (...args: readonly string[]) => command(['tenant', ...args], place.folder, place)
    assert.equal((await create('before')).status, 400)
    assert.equal((await tenant('add', '--id', contoso, '--domain', 'new.example')).code, 0)
    assert.equal((await create('meanwhile')).status, 201)
    assert.equal((await tenant('remove', '--id', contoso, '--domain', 'new.example')).code, 65)
    assert.equal((await ask(server, 'DELETE /v1.0/users/meanwhile@new.example', { token: admin })).status, 204)
    assert.equal((await tenant('remove', '--id', contoso, '--domain', 'new.example')).code, 0)
    assert.equal((await create('after')).status, 400)
    await server.stop()
  })

  it('says on the embedded database who owns the folder, and lists all the same', async () => {
    const place = await both.embedded()
    const server = await startServer({ folder: place.folder })
    for (const args of [
      ['add', '--id', contoso, '--domain', 'new.example'],
      ['remove', '--id', contoso],
    ]) {
      const { code, err } = await command(['tenant', ...args], place.folder, place)
      assert.equal(code, 69)
      assert.match(err, /owned|another|in use/)
    }
    assert.match((await command(['tenant', 'list'], place.folder, place)).out, /Contoso {2}contoso\.com \(default\)/)
    await server.stop()
  })
})

describe('The domains of a tenant', () => {
  it('are exported, and imported again give the same export', async () => {
    const folder = await freshFolder()
    await command(['tenant', 'add', '--id', contoso, '--domain', 'a.example', '--domain', 'b.example'], folder)
    const verifiedDomains = [
      { name: 'a.example', isDefault: true, isInitial: false, type: 'Managed' },
      { name: 'b.example', isDefault: false, isInitial: false, type: 'Managed' },
    ]
    const records = await exported(folder)
    assert.deepEqual(records, [{ kind: 'tenant', id: contoso, displayName: null, federatedWith: [], verifiedDomains }])
    const moved = await freshFolder()
    await command(['import', await linesFile(moved, records)], moved)
    assert.deepEqual(await exported(moved), records)
  })

  it('are added to by an import and never taken away; another default takes the place of the one before', async () => {
    const folder = await freshFolder()
    const put = async (verifiedDomains: readonly object[] | undefined) =>
      command(
        [
          'import',
          await linesFile(folder, [{ kind: 'organization', id: contoso, ...(verifiedDomains === undefined ? {} : { verifiedDomains }) }]),
        ],
        folder,
      )
    await put([{ name: 'a.example', isInitial: true, type: 'Federated', capabilities: 'Email' }])
    await put(undefined)
    await put([])
    await put([{ name: 'b.example', isDefault: true }])
    const [record] = await exported(folder)
    assert.deepEqual(record?.verifiedDomains, [
      { name: 'a.example', isDefault: false, isInitial: true, type: 'Federated' },
      { name: 'b.example', isDefault: true, isInitial: false, type: 'Managed' },
    ])
  })
})
