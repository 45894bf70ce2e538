import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask, type Json } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const policy = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Policy.Read.All'

const itemEmailMembers = [
  'id',
  'allowedAudiences',
  'inference',
  'createdDateTime',
  'createdBy',
  'lastModifiedDateTime',
  'lastModifiedBy',
  'source',
  'address',
  'displayName',
  'type',
]

const server = await startServer()
const kim = await token(server, 'kim', { scope, mfa: true, wids: ['Global Reader'] })
const { json: email } = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: 'kim@contoso.com' } })
await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: 'kim@contoso.com' } })
const get = (path: string) => ask(server, `GET ${path.replace('{email}', email.id)}`, { token: kim })
const membersOf = (item: Json) => Object.keys(item).filter((name) => !name.includes('@'))

const badRequestOf = (path: string) => (/^\/v1\.0\/(me|users|users\/[^/]*)$/.test(path) ? 'Request_BadRequest' : 'badRequest')

/** Everything that can be read, with its members and those of them that are not answered by default. */
const readable = {
  '/v1.0/me': ['id', 'otherMails'],
  '/v1.0/users': ['displayName', 'accountEnabled'],
  '/v1.0/users/lee@contoso.com': ['mail', 'createdDateTime'],
  '/beta/me/profile': ['id'],
  '/beta/me/profile/emails': ['address', 'createdBy'],
  '/beta/me/profile/emails/{email}': ['type', 'id'],
  '/v1.0/me/authentication': ['id'],
  '/v1.0/me/authentication/emailMethods': ['emailAddress', 'createdDateTime'],
  [`/v1.0/me/authentication/emailMethods/${methodId}`]: ['createdDateTime', 'id'],
  '/v1.0/me/authentication/methods': ['id', 'createdDateTime'],
  [`/v1.0/me/authentication/methods/${methodId}`]: ['id'],
  [`/v1.0${policy}`]: ['state', 'id'],
}

describe('$select', () => {
  for (const [path, names] of Object.entries(readable)) {
    it(`of ${names} gives just these members of ${path}, in any case`, async () => {
      for (const select of [names.join(','), names.join(', ').toUpperCase(), [...names, ...names].join(',')]) {
        const { status, json, text } = await get(`${path}?$select=${select}`)
        assert.equal(status, 200, text)
        for (const item of json.value ?? [json]) assert.deepEqual(membersOf(item), names)
      }
    })

    it(`of what ${path} does not have is a 400 that names $select and the member`, async () => {
      for (const select of ['nothing', `${names[0]},nothing`, '__proto__', 'constructor']) {
        const answer = await get(`${path}?$select=${select}`)
        assertRefused(answer, 400, badRequestOf(path), '$select')
        assert.ok(answer.json.error.message.includes(select.split(',').at(-1) ?? ''), answer.json.error.message)
      }
    })
  }

  it('of * gives every declared member, those that are not answered by default included', async () => {
    const { json } = await get('/beta/me/profile/emails/{email}?$select=*')
    assert.deepEqual(membersOf(json).sort(), [...itemEmailMembers].sort())
    const { json: user } = await get('/v1.0/me?$select=*')
    for (const name of ['id', 'mail', 'otherMails', 'accountEnabled', 'userType']) assert.ok(name in user, name)
    const { json: method } = await get(`/v1.0/me/authentication/emailMethods/${methodId}?$select=*`)
    assert.deepEqual(membersOf(method).sort(), ['createdDateTime', 'emailAddress', 'id'])
  })

  it('left out gives the default members, in the order of the type', async () => {
    const { json } = await get('/beta/me/profile/emails/{email}')
    assert.deepEqual(membersOf(json), itemEmailMembers)
  })

  it('of nothing is a 400', async () => {
    for (const select of ['', ',', 'id,', ',id'])
      assertRefused(await get(`/beta/me/profile/emails?$select=${select}`), 400, 'badRequest', '$select')
  })

  it('may be percent-encoded', async () => {
    const { json } = await get('/beta/me/profile/emails/{email}?%24select=address%2Ctype')
    assert.deepEqual(membersOf(json), ['address', 'type'])
  })
})

