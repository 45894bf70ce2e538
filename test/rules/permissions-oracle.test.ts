/**
 * The permission tables of src/graph against Microsoft's own, row by row: path, method, kind of caller, permission.
 * Each difference is deliberate, stands in a table here with its reason, and is missed when it is gone.
 */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Needs, Sufficient } from '../../src/auth/needs.ts'
import { resources } from '../../src/graph/index.ts'
import { suffixes } from '../../src/odata/url/path.ts'

const oracle = new URL('../../../shared/oracles/graph-permissions.json', import.meta.url)

type Scheme = 'DelegatedWork' | 'DelegatedPersonal' | 'Application'

interface OracleRow {
  readonly path: string
  readonly method: string
  readonly scheme: Scheme
  readonly permission: string
  readonly least: boolean
}

/** A row of ours, in the oracle's terms. */
interface OurRow extends Omit<OracleRow, 'least'> {
  /** The least powerful one, by our order. */
  readonly first: boolean
  readonly onlyWith: Sufficient['onlyWith']
  /** Under `/users/{id}`: counts on oneself, not on somebody else. */
  readonly onlyOnSelf: boolean
}

interface Difference {
  readonly reason: string
  readonly method?: RegExp
  readonly path: RegExp
  readonly scheme?: Scheme
  readonly permission?: RegExp
}

const profile = /\/profile(\/emails(\/\{id\})?)?$/
const methods = /\/authentication\/(email)?methods(\/\{id\})?$/

