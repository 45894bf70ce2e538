/**
 * The life of a Graph request, from a plain record to a plain record, and the one place where errors are caught.
 * Each step takes what the step before it made, so that none can be left out.
 */

import type { App } from '../app.ts'
import { authorize, authorizeBody, type Question } from '../auth/authorize.ts'
import { askerOf, type Caller } from '../auth/caller.ts'
import { codeOf, GraphError, type Workload } from '../errors.ts'
import { resources } from '../graph/index.ts'
import type { Operation, Resource, Version } from '../graph/operation.ts'
import { segmentsByPath } from '../graph/segments.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import { isObject, readBody } from '../odata/json/body.ts'
import { type Json, parseJson } from '../odata/json/text.ts'
import { requireVersions } from '../odata/json/versions.ts'
import { createRouter, type Place, type Routed, suffixes, unservedSegment } from '../odata/url/path.ts'
import { readReference, takeBindings } from '../odata/url/reference.ts'
import { answerBatch, isBatch } from './batch.ts'
import { errorResponse } from './error-response.ts'
import { allowed, type GraphRequest, type GraphResponse, headerOf, verbOf, versionsOf } from './message.ts'
import { readRequestOptions } from './options.ts'
import { type Plan, respond } from './respond.ts'
import { answerDocument, documentAt } from './service-documents.ts'

/** What is known so far, for whoever has to write the answer when a step fails. */
interface Progress {
  workload: Workload
  route: string
  caller?: Caller
}

const router = createRouter(resources, segmentsByPath(resources))
/** What is at each place of each resource. */
const placesOf = new Map(resources.map((resource) => [resource, byPlace(resource)]))
const longestClientRequestId = 128
const neverGone = () => new AbortController().signal

/** Answers a request; never throws. */
export async function handle(app: App, request: GraphRequest): Promise<GraphResponse> {
  const startedAt = app.now()
  const requestId = app.newId()
  const clientRequestId = clientRequestIdOf(request) ?? requestId
  const progress: Progress = { workload: 'gateway', route: '-' }
  let response: GraphResponse
  let error: GraphError | undefined
  try {
    const document = request.part?.fault === undefined ? documentAt(request.url) : undefined
    if (document === undefined) response = await answer(app, request, progress)
    else {
      progress.route = document.name
      requireVersions(versionsOf(request), false)
      response = answerDocument(app, request, document)
    }
  } catch (thrown) {
    error = asGraphError(app, thrown, requestId)
    response = errorResponse(app, error, { ...progress, requestId, clientRequestId, request })
  }
  const { caller } = progress
  app.observe({
    kind: 'answered',
    method: request.method,
    route: progress.route,
    status: response.status,
    code: error === undefined ? undefined : codeOf(error.kind, progress.workload),
    milliseconds: app.now() - startedAt,
    requestId,
    tenant: caller?.tenantId,
    application: caller?.application.id ?? undefined,
  })
  return { ...response, headers: { ...response.headers, 'request-id': requestId, 'client-request-id': clientRequestId } }
}

async function answer(app: App, request: GraphRequest, progress: Progress): Promise<GraphResponse> {
  const known = app.authenticate(headerOf(request, 'authorization'))
  const caller = known instanceof Promise ? await known : known // to wait for what is there takes a turn
  progress.caller = caller
  if (request.part?.fault !== undefined) throw request.part.fault
  const where = splitUrl(request.url)
  const { version, path, search } = where
  if (isBatch(path)) {
    progress.route = '/$batch'
    return answerBatch(app, request, where, handle)
  }
  const { routed, operation } = route(app, request, version, path, progress)
  // Before permission, and alike whoever the path names: a person out of sight is not told apart by what is refused.
  const options = readRequestOptions(app, request, search, { version, resource: routed.resource, operation })
  const { me, keys: named } = routed
  const question: Question = { needs: operation.needs, caller, target: { me, key: named.user, group: named.group } }
  const grant = await authorize(question, { rules: app.config, directory: app.directory, now: app.now })
  const content = 'takes' in operation ? readContent(parseJson(await request.body()), routed.resource, operation) : noContent
  authorizeBody(operation.needs, grant, content.body)
  const keys = me && grant.on === 'person' ? { ...named, user: grant.person.id } : named
  return respond(app, {
    ...options,
    version,
    routed,
    operation,
    question,
    grant,
    asker: askerOf(caller, request.gone ?? neverGone),
    allowance: request.part?.allowance,
    ...content,
    keys,
    service: `${request.origin}/${version}`,
  })
}

