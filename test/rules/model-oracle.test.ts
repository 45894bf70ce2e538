/** The declared types beside Microsoft's own metadata: each difference is meant, and stands here with its reason. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { ComplexType, EntityType, EnumType, Property } from '../../src/model/edm.ts'
import { complexTypes, entityTypes, enumTypes, namespace } from '../../src/model/index.ts'
import { type Element, readTypeName, readXml } from '../support/csdl.ts'

const folder = new URL('../../../shared/oracles/', import.meta.url)
const files = ['profile-types.beta.csdl.xml', 'authentication-types.v1.csdl.xml']
const missing = files.every((file) => existsSync(new URL(file, folder))) ? false : `Microsoft's metadata is not at ${folder.pathname}`

/** What differs, and why. A row that no longer differs fails. */
const differences: Readonly<Record<string, string>> = {
  'complex objectIdentity: is not theirs': 'a type of the directory, which the files leave out',
  'complex passwordProfile: is not theirs': 'a type of the directory, which the files leave out',
  'entity directoryObject: is not theirs': 'a type of the directory, which the files leave out',
  'entity group: is not theirs': 'a type of the directory, which the files leave out',
  'entity unifiedRoleAssignment: is not theirs': 'a type of the directory, which the files leave out',
  'entity user: is not theirs': 'a type of the directory, which the files leave out',
  'complex personDataSources: is not theirs': 'the public cloud has it in place of personDataSource since 2024',
  'entity itemFacet: source is personDataSources, theirs is personDataSource': 'as in the public cloud, which has several sources',
  'complex authenticationMethodTarget: is theirs as an entity': 'contained whole in the policy, and written and read as a part of it',
  'entity emailAuthenticationMethodConfiguration: includeTargets is a property, theirs is a navigation':
    'contained whole in the policy, so that one request reads and writes it, as Graph does on the wire',
}

interface Shape {
  readonly kind: string
  readonly facts: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, string>>
  readonly navigation: Readonly<Record<string, string>>
  readonly members: Readonly<Record<string, string>>
}

const nothing = { facts: {}, properties: {}, navigation: {}, members: {} }

describe('The model', { skip: missing }, () => {
  const schemas = missing === false ? files.flatMap((file) => readXml(readFileSync(new URL(file, folder), 'utf8'))) : []
  const theirs = new Map(schemas.flatMap(({ children }) => children).map((type) => [type.attributes.Name ?? '', shapeOfElement(type)]))
  const ours = [...enumTypes, ...complexTypes, ...entityTypes].map((type) => [type.name, shapeOfType(type)] as const)

  it('is in Microsoft’s namespace', () => {
    assert.ok(schemas.length === files.length)
    for (const schema of schemas) assert.equal(schema.attributes.Namespace, namespace)
  })

  it('has names, bases, members, types, nullability, enumeration numbers and flags as Microsoft’s, but for what the table says', () => {
    assert.deepEqual(ours.flatMap(([name, shape]) => compare(name, shape, theirs.get(name))).sort(), Object.keys(differences).sort())
  })

  it('declares of Microsoft’s navigations those that are served', () => {
    const declared = Object.fromEntries(
      ours.filter(([, { navigation }]) => Object.keys(navigation).length > 0).map(([name, shape]) => [name, Object.keys(shape.navigation)]),
    )
    assert.deepEqual(declared, {
      authentication: ['emailMethods', 'methods'],
      group: ['members', 'owners'],
      profile: ['emails'],
      user: ['authentication', 'profile'],
    })
  })

  it('has each type once', () => {
    const names = ours.map(([name]) => name)
    assert.equal(new Set(names).size, names.length)
  })
})

/** The differences of one type, a line each. */
function compare(name: string, ours: Shape, theirs: Shape | undefined): readonly string[] {
  const type = `${ours.kind} ${name}`
  if (theirs === undefined) return [`${type}: is not theirs`]
  if (ours.kind !== theirs.kind) return [`${type}: is theirs as an ${theirs.kind}`]
  const navigated = Object.keys(ours.properties).filter((member) => member in theirs.navigation)
  return [
    ...compareRecords(type, ours.facts, theirs.facts),
    ...navigated.map((member) => `${type}: ${member} is a property, theirs is a navigation`),
    ...compareRecords(type, without(ours.properties, navigated), theirs.properties),
    ...compareRecords(type, ours.members, theirs.members),
    ...Object.entries(ours.navigation)
      .filter(([member, what]) => theirs.navigation[member] !== what)
      .map(([member, what]) => `${type}: ${member} leads to ${what}, theirs to ${theirs.navigation[member]}`),
  ]
}

function compareRecords(type: string, ours: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>): readonly string[] {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
  return names.filter((name) => ours[name] !== theirs[name]).map((name) => `${type}: ${name} is ${ours[name]}, theirs is ${theirs[name]}`)
}

function without(record: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}

function shapeOfType(type: EnumType | ComplexType | EntityType): Shape {
  if (type.kind === 'enum') {
    const members = Object.fromEntries(Object.entries(type.members).map(([name, value]) => [name, String(value)]))
    return { ...nothing, kind: type.kind, facts: { flags: String(type.flags) }, members }
  }
  const properties = mapValues(type.properties, ({ type: of, collection, nullable }: Property) =>
    render(typeof of === 'string' ? of : of.name, collection === true, nullable !== false),
  )
  if (type.kind === 'complex') return { ...nothing, kind: type.kind, facts: { open: String(type.open) }, properties }
  const facts = { base: String(type.base?.name), abstract: String(type.abstract), open: String(type.open) }
  const navigation = mapValues(type.navigation, (one) => `${render(one.type, one.collection, true)} contained ${one.containsTarget}`)
  return { ...nothing, kind: type.kind, facts, properties, navigation }
}

function shapeOfElement({ name, attributes, children }: Element): Shape {
  const named = (element: string, value: (child: Element) => string) =>
    Object.fromEntries(children.filter((child) => child.name === element).map((child) => [child.attributes.Name ?? '', value(child)]))
  const flag = (attribute: string) => String(attributes[attribute] === 'true')
  const properties = named('Property', ({ attributes: { Type, Nullable } }) => renderElement(Type, Nullable !== 'false'))
  switch (name) {
    case 'EnumType':
      return {
        ...nothing,
        kind: 'enum',
        facts: { flags: flag('IsFlags') },
        members: named('Member', (child) => String(child.attributes.Value)),
      }
    case 'ComplexType':
      return { ...nothing, kind: 'complex', facts: { open: flag('OpenType') }, properties }
    default: {
      const base = attributes.BaseType === undefined ? 'undefined' : readTypeName(attributes.BaseType).type
      const facts = { base, abstract: flag('Abstract'), open: flag('OpenType') }
      const navigation = named(
        'NavigationProperty',
        ({ attributes: { Type, ContainsTarget } }) => `${renderElement(Type, true)} contained ${ContainsTarget === 'true'}`,
      )
      return { ...nothing, kind: 'entity', facts, properties, navigation }
    }
  }
}

function renderElement(text: string | undefined, nullable: boolean): string {
  const { type, collection } = readTypeName(text)
  return render(type, collection, nullable)
}

function render(type: string, collection: boolean, nullable: boolean): string {
  return `${collection ? `Collection(${type})` : type}${nullable ? '' : ' not null'}`
}

function mapValues<V>(record: Readonly<Record<string, V>>, render: (value: V) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, render(value)]))
}
