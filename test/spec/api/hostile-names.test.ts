/**
 * Names that every JavaScript object inherits, where a client may give a name: each is answered as a name that nobody has heard of,
 * and never as something that is there.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GraphError } from '../../../src/errors.ts'
import { parseJson } from '../../../src/odata/json/text.ts'
import { readRecord } from '../../../src/transfer/records.ts'
import { type Asking, ask, type Json } from '../../support/ask.ts'
import { makeUser } from '../../support/changeable.ts'
import { makeGroup, securityGroup } from '../../support/groups.ts'
import { newcomer } from '../../support/newcomers.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const unheardOf = 'nothingOfThisName'
const inherited = Object.getOwnPropertyNames(Object.prototype)

const server = await startServer()
const everything = await token(server, 'globaladmin', {
  scope: [
    'User.ReadWrite.All Directory.ReadWrite.All Group.ReadWrite.All RoleManagement.ReadWrite.Directory',
    'UserAuthenticationMethod.ReadWrite.All Policy.ReadWrite.AuthenticationMethod',
  ].join(' '),
  wids: ['Authentication Policy Administrator', 'Privileged Authentication Administrator'],
  mfa: true,
})
const { id: user } = await makeUser(server)
const { id: group } = await makeGroup(server, 'Named')
const emails = '/beta/me/profile/emails'
const policy = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
const policyType = { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration' }
const roles = '/v1.0/roleManagement/directory/roleAssignments'

type Request = readonly [request: string, asking?: Asking]

/** JSON in which `$` stands for the name, which an object would not hold for `__proto__`. */
const json = (body: unknown, name: string) => JSON.stringify(body).replaceAll('$name', name)
const inBody = (request: string, body: unknown) => (name: string) => [request, { body: json(body, name) }] as const
const inUrl = (path: string) => (name: string) => [`GET ${path.replaceAll('$name', name)}`] as const
const inBatch = (part: unknown) => inBody('POST /v1.0/$batch', { requests: [part] })
const part = { id: '1', method: 'GET', url: '/me' }

const places: Readonly<Record<string, (name: string) => Request>> = {
  'a member of a new user': inBody('POST /v1.0/users', newcomer('named', { $name: 'x' })),
  'a member of a user': inBody(`PATCH /v1.0/users/${user}`, { $name: 'x' }),
  'a member of a user, as an object': inBody(`PATCH /v1.0/users/${user}`, { $name: { length: 5 } }),
  'a member of a part of a user': inBody(`PATCH /v1.0/users/${user}`, { passwordProfile: { $name: 'x' } }),
  'a member of an item of a user': inBody(`PATCH /v1.0/users/${user}`, { identities: [{ issuer: 'x', $name: 'x' }] }),
  'a member of an email': inBody(`POST ${emails}`, { address: 'x@contoso.com', $name: 'x' }),
  'a member of a part of an email': inBody(`POST ${emails}`, { address: 'x@contoso.com', inference: { $name: 1 } }),
  'a value of an enumeration': inBody(`POST ${emails}`, { address: 'x@contoso.com', type: '$name' }),
  'a value of flags': inBody(`POST ${emails}`, { address: 'x@contoso.com', allowedAudiences: 'me,$name' }),
  'the type of an email': inBody(`POST ${emails}`, { address: 'x@contoso.com', '@odata.type': '#microsoft.graph.$name' }),
  'an annotation of an email': inBody(`POST ${emails}`, { address: 'x@contoso.com', '$name@odata.bind': 'x' }),
  'a member of a method': inBody(`PATCH /v1.0/users/${user}/authentication/emailMethods/x`, { emailAddress: 'x@y.zz', $name: 'x' }),
  'a member of a group': inBody('POST /v1.0/groups', securityGroup('x', { $name: 'x' })),
  'a type of a group': inBody('POST /v1.0/groups', securityGroup('x', { groupTypes: ['$name'] })),
  'a relation of a group': inBody('POST /v1.0/groups', securityGroup('x', { '$name@odata.bind': [] })),
  'a member of a reference': inBody(`POST /v1.0/groups/${group}/members/$ref`, { $name: 'x' }),
  'a collection of a reference': inBody(`POST /v1.0/groups/${group}/members/$ref`, { '@odata.id': `https://x/v1.0/$name/${user}` }),
  'a member of a policy': inBody(`PATCH ${policy}`, { ...policyType, $name: 'x' }),
  'a kind of target': inBody(`PATCH ${policy}`, { ...policyType, excludeTargets: [{ id: 'x', targetType: '$name' }] }),
  'a role': inBody(`POST ${roles}`, { principalId: user, roleDefinitionId: '$name', directoryScopeId: '/' }),
  'a user to hold a role': inBody(`POST ${roles}`, { principalId: '$name', roleDefinitionId: personId('kim'), directoryScopeId: '/' }),
  'an id of a request in a batch': inBatch({ ...part, id: '$name', url: '/nothing' }),
  'a method in a batch': inBatch({ ...part, method: '$name' }),
  'a member of a request in a batch': inBatch({ ...part, $name: 'x' }),
  'a header in a batch': inBatch({ ...part, headers: { $name: 'x' } }),
  'what a request in a batch depends on': inBatch({ ...part, dependsOn: ['$name'] }),
  'a member of a batch': inBody('POST /v1.0/$batch', { requests: [part], $name: 'x' }),
  'a segment': inUrl('/v1.0/$name'),
  'a segment below users': inUrl(`/v1.0/users/${user}/$name`),
  'a segment below a profile': inUrl('/beta/me/profile/$name'),
  'a user': inUrl('/v1.0/users/$name'),
  'a user elsewhere': inUrl('/beta/users/$name/profile/emails'),
  'a group': inUrl('/v1.0/groups/$name'),
  'an email': inUrl(`${emails}/$name`),
  'a configuration': inUrl(policy.replace(/email$/, '$name')),
  'an assignment': inUrl(`${roles}/$name`),
  'a version': inUrl('/$name/me'),
  'an option': inUrl('/v1.0/me?$$name=x'),
  'an option without a dollar sign': inUrl('/v1.0/me?$name=x'),
  'a selected member': inUrl(`/v1.0/users/${user}?$select=$name`),
  'a selected member of an email': inUrl(`${emails}?$select=$name`),
  'a selected path': inUrl(`${emails}?$select=inference/$name`),
  'an expanded member': inUrl('/v1.0/users?$expand=$name'),
  'an option of an expanded member': inUrl('/beta/users?$expand=profile($$name=x)'),
  'a filtered member': inUrl("/v1.0/users?$count=true&$filter=$name eq 'x'"),
  'a filtered path': inUrl(`${emails}?$filter=inference/$name eq 1`),
  'a function': inUrl("/v1.0/users?$count=true&$filter=$name(displayName) eq 'x'"),
  'an operator': inUrl("/v1.0/users?$count=true&$filter=displayName $name 'x'"),
  'a parameter': inUrl('/v1.0/users?$count=true&$filter=displayName eq @$name'),
  'a variable': inUrl("/v1.0/users?$count=true&$filter=identities/any($name:$name/issuer eq 'x')"),
  'a value of an enumeration in a filter': inUrl(`${emails}?$filter=type eq '$name'`),
  'a type in a filter': inUrl(`${emails}?$filter=type eq microsoft.graph.$name'work'`),
  'a sorted member': inUrl('/v1.0/users?$count=true&$orderby=$name'),
  'a direction': inUrl('/v1.0/users?$count=true&$orderby=displayName $name'),
  'a searched member': inUrl('/v1.0/users?$search="$name:x"'),
  'a format': inUrl('/v1.0/me?$format=$name'),
  'a parameter of a format': inUrl('/v1.0/me?$format=application/json;$name=x'),
  metadata: inUrl('/v1.0/me?$format=application/json;odata.metadata=$name'),
  'a preference': (name) => ['GET /v1.0/me', { headers: { Prefer: `${name}=x` } }],
  'what is preferred': (name) => ['GET /v1.0/me', { headers: { Prefer: `return=${name}` } }],
  'an accepted type': (name) => ['GET /v1.0/me', { headers: { Accept: `application/${name}` } }],
  'a type of content': (name) => [`POST ${emails}`, { body: '{}', headers: { 'Content-Type': `application/${name}` } }],
  'a coding of content': (name) => [`POST ${emails}`, { body: '{}', headers: { 'Content-Encoding': name } }],
  'a consistency': (name) => ['GET /v1.0/users/$count', { headers: { ConsistencyLevel: name } }],
}

