/**
 * Everything that is done for a caller who is known: the way from a request to its answer behind authentication. Each step takes
 * what the step before it made, so that none can be left out. The caller may come from a token or from anywhere else.
 */

import type { App } from '../app.ts'
import { type AccessRequest, authorize, authorizeBody } from '../auth/authorize.ts'
import { askerOf, type Caller } from '../auth/caller.ts'
import { GraphError, type Workload } from '../errors.ts'
import { resources } from '../graph/index.ts'
import { type Operation, operationName, type Resource, type Version } from '../graph/operation.ts'
import { segmentsByPath } from '../graph/segments.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import { isObject, readBody } from '../odata/json/entity-body.ts'
import type { Json } from '../odata/json/text.ts'
import { createRouter, type PathKind, type Routed, suffixes, unservedSegment } from '../odata/url/path.ts'
import { readReference, takeBindings } from '../odata/url/reference.ts'
import { type Content, noContent } from './context.ts'
import { readJson } from './json-body.ts'
import { allowed, type GraphRequest, type GraphResponse, neverGone, splitUrl, verbOf } from './message.ts'
import { readRequestOptions } from './options.ts'
import { respond } from './respond.ts'

/** The call to perform. Its headers need no `Authorization`. */
export interface Call {
  readonly request: GraphRequest
  readonly requestId: string
  /** Told where the request leads as soon as that is known, for the answer and the log where a later step fails. */
  readonly onRoute?: (reached: Reached) => void
}

/** Where a request leads. */
export interface Reached {
  /** Spells the errors of the answer. */
  readonly workload: Workload
  /** The route's template, such as `/users/{user}/profile/emails`; `-` where none matched. */
  readonly route: string
}

const router = createRouter(resources, segmentsByPath(resources))
/** The operations at each place of each resource. */
const routesByResource = new Map(resources.map((resource) => [resource, routesOf(resource)]))

/** Answers with what came of the call. Throws the GraphError that says why not. */
export async function perform(app: App, caller: Caller, call: Call): Promise<GraphResponse> {
  const { request } = call
  const { version, path, search } = splitUrl(request.url)
  const { routed, name, operation } = route(app, call, version, path)
  // Query errors come before authorization and don't depend on the target user, so they cannot reveal whether a user exists.
  const options = readRequestOptions(app, request, search, { version, resource: routed.resource, operation })
  const { me, keys: named } = routed
  const accessRequest: AccessRequest = { needs: operation.needs, caller, target: { me, key: named.user, group: named.group } }
  const grant = await authorize(accessRequest, { rules: app.config, directory: app.directory, now: app.now })
  const asker = askerOf(caller, request.gone ?? neverGone)
  const content = 'takes' in operation ? readContent(await readJson(app, asker, request), routed.resource, operation) : noContent
  authorizeBody(operation.needs, grant, content.body)
  const keys = me && grant.on === 'person' ? { ...named, user: grant.person.id } : named
  return respond(app, {
    ...options,
    version,
    routed,
    operation,
    operationName: name,
    requestId: call.requestId,
    accessRequest,
    grant,
    asker,
    allowance: request.part?.allowance,
    content,
    keys,
    service: `${request.origin}/${version}`,
  })
}

interface Route {
  /** The route's template. */
  readonly route: string
  readonly operations: readonly Named[]
}

interface Named {
  readonly name: string
  readonly operation: Operation
}

function routesOf({ operations, path, key }: Resource): ReadonlyMap<PathKind, Route> {
  const rows = Object.entries(operations) as unknown as readonly (readonly [string, Operation])[] // the grant's kind follows from `needs.on`, which authorize answers to
  const all = rows.map(([name, operation]) => ({ name: operationName(path, name), operation }))
  const places = Object.entries(suffixes) as [PathKind, string][] // its keys are places
  return new Map(
    places.map(([pathKind, suffix]) => [
      pathKind,
      { route: path + suffix.replace('{key}', `{${key}}`), operations: all.filter(({ operation }) => operation.on === pathKind) },
    ]),
  )
}

/** The resource and operation that the path and the verb lead to. */
function route(app: App, { request, onRoute }: Call, version: Version, path: string): Named & { readonly routed: Routed<Resource> } {
  const routed = router.route(path, verbOf(request) === 'GET')
  const { resource, pathKind } = routed
  const there = routesByResource.get(resource)?.get(pathKind)
  const template = there?.route ?? '-'
  onRoute?.({ workload: resource.workload, route: template })
  if (resource.versions === 'beta' && version === 'v1.0' && !app.config.profileInV1) throw new GraphError('versionLacksResource')
  const here = there?.operations ?? []
  if (here.length === 0) throw unservedSegment(template.split('/').findLast((part) => !part.startsWith('{')) ?? '')
  const found = here.find(({ operation: { verb } }) => verb === verbOf(request))
  if (found === undefined)
    throw new GraphError('methodNotAllowed', { headers: { Allow: allowed(here.map(({ operation: { verb } }) => verb)) } })
  return { routed, ...found }
}

function takesReference(operation: Operation): boolean {
  return 'takes' in operation && operation.takes === 'reference'
}

/** Reads the parts of a body that the operation takes. */
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
