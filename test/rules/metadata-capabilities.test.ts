/** What metadata tells of what can be done, held against the rows of the operations themselves. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { metadataJson } from '../../src/graph/describe/render-documents.ts'
import { resources } from '../../src/graph/index.ts'
import type { Resource } from '../../src/graph/operation.ts'
import { namespace } from '../../src/model/index.ts'
import type { Json } from '../support/ask.ts'

const opened = { allowApplications: true, allowPersonalAccounts: true, profileInV1: true }
const term = (name: string) => `@Org.OData.${name.replace('.', '.V1.')}`
const names = (path: string) => path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))

describe('The capabilities in metadata', () => {
  const { $Annotations: annotations } = JSON.parse(metadataJson('beta', opened))[namespace]

  for (const resource of resources)
    it(`tell of ${resource.path} what can be done there, and with which permissions`, () => {
      const target = annotations[`${namespace}.GraphService/${names(resource.path).join('/')}`]
      assert.ok(target !== undefined)
      assert.deepEqual(capabilitiesOf(target), expectedOf(resource))
    })

  it('tell of /me what can be done there without what only counts on others', () => {
    const reading = annotations[`${namespace}.GraphService/me/authentication/emailMethods`][term('Capabilities.ReadRestrictions')]
    assert.deepEqual(
      reading.Permissions.map(({ SchemeName }: Json) => SchemeName),
      ['Delegated'],
    )
  })

  it('tell which permission opens which members only', () => {
    const { Permissions } = annotations[`${namespace}.GraphService/users`][term('Capabilities.UpdateRestrictions')]
    const restricted = Object.fromEntries(
      Permissions[0].Scopes.map(({ Scope, RestrictedProperties }: Json) => [Scope, RestrictedProperties]),
    )
    assert.equal(restricted['User-Phone.ReadWrite.All'], 'businessPhones,mobilePhone')
    assert.equal(restricted['User.ReadWrite.All'], '*,-identities,-passwordProfile')
  })

  it('tell that members and owners are added and removed by reference', () => {
    const { RestrictedProperties: restricted } =
      annotations[`${namespace}.GraphService/groups`][term('Capabilities.NavigationRestrictions')]
    assert.deepEqual(
      restricted.map((one: Json) => [
        one.NavigationProperty,
        one.Referenceable,
        one.InsertRestrictions.Insertable,
        one.DeleteRestrictions.Deletable,
      ]),
      [
        ['members', true, true, true],
        ['owners', true, true, true],
      ],
    )
  })
})

function capabilitiesOf(target: Json) {
  const of = (name: string) => target[term(`Capabilities.${name}`)]
  const scopes = (restriction: Json) =>
    Object.fromEntries(
      (restriction?.Permissions ?? []).map(({ SchemeName, Scopes }: Json) => [
        SchemeName,
        Scopes.map(({ Scope }: Json) => Scope).toSorted(),
      ]),
    )
  const reading = of('ReadRestrictions')
  return {
    read: [reading.Readable, scopes(reading)],
    readOne:
      reading.ReadByKeyRestrictions === undefined
        ? undefined
        : [reading.ReadByKeyRestrictions.Readable, scopes(reading.ReadByKeyRestrictions)],
    insert: of('InsertRestrictions') === undefined ? undefined : [of('InsertRestrictions').Insertable, scopes(of('InsertRestrictions'))],
    update: [of('UpdateRestrictions').Updatable, scopes(of('UpdateRestrictions')), of('UpdateRestrictions').UpdateMethod],
    remove: [of('DeleteRestrictions').Deletable, scopes(of('DeleteRestrictions'))],
    top: of('TopSupported'),
    skip: of('SkipSupported'),
    count: of('CountRestrictions')?.Countable,
    filter: of('FilterRestrictions')?.Filterable,
    orderby: of('SortRestrictions')?.Sortable,
    search: of('SearchRestrictions')?.Searchable,
    select: of('SelectSupport').Supported,
    expand: of('ExpandRestrictions').Expandable,
  }
}

/** The same, straight from the rows of the resource. */
function expectedOf({ key, operations, expandable = [] }: Resource) {
  const rows = Object.values(operations)
  const one = (on: string, verb: string) => rows.find((row) => row.on === on && row.verb === verb)
  const place = key === undefined ? 'single' : 'item'
  const [list, get] = key === undefined ? [one('single', 'GET'), undefined] : [one('collection', 'GET'), one('item', 'GET')]
  const reading = list ?? get
  const has = (option: string) => (reading?.query as readonly string[] | undefined)?.includes(option) === true
  const inLists = (option: string) => (key === undefined ? undefined : list !== undefined && has(option))
  const updates = rows.filter((row) => row.on === place && row.answers === 'updated')
  const verbs = updates.map(({ verb }) => verb).join(',')
  return {
    read: [list !== undefined, scopesOf(list)],
    readOne: key === undefined ? undefined : [get !== undefined, scopesOf(get)],
    insert: key === undefined ? undefined : [one('collection', 'POST') !== undefined, scopesOf(one('collection', 'POST'))],
    update: [updates.length > 0, scopesOf(updates[0]), verbs === '' ? undefined : verbs],
    remove: [one(place, 'DELETE') !== undefined, scopesOf(one(place, 'DELETE'))],
    top: inLists('top'),
    skip: inLists('skip'),
    count: key === undefined ? undefined : inLists('count') || one('count', 'GET') !== undefined,
    filter: inLists('filter'),
    orderby: inLists('orderby'),
    search: inLists('search'),
    select: has('select'),
    expand: has('expand') && expandable.length > 0,
  }
}

function scopesOf(row: Resource['operations'][string] | undefined): Readonly<Record<string, readonly string[]>> {
  if (row === undefined) return {}
  const { needs } = row
  const users = needs.on !== 'person' ? [needs.delegated, needs.personal] : [needs.self, needs.others, needs.personal]
  const all = { Delegated: users.flatMap(({ permissions }) => permissions), Application: needs.application.permissions }
  return Object.fromEntries(
    Object.entries(all).flatMap(([scheme, scopes]) => (scopes.length === 0 ? [] : [[scheme, [...new Set(scopes)].toSorted()]])),
  )
}
