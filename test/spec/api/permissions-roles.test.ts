/** Administrator roles: who may act on whom, and who may read. Roles come from the token or from the directory. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { type RoleName, roleTemplates } from '../../../src/auth/roles.ts'
import { asksOf, assertDenied, operationsWhere, roleRemedy, send } from '../../support/matrix.ts'
import { demo, type Line, memberLine, type Person, person, roleLine, tokenOf, userLine } from '../../support/matrix-people.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const tenantId = tenants.contoso
const customRole = 'dddddddd-1111-4222-8333-444444444444'
const unservedRole = 'f28a1f50-f6e7-4571-818b-6a12f2af6b6c'
const units = { restricted: randomUUID(), ordinary: randomUUID(), unknown: randomUUID() }
const groups = { roleAssignable: randomUUID(), ordinary: randomUUID() }
const inUnit = (unit: keyof typeof units) => `/administrativeUnits/${units[unit]}`
const holding = (role: string, scope?: string) => (who: Person) => [roleLine(who, role, scope)]

/** Each class of target: how one comes to be in it, and whether an Authentication Administrator may act on it. */
// biome-ignore format: a table of facts, aligned by hand
const targets: Readonly<Record<string, { of: (who: Person) => readonly Line[]; reached: boolean }>> = {
  'nobody special':                                    { reached: true,  of: () => [] },
  'an Authentication Administrator':                   { reached: true,  of: holding('Authentication Administrator') },
  'a Directory Reader':                                { reached: true,  of: holding('Directory Readers') },
  'a Guest Inviter':                                   { reached: true,  of: holding('Guest Inviter') },
  'a Message Center Reader':                           { reached: true,  of: holding('Message Center Reader') },
  'a Password Administrator':                          { reached: true,  of: holding('Password Administrator') },
  'a Reports Reader':                                  { reached: true,  of: holding('Reports Reader') },
  'a User Experience Success Manager':                 { reached: true,  of: holding('User Experience Success Manager') },
  'a Usage Summary Reports Reader':                    { reached: true,  of: holding('Usage Summary Reports Reader') },
  'a Groups Administrator':                            { reached: false, of: holding('Groups Administrator') },
  'a Helpdesk Administrator':                          { reached: false, of: holding('Helpdesk Administrator') },
  'a User Administrator':                              { reached: false, of: holding('User Administrator') },
  'a Privileged Authentication Administrator':         { reached: false, of: holding('Privileged Authentication Administrator') },
  'a Privileged Role Administrator':                   { reached: false, of: holding('Privileged Role Administrator') },
  'a Global Administrator':                            { reached: false, of: holding('Global Administrator') },
  'a Global Reader':                                   { reached: false, of: holding('Global Reader') },
  'an Authentication Policy Administrator':            { reached: false, of: holding('Authentication Policy Administrator') },
  'the holder of a role that the rules never speak of': { reached: false, of: holding(unservedRole) },
  'the holder of a custom role':                       { reached: false, of: holding(customRole) },
  'the holder of a custom role over a unit':           { reached: false, of: holding(customRole, inUnit('ordinary')) },
  'a member of a role-assignable group':               { reached: false, of: (who) => [memberLine(who, groups.roleAssignable)] },
  'an owner of a role-assignable group':               { reached: false, of: (who) => [memberLine(who, groups.roleAssignable, 'owner')] },
  'a member of an ordinary group':                     { reached: true,  of: (who) => [memberLine(who, groups.ordinary)] },
  'an owner of an ordinary group':                     { reached: true,  of: (who) => [memberLine(who, groups.ordinary, 'owner')] },
  'a Guest Inviter over a restricted unit':            { reached: false, of: holding('Guest Inviter', inUnit('restricted')) },
  'a Guest Inviter over an ordinary unit':             { reached: true,  of: holding('Guest Inviter', inUnit('ordinary')) },
  'a Guest Inviter over a unit that nobody knows':     { reached: false, of: holding('Guest Inviter', inUnit('unknown')) },
  'a Helpdesk Administrator over an ordinary unit':    { reached: false, of: holding('Helpdesk Administrator', inUnit('ordinary')) },
  'the holder of two harmless roles':                  { reached: true,  of: (who) => [roleLine(who, 'Guest Inviter'), roleLine(who, 'Reports Reader')] },
  'the holder of a harmless role and another':         { reached: false, of: (who) => [roleLine(who, 'Guest Inviter'), roleLine(who, 'User Administrator')] },
}

