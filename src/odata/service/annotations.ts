/** Annotations by OData's vocabularies: Capabilities from the operations, Core and Validation from the types. */

import type { Property } from '../../model/edm.ts'
import type { PathKind } from '../url/path.ts'
import { containerName, navigationsOf } from './container.ts'
import {
  type DescribedOperation,
  type DescribedResource,
  namesOf,
  type Permissions,
  type ServiceDescription,
} from './service-description.ts'

/** A value of an annotation (CSDL 4.01, section 14.3 and 14.4), as far as they are used here. */
export type AnnotationValue =
  | boolean
  | number
  | string
  | { readonly enumeration: string; readonly members: readonly string[] }
  | { readonly navigationPath: string }
  | { readonly record: Readonly<Record<string, AnnotationValue>> }
  | readonly AnnotationValue[]

/** By qualified term. */
export type Annotations = Readonly<Record<string, AnnotationValue>>

/** The vocabularies that are used, and where they are published. */
export const vocabularies: Readonly<Record<string, string>> = Object.fromEntries(
  ['Core', 'Capabilities', 'Validation'].map((name) => [
    `Org.OData.${name}.V1`,
    `https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.${name}.V1.xml`,
  ]),
)

const core = (term: string) => `Org.OData.Core.V1.${term}`
const capability = (term: string) => `Org.OData.Capabilities.V1.${term}`
const validation = (term: string) => `Org.OData.Validation.V1.${term}`
const record = (members: Readonly<Record<string, AnnotationValue | undefined>>): AnnotationValue => ({ record: present(members) })

/** The annotations of a property. */
export function annotationsOfProperty({ readOnly, writeOnly, onSelect, maxItems, minimum, maximum }: Property): Annotations {
  const permission = (name: string) => ({ enumeration: core('Permission'), members: [name] })
  return present({
    [core('Computed')]: readOnly,
    [core('Permissions')]: readOnly === true ? permission('Read') : writeOnly === true ? permission('Write') : undefined,
    [core('Description')]: onSelect === true ? 'Answered where $select names it.' : undefined,
    [validation('MaxItems')]: maxItems,
    [validation('Minimum')]: minimum,
    [validation('Maximum')]: maximum,
  })
}

/** The annotations of everything that is served, by target path (CSDL 4.01, section 14.2.2). */
export function annotationsOfContainer(description: ServiceDescription): Readonly<Record<string, Annotations>> {
  return Object.fromEntries(
    description.resources.map((resource) => [
      [`${description.namespace}.${containerName}`, ...namesOf(resource.path)].join('/'),
      {
        ...(resource.key === undefined ? restrictionsOfSingle(resource) : restrictionsOfCollection(resource)),
        ...references(description, resource),
      },
    ]),
  )
}

function restrictionsOfSingle(resource: DescribedResource): Annotations {
  const get = operationOn(resource, 'single', 'GET')
  return present({
    [capability('ReadRestrictions')]: may('Readable', get),
    ...writeRestrictions(resource, 'single'),
    [capability('SelectSupport')]: record({ Supported: has(get, 'select') }),
    [capability('ExpandRestrictions')]: expand(resource, get),
  })
}

function restrictionsOfCollection(resource: DescribedResource): Annotations {
  const list = operationOn(resource, 'collection', 'GET')
  const get = operationOn(resource, 'item', 'GET')
  return present({
    [capability('ReadRestrictions')]: record({
      Readable: list !== undefined,
      Permissions: permissions(list?.permissions),
      ReadByKeyRestrictions: may('Readable', get),
    }),
    [capability('InsertRestrictions')]: may('Insertable', operationOn(resource, 'collection', 'POST')),
    ...writeRestrictions(resource, 'item'),
    [capability('TopSupported')]: has(list, 'top'),
    [capability('SkipSupported')]: has(list, 'skip'),
    [capability('CountRestrictions')]: record({ Countable: has(list, 'count') || operationOn(resource, 'count', 'GET') !== undefined }),
    [capability('FilterRestrictions')]: record({ Filterable: has(list, 'filter') }),
    [capability('SortRestrictions')]: record({ Sortable: has(list, 'orderby') }),
    [capability('SearchRestrictions')]: record({ Searchable: has(list, 'search') }),
    [capability('SelectSupport')]: record({ Supported: has(list ?? get, 'select') }),
    [capability('ExpandRestrictions')]: expand(resource, list ?? get),
  })
}

