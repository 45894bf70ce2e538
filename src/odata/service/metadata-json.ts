/** `$metadata` in JSON (OData CSDL JSON 4.01), and the service document. metadata.ts says the same in XML. */

import type { ComplexType, EntityType, EnumType, Property } from '../../model/edm.ts'
import { fractionDigits } from '../../model/time.ts'
import { type Annotations, type AnnotationValue, annotationsOfContainer, annotationsOfProperty, vocabularies } from './annotations.ts'
import { type ContainerChild, containerName, containerOf } from './container.ts'
import { hasKey } from './metadata.ts'
import type { ServiceDescription } from './service-description.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** The document's text. */
export function renderMetadataJson(description: ServiceDescription): string {
  const { namespace } = description
  const container = containerOf(description).map((child) => [child.name, containerChild(namespace, child)] as const)
  const targets = Object.entries(annotationsOfContainer(description)).map(([target, all]) => [target, annotationMembers(all)] as const)
  const references = Object.entries(vocabularies).map(([vocabulary, uri]) => [uri, { $Include: [{ $Namespace: vocabulary }] }] as const)
  const types = [
    ...description.enumTypes.map((type) => [type.name, enumeration(type)] as const),
    ...description.complexTypes.map((type) => [type.name, complex(namespace, type)] as const),
    ...description.entityTypes.map((type) => [type.name, entity(namespace, type)] as const),
  ]
  return `${JSON.stringify(
    {
      $Version: '4.0',
      $EntityContainer: `${namespace}.${containerName}`,
      $Reference: Object.fromEntries(references),
      [namespace]: {
        ...Object.fromEntries(types),
        [containerName]: { $Kind: 'EntityContainer', ...Object.fromEntries(container) },
        $Annotations: Object.fromEntries(targets),
      },
    },
    null,
    2,
  )}\n`
}

/** The service document (OData JSON 4.01, section 5). `root` is absolute and ends without a slash. */
export function renderServiceDocument(description: ServiceDescription, root: string): string {
  const value = containerOf(description)
    .filter(({ isServed }) => isServed)
    .map(({ name, kind }) => ({ name, kind, url: name }))
  return JSON.stringify({ '@odata.context': `${root}/$metadata`, value })
}

function enumeration({ flags, members }: EnumType): JsonObject {
  return { $Kind: 'EnumType', ...(flags ? { $IsFlags: true } : {}), ...members }
}

function complex(namespace: string, { open, properties }: ComplexType): JsonObject {
  return { $Kind: 'ComplexType', ...(open ? { $OpenType: true } : {}), ...propertyMembers(namespace, properties) }
}

function entity(namespace: string, type: EntityType): JsonObject {
  const { base, abstract, open, properties, navigation } = type
  const navigations = Object.entries(navigation).map(([name, { type: to, collection, containsTarget }]) => {
    const cardinality = collection ? { $Collection: true } : { $Nullable: true }
    const contained = containsTarget ? { $ContainsTarget: true } : {}
    return [name, { $Kind: 'NavigationProperty', ...cardinality, $Type: `${namespace}.${to}`, ...contained }] as const
  })
  return {
    $Kind: 'EntityType',
    ...(base === undefined ? {} : { $BaseType: `${namespace}.${base.name}` }),
    ...(abstract ? { $Abstract: true } : {}),
    ...(open ? { $OpenType: true } : {}),
    ...(hasKey(type) ? { $Key: ['id'] } : {}),
    ...propertyMembers(namespace, properties),
    ...Object.fromEntries(navigations),
  }
}

/** Here a member must say that it may be null, and text needs no type. */
function propertyMembers(namespace: string, properties: Readonly<Record<string, Property>>): JsonObject {
  const members = Object.entries(properties).map(([name, property]) => {
    const { type, collection, nullable, fallback, maxLength } = property
    const typeName = typeof type === 'string' ? type : `${namespace}.${type.name}`
    return [
      name,
      {
        ...(collection === true ? { $Collection: true } : {}),
        ...(typeName === 'Edm.String' ? {} : { $Type: typeName }),
        ...(nullable === false || collection === true ? {} : { $Nullable: true }),
        ...(type === 'Edm.DateTimeOffset' ? { $Precision: fractionDigits } : {}),
        ...(maxLength === undefined ? {} : { $MaxLength: maxLength }),
        ...(fallback === undefined ? {} : { $DefaultValue: fallback }),
        ...annotationMembers(annotationsOfProperty(property)),
      },
    ] as const
  })
  return Object.fromEntries(members)
}

function containerChild(namespace: string, { kind, type, isServed, bindings }: ContainerChild): JsonObject {
  return {
    ...(kind === 'EntitySet' ? { $Collection: true } : {}),
    $Type: `${namespace}.${type.name}`,
    ...(Object.keys(bindings).length === 0 ? {} : { $NavigationPropertyBinding: bindings }),
    ...(isServed || kind === 'Singleton' ? {} : { $IncludeInServiceDocument: false }),
  }
}

function annotationMembers(annotations: Annotations): JsonObject {
  return Object.fromEntries(Object.entries(annotations).map(([term, value]) => [`@${term}`, jsonOf(value)]))
}

function jsonOf(value: AnnotationValue): unknown {
  if (typeof value !== 'object') return value
  if ('enumeration' in value) return value.members.join(',')
  if ('navigationPath' in value) return value.navigationPath
  if ('record' in value) return Object.fromEntries(Object.entries(value.record).map(([name, member]) => [name, jsonOf(member)]))
  return value.map(jsonOf)
}