describe('A query option', () => {
  const lists = ['/v1.0/users', '/beta/me/profile/emails', '/v1.0/me/authentication/emailMethods', '/v1.0/me/authentication/methods']

  for (const path of lists) {
    it(`may be written without $ and in any case: ${path}`, async () => {
      for (const query of ['top=1&skip=0&count=true&select=id', '$TOP=1&$Skip=0&$COUNT=TRUE&$SELECT=ID', 'Top=1&COUNT=True&sElEcT=Id']) {
        const { status, json, text } = await get(`${path}?${query}`)
        assert.equal(status, 200, text)
        assert.equal(json.value.length, 1)
        assert.equal(typeof json['@odata.count'], 'number')
        assert.deepEqual(membersOf(json.value[0]), ['id'])
      }
    })

    it(`that is given twice is a 400 that names it: ${path}`, async () => {
      for (const [query, target] of [
        ['$top=1&$top=1', '$top'],
        ['$select=id&select=id', '$select'],
        ['$count=true&$COUNT=true', '$count'],
      ])
        assertRefused(await get(`${path}?${query}`), 400, badRequestOf(path), target)
    })

    it(`that nobody knows is a 400 that names it: ${path}`, async () => {
      for (const name of ['$nothing', 'nothing', '$selec', 'api-version', '$$top', '__proto__'])
        assertRefused(await get(`${path}?${name}=1`), 400, badRequestOf(path), name)
    })

    it(`of OData that is not served is a 501 that names it: ${path}`, async () => {
      for (const [written, target] of [
        ['$apply=aggregate(x)', '$apply'],
        ['Apply=x', '$apply'],
        ['$compute=1 as x', '$compute'],
        ['$deltatoken=x', '$deltatoken'],
        ['$index=1', '$index'],
        ['$id=x', '$id'],
        ['$schemaversion=*', '$schemaversion'],
        ['$format=xml', '$format'],
      ])
        assertRefused(await get(`${path}?${written}`), 501, 'NotImplemented', target)
    })

    for (const [option, values] of Object.entries({
      $top: ['-1', '1.5', 'x', '', '1e2', '99999999999999999999', 'null'],
      $skip: ['-1', '1.5', 'x', '', '0x1', '99999999999999999999'],
      $count: ['yes', '1', '', 'null'],
    }))
      it(`${option} with a value that cannot be is a 400 that names it: ${path}`, async () => {
        for (const value of values) assertRefused(await get(`${path}?${option}=${value}`), 400, badRequestOf(path), option)
      })
  }

  it('that only lists have is a 400 for a single thing', async () => {
    for (const path of Object.keys(readable).filter((one) => !lists.includes(one)))
      for (const option of ['$top=1', '$skip=1', '$count=true', '$skiptoken=x', '$filter=true', '$orderby=id', '$search=x'])
        assertRefused(await get(`${path}?${option}`), 400, badRequestOf(path), option.split('=')[0])
  })

  it('$expand is a 400 where nothing of that name leads on', async () => {
    for (const path of ['/v1.0/me', '/v1.0/users', '/v1.0/users/lee@contoso.com', '/v1.0/me/authentication'])
      assertRefused(await get(`${path}?$expand=emails`), 400, badRequestOf(path), '$expand')
  })

  it('that filters, sorts, searches or expands a list for which that is not served is a 501 that names it', async () => {
    const admin = await token(server, 'reader', { scope: 'RoleManagement.Read.Directory Group.Read.All' })
    for (const path of ['/v1.0/groups', '/v1.0/roleManagement/directory/roleAssignments'])
      for (const option of ['$filter=true', 'orderby=id', '$search=x', '$expand=members']) {
        const answer = await ask(server, `GET ${path}?${option}`, { token: admin })
        assertRefused(answer, 501, 'NotImplemented', `$${option.split('=')[0]?.replace('$', '')}`)
      }
    assertRefused(await get('/v1.0/me/authentication/methods?$search=x'), 501, 'NotImplemented', '$search')
    for (const path of ['/beta/me/profile/emails', '/v1.0/me/authentication/emailMethods', '/v1.0/me/authentication/methods'])
      assertRefused(await get(`${path}?$expand=emails`), 501, 'NotImplemented', '$expand')
  })

  it('is a 400 on /$count', async () => {
    for (const path of ['/beta/me/profile/emails/$count', '/v1.0/me/authentication/emailMethods/$count'])
      for (const option of ['$top', '$select', '$count']) assertRefused(await get(`${path}?${option}=1`), 400, 'badRequest', option)
  })

  it('is a 501 on everything that writes, a 400 where nobody knows it, and nothing is written', async () => {
    const before = (await get('/beta/me/profile/emails/{email}')).text
    const writes = [
      ['POST /beta/me/profile/emails', { address: 'kim@contoso.com' }],
      ['POST /beta/me/profile/emails/$ref', { address: 'kim@contoso.com' }],
      [`PATCH /beta/me/profile/emails/${email.id}`, { displayName: 'Work' }],
      [`DELETE /beta/me/profile/emails/${email.id}`, undefined],
      ['DELETE /beta/me/profile', undefined],
      ['POST /v1.0/me/authentication/emailMethods', { emailAddress: 'kim@contoso.com' }],
      [`PATCH /v1.0/me/authentication/emailMethods/${methodId}`, { emailAddress: 'x@contoso.com' }],
      [`PUT /v1.0/me/authentication/emailMethods/${methodId}`, { emailAddress: 'x@contoso.com' }],
      [`DELETE /v1.0/me/authentication/emailMethods/${methodId}`, undefined],
    ] as const
    for (const [request, body] of writes)
      for (const option of ['$select=id', 'top=1', '$count=true', '$expand=emails', '$nothing=1']) {
        const answer = await ask(server, `${request}?${option}`, { token: kim, ...(body === undefined ? {} : { body }) })
        if (option === '$nothing=1') assertRefused(answer, 400, 'badRequest', '$nothing')
        else assertRefused(answer, 501, 'NotImplemented', `$${option.split('=')[0]?.replace('$', '')}`)
      }
    assert.equal((await get('/beta/me/profile/emails/{email}')).text, before)
    assert.equal((await get('/beta/me/profile/emails/$count')).text, '1')
    assert.equal((await get('/v1.0/me/authentication/emailMethods')).json.value[0].emailAddress, 'kim@contoso.com')
  })

  it('that is not valid UTF-8 is a 400; empty parts between & are passed over', async () => {
    assertRefused(await get('/v1.0/me?$select=%ff'), 400, 'Request_BadRequest')
    assertRefused(await get('/v1.0/me?%zz=1'), 400, 'Request_BadRequest')
    for (const query of ['', '&', '&&$select=id&']) assert.equal((await get(`/v1.0/me?${query}`)).status, 200)
  })
})
