/** A service as plain data, from which metadata and OpenAPI are printed. Nothing here knows a resource by name. */

import type { ComplexType, EntityType, EnumType } from '../../model/edm.ts'
import type { PathKind } from '../url/path.ts'

export interface DescribedScope {
  readonly name: string
  /** Members that it opens, as Org.OData.Capabilities.V1 writes them in `RestrictedProperties`; undefined: all. */
  readonly restricted?: string
}

/** Kinds of tokens; each scope by itself suffices. */
export type Permissions = Readonly<Record<'delegated' | 'application', readonly DescribedScope[]>>

/** A failure that an operation can end in. */
export interface DescribedError {
  readonly status: number
  readonly code: string
  readonly when: string
}

export interface DescribedOperation {
  /** Unique in the service: `me.profile.emails.list`. */
  readonly id: string
  readonly verb: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly on: PathKind
  /** Names of query options without `$`. */
  readonly query: readonly string[]
  /** A value of `ConsistencyLevel` that the client must send. */
  readonly consistency: string | undefined
  /** The conditional headers that the operation takes. */
  readonly preconditions: readonly ('If-Match' | 'If-None-Match')[]
  readonly takes: 'nothing' | 'body' | 'typedBody' | 'reference'
  readonly answers: 'page' | 'count' | 'entity' | 'reference' | 'created' | 'updated' | 'nothing'
  /** For `updated`: the status unless the client prefers another. */
  readonly status: 200 | 204 | undefined
  readonly permissions: Permissions
  /** The needs of the operation, in sentences. */
  readonly who: readonly string[]
  readonly errors: readonly DescribedError[]
  readonly examples: readonly Example[]
}

/** A request that was answered so; tests send it. */
export interface Example {
  readonly says: string
  /** The request body; undefined where there is none. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly status: number
  /** The response body; undefined where there is none. */
  readonly answer?: Readonly<Record<string, unknown>> | number
}

/** The target of a path; `/me/…` and `/users/{user}/…` are one each. */
export interface DescribedResource {
  /** Template from the service root. Of a collection: without the key of its items. */
  readonly path: string
  /** Name of the items' key, for a collection. */
  readonly key: string | undefined
  readonly type: EntityType
  /** The type that the model declares there: `type` or a base of it. */
  readonly declaredType: EntityType
  readonly expandable: readonly string[]
  /** The entity set that context URLs speak of, where it is another than the path's. */
  readonly contextSet: string | undefined
  /** The workload, whose errors are spelled alike. */
  readonly workload: string
  readonly operations: readonly DescribedOperation[]
}

/** The kinds of paths besides resources: the service's own documents, and batches. */
export type ServicePath = 'serviceDocument' | 'metadata' | 'openApi' | 'batch'

export interface ServiceDescription {
  readonly version: string
  readonly namespace: string
  readonly enumTypes: readonly EnumType[]
  readonly complexTypes: readonly ComplexType[]
  readonly entityTypes: readonly EntityType[]
  /** Types of the first segments that are no collection. */
  readonly carriers: Readonly<Record<string, EntityType>>
  readonly resources: readonly DescribedResource[]
  /** The other paths. */
  readonly serves: readonly ServicePath[]
}

/** The segments of a path that are no keys: `users`, `profile`, `emails`. */
export function namesOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '' && !segment.startsWith('{'))
}
