/** The facts of all resources and their operations as one plain description, from which the documents are printed. */

import type { MemberNeeds, Needs, Sufficient } from '../../auth/needs.ts'
import { errors } from '../../errors.ts'
import { carriers, carrierTypes } from '../../model/carriers.ts'
import type { ComplexType, EntityType, EnumType, StructuredType } from '../../model/edm.ts'
import { complexTypes, entityTypes, enumTypes, namespace } from '../../model/index.ts'
import type {
  DescribedOperation,
  DescribedResource,
  DescribedScope,
  Permissions,
  ServiceDescription,
  ServicePath,
} from '../../odata/service/service-description.ts'
import { resources } from '../index.ts'
import { type Operation, operationName, type Resource, type Version } from '../operation.ts'
import { examples } from './examples.ts'
import { failuresOf, type OperationAtPath } from './failures.ts'
import { needsInWords } from './needs-in-words.ts'

/** The settings that open operations; a missing one is closed. The program's configuration fits this type. */
export interface FeatureSettings {
  readonly allowApplications?: boolean
  readonly allowPersonalAccounts?: boolean
  readonly profileInV1?: boolean
}

/** Describes everything that is served under a version. */
export function describeService(version: Version, opened: FeatureSettings = {}): ServiceDescription {
  const served = resources.filter(({ versions }) => versions === 'both' || version === 'beta' || opened.profileInV1 === true)
  const absent = new Set(resources.filter((resource) => !served.includes(resource)).map(({ type }) => type.name))
  const types = typesOf(served, absent)
  const declared = (type: EntityType) => types.entityTypes.find(({ name }) => name === type.name) ?? type
  return {
    version,
    namespace,
    ...types,
    carriers,
    serves,
    resources: served.flatMap((resource) => formsOf(resource).map((form) => describeForm(resource, form, version, opened, declared))),
  }
}

/** The paths that are served besides the resources. */
const serves: readonly ServicePath[] = ['serviceDocument', 'metadata', 'openApi', 'batch']

/** A way in which a resource's path may begin. */
interface Form {
  readonly path: string
  readonly key: string | undefined
  readonly operations: readonly (readonly [name: string, operation: Operation])[]
}

/** `/me` stands for `/users/{user}`. */
function formsOf(resource: Resource): readonly Form[] {
  const { path, key } = resource
  const operations = Object.entries(resource.operations) as unknown as Form['operations'] // the grant's kind follows from `needs.on`
  const whole = { path, key, operations }
  if (path.startsWith('/users/{user}/')) return [{ ...whole, path: path.replace('/users/{user}', '/me') }, whole]
  if (path !== '/users') return [whole]
  const own = operations.filter(([, { on }]) => on === 'item').map(([name, row]) => [name, { ...row, on: 'single' }] as const)
  return [{ path: '/me', key: undefined, operations: own }, whole]
}

function describeForm(
  resource: Resource,
  { path, key, operations }: Form,
  version: Version,
  opened: FeatureSettings,
  declared: (type: EntityType) => EntityType,
): DescribedResource {
  return {
    path,
    key,
    type: declared(resource.type),
    declaredType: declared(resource.declaredType ?? resource.type),
    expandable: resource.expandable ?? [],
    contextSet: resource.contextPath,
    workload: resource.workload,
    operations: operations.map(([name, operation]) => describeOperation(name, { resource, operation, path }, version, opened)),
  }
}

function describeOperation(name: string, placed: OperationAtPath, version: Version, opened: FeatureSettings): DescribedOperation {
  const { operation, path } = placed
  const { verb, on, query = [], consistency, answers, needs } = operation
  const id = operationName(path, name)
  return {
    id,
    verb,
    on,
    query,
    consistency,
    preconditions: preconditionsOf(operation),
    takes: 'takes' in operation ? operation.takes : 'nothing',
    answers,
    status: operation.answers === 'updated' ? operation.status[version] : undefined,
    permissions: permissionsOf(needs, path, opened),
    who: wordsOf(needs, path),
    errors: failuresOf(placed),
    examples: examples[version][id] ?? [],
  }
}

/** Entity tags are compared with where there is an answer for a comparison that fails. */
const hasEntityTags = Object.values<{ readonly status: number }>(errors).some(({ status }) => status === 412)

function preconditionsOf({ on, verb, answers }: Operation): DescribedOperation['preconditions'] {
  if (!hasEntityTags || (on !== 'item' && on !== 'single')) return []
  if (verb === 'GET') return answers === 'entity' ? ['If-None-Match'] : []
  return ['If-Match']
}

function permissionsOf(needs: Needs, path: string, opened: FeatureSettings): Permissions {
  const own = path.startsWith('/me')
  // On /users/{user} what suffices on anybody comes first; what suffices on oneself counts there with the own key.
  const users = needs.on !== 'person' ? [needs.delegated, needs.personal] : [...(own ? [] : [needs.others]), needs.self, needs.personal]
  const members = needs.on === 'person' ? needs.members : undefined
  return {
    delegated: scopesOf(users, opened, members),
    application: own ? [] : scopesOf([needs.application], opened, members),
  }
}

function scopesOf(sufficient: readonly Sufficient[], opened: FeatureSettings, members: MemberNeeds | undefined): readonly DescribedScope[] {
  const counting = sufficient.filter(({ onlyWith }) => onlyWith === undefined || opened[onlyWith] === true)
  const names = new Set(counting.flatMap(({ permissions }) => permissions))
  return [...names].map((name) => {
    if (members === undefined) return { name }
    const restricted = members.narrow[name] ?? ['*', ...members.guarded.map((member) => `-${member}`)]
    return { name, restricted: restricted.join(',') }
  })
}

function wordsOf(needs: Needs, path: string): readonly string[] {
  const own = path.startsWith('/me')
  return needsInWords(needs)
    .filter(([caller]) => !own || !/on others|members of others|^application$/.test(caller))
    .map(([caller, words]) => `${caller}: ${words}`)
}

interface Types {
  readonly enumTypes: readonly EnumType[]
  readonly complexTypes: readonly ComplexType[]
  readonly entityTypes: readonly EntityType[]
}

/** The types that the served resources are made of, without what leads to resources that are not served. */
function typesOf(served: readonly Resource[], absent: ReadonlySet<string>): Types {
  const known = new Map([...entityTypes, ...carrierTypes].map((type): [string, EntityType] => [type.name, trimmed(type, absent)]))
  const reached = new Set<string>()
  const reach = (type: StructuredType | EnumType) => {
    if (reached.has(type.name)) return
    reached.add(type.name)
    if (type.kind === 'enum') return
    for (const { type: of } of Object.values(type.properties)) if (typeof of !== 'string') reach(of)
    if (type.kind === 'complex') return
    if (type.base !== undefined) reach(type.base)
    for (const { type: name } of Object.values(known.get(type.name)?.navigation ?? {})) reachNamed(name)
  }
  const reachNamed = (name: string) => {
    const type = known.get(name)
    if (type !== undefined) reach(type)
  }
  for (const { type } of served) reach(type)
  for (const type of Object.values(carriers)) reach(type)
  const isReached = ({ name }: { readonly name: string }) => reached.has(name)
  return {
    enumTypes: enumTypes.filter(isReached),
    complexTypes: complexTypes.filter(isReached),
    entityTypes: [...known.values()].filter(isReached).toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  }
}

function trimmed(type: EntityType, absent: ReadonlySet<string>): EntityType {
  return { ...type, navigation: Object.fromEntries(Object.entries(type.navigation).filter(([, { type: to }]) => !absent.has(to))) }
}