function writeRestrictions(resource: DescribedResource, pathKind: PathKind): Readonly<Record<string, AnnotationValue>> {
  const [update, ...further] = resource.operations.filter(({ on, answers }) => on === pathKind && answers === 'updated')
  const verbs = [update, ...further].flatMap((operation) => (operation === undefined ? [] : [operation.verb]))
  const method = verbs.length === 0 ? undefined : { enumeration: capability('HttpMethod'), members: verbs }
  return {
    [capability('UpdateRestrictions')]: record({
      Updatable: update !== undefined,
      UpdateMethod: method,
      Permissions: permissions(update?.permissions),
    }),
    [capability('DeleteRestrictions')]: may('Deletable', operationOn(resource, pathKind, 'DELETE')),
  }
}

/** The navigation properties of a resource through which others are referenced. */
function references({ resources }: ServiceDescription, { path, key }: DescribedResource): Annotations {
  const items = key === undefined ? path : `${path}/{${key}}`
  const referring = resources.filter(
    (other) => other.path.slice(0, other.path.lastIndexOf('/')) === items && other.operations.some(({ takes }) => takes === 'reference'),
  )
  if (referring.length === 0) return {}
  const restricted = referring.map((other) => {
    const [add, remove] = [operationOn(other, 'ref', 'POST'), operationOn(other, 'itemRef', 'DELETE')]
    return record({
      NavigationProperty: { navigationPath: namesOf(other.path).slice(namesOf(path).length).join('/') },
      Referenceable: true,
      InsertRestrictions: may('Insertable', add),
      DeleteRestrictions: may('Deletable', remove),
    })
  })
  return { [capability('NavigationRestrictions')]: record({ RestrictedProperties: restricted }) }
}

function operationOn({ operations }: DescribedResource, pathKind: PathKind, verb: string): DescribedOperation | undefined {
  return operations.find((operation) => operation.on === pathKind && operation.verb === verb)
}

function may(flag: string, operation: DescribedOperation | undefined): AnnotationValue {
  return record({ [flag]: operation !== undefined, Permissions: permissions(operation?.permissions) })
}

/** `Permissions` of a restriction: one of its members suffices, and of each member one of its scopes. */
function permissions(given: Permissions | undefined): AnnotationValue | undefined {
  const schemes = [
    ['Delegated', given?.delegated ?? []],
    ['Application', given?.application ?? []],
  ] as const
  const held = schemes.filter(([, scopes]) => scopes.length > 0)
  if (held.length === 0) return undefined
  return held.map(([scheme, scopes]) =>
    record({
      SchemeName: scheme,
      Scopes: scopes.map(({ name, restricted }) => record({ Scope: name, RestrictedProperties: restricted })),
    }),
  )
}

function expand({ type, expandable }: DescribedResource, operation: DescribedOperation | undefined): AnnotationValue {
  const isExpandable = has(operation, 'expand') && expandable.length > 0
  const others = Object.keys(navigationsOf(type)).filter((name) => !expandable.includes(name))
  const paths = others.map((navigationPath) => ({ navigationPath }))
  return record({ Expandable: isExpandable, NonExpandableProperties: isExpandable && paths.length > 0 ? paths : undefined })
}

function has(operation: DescribedOperation | undefined, option: string): boolean {
  return operation?.query.includes(option) === true
}

function present(members: Readonly<Record<string, AnnotationValue | undefined>>): Readonly<Record<string, AnnotationValue>> {
  return Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
}