/** What came of a request, with a mark in the place of the name. For a batch, of its parts. */
async function outcome([request, asking]: Request, name: string): Promise<string> {
  const headers = { ConsistencyLevel: 'eventual', ...asking?.headers }
  const { status, json: answer } = await ask(server, request, { token: everything, ...asking, headers })
  const parts = (answer.responses ?? []).map((each: Json) => [each.id, each.status, each.body?.error?.code, each.body?.error?.target])
  const said = JSON.stringify([status, answer.error?.code, answer.error?.target, answer.error?.message, parts])
  return said
    .replaceAll(encodeURIComponent(name), '…')
    .replaceAll(new RegExp(name, 'gi'), '…')
    .replaceAll(/\d+: |, found '.*?'\./g, '')
}

describe('A name that every object inherits', () => {
  for (const [place, requestWith] of Object.entries(places))
    it(`is nothing as ${place}`, async () => {
      const expected = await outcome(requestWith(unheardOf), unheardOf)
      assert.ok(!expected.includes('500'), expected)
      for (const name of inherited) {
        const found = await outcome(requestWith(name), name)
        // Names with underscores at their beginning may be no names at all in OData.
        if (name.startsWith('_')) assert.ok(found === expected || /^\[4\d\d,/.test(found), `${name}: ${found}`)
        else assert.equal(found, expected, name)
      }
    })

  it('is nothing as a kind of record, or a member of one', async () => {
    const read = (line: string) => {
      try {
        readRecord(parseJson(Buffer.from(line)))
        return 'read'
      } catch (error) {
        assert.ok(error instanceof GraphError, String(error))
        return error.status
      }
    }
    const base = { tenantId: tenants.contoso, id: 'x', userPrincipalName: 'x@contoso.com' }
    for (const name of inherited) {
      assert.equal(read(json({ kind: '$name', ...base }, name)), read(json({ kind: '$name', ...base }, unheardOf)), name)
      assert.equal(read(json({ kind: 'email', tenantId: 'x', userId: 'x', $name: 'x' }, name)), 400, name)
      assert.equal(read(json({ kind: 'role', tenantId: 'x', userId: 'x', role: '$name' }, name)), 400, name)
    }
  })

  it('harms nobody as a member that was imported', async () => {
    const line = { kind: 'user', tenantId: tenants.contoso, id: 'imported', userPrincipalName: 'imported@contoso.com' }
    const names = inherited.filter((name) => name !== '__proto__')
    await putRecords(server, [{ ...line, ...Object.fromEntries(names.map((name) => [name, 'x'])) }])
    for (const query of ['', '?$format=application/json;odata.metadata=full', '?$select=id,displayName'])
      for (const path of ['/v1.0/users/imported', '/v1.0/users'])
        assert.equal((await ask(server, `GET ${path}${query}`, { token: everything })).status, 200)
  })
})