/** What Microsoft allows and we refuse. */
const refusedHere: readonly Difference[] = [
  { path: /^\/me\//, scheme: 'Application', reason: '/me is a person; an application without one is answered 400, as Graph itself does' },
  {
    path: profile,
    method: /POST|PATCH|DELETE/,
    scheme: 'Application',
    reason: 'only its owner writes a profile; Graph answers ErrorAccessDeniedForRole',
  },
]

/** What we allow and Microsoft's table does not have. */
const allowedHere: readonly Difference[] = [
  {
    path: /^\/me$/,
    permission: /^DeviceManagement/,
    reason: '/me and /users/{own id} are one thing here, and Microsoft has it for the latter',
  },
  {
    path: /\/email$/,
    method: /GET/,
    permission: /^Policy\.Read\.All$/,
    reason: 'the pages of Graph, and the row of its configurations in general, have it',
  },
]

/** Rows of `/users/{id}` that count on oneself only. */
const onlyOnSelf: readonly Difference[] = [
  { path: profile, method: /POST|PATCH|DELETE/, reason: 'only its owner writes a profile' },
  { path: methods, scheme: 'DelegatedWork', permission: /\.(Read|ReadWrite)$/, reason: 'without .All a permission is about oneself' },
  { path: /^\/users\/\{id\}$/, permission: /^User\.(Read|ReadWrite)$/, reason: 'without .All a permission is about oneself' },
]

/** Rows that a setting opens; without it they are refused. */
const openedBySetting: readonly (Difference & { readonly setting: NonNullable<Sufficient['onlyWith']> })[] = [
  { path: profile, scheme: 'Application', setting: 'allowApplications', reason: 'the seed leaves it open; treated as not supported' },
  { path: profile, scheme: 'DelegatedPersonal', setting: 'allowPersonalAccounts', reason: 'the seed does not support personal accounts' },
]

/** Operations that Microsoft's table has no rows for, and whose rows ours must equal. */
const alike: Readonly<Record<string, string>> = {
  'GET /users/$count': 'GET /users',
  'GET /me/profile/emails/$count': 'GET /me/profile/emails',
  'GET /users/{id}/profile/emails/$count': 'GET /users/{id}/profile/emails',
  'POST /me/profile/emails/$ref': 'POST /me/profile/emails',
  'POST /users/{id}/profile/emails/$ref': 'POST /users/{id}/profile/emails',
  'GET /me/authentication': 'GET /me/authentication/methods',
  'GET /users/{id}/authentication': 'GET /users/{id}/authentication/methods',
  'GET /me/authentication/emailmethods/$count': 'GET /me/authentication/emailmethods',
  'GET /users/{id}/authentication/emailmethods/$count': 'GET /users/{id}/authentication/emailmethods',
  'PATCH /me': 'PATCH /users/{id}',
  'DELETE /me': 'DELETE /users/{id}',
  'PUT /me/authentication/emailmethods/{id}': 'PATCH /me/authentication/emailmethods/{id}',
  'PUT /users/{id}/authentication/emailmethods/{id}': 'PATCH /users/{id}/authentication/emailmethods/{id}',
}

/** Operations in Microsoft's table that we don't serve. */
const notServed: readonly Difference[] = [
  { path: /\/passwordmethods/, reason: 'email is the one method that is kept here' },
  {
    path: /^\/users\/\{id\}\/authentication\/methods\/\{id\}/,
    method: /DELETE|PUT|POST/,
    reason: 'methods are changed as what they are: emailMethods',
  },
  { path: /^\/policies\/authenticationmethodspolicy$/, reason: 'of the policy only the email method is served' },
]

const configurations = '/policies/authenticationmethodspolicy/authenticationmethodconfigurations'
const schemes: readonly Scheme[] = ['DelegatedWork', 'DelegatedPersonal', 'Application']

/** Ours for one path and method. */
function ourRowsAt(path: string, method: string, needs: Needs): readonly OurRow[] {
  return schemes.flatMap((scheme) => {
    const { permissions, onlyWith } = sufficientFor(needs, scheme, path)
    const others = needs.on !== 'person' || path.startsWith('/me') ? permissions : permissionsOnOthers(needs, scheme)
    return permissions.map((permission, index) => ({
      path,
      method,
      scheme,
      permission,
      first: index === 0,
      onlyWith,
      onlyOnSelf: !others.includes(permission),
    }))
  })
}

function sufficientFor(needs: Needs, scheme: Scheme, path: string): Sufficient {
  if (scheme === 'DelegatedPersonal') return needs.personal
  if (scheme === 'Application') return path.startsWith('/me') ? { permissions: [] } : needs.application
  return needs.on !== 'person' ? needs.delegated : { permissions: [...new Set([...needs.self.permissions, ...needs.others.permissions])] }
}

function permissionsOnOthers(needs: Extract<Needs, { on: 'person' }>, scheme: Scheme): readonly string[] {
  if (scheme === 'Application') return needs.application.permissions
  if (scheme === 'DelegatedWork') return needs.others.permissions
  return needs.crossTenant === true ? needs.personal.permissions : []
}

/** Of the resources in Microsoft's table here. Who may do what with roles and groups stands in test/support/directory-table.ts. */
const compared = resources.filter(({ path }) => !/^\/(groups|roleManagement)/.test(path))

const ours: readonly OurRow[] = compared.flatMap(({ path, operations }) =>
  Object.values(operations).flatMap(({ verb, on, needs }) => {
    const whole = `${path.replace('{user}', '{id}').toLowerCase()}${suffixes[on].replace('{key}', '{id}')}`
    const written =
      path === '/users' && on === 'item'
        ? ['/me', whole]
        : path.startsWith('/users/')
          ? [whole.replace('/users/{id}', '/me'), whole]
          : whole === `${configurations}/{id}`
            ? [whole, `${configurations}/email`]
            : [whole]
    return written.flatMap((each) => ourRowsAt(each, verb, needs))
  }),
)

const operationOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
const nameOf = (row: Omit<OracleRow, 'least'>) => `${operationOf(row)} ${row.scheme} ${row.permission}`
const fits = (row: Omit<OracleRow, 'least'>) => (difference: Difference) =>
  difference.path.test(row.path) &&
  (difference.method?.test(row.method) ?? true) &&
  (difference.scheme === undefined || difference.scheme === row.scheme) &&
  (difference.permission?.test(row.permission) ?? true)

/** Each row must be a difference that was meant, and each difference meant must be there. */
function assertMeant(rows: readonly Omit<OracleRow, 'least'>[], differences: readonly Difference[]): void {
  assert.deepEqual(rows.filter((row) => !differences.some(fits(row))).map(nameOf), [], 'differs, and no reason is given')
  assert.deepEqual(
    differences.filter((difference) => !rows.some((row) => fits(row)(difference))).map(({ reason }) => reason),
    [],
    'a reason for what does not differ',
  )
}

describe("The permissions beside Microsoft's own table", {
  skip: existsSync(oracle) ? false : 'the oracle graph-permissions.json is not here',
}, () => {
  const { rows } = existsSync(oracle) ? (JSON.parse(readFileSync(oracle, 'utf8')) as { rows: readonly OracleRow[] }) : { rows: [] } // the oracle's form
  const theirs = rows.map((row) => ({ ...row, path: row.path.toLowerCase() }))
  const their = new Set(theirs.map(nameOf))
  const our = new Set(ours.map(nameOf))
  const theirOperations = new Set(theirs.map(operationOf))
  const ourOperations = new Set(ours.map(operationOf))

  it('has something to be compared with', () => {
    assert.ok(theirs.length > 300 && ours.length > 200)
  })

  it('has no operation of ours that Microsoft does not have, but those that equal another', () => {
    assert.deepEqual([...ourOperations].filter((operation) => !theirOperations.has(operation)).toSorted(), Object.keys(alike).toSorted())
    // What is done to /users/{id} is done to /me by oneself, and never by an application.
    const rowsOf = (operation: string, onMe: boolean) =>
      ours
        .filter((row) => operationOf(row) === operation && !(onMe && row.scheme === 'Application'))
        .map(({ path: _, method: __, onlyOnSelf: self, ...row }) => JSON.stringify({ ...row, ...(onMe ? {} : { self }) }))
        .toSorted()
    for (const [operation, other] of Object.entries(alike)) {
      const onMe = operation.includes(' /me')
      assert.deepEqual(rowsOf(operation, onMe), rowsOf(other, onMe), operation)
    }
  })

  it('has every operation of theirs, but those that we do not serve', () => {
    assertMeant(
      theirs.filter((row) => !ourOperations.has(operationOf(row))),
      notServed,
    )
  })

  it('has every permission of theirs, but those that we refuse', () => {
    assertMeant(
      theirs.filter((row) => ourOperations.has(operationOf(row)) && !our.has(nameOf(row))),
      refusedHere,
    )
  })

  it('has no permission that they lack, but those with a reason', () => {
    assertMeant(
      ours.filter((row) => theirOperations.has(operationOf(row)) && !their.has(nameOf(row))),
      allowedHere,
    )
  })

  it('has permissions that count on oneself only, each with a reason', () => {
    assertMeant(
      ours.filter((row) => row.onlyOnSelf && theirOperations.has(operationOf(row))),
      onlyOnSelf,
    )
  })

  it('has permissions that a setting opens, each with a reason', () => {
    const compared = ours.filter((row) => theirOperations.has(operationOf(row)))
    assertMeant(
      compared.filter(({ onlyWith }) => onlyWith !== undefined),
      openedBySetting,
    )
    for (const row of compared) assert.equal(row.onlyWith, openedBySetting.find(fits(row))?.setting, nameOf(row))
  })

  it('begins with one that is least powerful in their eyes too', () => {
    const least = new Set(theirs.filter((row) => row.least).map(nameOf))
    const first = ours.filter(
      (row) => row.first && their.has(nameOf(row)) && !(row.path.startsWith('/users/') && row.scheme === 'DelegatedWork'),
    )
    assert.deepEqual(first.filter((row) => !least.has(nameOf(row))).map(nameOf), [])
  })
})
