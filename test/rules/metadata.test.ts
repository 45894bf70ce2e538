/** `$metadata` and the service document: well formed, the same in XML and JSON, and what the model and the rows of operations say. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settings } from '../../src/config.ts'
import { openingSettings } from '../../src/graph/describe/needs-in-words.ts'
import { metadataJson, metadataXml, serviceDocument } from '../../src/graph/describe/render-documents.ts'
import { resources } from '../../src/graph/index.ts'
import type { Version } from '../../src/graph/operation.ts'
import type { Property } from '../../src/model/edm.ts'
import { complexTypes, entityTypes, enumTypes, namespace } from '../../src/model/index.ts'
import type { Json } from '../support/ask.ts'
import { type Element, readXml } from '../support/csdl.ts'
import { jsonOfEdmx } from '../support/csdl-json.ts'

const versions = ['v1.0', 'beta'] as const
const opened = { allowApplications: true, allowPersonalAccounts: true, profileInV1: true }
const term = (name: string) => `@Org.OData.${name.replace('.', '.V1.')}`

/** The metadata of a version, read back from XML. */
function read(version: Version, settings = {}): Json {
  const [edmx] = readXml(metadataXml(version, settings))
  assert.ok(edmx !== undefined)
  return jsonOfEdmx(edmx)
}

for (const version of versions)
  describe(`The metadata of ${version}`, () => {
    const document = read(version)
    const schema = document[namespace]
    const served = resources.filter(({ versions: where }) => where === 'both' || version === 'beta')

    it('is of version 4.0, as the answers are, in both forms', () => {
      assert.equal(document.$Version, '4.0')
      assert.equal(JSON.parse(metadataJson(version)).$Version, '4.0')
    })

    it('calls no collection nullable, and says in XML that no item of one is null', () => {
      for (const property of elementsOf(readXml(metadataXml(version, opened)), 'Property'))
        if (property.attributes.Type?.startsWith('Collection('))
          assert.equal(property.attributes.Nullable, 'false', property.attributes.Name)
      JSON.stringify(JSON.parse(metadataJson(version, opened)), (_, value) => {
        if (value?.$Collection === true) assert.equal('$Nullable' in value, false, JSON.stringify(value))
        return value
      })
    })

    it('says the same in XML and in JSON', () => {
      assert.deepEqual(JSON.parse(metadataJson(version)), document)
      assert.deepEqual(JSON.parse(metadataJson(version, opened)), read(version, opened))
    })

    it('reads back as the model, type by type', () => {
      const absent =
        version === 'beta'
          ? []
          : [
              'allowedAudiences',
              'emailType',
              'inferenceData',
              'personDataSources',
              'identity',
              'identitySet',
              'itemEmail',
              'itemFacet',
              'profile',
            ]
      for (const type of [...enumTypes, ...complexTypes, ...entityTypes]) {
        const printed = schema[type.name]
        if (absent.includes(type.name)) {
          assert.equal(printed, undefined, type.name)
          continue
        }
        if (type.kind === 'enum') {
          const { $Kind, $IsFlags = false, ...members } = printed
          assert.deepEqual({ $Kind, $IsFlags, members }, { $Kind: 'EnumType', $IsFlags: type.flags, members: type.members })
          continue
        }
        assert.equal(printed.$OpenType ?? false, type.open, type.name)
        for (const [name, property] of Object.entries<Property>(type.properties))
          assert.deepEqual(propertyOf(printed[name]), factsOf(property), `${type.name}/${name}`)
        if (type.kind === 'complex') continue
        assert.equal(printed.$Abstract ?? false, type.abstract)
        assert.equal(printed.$BaseType, type.base === undefined ? undefined : `${namespace}.${type.base.name}`)
        assert.deepEqual(printed.$Key, type.base === undefined ? ['id'] : undefined)
        for (const [name, { type: to, collection, containsTarget }] of Object.entries<{
          type: string
          collection: boolean
          containsTarget: boolean
        }>(type.navigation)) {
          if (absent.includes(to)) assert.equal(printed[name], undefined)
          else
            assert.deepEqual(
              [printed[name].$Type, printed[name].$Collection ?? false, printed[name].$ContainsTarget ?? false],
              [`${namespace}.${to}`, collection, containsTarget],
            )
        }
      }
    })

    it('names no type that it does not declare', () => {
      const names = new Set<string>()
      JSON.stringify(document, (key, value) => {
        if (['$Type', '$BaseType'].includes(key)) names.add(value)
        return value
      })
      for (const name of names) assert.ok(name.startsWith('Edm.') || schema[name.replace(`${namespace}.`, '')] !== undefined, name)
      const container = schema.GraphService
      for (const { $NavigationPropertyBinding = {} } of Object.values<Json>(container))
        for (const target of Object.values<string>($NavigationPropertyBinding)) assert.ok(target in container, target)
    })

    for (const resource of served)
      it(`leads from the container to ${resource.path}`, () => {
        assert.equal(walk(schema, resource.path), `${namespace}.${(resource.declaredType ?? resource.type).name}`)
        if (resource.contextPath !== undefined) assert.ok(resource.contextPath in schema.GraphService)
      })

    it('has every target of its annotations', () => {
      for (const target of Object.keys(schema.$Annotations))
        assert.ok(walk(schema, target.replace(`${namespace}.GraphService`, '')) !== undefined, target)
    })
  })