function clientRequestIdOf(request: GraphRequest): string | undefined {
  const given = headerOf(request, 'client-request-id')
  return given !== undefined && given.length <= longestClientRequestId && /^[\x21-\x7e]+$/.test(given) ? given : undefined
}

const longestUrl = 16 * 1024

/** A URL taken apart: the path begins with `/`, undecoded; the query comes without its `?`. */
interface Where {
  readonly version: Version
  readonly path: string
  readonly search: string
}

function splitUrl(url: string): Where {
  if (url.length > longestUrl) throw new GraphError('urlTooLong')
  const mark = url.indexOf('?')
  const whole = mark < 0 ? url : url.slice(0, mark)
  const end = whole.indexOf('/', 1)
  const version = whole.slice(1, end < 0 ? undefined : end).toLowerCase()
  if (version !== 'v1.0' && version !== 'beta') throw new GraphError('versionUnknown')
  return { version, path: end < 0 ? '/' : whole.slice(end), search: mark < 0 ? '' : url.slice(mark + 1) }
}

interface There {
  /** The route's template. */
  readonly route: string
  readonly operations: readonly Operation[]
}

function byPlace({ operations, path, key }: Resource): ReadonlyMap<Place, There> {
  const all = Object.values(operations) as unknown as readonly Operation[] // the grant's kind follows from `needs.on`, which authorize answers to
  const places = Object.entries(suffixes) as [Place, string][] // its keys are places
  return new Map(
    places.map(([place, suffix]) => [
      place,
      { route: path + suffix.replace('{key}', `{${key}}`), operations: all.filter(({ on }) => on === place) },
    ]),
  )
}

/** The resource and operation that the path and the verb lead to. */
function route(
  app: App,
  request: GraphRequest,
  version: Version,
  path: string,
  progress: Progress,
): { routed: Routed<Resource>; operation: Operation } {
  const routed = router.route(path, verbOf(request) === 'GET')
  const { resource, place } = routed
  const there = placesOf.get(resource)?.get(place)
  progress.workload = resource.workload
  progress.route = there?.route ?? '-'
  if (resource.versions === 'beta' && version === 'v1.0' && !app.config.profileInV1) throw new GraphError('versionLacksResource')
  const here = there?.operations ?? []
  if (here.length === 0) throw unservedSegment(progress.route.split('/').findLast((part) => !part.startsWith('{')) ?? '')
  const operation = here.find(({ verb }) => verb === verbOf(request))
  if (operation === undefined) throw new GraphError('methodNotAllowed', { headers: { Allow: allowed(here.map(({ verb }) => verb)) } })
  return { routed, operation }
}

function takesReference(operation: Operation): boolean {
  return 'takes' in operation && operation.takes === 'reference'
}

type Content = Pick<Plan, 'body' | 'reference' | 'bindings'>
const noContent: Content = { body: {}, reference: undefined, bindings: {} }

/** What an operation takes out of a body. */
function readContent(json: Json, resource: Resource, operation: Operation): Content {
  if (takesReference(operation)) return { ...noContent, reference: readReference(json) }
  const { bindings, rest } = takeBindings(json, 'binds' in operation ? (operation.binds ?? []) : [])
  return { ...noContent, bindings, body: readChanges(rest, resource, operation) }
}

function readChanges(json: Json, resource: Resource, operation: Operation): Changes<EntityType> {
  if (operation.on === 'ref' && isReference(json)) throw new GraphError('referenceRefused', { target: '@odata.id' })
  if (
    'takes' in operation &&
    operation.takes === 'typedBody' &&
    isObject(json) &&
    !Object.keys(json).some((name) => /^@odata\.type$/i.test(name))
  )
    throw new GraphError('bodyInvalid', {
      target: '@odata.type',
      message: `The body must say its type: #microsoft.graph.${resource.type.name}.`,
    })
  return readBody(resource.type, json)
}

function isReference(json: Json): boolean {
  return isObject(json) && Object.keys(json).length > 0 && Object.keys(json).every((name) => /^@(odata\.)?id$/i.test(name))
}

function asGraphError(app: App, thrown: unknown, requestId: string): GraphError {
  if (!(thrown instanceof GraphError)) {
    app.observe({ kind: 'failed', requestId, error: thrown })
    return new GraphError('internal', { cause: thrown })
  }
  if (thrown.status >= 500 && thrown.status !== 501 && thrown.cause !== undefined) app.observe({ kind: 'failed', requestId, error: thrown })
  return thrown
}
