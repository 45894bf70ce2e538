/**
 * The life of a Graph request, from a plain record to a plain record, and the one place where errors are caught.
 * Each step takes what the step before it made, so that none can be left out.
 */

import type { App } from './app.ts'
import { authorize, type Grant } from './auth/authorize.ts'
import type { Caller } from './auth/caller.ts'
import { codeOf, GraphError, renderError, type Workload } from './errors.ts'
import { resources } from './graph/index.ts'
import { type Context, type Operation, type Resource, usualPageSize, type Version } from './graph/operation.ts'
import type { Changes, EntityType } from './model/edm.ts'
import { isObject, readBody } from './odata/body.ts'
import { type Form, renderEntity, renderItem, renderPage } from './odata/json.ts'
import { type Json, parseJson } from './odata/json-text.ts'
import { canonicalPath, createRouter, type Routed, unknownSegment } from './odata/path.ts'
import { contentTypes, type Metadata, type Preferences, readMetadata, readPreferences } from './odata/preferences.ts'
import { parseQuery, type Query, renderSkiptoken } from './odata/query.ts'

export interface GraphRequest {
  readonly method: string
  /** Path and query as received, undecoded. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Origin that links in the answer begin with, such as `https://localhost:8443`. */
  readonly origin: string
  /** Reads the body, once, after everything before it has passed. */
  readonly body: () => Promise<Uint8Array>
}

export interface GraphResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Absent with 204. */
  readonly body?: string
}

/** What is known so far, for whoever has to write the answer when a step fails. */
interface Progress {
  workload: Workload
  route: string
  caller?: Caller
}

/** How the client wants its answer. */
interface Asked {
  readonly query: Query
  readonly preferences: Preferences
  readonly metadata: Metadata
}

interface Plan extends Asked {
  readonly version: Version
  readonly routed: Routed<Resource>
  readonly operation: Operation
  readonly grant: Grant
  readonly body: Changes<EntityType>
  readonly keys: Readonly<Record<string, string>>
  readonly service: string
}

const router = createRouter(resources)
const latestClientRequestId = 128

export async function handle(app: App, request: GraphRequest): Promise<GraphResponse> {
  const startedAt = app.now()
  const requestId = app.newId()
  const clientRequestId = clientRequestIdOf(request) ?? requestId
  const progress: Progress = { workload: 'gateway', route: '-' }
  let response: GraphResponse
  let error: GraphError | undefined
  try {
    const caller = await app.authenticate(header(request, 'authorization'))
    progress.caller = caller
    const { version, path, search } = splitUrl(request.url)
    const { routed, operation } = route(app, request, version, path, progress)
    // Before permission, and alike whoever the path names: a person out of sight is not told apart by what is refused.
    const asked = readAsked(request, search, routed.resource, operation)
    const grant = await authorize(
      { needs: operation.needs, caller, target: { me: routed.me, key: routed.keys.user } },
      { rules: app.config, directory: app.directory, now: app.now() },
    )
    const planned = await plan(request, { version, asked, routed, operation, grant })
    response = await execute(app, planned)
  } catch (thrown) {
    error = asGraphError(app, thrown, requestId)
    response = answerError(app, error, { ...progress, requestId, clientRequestId, request })
  }
  app.observe({
    kind: 'answered',
    method: request.method,
    route: progress.route,
    status: response.status,
    ...(error === undefined ? {} : { code: codeOf(error.kind, progress.workload) }),
    milliseconds: app.now() - startedAt,
    requestId,
    ...(progress.caller === undefined
      ? {}
      : {
          tenant: progress.caller.tenantId,
          ...(progress.caller.application.id === null ? {} : { application: progress.caller.application.id }),
        }),
  })
  return { ...response, headers: { ...response.headers, 'request-id': requestId, 'client-request-id': clientRequestId } }
}

function header(request: GraphRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(',')
}

function clientRequestIdOf(request: GraphRequest): string | undefined {
  const given = header(request, 'client-request-id')
  return given !== undefined && given.length <= latestClientRequestId && /^[\x21-\x7e]+$/.test(given) ? given : undefined
}

const longestUrl = 16 * 1024