describe('The service document', () => {
  for (const version of versions)
    it(`of ${version} lists what paths begin with that can be read`, () => {
      assert.deepEqual(JSON.parse(serviceDocument(version, 'https://graph.example$&')), {
        '@odata.context': `https://graph.example$&/${version}/$metadata`,
        value: [
          { name: 'me', kind: 'Singleton', url: 'me' },
          { name: 'users', kind: 'EntitySet', url: 'users' },
          { name: 'groups', kind: 'EntitySet', url: 'groups' },
        ],
      })
    })
})

describe('A setting', () => {
  it('that opens something is called what the configuration calls it', () => {
    for (const [name, setting] of Object.entries(openingSettings))
      assert.equal((settings as Readonly<Record<string, { name: string }>>)[name]?.name, setting)
  })

  it('is off unless it is said to be on: then the metadata of v1.0 has the profile, and permissions of applications', () => {
    assert.equal(read('v1.0')[namespace].profile, undefined)
    assert.ok(read('v1.0', { profileInV1: true })[namespace].profile !== undefined)
    const schemes = (path: string, restrictions: string, settings: object) =>
      read('beta', settings)[namespace].$Annotations[`${namespace}.GraphService/users/${path}`][
        term(`Capabilities.${restrictions}`)
      ].Permissions.map(({ SchemeName }: Json) => SchemeName)
    assert.deepEqual(schemes('profile/emails', 'ReadRestrictions', {}), ['Delegated'])
    assert.deepEqual(schemes('profile/emails', 'ReadRestrictions', { allowApplications: true }), ['Delegated', 'Application'])
    // The seed opens email methods to applications by default.
    assert.deepEqual(schemes('authentication/emailMethods', 'InsertRestrictions', {}), ['Delegated', 'Application'])
  })
})

function elementsOf(elements: readonly Element[], name: string): readonly Element[] {
  return elements.flatMap((element) => [...(element.name === name ? [element] : []), ...elementsOf(element.children, name)])
}

/** What a property says of itself, in the model's words. */
function propertyOf(printed: Json) {
  return {
    type: printed.$Type ?? 'Edm.String',
    collection: printed.$Collection ?? false,
    nullable: printed.$Nullable ?? false,
    precision: printed.$Precision,
    longest: printed.$MaxLength,
    most: printed[term('Validation.MaxItems')],
    fallback: printed.$DefaultValue,
    minimum: printed[term('Validation.Minimum')],
    maximum: printed[term('Validation.Maximum')],
    readOnly: printed[term('Core.Computed')],
    permissions: printed[term('Core.Permissions')],
    onSelect: printed[term('Core.Description')] === undefined ? undefined : true,
  }
}

function factsOf({ type, collection, nullable, maxLength, maxItems, fallback, minimum, maximum, readOnly, writeOnly, onSelect }: Property) {
  return {
    type: typeof type === 'string' ? type : `${namespace}.${type.name}`,
    collection: collection ?? false,
    nullable: collection === true ? false : (nullable ?? true),
    precision: type === 'Edm.DateTimeOffset' ? 7 : undefined,
    longest: maxLength,
    most: maxItems,
    fallback,
    minimum,
    maximum,
    readOnly,
    permissions: readOnly ? 'Read' : writeOnly ? 'Write' : undefined,
    onSelect,
  }
}

const names = (path: string) => path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))

/** The qualified type that a path leads to, from the container on. */
function walk(schema: Json, path: string): string | undefined {
  const [first = '', ...further] = names(path)
  let type: string | undefined = schema.GraphService[first]?.$Type
  for (const name of further) type = memberOf(schema, type, name)?.$Type
  return type
}

function memberOf(schema: Json, type: string | undefined, name: string): Json {
  const declared = schema[type?.replace(`${namespace}.`, '') ?? '']
  return declared?.[name] ?? (declared?.$BaseType === undefined ? undefined : memberOf(schema, declared.$BaseType, name))
}