const people = Object.fromEntries(Object.keys(targets).map((name, index) => [name, person(`target${index}`)]))
const personOf = (name: string): Person => people[name] ?? demo('lee')

/** What each role lets its holder do with the methods of others. A role that is not here lets nothing. */
const mayRead = ['Global Reader', 'Authentication Administrator', 'Privileged Authentication Administrator']
const mayWrite = (role: string): readonly string[] =>
  role === 'Privileged Authentication Administrator'
    ? Object.keys(targets)
    : role === 'Authentication Administrator'
      ? Object.keys(targets).filter((name) => targets[name]?.reached)
      : []

const roleNames = Object.keys(roleTemplates) as RoleName[] // its keys are what RoleName is
const administrators = Object.fromEntries(
  [...roleNames, customRole, unservedRole].map((role, index) => [role, person(`administrator${index}`)]),
)
const nobody = demo('kim')
const permitted = 'UserAuthenticationMethod.ReadWrite.All'

/** A token for each way of holding a role. */
const holders = {
  token: (role: string) => ({ who: nobody, wids: [roleTemplates[role as RoleName] ?? role] }), // any other role is given by its id
  directory: (role: string) => ({ who: administrators[role] ?? nobody, wids: [] as string[] }),
}

const onMethods = operationsWhere(({ self, roles }) => self !== undefined && roles !== undefined)
const reads = onMethods.filter((operation) => operation.startsWith('GET'))
const item = '/users/{user}/authentication/emailMethods/{id}'
const collection = '/users/{user}/authentication/emailMethods'
/** In this order each finds what it needs. */
const writes = { [`POST ${collection}`]: 201, [`PATCH ${item}`]: 204, [`PUT ${item}`]: 200, [`DELETE ${item}`]: 204 }

