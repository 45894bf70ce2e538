/** `$metadata` in XML (OData CSDL XML 4.01). metadata-json.ts says the same in JSON. */

import type { ComplexType, EntityType, EnumType, Property } from '../../model/edm.ts'
import { fractionDigits } from '../../model/time.ts'
import { type Annotations, type AnnotationValue, annotationsOfContainer, annotationsOfProperty, vocabularies } from './annotations.ts'
import { type ContainerChild, containerName, containerOf } from './container.ts'
import type { ServiceDescription } from './service-description.ts'

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** The document's text, with a declaration, two spaces to a level and a newline at its end. */
export function renderMetadataXml(description: ServiceDescription): string {
  const { namespace } = description
  const references = Object.entries(vocabularies).map(([vocabulary, uri]) =>
    element('edmx:Reference', { Uri: uri }, [element('edmx:Include', { Namespace: vocabulary })]),
  )
  const schema = element('Schema', { xmlns: 'http://docs.oasis-open.org/odata/ns/edm', Namespace: namespace }, [
    ...description.enumTypes.map(enumeration),
    ...description.complexTypes.map((type) => complex(namespace, type)),
    ...description.entityTypes.map((type) => entity(namespace, type)),
    element(
      'EntityContainer',
      { Name: containerName },
      containerOf(description).map((child) => containerChild(namespace, child)),
    ),
    ...Object.entries(annotationsOfContainer(description)).map(([target, annotations]) =>
      element('Annotations', { Target: target }, annotationElements(annotations)),
    ),
  ])
  const whole = element('edmx:Edmx', { 'xmlns:edmx': 'http://docs.oasis-open.org/odata/ns/edmx', Version: '4.0' }, [
    ...references,
    element('edmx:DataServices', {}, [schema]),
  ])
  return `<?xml version="1.0" encoding="utf-8"?>\n${whole.join('\n')}\n`
}

function enumeration({ name, flags, members }: EnumType): readonly string[] {
  const children = Object.entries(members).map(([member, value]) => element('Member', { Name: member, Value: value }))
  return element('EnumType', { Name: name, IsFlags: flags || undefined }, children)
}

function complex(namespace: string, { name, open, properties }: ComplexType): readonly string[] {
  return element('ComplexType', { Name: name, OpenType: open || undefined }, propertyElements(namespace, properties))
}

function entity(namespace: string, type: EntityType): readonly string[] {
  const { name, base, abstract, open, properties, navigation } = type
  const baseName = base === undefined ? undefined : `${namespace}.${base.name}`
  return element('EntityType', { Name: name, BaseType: baseName, Abstract: abstract || undefined, OpenType: open || undefined }, [
    ...(hasKey(type) ? [element('Key', {}, [element('PropertyRef', { Name: 'id' })])] : []),
    ...propertyElements(namespace, properties),
    ...Object.entries(navigation).map(([member, { type: to, collection, containsTarget }]) =>
      element('NavigationProperty', {
        Name: member,
        Type: collection ? `Collection(${namespace}.${to})` : `${namespace}.${to}`,
        ContainsTarget: containsTarget || undefined,
      }),
    ),
  ])
}

/** Where `id` is declared it is the key, of the type and of those that inherit it. */
export function hasKey({ properties }: EntityType): boolean {
  return properties.id?.nullable === false
}

function propertyElements(namespace: string, properties: Readonly<Record<string, Property>>): readonly (readonly string[])[] {
  return Object.entries(properties).map(([name, property]) => {
    const { type, collection, nullable, fallback, maxLength } = property
    const single = typeof type === 'string' ? type : `${namespace}.${type.name}`
    const attributes = {
      Name: name,
      Type: collection === true ? `Collection(${single})` : single,
      // A collection is never null, and none here has items that are.
      Nullable: collection === true ? false : nullable,
      Precision: type === 'Edm.DateTimeOffset' ? fractionDigits : undefined,
      MaxLength: maxLength,
      DefaultValue: fallback,
    }
    return element('Property', attributes, annotationElements(annotationsOfProperty(property)))
  })
}

function containerChild(namespace: string, { name, kind, type, isServed, bindings }: ContainerChild): readonly string[] {
  const typeName = `${namespace}.${type.name}`
  const attributes =
    kind === 'Singleton'
      ? { Name: name, Type: typeName }
      : { Name: name, EntityType: typeName, IncludeInServiceDocument: isServed ? undefined : false }
  const children = Object.entries(bindings).map(([path, target]) => element('NavigationPropertyBinding', { Path: path, Target: target }))
  return element(kind, attributes, children)
}

function annotationElements(annotations: Annotations): readonly (readonly string[])[] {
  return Object.entries(annotations).map(([term, value]) => valued('Annotation', { Term: term }, value))
}

/** An element with a value: as an attribute where it is a simple one, else inside. */
function valued(name: string, attributes: Attributes, value: AnnotationValue): readonly string[] {
  const simple = simpleValue(value)
  return simple === undefined
    ? element(name, attributes, [structured(value)])
    : element(name, { ...attributes, [simple[0]]: simple[1] }, [])
}

function simpleValue(value: AnnotationValue): readonly [expression: string, text: string | number | boolean] | undefined {
  if (typeof value === 'boolean') return ['Bool', value]
  if (typeof value === 'string') return ['String', value]
  if (typeof value === 'number') return Number.isInteger(value) ? ['Int', value] : ['Decimal', value]
  if ('enumeration' in value) return ['EnumMember', value.members.map((member) => `${value.enumeration}/${member}`).join(' ')]
  if ('navigationPath' in value) return ['NavigationPropertyPath', value.navigationPath]
  return undefined
}

function structured(value: AnnotationValue): readonly string[] {
  if (isList(value)) return element('Collection', {}, value.map(insideCollection))
  const members = typeof value === 'object' && 'record' in value ? Object.entries(value.record) : []
  return element(
    'Record',
    {},
    members.map(([property, member]) => valued('PropertyValue', { Property: property }, member)),
  )
}

function insideCollection(value: AnnotationValue): readonly string[] {
  const simple = simpleValue(value)
  return simple === undefined ? structured(value) : [`<${simple[0]}>${escaped(String(simple[1]))}</${simple[0]}>`]
}

function isList(value: AnnotationValue): value is readonly AnnotationValue[] {
  return Array.isArray(value)
}

/** The lines of an element; attributes that are undefined are left out. */
function element(name: string, attributes: Attributes, children: readonly (readonly string[])[] = []): readonly string[] {
  const written = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(String(value))}"`]))
  const head = `<${name}${written.join('')}`
  if (children.length === 0) return [`${head}/>`]
  return [`${head}>`, ...children.flat().map((line) => `  ${line}`), `</${name}>`]
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? character)
}
