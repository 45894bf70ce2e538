/** JSON schemas (2020-12, as OpenAPI 3.1 has them) of the types that a service's bodies are made of. */

import { type ComplexType, type EntityType, type EnumType, type Properties, type Property, propertiesOf } from '../../model/edm.ts'
import { navigationsOf } from './container.ts'
import type { ServiceDescription } from './service-description.ts'

export type Schema = Readonly<Record<string, unknown>>

export const referTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** Names of schemas that are no types of the model. */
export const errorSchema = 'microsoft.graph.ODataErrors.ODataError'
export const referenceSchema = 'microsoft.graph.ReferenceCreate'
/** The name of a page of items of a type. */
export const pageOf = (typeName: string) => `${typeName}CollectionResponse`

/** Control information, which is never a member (OData JSON 4.01, section 4.6). */
const controlInformation = '^(@odata\\.(context|type|id|editLink|readLink|etag)|[A-Za-z_]\\w*@odata\\.(type|context|count|nextLink))$'

/** The schemas by name: those of enumerations, of complex types, of entity types that are served, and of their pages. */
export function schemasOf(description: ServiceDescription): Readonly<Record<string, Schema>> {
  const { namespace, enumTypes, complexTypes, entityTypes, resources } = description
  const expandable = expandableOf(description)
  const qualified = (name: string) => `${namespace}.${name}`
  const concrete = entityTypes.filter((one) => !one.abstract && resources.some(({ type }) => isA(one, type.name)))
  const abstract = entityTypes.filter((type) => type.abstract && resources.some((resource) => resource.type.name === type.name))
  const paged = resources.filter(({ operations }) => operations.some(({ answers }) => answers === 'page')).map(({ type }) => type.name)
  return {
    ...named(enumTypes, qualified, enumeration),
    ...named(complexTypes, qualified, (type) => structured(type, qualified, {})),
    ...named(concrete, qualified, (type) => structured(type, qualified, navigationMembers(type, expandable.get(type.name), qualified))),
    ...named(abstract, qualified, (type) => ({
      anyOf: concrete.filter((one) => isA(one, type.name)).map(({ name }) => referTo(qualified(name))),
    })),
    ...Object.fromEntries([...new Set(paged)].map((name) => [pageOf(qualified(name)), page(referTo(qualified(name)))])),
    [referenceSchema]: reference,
    [errorSchema]: error,
  }
}

function named<T extends { readonly name: string }>(
  types: readonly T[],
  qualified: (name: string) => string,
  make: (type: T) => Schema,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(types.map((type) => [qualified(type.name), make(type)]))
}

/** Whether `type` is of this name, or inherits from one that is. */
function isA(type: EntityType, name: string): boolean {
  return type.name === name || (type.base !== undefined && isA(type.base, name))
}

/** The names that `$expand` takes, by type. */
function expandableOf({ resources }: ServiceDescription): ReadonlyMap<string, ReadonlySet<string>> {
  const all = new Map<string, Set<string>>()
  for (const { type, expandable } of resources) all.set(type.name, new Set([...(all.get(type.name) ?? []), ...expandable]))
  return all
}

function enumeration({ members, flags }: EnumType): Schema {
  // A placeholder for members to come: neither taken nor answered.
  const names = Object.keys(members).filter((name) => name !== 'unknownFutureValue')
  if (!flags) return { type: 'string', enum: names }
  const one = names.join('|')
  return { type: 'string', pattern: `^(${one})(,(${one}))*$`, description: `One or more of ${names.join(', ')}, joined by commas.` }
}

function structured(
  type: ComplexType | EntityType,
  qualified: (name: string) => string,
  further: Readonly<Record<string, Schema>>,
): Schema {
  const properties = {
    '@odata.type': { type: 'string', const: `#${qualified(type.name)}` },
    ...members(propertiesOf(type), qualified),
    ...further,
  }
  if (type.open) return { type: 'object', properties, additionalProperties: true }
  return { type: 'object', properties, patternProperties: { [controlInformation]: {} }, additionalProperties: false }
}

