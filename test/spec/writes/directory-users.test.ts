/** People who are created and changed over Graph: in what form, and what the answer is. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask } from '../../support/ask.ts'
import { assertNamesRole, createUser, newcomer, password, tokenFor, userWriter } from '../../support/newcomers.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { untagged } from '../../support/untagged.ts'

describe('Creating a user', async () => {
  const server = await startServer()
  const admin = await userWriter(server)

  for (const version of ['v1.0', 'beta'])
    it(`answers 201 with the user and where it is, in ${version}, and the user is there at once`, async () => {
      const name = `adele-${version.replace('.', '')}`
      const { status, json, headers } = await ask(server, `POST /${version}/users`, {
        token: admin,
        body: newcomer(name, {
          jobTitle: 'Retail Manager',
          id: 'made-up',
          createdDateTime: '1999-01-01T00:00:00Z',
          mail: `${name}@contoso.com`,
        }),
      })
      assert.equal(status, 201)
      const { '@odata.context': context, id, ...members } = json
      assert.equal(context, `${server.http}/${version}/$metadata#users/$entity`)
      assert.match(id, /^[0-9a-f]{8}-/)
      const expected = {
        businessPhones: [],
        displayName: `Adele ${name}`,
        givenName: null,
        jobTitle: 'Retail Manager',
        mail: `${name}@contoso.com`,
        mobilePhone: null,
        officeLocation: null,
        preferredLanguage: null,
        surname: null,
        userPrincipalName: `${name}@contoso.com`,
      }
      // In beta every declared member is answered, which test/spec/api/users.test.ts is about.
      const shown = Object.fromEntries(Object.keys(expected).map((member) => [member, members[member]]))
      assert.deepEqual(version === 'beta' ? shown : untagged(members), expected)
      assert.equal(headers.get('location'), `${server.http}/${version}/users('${id}')`)
      const found = await ask(
        server,
        `GET /v1.0/users/${name}@contoso.com?$select=id,accountEnabled,userType,createdDateTime,proxyAddresses,otherMails`,
        { token: admin },
      )
      const { '@odata.context': _, createdDateTime, ...more } = found.json
      assert.deepEqual(untagged(more), {
        id,
        accountEnabled: true,
        userType: 'Member',
        proxyAddresses: [`SMTP:${name}@contoso.com`],
        otherMails: [],
      })
      assert.ok(Math.abs(Date.parse(createdDateTime) - server.now()) < 60_000)
      assert.equal((await ask(server, 'GET /v1.0/me', { token: await tokenFor(server, json, 'User.Read') })).status, 200)
    })

  it('asks for accountEnabled, displayName, mailNickname, userPrincipalName and a password', async () => {
    for (const name of ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile']) {
      const refused = await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('nobody', { [name]: undefined }) })
      assertRefused(refused, 400, 'Request_BadRequest', name)
      const emptied = await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('nobody', { [name]: null }) })
      assertRefused(emptied, 400, 'Request_BadRequest', name)
    }
    const without = newcomer('nobody', { passwordProfile: { forceChangePasswordNextSignIn: true } })
    assertRefused(
      await ask(server, 'POST /v1.0/users', { token: admin, body: without }),
      400,
      'Request_BadRequest',
      'passwordProfile/password',
    )
  })

  it('refuses names, nicknames, passwords and members that Graph refuses, and says which', async () => {
    const refusals: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
      [{ userPrincipalName: 'no address' }, 'userPrincipalName'],
      [{ userPrincipalName: 'zoë@contoso.com' }, 'userPrincipalName'],
      [{ userPrincipalName: 'adele@contoso' }, 'userPrincipalName'],
      [{ mailNickname: 'adele vance' }, 'mailNickname'],
      [{ mailNickname: 'adele,.jr.' }, 'mailNickname'],
      [{ passwordProfile: { password: 'Sh0rt!' } }, 'passwordProfile/password'],
      [{ passwordProfile: { password: 'allinlowercase' } }, 'passwordProfile/password'],
      [{ passwordProfile: { password: `aA1!${'x'.repeat(300)}` } }, 'passwordProfile/password'],
      [{ passwordProfile: { password: 12345678 } }, 'passwordProfile/password'],
      [{ passwordProfile: { secret: password } }, 'passwordProfile/secret'],
      [{ favouriteColour: 'blue' }, 'favouriteColour'],
      [{ tenantId: tenants.fabrikam }, 'tenantId'],
      [{ kind: 'role' }, 'kind'],
      [{ usageLocation: 'Finland' }, 'usageLocation'],
    ]
    for (const [members, target] of refusals) {
      const refused = await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('nobody', members) })
      assertRefused(refused, 400, 'Request_BadRequest', target)
    }
    const bound = newcomer('nobody', { 'manager@odata.bind': 'https://graph.microsoft.com/v1.0/users/x' })
    assertRefused(await ask(server, 'POST /v1.0/users', { token: admin, body: bound }), 501, 'NotImplemented', 'manager@odata.bind')
    assertRefused(await ask(server, 'GET /v1.0/users/nobody@contoso.com', { token: admin }), 404, 'Request_ResourceNotFound')
  })

  it('lets a weak password pass for those whose policies say so, and an extension of the organization', async () => {
    const weak = { passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword', passwordProfile: { password: 'allinlowercase' } }
    await createUser(server, 'weak', { ...weak, extension_0123456789abcdef0123456789abcdef_shoeSize: '42' })
  })

  it('keeps no password: not in the database, not in an answer, not in the log', async () => {
    const { id } = await createUser(server, 'silent')
    const { text } = await ask(server, `GET /v1.0/users/${id}?$select=id,passwordProfile`, { token: admin })
    assert.equal(JSON.parse(text).passwordProfile, null)
    const [row] = await server.app.database.read<{ record: string }>(sql`SELECT record FROM users WHERE id = ${id}`)
    assert.ok(row !== undefined && !/password/i.test(row.record))
    assert.ok(!server.log.join('\n').includes(password))
  })

  it('refuses a principal name that the tenant has, in any case, as Graph does', async () => {
    const taken = await ask(server, 'POST /v1.0/users', { token: admin, body: newcomer('kim', { userPrincipalName: 'KIM@Contoso.com' }) })
    assertRefused(taken, 400, 'Request_BadRequest', 'userPrincipalName')
    const message = 'Another object with the same value for property userPrincipalName already exists.'
    assert.equal(taken.json.error.message, message)
    assert.deepEqual(taken.json.error.details, [{ code: 'ObjectConflict', message, target: 'userPrincipalName' }])
  })

  it('has one winner where two create the same name at once', async () => {
    for (let round = 0; round < 10; round++) {
      const body = [newcomer(`twin${round}`), newcomer(`twin${round}`, { userPrincipalName: `TWIN${round}@contoso.com` })]
      const answers = await Promise.all([...body, ...body].map((each) => ask(server, 'POST /v1.0/users', { token: admin, body: each })))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400, 400, 400])
      for (const answer of answers) if (answer.status === 400) assertRefused(answer, 400, 'Request_BadRequest', 'userPrincipalName')
    }
  })

  it('is for a User Administrator, a Global Administrator and applications', async () => {
    const scope = 'User.ReadWrite.All'
    const by = async (user: Parameters<typeof token>[1]) =>
      ask(server, 'POST /v1.0/users', { token: await token(server, user, { scope }), body: newcomer(`by-${user}`) })
    assert.equal((await by('useradmin')).status, 201)
    assert.equal((await by('globaladmin')).status, 201)
    for (const user of ['kim', 'privadmin', 'authadmin', 'helpdesk', 'reader'] as const)
      assertNamesRole(await by(user), 'User Administrator', 'Global Administrator')
    const application = await token(server, 'kim', { roles: [scope] })
    assert.equal((await ask(server, 'POST /v1.0/users', { token: application, body: newcomer('by-app') })).status, 201)
    const sam = await token(server, 'sam', { scope })
    assertRefused(await ask(server, 'POST /v1.0/users', { token: sam, body: newcomer('by-sam') }), 403, 'Authorization_RequestDenied')
  })
})

describe('Changing a user', async () => {
  const server = await startServer()
  const admin = await userWriter(server)

  it('answers 204, changes what the body names and leaves the rest', async () => {
    const { id } = await createUser(server, 'ada', { jobTitle: 'Clerk', otherMails: ['ada@example.org'] })
    const answer = await ask(server, `PATCH /v1.0/users/${id}`, {
      token: admin,
      body: { jobTitle: 'Engineer', surname: 'Vance', department: 'R&D' },
    })
    assert.deepEqual([answer.status, answer.text], [204, ''])
    const { json } = await ask(server, `GET /v1.0/users/${id}?$select=jobTitle,surname,department,displayName,otherMails`, { token: admin })
    const { '@odata.context': _, ...members } = json
    assert.deepEqual(untagged(members), {
      jobTitle: 'Engineer',
      surname: 'Vance',
      department: 'R&D',
      displayName: 'Adele ada',
      otherMails: ['ada@example.org'],
    })
    const shown = await ask(server, `PATCH /beta/users/${id}`, {
      token: admin,
      body: { jobTitle: null },
      headers: { Prefer: 'return=representation' },
    })
    assert.deepEqual([shown.status, shown.json.id, shown.json.jobTitle], [200, id, null])
  })

  it('makes a new mail address the main one of the proxy addresses', async () => {
    const { id } = await createUser(server, 'mel', { mail: 'mel@contoso.com' })
    await ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { mail: 'melanie@contoso.com' } })
    const { json } = await ask(server, `GET /v1.0/users/${id}?$select=proxyAddresses`, { token: admin })
    assert.deepEqual(json.proxyAddresses, ['SMTP:melanie@contoso.com', 'smtp:mel@contoso.com'])
  })

  it('takes a new principal name, in another case too, and refuses one that is taken', async () => {
    const { id } = await createUser(server, 'rene')
    const rename = (userPrincipalName: string) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { userPrincipalName } })
    assert.equal((await rename('Renee@contoso.com')).status, 204)
    assert.equal((await rename('RENEE@contoso.com')).status, 204)
    assert.equal((await ask(server, 'GET /v1.0/users/renee@contoso.com', { token: admin })).json.userPrincipalName, 'RENEE@contoso.com')
    assertRefused(await ask(server, 'GET /v1.0/users/rene@contoso.com', { token: admin }), 404, 'Request_ResourceNotFound')
    assertRefused(await rename('Lee@Contoso.com'), 400, 'Request_BadRequest', 'userPrincipalName')
  })

  it('has one winner where two take the same new name at once', async () => {
    const people = await Promise.all([createUser(server, 'left'), createUser(server, 'right')])
    for (let round = 0; round < 10; round++) {
      const userPrincipalName = `goal${round}@contoso.com`
      const answers = await Promise.all(
        people.map(({ id }) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { userPrincipalName } })),
      )
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400])
    }
  })

  it('loses nothing where many change different members at once', async () => {
    const { id } = await createUser(server, 'many')
    const members = ['city', 'country', 'department', 'givenName', 'jobTitle', 'officeLocation', 'postalCode', 'state', 'surname']
    await Promise.all(members.map((name) => ask(server, `PATCH /v1.0/users/${id}`, { token: admin, body: { [name]: `new ${name}` } })))
    const { json } = await ask(server, `GET /v1.0/users/${id}?$select=${members.join(',')}`, { token: admin })
    for (const name of members) assert.equal(json[name], `new ${name}`)
  })

  it('refuses to clear what a person cannot be without, and members that are none', async () => {
    for (const name of ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName'])
      assertRefused(
        await ask(server, 'PATCH /v1.0/users/lee@contoso.com', { token: admin, body: { [name]: null } }),
        400,
        'Request_BadRequest',
        name,
      )
    const unknown = await ask(server, 'PATCH /v1.0/users/lee@contoso.com', { token: admin, body: { shoeSize: 42 } })
    assertRefused(unknown, 400, 'Request_BadRequest', 'shoeSize')
  })

  it('stops the token of somebody who is disabled at the next request, until they are enabled again', async () => {
    const person = await createUser(server, 'dana')
    const own = await tokenFor(server, person, 'User.Read')
    const application = await token(server, 'kim', { roles: ['User.EnableDisableAccount.All'] })
    const set = (accountEnabled: boolean) => ask(server, `PATCH /v1.0/users/${person.id}`, { token: application, body: { accountEnabled } })
    assert.equal((await ask(server, 'GET /v1.0/me', { token: own })).status, 200)
    assert.equal((await set(false)).status, 204)
    assertRefused(await ask(server, 'GET /v1.0/me', { token: own }), 401, 'InvalidAuthenticationToken')
    assert.equal((await set(true)).status, 204)
    assert.equal((await ask(server, 'GET /v1.0/me', { token: own })).status, 200)
  })
})