function splitUrl(url: string): { version: Version; path: string; search: string } {
  if (url.length > longestUrl) throw new GraphError('urlTooLong')
  const mark = url.indexOf('?')
  const whole = mark < 0 ? url : url.slice(0, mark)
  const end = whole.indexOf('/', 1)
  const version = whole.slice(1, end < 0 ? undefined : end).toLowerCase()
  if (version !== 'v1.0' && version !== 'beta') throw new GraphError('versionUnknown')
  return { version, path: end < 0 ? '/' : whole.slice(end), search: mark < 0 ? '' : url.slice(mark + 1) }
}

/** The resource and operation that the path and the verb lead to. */
function route(
  app: App,
  request: GraphRequest,
  version: Version,
  path: string,
  progress: Progress,
): { routed: Routed<Resource>; operation: Operation } {
  const routed = router.route(path)
  const { resource, place } = routed
  progress.workload = resource.workload
  progress.route =
    resource.path + (place === 'item' ? `/{${resource.key}}` : place === 'count' ? '/$count' : place === 'ref' ? '/$ref' : '')
  if (resource.versions === 'beta' && version === 'v1.0' && !app.config.profileInV1) throw new GraphError('versionLacksResource')
  const here = Object.values(resource.operations).filter(({ on }) => on === place) as unknown as readonly Operation[] // the grant's kind follows from `needs.on`, which authorize answers to
  if (here.length === 0) throw unknownSegment(path.split('/').findLast((segment) => segment !== '') ?? '')
  const operation = here.find(({ verb }) => verb === request.method)
  if (operation === undefined) throw new GraphError('methodNotAllowed', { headers: { Allow: here.map(({ verb }) => verb).join(', ') } })
  return { routed, operation }
}

function readAsked(request: GraphRequest, search: string, resource: Resource, operation: Operation): Asked {
  const query = parseQuery(search, resource.type, resource.expandable ?? [], operation.query ?? [])
  if (operation.consistency !== undefined && header(request, 'consistencylevel')?.toLowerCase() !== operation.consistency)
    throw new GraphError('countNeedsConsistency', {
      target: 'ConsistencyLevel',
      message: 'Request_BadRequest: $count on users needs the header ConsistencyLevel: eventual.',
    })
  return {
    query,
    preferences: readPreferences(header(request, 'prefer')),
    metadata: operation.answers === 'count' ? 'minimal' : readMetadata(header(request, 'accept')),
  }
}

async function plan(
  request: GraphRequest,
  {
    version,
    asked,
    routed,
    operation,
    grant,
  }: { version: Version; asked: Asked; routed: Routed<Resource>; operation: Operation; grant: Grant },
): Promise<Plan> {
  return {
    ...asked,
    version,
    routed,
    operation,
    grant,
    body: 'takes' in operation ? await readChanges(request, routed.resource, operation) : {},
    keys: routed.me && grant.on === 'person' ? { ...routed.keys, user: grant.person.id } : routed.keys,
    service: `${request.origin}/${version}`,
  }
}

async function readChanges(request: GraphRequest, resource: Resource, operation: Operation): Promise<Changes<EntityType>> {
  const json = parseJson(await request.body())
  if (operation.on === 'ref' && isReference(json)) throw new GraphError('referenceRefused', { target: '@odata.id' })
  if ('takes' in operation && operation.takes === 'typedBody' && isObject(json) && !('@odata.type' in json))
    throw new GraphError('bodyInvalid', {
      target: '@odata.type',
      message: `The body must say its type: #microsoft.graph.${resource.type.name}.`,
    })
  return readBody(resource.type, json)
}

function isReference(json: Json): boolean {
  return isObject(json) && Object.keys(json).length > 0 && Object.keys(json).every((name) => name === '@odata.id' || name === '@id')
}

