/** CSDL in XML as CSDL in JSON (OData CSDL JSON 4.01), by the rules of the standard: so that the two can be compared. */

import type { Element } from './csdl.ts'

type Json = string | number | boolean | readonly Json[] | { readonly [member: string]: Json }
type Members = Readonly<Record<string, Json>>

/** The whole document: `edmx:Edmx`, of one schema. */
export function jsonOfEdmx({ attributes, children }: Element): Members {
  const references = children.filter(({ name }) => name === 'edmx:Reference')
  const [schema] = children.find(({ name }) => name === 'edmx:DataServices')?.children ?? []
  if (schema === undefined) throw new Error('there is no schema')
  const container = schema.children.find(({ name }) => name === 'EntityContainer')
  const namespace = schema.attributes.Namespace ?? ''
  return {
    $Version: attributes.Version ?? '',
    $EntityContainer: `${namespace}.${container?.attributes.Name}`,
    $Reference: Object.fromEntries(references.map((one) => [one.attributes.Uri ?? '', { $Include: one.children.map(includeOf) }])),
    [namespace]: schemaOf(schema),
  }
}

function includeOf({ attributes }: Element): Json {
  return { $Namespace: attributes.Namespace ?? '' }
}

function schemaOf({ children }: Element): Json {
  const [annotated, named] = [true, false].map((wanted) => children.filter(({ name }) => (name === 'Annotations') === wanted))
  return {
    ...byName(named ?? [], (element) => kinds[element.name]?.(element) ?? {}),
    $Annotations: Object.fromEntries((annotated ?? []).map((one) => [one.attributes.Target ?? '', annotationsOf(one)])),
  }
}

function byName(elements: readonly Element[], make: (element: Element) => Json): Members {
  return Object.fromEntries(elements.map((element) => [element.attributes.Name ?? '', make(element)]))
}

const kinds: Readonly<Record<string, (element: Element) => Json>> = {
  EnumType: ({ attributes, children }) => ({
    $Kind: 'EnumType',
    ...flag('$IsFlags', attributes.IsFlags),
    ...byName(children, (member) => Number(member.attributes.Value)),
  }),
  ComplexType: ({ attributes, children }) => ({
    $Kind: 'ComplexType',
    ...flag('$OpenType', attributes.OpenType),
    ...byName(children, propertyOf),
  }),
  EntityType: ({ attributes, children }) => {
    const key = children.find(({ name }) => name === 'Key')?.children.map((reference) => reference.attributes.Name ?? '')
    return {
      $Kind: 'EntityType',
      ...(attributes.BaseType === undefined ? {} : { $BaseType: attributes.BaseType }),
      ...flag('$Abstract', attributes.Abstract),
      ...flag('$OpenType', attributes.OpenType),
      ...(key === undefined ? {} : { $Key: key }),
      ...byName(
        children.filter(({ name }) => name !== 'Key'),
        (member) => (member.name === 'Property' ? propertyOf(member) : navigationOf(member)),
      ),
    }
  },
  EntityContainer: ({ children }) => ({ $Kind: 'EntityContainer', ...byName(children, containerChildOf) }),
}

function flag(name: string, value: string | undefined): Members {
  return value === 'true' ? { [name]: true } : {}
}

/** Text needs no type in JSON, and what may be null says so there. */
function propertyOf(element: Element): Json {
  const { Type = '', Nullable, MaxLength, Precision, DefaultValue } = element.attributes
  return {
    ...typeOf(Type, 'Edm.String'),
    ...(Nullable === 'false' ? {} : { $Nullable: true }),
    ...(Precision === undefined ? {} : { $Precision: Number(Precision) }),
    ...(MaxLength === undefined ? {} : { $MaxLength: Number(MaxLength) }),
    ...(DefaultValue === undefined ? {} : { $DefaultValue: Type === 'Edm.Boolean' ? DefaultValue === 'true' : DefaultValue }),
    ...annotationsOf(element),
  }
}

function typeOf(text: string, unsaid?: string): Members {
  const inner = /^Collection\((.*)\)$/.exec(text)?.[1]
  const type = inner ?? text
  return { ...(inner === undefined ? {} : { $Collection: true }), ...(type === unsaid ? {} : { $Type: type }) }
}

function navigationOf({ attributes: { Type = '', ContainsTarget } }: Element): Json {
  const nullable = Type.startsWith('Collection(') ? {} : { $Nullable: true }
  return { $Kind: 'NavigationProperty', ...typeOf(Type), ...nullable, ...flag('$ContainsTarget', ContainsTarget) }
}

function containerChildOf({ name, attributes, children }: Element): Json {
  const bindings = Object.fromEntries(children.map((one) => [one.attributes.Path ?? '', one.attributes.Target ?? '']))
  return {
    ...(name === 'EntitySet' ? { $Collection: true } : {}),
    $Type: attributes.EntityType ?? attributes.Type ?? '',
    ...(children.length === 0 ? {} : { $NavigationPropertyBinding: bindings }),
    ...(attributes.IncludeInServiceDocument === 'false' ? { $IncludeInServiceDocument: false } : {}),
  }
}

function annotationsOf({ children }: Element): Members {
  return Object.fromEntries(children.map((annotation) => [`@${annotation.attributes.Term}`, expressionOf(annotation)]))
}

/** The value of an annotation or of a member of a record: in an attribute, or in the element inside. */
function expressionOf({ attributes, children }: Element): Json {
  for (const [name, value] of Object.entries(attributes)) {
    const read = simple[name]
    if (read !== undefined) return read(value)
  }
  const [inner] = children
  if (inner === undefined) throw new Error('an annotation has no value')
  return structuredOf(inner)
}

const simple: Readonly<Record<string, (text: string) => Json>> = {
  Bool: (text) => text === 'true',
  String: (text) => text,
  Int: Number,
  Decimal: Number,
  EnumMember: (text) =>
    text
      .split(' ')
      .map((member) => member.slice(member.lastIndexOf('/') + 1))
      .join(','),
  NavigationPropertyPath: (text) => text,
}

function structuredOf({ name, children, text }: Element): Json {
  if (name === 'Collection') return children.map(structuredOf)
  if (name === 'Record') return Object.fromEntries(children.map((member) => [member.attributes.Property ?? '', expressionOf(member)]))
  const read = simple[name]
  if (read === undefined) throw new Error(`${name} is no expression that is used here`)
  return read(text)
}