function members(properties: Properties, qualified: (name: string) => string): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, member(property, qualified)]))
}

function member(property: Property, qualified: (name: string) => string): Schema {
  const { collection, nullable, readOnly, writeOnly, onSelect, fallback, maxItems } = property
  const single = singleValue(property, qualified)
  const value = collection === true ? { type: 'array', items: single, ...(maxItems === undefined ? {} : { maxItems }) } : single
  return {
    ...(nullable === false ? value : orNull(value)),
    ...(readOnly === true ? { readOnly } : {}),
    ...(writeOnly === true ? { writeOnly } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(onSelect === true ? { description: 'Answered where `$select` names it.' } : {}),
  }
}

function orNull(value: Schema): Schema {
  return '$ref' in value ? { anyOf: [value, { type: 'null' }] } : { ...value, type: [value.type, 'null'] }
}

function singleValue({ type, format, maxLength, minimum, maximum }: Property, qualified: (name: string) => string): Schema {
  if (typeof type !== 'string') return referTo(qualified(type.name))
  switch (type) {
    case 'Edm.Boolean':
      return { type: 'boolean' }
    case 'Edm.DateTimeOffset':
      return { type: 'string', format: 'date-time' }
    case 'Edm.String':
      return {
        type: 'string',
        ...(format === undefined ? {} : { format: `idn-${format}` }),
        ...(maxLength === undefined ? {} : { maxLength }),
      }
    default:
      return {
        ...(type === 'Edm.Int32' ? { type: 'integer', format: 'int32' } : { type: 'number', format: 'double' }),
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      }
  }
}

/** Members that `$expand` adds; never accepted from a client. */
function navigationMembers(
  type: EntityType,
  expandable: ReadonlySet<string> | undefined,
  qualified: (name: string) => string,
): Readonly<Record<string, Schema>> {
  const expanded = Object.entries(navigationsOf(type)).filter(([name]) => expandable?.has(name))
  return Object.fromEntries(
    expanded.map(([name, { type: to, collection }]) => {
      const target = referTo(qualified(to))
      const value = collection ? { type: 'array', items: target } : orNull(target)
      return [name, { ...value, readOnly: true, description: 'Answered where `$expand` names it.' }]
    }),
  )
}

function page(item: Schema): Schema {
  return {
    type: 'object',
    required: ['value'],
    properties: {
      '@odata.context': { type: 'string', format: 'uri' },
      '@odata.count': { type: 'integer', minimum: 0, description: 'How many there are on all pages, where `$count=true` asks for it.' },
      '@odata.nextLink': { type: 'string', format: 'uri', description: 'Where the next page is; absent on the last one.' },
      value: { type: 'array', items: item },
    },
    additionalProperties: false,
  }
}

const reference: Schema = {
  type: 'object',
  required: ['@odata.id'],
  properties: { '@odata.id': { type: 'string', format: 'uri', description: 'The URL of the item that is referred to.' } },
  additionalProperties: false,
}

const text: Schema = { type: 'string' }

const detail: Schema = {
  type: 'object',
  required: ['code', 'message'],
  properties: { code: text, message: text, target: text },
  additionalProperties: false,
}

/** The schema of the body that renderError of errors.ts writes. */
const error: Schema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'innerError'],
      properties: {
        code: text,
        message: { type: 'string', minLength: 1, description: 'For people; programs go by the status and the code.' },
        target: { type: 'string', description: 'The member, query option or header at fault.' },
        details: { type: 'array', items: detail, description: 'Of a 403: what would have sufficed.' },
        innerError: {
          type: 'object',
          required: ['date', 'request-id', 'client-request-id'],
          properties: { date: text, 'request-id': text, 'client-request-id': text },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
}
