/**
 * Several requests in one: OData's batch in JSON (OData JSON 4.01, section 19), as Graph has it. A part is a request like
 * any other and goes the whole way of one, with its own checks and its own line in the log: nothing is allowed here.
 * Parts without `dependsOn` run side by side, the others after those that they name.
 */

import type { App } from '../app.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { Asker } from '../model/asker.ts'
import { isSameName } from '../model/text.ts'
import { isObject } from '../odata/json/entity-body.ts'
import { knownMembers, namesFrom } from '../odata/json/member-names.ts'
import { type Json, type JsonObject, printable } from '../odata/json/text.ts'
import { requireVersions } from '../odata/json/versions.ts'
import { renderAnswer } from './batch-answer.ts'
import { BatchRoom } from './batch-room.ts'
import { readJson } from './json-body.ts'
import {
  type Allowance,
  type GraphRequest,
  type GraphResponse,
  headerOf,
  isJson,
  largestBody,
  largestHeaders,
  longestUrl,
  mostLinksOfABatch,
  smallBody,
  versionsOf,
  type Where,
} from './message.ts'

/** Where a batch was sent, and by whom. */
type Sent = Pick<Where, 'version' | 'search'> & { readonly asker: Asker }

/** Answers one request; never throws. */
type Handle = (app: App, request: GraphRequest) => Promise<GraphResponse>

interface BatchPart {
  readonly id: string
  readonly method: Method
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json | undefined
  /** Ids of parts that stand before this one, in lower case. */
  readonly dependsOn: ReadonlySet<string>
}

/** Figure from Graph's documents. */
const mostParts = 20
/** Headers of a part. */
const mostHeaders = 100
/** A part with a longer URL waits for its turn: reading a query takes time by its length, up to 2 ms, and there are up to twenty. */
export const longUrl = 1024
/** Characters of a URL that are read in one unit of pace.ts. */
const charactersOfAUnit = 80
/** Characters of a part's id, which stands in its answer. */
const longestId = 256
const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const
type Method = (typeof methods)[number]

/** Whether a URL as received, undecoded, leads here in any version. */
export function isBatch(url: string): boolean {
  return /^\/[^/?]*\/(?:\$|%24)batch\/?(?:\?|$)/i.test(url)
}

/**
 * Reads the batch, has `handle` answer its parts, and puts the answers in the order of the requests. Throws
 * `bodyInvalid` with a `target` such as `requests/3/id`, and what the reading of any body throws.
 */
export async function answerBatch(
  app: App,
  request: GraphRequest,
  { version, search, asker }: Sent,
  handle: Handle,
): Promise<GraphResponse> {
  if (request.part !== undefined) throw new GraphError('pathInvalid', { message: 'A batch cannot be a part of a batch.' })
  if (request.method !== 'POST') throw new GraphError('methodNotAllowed', { headers: { Allow: 'POST' } })
  if (search !== '') throw new GraphError('queryInvalid', { message: 'A batch takes no query options; its parts do.' })
  requireVersions(versionsOf(request), true)
  const parts = readParts(await readJson(app, asker, request))
  const running = new Map<string, Promise<GraphResponse>>()
  const allowance: Allowance = { links: mostLinksOfABatch }
  const room = new BatchRoom()
  for (const part of parts) {
    const prerequisites = [...part.dependsOn].flatMap((id) => running.get(id) ?? [])
    running.set(nameOf(part.id), answerPart(app, partRequest(part, request, version, allowance), { asker, prerequisites, room, handle }))
  }
  const answers = await Promise.all(running.values())
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', 'OData-Version': '4.0', 'Cache-Control': 'no-cache' },
    body: `{"responses":[${parts.map(({ id }, index) => renderAnswer(id, answers[index])).join(',')}]}`,
  }
}

/** How a part depends on the others. */
interface Around {
  readonly asker: Sent['asker']
  readonly prerequisites: readonly Promise<GraphResponse>[]
  readonly room: BatchRoom
  readonly handle: Handle
}

async function answerPart(app: App, request: GraphRequest, { asker, prerequisites, room, handle }: Around): Promise<GraphResponse> {
  const { part, url } = request
  if (url.length > longUrl) await app.pace.take(asker, Math.ceil(url.length / charactersOfAUnit))
  const failed = (await Promise.all(prerequisites)).some(({ status }) => status >= 400)
  const answered = (fault: GraphError | undefined) =>
    handle(app, fault === undefined || part === undefined ? request : { ...request, part: { ...part, fault } })
  if (failed) return answered(new GraphError('failedDependency'))
  // The answer to a write is one record at most, and the write is done by then: writes are never refused for size.
  return request.method === 'GET' ? room.read((fault) => answered(part?.fault ?? fault)) : room.note(await answered(undefined))
}

const envelope = namesFrom(['requests'])
const partMembers = namesFrom(['id', 'method', 'url', 'headers', 'body', 'dependsOn'])

/** A number stands for its text: many scripts count their requests. */
function idOf(json: Json | undefined): string | undefined {
  return typeof json === 'number' && Number.isFinite(json) ? String(json) : typeof json === 'string' ? json : undefined
}

/** Ids are compared without regard to case. */
function nameOf(id: string): string {
  return id.toLowerCase()
}

function readParts(json: Json): readonly BatchPart[] {
  const { requests } = isObject(json) ? knownMembers(envelope, json) : {}
  if (!isList(requests) || requests.length === 0)
    throw invalidMember('requests', `A batch is an object with a list of 1 to ${mostParts} requests.`)
  if (requests.length > mostParts)
    throw invalidMember('requests', `A batch holds at most ${mostParts} requests; this one has ${requests.length}.`)
  const known = new Set<string>()
  return requests.map((item, index) => {
    const part = readPart(item, `requests/${index}`, known)
    known.add(nameOf(part.id))
    return part
  })
}