describe('Administrator roles', async () => {
  const server = await startServer()

  before(() =>
    putRecords(server, [
      { kind: 'administrativeUnit', tenantId, id: units.restricted, isMemberManagementRestricted: true },
      { kind: 'administrativeUnit', tenantId, id: units.ordinary },
      { kind: 'group', tenantId, id: groups.roleAssignable, isAssignableToRole: true },
      { kind: 'group', tenantId, id: groups.ordinary },
      ...Object.entries(targets).flatMap(([name, { of }]) => [userLine(personOf(name)), ...of(personOf(name))]),
      ...Object.entries(administrators).flatMap(([role, who]) => [userLine(who), roleLine(who, role)]),
    ]),
  )

  async function writeEverywhere(token: string, role: string, operations: Readonly<Record<string, number>>): Promise<void> {
    for (const name of Object.keys(targets))
      for (const [operation, status] of Object.entries(operations)) {
        const answer = await send(server, operation, { path: `/users/${personOf(name).id}`, token })
        const label = `${operation} by ${role} on ${name}`
        if (mayWrite(role).includes(name)) assert.equal(answer.status, status, `${label}: ${answer.text}`)
        else {
          const reached = role === 'Authentication Administrator' ? ['Privileged Authentication Administrator'] : mayRead.slice(1)
          assertDenied(answer, operation, 'accessDenied', [roleRemedy(reached)], label)
        }
      }
  }

  async function readEverywhere(token: string, role: string): Promise<void> {
    for (const name of Object.keys(targets)) {
      const answer = await send(server, `GET ${collection}`, { path: `/users/${personOf(name).id}`, token })
      if (mayRead.includes(role)) assert.deepEqual([answer.status, answer.json.value], [200, []], `${role} on ${name}: ${answer.text}`)
      else assertDenied(answer, `GET ${collection}`, 'accessDenied', [roleRemedy(mayRead)], `by ${role} on ${name}`)
    }
  }

  it('are checked in each write of methods', () => {
    assert.deepEqual(Object.keys(writes).toSorted(), onMethods.filter((operation) => !operation.startsWith('GET')).toSorted())
  })

  for (const role of ['no role', ...Object.keys(administrators)])
    for (const [source, holder] of Object.entries(holders))
      it(`let ${nameOf(role)}, by the ${source}, write the methods of ${mayWrite(role).length} of ${Object.keys(targets).length} classes of users, and ${mayRead.includes(role) ? 'read all' : 'read none'}`, async () => {
        const { who, wids } = role === 'no role' ? { who: nobody, wids: [] } : holder(role)
        const token = await tokenOf(server, who, { scope: permitted, claims: { wids } })
        // What the token brings and what the directory says go the same way; one of them is asked everything.
        await writeEverywhere(token, role, source === 'directory' || mayWrite(role).length > 0 ? writes : { [`PATCH ${item}`]: 204 })
        await readEverywhere(token, role)
      })

  for (const operation of reads)
    it(`let those who may read do it in ${operation}, and nobody else`, async () => {
      for (const role of Object.keys(administrators)) {
        const token = await tokenOf(server, administrators[role] ?? nobody, { scope: permitted })
        const answer = await send(server, operation, { path: `/users/${personOf('a Global Administrator').id}`, token })
        if (mayRead.includes(role)) assert.equal(answer.status, operation.endsWith('/{id}') ? 404 : 200, `${role}: ${answer.text}`)
        else assertDenied(answer, operation, 'accessDenied', [roleRemedy(mayRead)], role)
      }
    })

  for (const operation of operationsWhere(({ self, roles }) => self === undefined && roles !== undefined))
    it(`let those of the policy do ${operation}, and nobody else`, async () => {
      const { roles = [], ok, others } = asksOf(operation)
      for (const role of Object.keys(administrators))
        for (const holder of Object.values(holders)) {
          const { who, wids } = holder(role)
          const token = await tokenOf(server, who, { scope: [...others].join(' '), claims: { wids } })
          const answer = await send(server, operation, { token })
          if (roles.includes(role)) assert.equal(answer.status, ok, `${role}: ${answer.text}`)
          else assertDenied(answer, operation, 'accessDenied', [roleRemedy(roles)], role)
        }
    })

  it('count when they come one from the token and one from the directory', async () => {
    const both = await tokenOf(server, administrators['Authentication Administrator'] ?? nobody, {
      scope: permitted,
      wids: ['Privileged Authentication Administrator'],
    })
    const path = `/users/${personOf('a Global Administrator').id}`
    assert.equal((await send(server, `POST ${collection}`, { path, token: both })).status, 201)
    assert.equal((await send(server, `DELETE ${item}`, { path, token: both })).status, 204)
  })

  it('count over the whole tenant only: over a unit they let nothing', async () => {
    const scoped = person('scoped')
    await putRecords(server, [
      userLine(scoped),
      roleLine(scoped, 'Privileged Authentication Administrator', inUnit('ordinary')),
      roleLine(scoped, 'Authentication Policy Administrator', inUnit('restricted')),
    ])
    const token = await tokenOf(server, scoped, { scope: `${permitted} Policy.Read.All` })
    for (const operation of onMethods) {
      const answer = await send(server, operation, { path: '/users/lee@contoso.com', token })
      assertDenied(answer, operation, 'accessDenied', [roleRemedy(asksOf(operation).roles)])
    }
    const policy = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}'
    assert.equal((await send(server, `GET ${policy}`, { token })).status, 403)
  })

  it('end at the border of the tenant', async () => {
    const token = await tokenOf(server, demo('privadmin'), { scope: permitted })
    for (const operation of onMethods)
      for (const path of [`/users/${demo('jo').id}`, '/users/jo@fabrikam.com', `/users/${demo('sam').id}`]) {
        const answer = await send(server, operation, { path, token })
        assert.deepEqual([answer.status, answer.json.error.code], [404, 'resourceNotFound'])
      }
  })

  it('are no permission: with a permission that is too small they let nothing', async () => {
    const token = await tokenOf(server, demo('privadmin'), { scope: 'UserAuthenticationMethod.ReadWrite UserAuthMethod-Email.ReadWrite' })
    for (const operation of onMethods) {
      const answer = await send(server, operation, { path: '/users/lee@contoso.com', token })
      assert.equal(answer.json.error.details?.[0]?.code, 'permission', `${operation}: ${answer.text}`)
    }
  })
})

function nameOf(role: string): string {
  return role === customRole ? 'a custom role' : role === unservedRole ? 'a role that the rules never speak of' : role
}
