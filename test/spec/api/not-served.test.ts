/** What OData or Microsoft Graph knows and this server does not serve: a 501 that names it, whatever the verb, and never a key. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { addTo, groupWriter, makeGroup } from '../../support/groups.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
const methodsPolicy = '/v1.0/policies/authenticationMethodsPolicy'
const assignments = '/v1.0/roleManagement/directory/roleAssignments'

/** Each path with the target of its refusal. */
const paths: Readonly<Record<string, string>> = {
  // Functions and actions are no keys.
  '/v1.0/users/delta': 'delta',
  '/v1.0/users/delta()': 'delta',
  '/v1.0/users/Delta?$deltatoken=x': 'Delta',
  '/v1.0/users/microsoft.graph.delta()': 'microsoft.graph.delta',
  '/v1.0/groups/delta': 'delta',
  '/v1.0/groups/getByIds': 'getByIds',
  '/v1.0/me/sendMail': 'sendMail',
  "/v1.0/me/reminderView(startDateTime='2026-01-01T00:00',endDateTime='2026-02-01T00:00')": 'reminderView',
  '/v1.0/me/microsoft.graph.getMemberGroups': 'microsoft.graph.getMemberGroups',
  '/v1.0/users/kim@contoso.com/checkMemberGroups': 'checkMemberGroups',
  '/v1.0/groups/x/assignLicense': 'assignLicense',
  [`/v1.0/me/authentication/methods/${methodId}/resetPassword`]: 'resetPassword',
  // Types in paths.
  '/v1.0/users/microsoft.graph.user': 'microsoft.graph.user',
  '/v1.0/users/graph.user/$count': 'graph.user',
  '/v1.0/users/kim@contoso.com/microsoft.graph.user': 'microsoft.graph.user',
  '/v1.0/groups/x/members/microsoft.graph.user': 'microsoft.graph.user',
  '/v1.0/groups/x/members/Microsoft.Graph.User/$count': 'Microsoft.Graph.User',
  '/beta/me/profile/emails/microsoft.graph.itemEmail': 'microsoft.graph.itemEmail',
  // Properties and their values.
  '/v1.0/me/displayName': 'displayName',
  '/v1.0/users/kim@contoso.com/displayName/$value': 'displayName',
  '/v1.0/users/kim@contoso.com/passwordProfile/password': 'passwordProfile',
  '/v1.0/me/signInActivity': 'signInActivity',
  '/v1.0/groups/x/description': 'description',
  '/beta/me/profile/emails/x/address': 'address',
  [`/v1.0/me/authentication/emailMethods/${methodId}/emailAddress/$value`]: 'emailAddress',
  [`${methodsPolicy}/authenticationMethodConfigurations/email/state`]: 'state',
  // Navigation.
  '/v1.0/me/manager': 'manager',
  '/v1.0/me/manager/$ref': 'manager',
  '/v1.0/me/memberOf/microsoft.graph.group/$count': 'memberOf',
  '/v1.0/me/messages/x/attachments/y': 'messages',
  "/v1.0/me/calendarView('x')": 'calendarView',
  '/v1.0/groups/x/transitiveMembers': 'transitiveMembers',
  '/beta/me/profile/skills': 'skills',
  '/v1.0/me/authentication/phoneMethods/x': 'phoneMethods',
  [`${assignments}/x/principal`]: 'principal',
  '/v1.0/policies': 'policies',
  '/v1.0/policies/authorizationPolicy': 'authorizationPolicy',
  [methodsPolicy]: 'authenticationMethodsPolicy',
  [`${methodsPolicy}/authenticationMethodConfigurations`]: 'authenticationMethodConfigurations',
  [`${methodsPolicy}/authenticationMethodConfigurations/fido2`]: 'fido2',
  '/v1.0/roleManagement/entitlementManagement': 'entitlementManagement',
  '/v1.0/roleManagement/directory/roleDefinitions': 'roleDefinitions',
  '/v1.0/organization': 'organization',
  '/v1.0/directoryObjects/x': 'directoryObjects',
  // References, values and counts.
  '/v1.0/users/$ref': '$ref',
  '/v1.0/users/kim@contoso.com/$ref': '$ref',
  '/v1.0/me/$ref': '$ref',
  '/v1.0/me/$value': '$value',
  '/v1.0/groups/x/$value': '$value',
  '/beta/me/profile/$ref': '$ref',
  '/beta/me/profile/emails/x/$value': '$value',
  '/v1.0/me/authentication/emailMethods/$ref': '$ref',
  [`${assignments}/$count`]: '$count',
  // OData's own segments.
  '/v1.0/users/$each': '$each',
  '/v1.0/users/$filter(@f)/$each?@f=true': '$filter',
  '/v1.0/users/$query': '$query',
  '/v1.0/me/$query': '$query',
  '/v1.0/$all': '$all',
  '/v1.0/$crossjoin(users,groups)': '$crossjoin',
  '/v1.0/$entity?$id=users/x': '$entity',
  '/v1.0/$root/users': '$root',
}