/** A member of `requests`; members that nobody knows are passed over, `atomicityGroup` among them. */
function readPart(json: Json, target: string, known: ReadonlySet<string>): BatchPart {
  if (!isObject(json)) throw invalidMember(target, 'Expected an object: a request with id, method and url.')
  const { id: givenId, method, url, headers, body, dependsOn } = knownMembers(partMembers, json, `${target}/`)
  const id = idOf(givenId)
  if (id === undefined || id === '') throw invalidMember(`${target}/id`, 'Expected a text that is not empty, or a number.')
  if (id.length > longestId) throw invalidMember(`${target}/id`, `At most ${longestId} characters are allowed.`)
  if (known.has(nameOf(id)))
    throw invalidMember(`${target}/id`, `The id '${printable(id)}' must be unique in the batch, without regard to case.`)
  const verb = typeof method === 'string' ? methods.find((name) => isSameName(name, method)) : undefined
  if (verb === undefined) throw invalidMember(`${target}/method`, `Expected one of ${methods.join(', ')}.`)
  if (typeof url !== 'string' || url === '') throw invalidMember(`${target}/url`, 'Expected a relative URL such as /me.')
  return {
    id,
    method: verb,
    url,
    headers: readHeaders(headers, `${target}/headers`),
    body,
    dependsOn: readDependencies(dependsOn, `${target}/dependsOn`, known),
  }
}

function readHeaders(json: Json | undefined, target: string): Readonly<Record<string, string>> {
  if (json === undefined || json === null) return {}
  if (!isObject(json)) throw invalidMember(target, 'Expected an object: the headers by their names.')
  const given = Object.entries(json)
  if (given.length > mostHeaders) throw invalidMember(target, `At most ${mostHeaders} headers are allowed.`)
  const headers = new Map<string, string>()
  for (const [name, value] of given) {
    const at = `${target}/${printable(name)}`
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalidMember(at, 'This is not the name of a header.')
    // Refuse characters that a header cannot carry (RFC 9110, section 5.5).
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw invalidMember(at, 'Expected a text that a header can hold.')
    if (headers.has(name.toLowerCase())) throw invalidMember(at, 'The header is given twice.')
    headers.set(name.toLowerCase(), value.trim())
  }
  return Object.fromEntries(headers)
}

/** Only what stands before may be named, as OData and Graph have it: so there is no circle. */
function readDependencies(json: Json | undefined, target: string, known: ReadonlySet<string>): ReadonlySet<string> {
  if (json === undefined || json === null) return new Set()
  if (!isList(json)) throw invalidMember(target, 'Expected a list of ids.')
  return new Set(
    json.map((given, index) => {
      const id = idOf(given)
      if (id !== undefined && known.has(nameOf(id))) return nameOf(id)
      throw invalidMember(`${target}/${index}`, 'Expected the id of a request that stands before this one in the batch.')
    }),
  )
}

/** A part as the request that it would be alone. Its own token, where it brings one, is all that it has. */
function partRequest(part: BatchPart, { headers, origin, gone }: GraphRequest, version: string, allowance: Allowance): GraphRequest {
  const { fault, url } = urlOf(part.url, version)
  const size = Object.entries(part.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  return {
    method: part.method,
    url,
    headers: { authorization: headerOf({ headers }, 'authorization'), ...part.headers },
    origin,
    gone,
    body: async (giveWay) => {
      const octets = bodyOf(part)
      if (octets.length > smallBody) await giveWay(octets.length)
      return octets
    },
    part: { fault: fault ?? (size > largestHeaders ? new GraphError('headersTooLarge') : undefined), allowance },
  }
}

/** Path and query as they would come by HTTP: with a version, and with nothing in them that HTTP cannot carry. */
function urlOf(text: string, version: string): { readonly url: string; readonly fault?: GraphError } {
  const refused = (message: string) => ({ url: '/', fault: new GraphError('pathInvalid', { message }) })
  if (/^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(text)) return refused('The URL of a request in a batch must be relative, such as /me.')
  // Its length comes first: what is encoded grows.
  if (text.length > longestUrl) return { url: '/', fault: new GraphError('urlTooLong') }
  if (!text.isWellFormed()) return refused('The URL has half of a surrogate pair.')
  const path = text.startsWith('/') ? text : `/${text}`
  const versioned = /^\/(?:v1\.0|beta)(?:[/?]|$)/i.test(path) ? path : `/${version}${path}`
  return { url: versioned.replace(/[^\x21-\x7e]/gu, encodeURIComponent) }
}

/** The octets of a part's body, as strictly looked at as those of a request that comes alone. */
function bodyOf({ id, headers, body }: BatchPart): Uint8Array {
  const type = headers['content-type']
  if (type === undefined)
    throw new GraphError('bodyUnreadable', {
      target: 'Content-Type',
      message: `Write request with id '${printable(id)}' does not contain a Content-Type header.`,
    })
  if (!isJson(type)) throw new GraphError('mediaTypeUnsupported', { target: 'Content-Type' })
  if (body === undefined || body === null) throw new GraphError('bodyUnreadable')
  if (!isObject(body))
    throw new GraphError('bodyUnreadable', {
      message: `The body of the request with id '${printable(id)}' must be a JSON object, not text or base64.`,
    })
  const octets = new TextEncoder().encode(jsonText(body))
  if (octets.length > largestBody) throw new GraphError('bodyTooLarge')
  return octets
}

function jsonText(body: JsonObject): string {
  return JSON.stringify(body, (name, value: unknown) => {
    // It would become null, which may mean something.
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalidMember(printable(name), 'The number is too large.')
    return value
  })
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}