/** Runs the operation and writes what came of it. */
async function execute(
  app: App,
  { version, routed, operation, grant, query, preferences, metadata, body, keys, service }: Plan,
): Promise<GraphResponse> {
  const { resource } = routed
  const form: Form = { metadata, select: query.select, typed: resource.declaredType !== undefined }
  const contextRoot = `${service}/$metadata#`
  const contextPath = resource.contextPath ?? canonicalPath(resource.path, keys)
  const selected = query.select === undefined ? '' : `(${query.select.join(',')})`
  const entityContext = `${contextRoot}${contextPath}${selected}/$entity`
  const pageSize = Math.min(query.top ?? usualPageSize, preferences.maxPageSize ?? Number.POSITIVE_INFINITY)
  const context: Context<Grant, EntityType> = { app, grant, query, body, keys, pageSize, contextOf: (path) => contextRoot + path }
  switch (operation.answers) {
    case 'page': {
      const page = await operation.run(context)
      const next =
        page.after === undefined
          ? undefined
          : nextLink(`${service}/${canonicalPath(resource.path, keys)}`, query, renderSkiptoken(page.after, resource.type))
      const rendered = page.items.map((item) => renderItem(item, { ...form, typed: item.type !== resource.type }))
      const sized = preferences.maxPageSize === undefined ? {} : { 'Preference-Applied': `odata.maxpagesize=${preferences.maxPageSize}` }
      return json(
        200,
        renderPage(contextRoot + contextPath + selected, rendered, form, { count: query.count ? page.count : undefined, next }),
        metadata,
        sized,
      )
    }
    case 'count':
      return {
        status: 200,
        headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0', 'Cache-Control': 'no-cache' },
        body: String(await operation.run(context)),
      }
    case 'entity': {
      const item = await operation.run(context)
      return json(200, renderEntity(entityContext, item, { ...form, typed: form.typed || item.type !== resource.type }), metadata)
    }
    case 'created': {
      const item = await operation.run(context)
      const location = { Location: `${service}/${item.path()}` }
      if (preferences.return === 'minimal')
        return noContent({ ...location, 'OData-EntityId': location.Location, 'Preference-Applied': 'return=minimal' })
      return json(201, renderEntity(entityContext, item, { ...form, typed: operation.saysType === true }), metadata, {
        ...location,
        ...applied(preferences),
      })
    }
    case 'updated': {
      const item = await operation.run(context)
      const minimal = preferences.return === undefined ? operation.status[version] === 204 : preferences.return === 'minimal'
      return minimal ? noContent(applied(preferences)) : json(200, renderEntity(entityContext, item, form), metadata, applied(preferences))
    }
    case 'nothing':
      await operation.run(context)
      return noContent()
  }
}

function applied({ return: asked }: Preferences): Readonly<Record<string, string>> {
  return asked === undefined ? {} : { 'Preference-Applied': `return=${asked}` }
}

function json(status: number, body: string, metadata: Metadata, headers: Readonly<Record<string, string>> = {}): GraphResponse {
  return {
    status,
    headers: { 'Content-Type': contentTypes[metadata], 'OData-Version': '4.0', 'Cache-Control': 'no-cache', ...headers },
    body,
  }
}

function noContent(headers: Readonly<Record<string, string>> = {}): GraphResponse {
  return { status: 204, headers: { 'OData-Version': '4.0', 'Cache-Control': 'no-cache', ...headers } }
}

/** Absolute, with the client's own options; opaque beyond them. */
function nextLink(collection: string, { kept }: Query, skiptoken: string): string {
  const options = [...kept, ['$skiptoken', skiptoken] as const]
  return `${collection}?${options.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`
}

function asGraphError(app: App, thrown: unknown, requestId: string): GraphError {
  if (!(thrown instanceof GraphError)) {
    app.observe({ kind: 'failed', requestId, error: thrown })
    return new GraphError('internal', { cause: thrown })
  }
  if (thrown.status >= 500 && thrown.status !== 501 && thrown.cause !== undefined) app.observe({ kind: 'failed', requestId, error: thrown })
  return thrown
}

interface ErrorFacts extends Progress {
  readonly requestId: string
  readonly clientRequestId: string
  readonly request: GraphRequest
}

function answerError(app: App, error: GraphError, { workload, requestId, clientRequestId, request }: ErrorFacts): GraphResponse {
  const challenge = error.status === 401 ? { 'WWW-Authenticate': bearerChallenge(app, request, error) } : {}
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache', ...challenge, ...error.particulars.headers },
    body: renderError(error, { workload, requestId, clientRequestId, date: new Date(app.now()) }),
  }
}

/** Graph's own id, which its clients know this resource by. */
const graphClientId = '00000003-0000-0000-c000-000000000000'

function bearerChallenge({ config }: App, { origin }: GraphRequest, { kind, particulars }: GraphError): string {
  const issuer = config.trustedIssuers[0]?.split('|')[0] ?? origin
  const reason = particulars.challenge ?? (kind === 'tokenMissing' ? undefined : 'error="invalid_token"')
  return `Bearer realm="", authorization_uri="${issuer}/oauth2/authorize", client_id="${graphClientId}"${reason === undefined ? '' : `, ${reason}`}`
}