describe('What OData or Graph knows', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', {
    scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite Group.Read.All',
    mfa: true,
  })
  const writer = await groupWriter(server)

  for (const [path, target] of Object.entries(paths))
    it(`is a 501 that names it, for every verb: ${path}`, async () => {
      for (const verb of ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']) {
        const body = ['GET', 'DELETE'].includes(verb) ? {} : { body: {} }
        assertRefused(await ask(server, `${verb} ${path}`, { token: kim, ...body }), 501, 'NotImplemented', target)
      }
      assert.equal((await ask(server, `HEAD ${path}`, { token: kim })).status, 501)
    })

  for (const path of [
    '/v1.0/me/$count',
    '/v1.0/users/$count/$value',
    '/beta/me/profile/emails/$value',
    '/v1.0/me/$each',
    '/v1.0/users/$all',
  ])
    it(`is a 400 where OData has it not: ${path}`, async () => {
      assertRefused(await ask(server, `GET ${path}`, { token: kim }), 400, 'BadRequest')
    })

  it('does not take away names that only look alike: of people whose name begins so, of keys in quotes', async () => {
    for (const path of [
      '/v1.0/users/delta@contoso.com',
      "/v1.0/users('delta')",
      '/v1.0/users/microsoft.graph.user@contoso.com',
      '/v1.0/users/deltas',
    ])
      assertRefused(await ask(server, `GET ${path}`, { token: kim }), 404, 'Request_ResourceNotFound')
  })

  it('is asked for before permission is looked at, alike whoever is named, and after the token', async () => {
    const nobody = await token(server, 'lee', { scope: 'openid' })
    for (const user of ['kim@contoso.com', 'nobody@contoso.com'])
      assertRefused(await ask(server, `GET /v1.0/users/${user}/manager`, { token: nobody }), 501, 'NotImplemented', 'manager')
    assert.equal((await ask(server, 'GET /v1.0/users/delta')).status, 401)
  })

  it('is a 501 as a query option, on whatever OData lets have it', async () => {
    const { id } = await makeGroup(server, 'Options')
    await addTo(server, id, 'kim')
    for (const [request, target] of [
      [`GET /v1.0/groups/${id}?$expand=members`, '$expand'],
      [`GET /v1.0/groups/${id}/members?$expand=manager`, '$expand'],
      [`GET /v1.0/groups/${id}/members?$filter=true`, '$filter'],
      [`GET ${assignments}/x?$expand=principal`, '$expand'],
      [`GET ${methodsPolicy}/authenticationMethodConfigurations/email?$expand=includeTargets`, '$expand'],
      ['GET /v1.0/users?$expand=manager($levels=max)', '$expand'],
      ['GET /v1.0/me?$select=signInActivity', '$select'],
      ['GET /v1.0/me?$select=manager', '$select'],
      ["GET /v1.0/users?$filter=onPremisesSamAccountName eq 'x'", '$filter'],
      ['GET /v1.0/users?$filter=manager/id eq null', '$filter'],
      ['GET /v1.0/users?$orderby=lastPasswordChangeDateTime', '$orderby'],
      ['POST /v1.0/users?$select=id', '$select'],
      ['POST /v1.0/groups?$expand=members', '$expand'],
      ['PATCH /v1.0/me?$select=id', '$select'],
      ['DELETE /v1.0/me?$filter=true', '$filter'],
      ['POST /v1.0/groups?$index=1', '$index'],
      ['PATCH /v1.0/me?$schemaversion=1', '$schemaversion'],
      ['GET /v1.0/me?$compute=1 as x', '$compute'],
      ['GET /v1.0/users?$apply=x', '$apply'],
    ] as const) {
      const body = /^(POST|PATCH)/.test(request) ? { body: {} } : {}
      assertRefused(await ask(server, request, { token: writer, ...body }), 501, 'NotImplemented', target)
    }
  })

  it('is a 501 as a member of a body', async () => {
    const patch = (body: object) => ask(server, 'PATCH /v1.0/me', { token: kim, body })
    for (const name of ['employeeOrgData', 'manager', 'ASSIGNEDLICENSES', 'manager@odata.bind'])
      assertRefused(await patch({ [name]: null }), 501, 'NotImplemented', name)
  })
})

describe('A photo', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.Read' })

  for (const path of [
    'me/photo',
    'me/photo/$value',
    'users/x/photo/$value',
    "me/photos('48x48')/$value",
    'me/photos/48x48/$value',
    'groups/x/photo/$value',
  ])
    it(`is what nobody has: reading ${path} is a 404, which clients take for none; writing it is a 501`, async () => {
      assertRefused(await ask(server, `GET /v1.0/${path}`, { token: kim }), 404, 'Request_ResourceNotFound')
      assertRefused(await ask(server, `PUT /v1.0/${path}`, { token: kim, body: {} }), 501, 'NotImplemented')
    })
})
