/** How a client wants its answer: what its query, its preferences and its headers ask of an operation. */

import type { App } from '../app.ts'
import { GraphError } from '../errors.ts'
import { querySchemaOf } from '../graph/navigation.ts'
import { isConditional, type Operation, type Resource, type Version } from '../graph/operation.ts'
import { noPreconditions, type Preconditions, readPreconditions } from '../odata/json/etags.ts'
import { type Metadata, type Preferences, readMetadata, readPreferences } from '../odata/json/preferences.ts'
import { requireVersions } from '../odata/json/versions.ts'
import { noQuery, parseQuery, type Query } from '../odata/query/query.ts'
import { type GraphRequest, headerOf, versionsOf } from './message.ts'

export interface RequestOptions {
  readonly query: Query
  readonly preferences: Preferences
  readonly metadata: Metadata
  readonly preconditions: Preconditions
}

interface Target {
  readonly version: Version
  readonly resource: Resource
  readonly operation: Operation
}

/** `search` is the part of the URL behind `?`. Throws what is wrong with any of it; looks at nothing but the request. */
export function readRequestOptions(
  app: App,
  request: GraphRequest,
  search: string,
  { version, resource, operation }: Target,
): RequestOptions {
  requireVersions(versionsOf(request), 'takes' in operation)
  const isOpen = ({ versions }: Resource) => versions === 'both' || version === 'beta' || app.config.profileInV1
  const query = search === '' ? noQuery : parseQuery(search, querySchemaOf(resource, operation, isOpen), app.now())
  const consistency = headerOf(request, 'consistencylevel')?.toLowerCase() ?? query.consistency
  if (consistency !== 'eventual') requireNoConsistency(query, resource, operation)
  return {
    query,
    preferences: readPreferences(headerOf(request, 'prefer')),
    metadata: operation.answers === 'count' ? 'minimal' : readMetadata(query.format ?? headerOf(request, 'accept')),
    preconditions: isConditional(operation)
      ? readPreconditions(headerOf(request, 'if-match'), headerOf(request, 'if-none-match'))
      : noPreconditions,
  }
}

/** Graph's directory answers some queries from an index that lags behind, and only to clients that accept this by a header. */
function requireNoConsistency({ advanced }: Query, { workload }: Resource, { consistency }: Operation): void {
  if (consistency !== undefined)
    throw new GraphError('countNeedsConsistency', {
      target: 'ConsistencyLevel',
      message: '$count is not currently supported without the header ConsistencyLevel: eventual.',
    })
  const [construct] = advanced
  if (workload !== 'directory' || construct === undefined) return
  const message =
    construct === '$search'
      ? "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'"
      : `'${construct}' is not supported because the required parameters might be missing. Try adding the header ConsistencyLevel: eventual.`
  throw new GraphError('queryNeedsConsistency', { target: 'ConsistencyLevel', message })
}
