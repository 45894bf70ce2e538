/** The last steps of a request: the operation is run, and what came of it becomes an answer. */

import type { App } from '../app.ts'
import type { AccessRequest } from '../auth/authorize.ts'
import type { Grant } from '../auth/grant.ts'
import { type Operation, type Page, type Resource, usualPageSize, type Version } from '../graph/operation.ts'
import type { Asker } from '../model/asker.ts'
import { isNotModified, renderTag } from '../odata/json/etags.ts'
import { contentTypes, type Metadata, type Preferences } from '../odata/json/preferences.ts'
import { type Form, type Item, renderEntity, renderItem, renderPage, renderReference } from '../odata/json/render.ts'
import { noQuery } from '../odata/query/query.ts'
import type { Routed } from '../odata/url/path.ts'
import { type Content, contextFor, contextUrl, type Location, nextLink, referenceContextUrl } from './context.ts'
import { expandItems } from './expand.ts'
import { guardedWrites } from './guarded-writes.ts'
import type { Allowance, GraphResponse } from './message.ts'
import type { RequestOptions } from './options.ts'

/** Items on a page at most, where each leads to more. */
const largestExpandedPage = 100
/** The items of a long list that are rendered in one piece. */
const itemsAtOnce = 50
/** Rows are read in a part of the time that it takes to render them. */
const rowsOfAUnit = 4

/** Everything that was made of a request before it is acted upon. */
export interface Plan extends RequestOptions {
  readonly version: Version
  readonly routed: Routed<Resource>
  readonly operation: Operation
  readonly operationName: string
  readonly requestId: string
  /** The question that authorize answered. */
  readonly accessRequest: AccessRequest
  readonly grant: Grant
  readonly asker: Asker
  /** The allowance of the batch that the request came in. */
  readonly allowance: Allowance | undefined
  readonly content: Content
  readonly keys: Readonly<Record<string, string>>
  readonly service: string
}

/** Runs the operation and writes what came of it. */
export async function respond(app: App, plan: Plan): Promise<GraphResponse> {
  const { grant, operation, metadata, preferences } = plan
  if (operation.answers !== 'page' || operation.remembered !== true || grant.on !== 'person' || !isUsual(plan)) return run(app, plan)
  // Owners' clients read this page again and again: answer from the text of the last time.
  const { service, keys } = plan
  const load = async (): Promise<RememberedPage> => {
    const { body = '' } = await run(app, plan)
    return { service, user: keys.user, body, octets: Buffer.byteLength(body) }
  }
  const fits = (known: RememberedPage) => known.service === service && known.user === keys.user
  const { body, octets } = await app.database.memory.recall(grant.person, 'page', load, charactersOfPage, fits)
  return pageAnswer(body, metadata, preferences, octets)
}

const charactersOfPage = ({ body }: RememberedPage) => body.length + 128

interface RememberedPage {
  readonly service: string
  readonly user: string | undefined
  readonly body: string
  readonly octets: number
}

/** One's own, in the form that is answered where nothing is said about it. */
function isUsual({ grant, query, preferences, metadata }: Plan): boolean {
  return (
    grant.on === 'person' && grant.as === 'self' && query === noQuery && metadata === 'minimal' && preferences.maxPageSize === undefined
  )
}

async function run(app: App, plan: Plan): Promise<GraphResponse> {
  const { version, operation, grant, asker, query, preferences, metadata, preconditions, content, service } = plan
  const { resource } = plan.routed
  const location = locationOf(plan)
  // Graph's directory answers in beta whatever it has.
  const whole = version === 'beta' && resource.workload === 'directory'
  const form: Form = { metadata, select: query.select, whole, typed: resource.declaredType !== undefined, tagKey: app.tagKey }
  const entityContext = `${contextUrl(location, query)}/$entity`
  const pageSize = Math.min(
    query.top ?? usualPageSize,
    preferences.maxPageSize ?? Number.POSITIVE_INFINITY,
    query.expand.length > 0 ? largestExpandedPage : Number.POSITIVE_INFINITY,
  )
  const context = contextFor(app, {
    ...location,
    grant,
    asker,
    query,
    pageSize,
    writes: guardedWrites(app, { ...plan, body: content.body }),
    content,
    // For a read, a matching If-None-Match means 304 and is no failure.
    preconditions: operation.verb === 'GET' ? { ...preconditions, ifNoneMatch: undefined } : preconditions,
  })
  const tagHeader = (item: Item): Readonly<Record<string, string>> => {
    const tag = renderTag(app.tagKey, item, metadata)
    return tag === undefined ? {} : { ETag: tag }
  }
  switch (operation.answers) {
    case 'page':
      return pageAnswer(await renderedPage(app, plan, form, () => operation.run(context), pageSize), metadata, preferences)
    case 'count':
      return {
        status: 200,
        headers: { 'Content-Type': 'text/plain', 'OData-Version': '4.0', 'Cache-Control': 'no-cache' },
        body: String(await operation.run(context)),
      }
    case 'entity': {
      const found = await operation.run(context)
      await context.checkPreconditions(() => found.state ?? null)
      // The tag is the item's: it says nothing of what is expanded beside it.
      const tag = query.expand.length === 0 ? tagHeader(found) : {}
      if (isNotModified(preconditions, tag.ETag)) return notModified(tag)
      const [item] = await expanded(app, plan, [found])
      if (item === undefined) throw new Error('an item stays an item when it is expanded')
      return json(200, renderEntity(entityContext, item, { ...form, typed: form.typed || item.type !== resource.type }), metadata, tag)
    }
    case 'reference': {
      const { path } = await operation.run(context)
      return json(200, renderReference(referenceContextUrl(location), `${service}/${path()}`, form), metadata)
    }
    case 'created': {
      const item = await operation.run(context)
      const headers = { Location: `${service}/${item.path()}`, ...tagHeader(item) }
      if (preferences.return === 'minimal')
        return noContent({ ...headers, 'OData-EntityId': headers.Location, 'Preference-Applied': 'return=minimal' })
      return json(201, renderEntity(entityContext, item, { ...form, typed: operation.saysType === true }), metadata, {
        ...headers,
        ...applied(preferences),
      })
    }
    case 'updated': {
      const item = await operation.run(context)
      const minimal = preferences.return === undefined ? operation.status[version] === 204 : preferences.return === 'minimal'
      // A tag in the answer to a PUT would say that what was sent is what is stored (RFC 9110, section 9.3.4).
      const headers = { ...applied(preferences), ...(operation.verb === 'PUT' ? {} : tagHeader(item)) }
      return minimal ? noContent(headers) : json(200, renderEntity(entityContext, item, form), metadata, headers)
    }
    case 'nothing':
      await operation.run(context)
      return noContent()
  }
}

function locationOf({ service, routed: { resource }, keys }: Plan): Location {
  return { service, resource, keys }
}

/** The items with what `$expand` asks for. */
function expanded(
  app: App,
  { grant, asker, allowance, service, routed, keys, query }: Plan,
  items: readonly Item[],
): Promise<readonly Item[]> {
  return expandItems(app, { caller: grant.caller, asker, allowance, service }, { ...routed, keys }, items, query.expand)
}

async function renderedPage(app: App, plan: Plan, form: Form, load: () => Promise<Page>, pageSize: number): Promise<string> {
  const { query, asker } = plan
  const location = locationOf(plan)
  const { resource } = location
  if (pageSize > usualPageSize) await app.pace.take(asker, pageSize / rowsOfAUnit)
  const { items, count, positions, after: behind } = await load()
  const whole = await expanded(app, plan, items)
  const after = whole.length < items.length ? positions?.[whole.length - 1] : behind
  const next = nextLink(location, query, after)
  const rendered: string[] = []
  for (let first = 0; first < whole.length; first += itemsAtOnce) {
    const some = whole.slice(first, first + itemsAtOnce)
    if (whole.length > itemsAtOnce) await app.pace.take(asker, some.length)
    for (const item of some) rendered.push(renderItem(item, { ...form, typed: form.typed || item.type !== resource.type }))
  }
  return renderPage(contextUrl(location, query), rendered, form, { count: query.count ? count : undefined, next })
}

function pageAnswer(body: string, metadata: Metadata, { maxPageSize }: Preferences, octets = Buffer.byteLength(body)): GraphResponse {
  if (maxPageSize !== undefined) return json(200, body, metadata, { 'Preference-Applied': `odata.maxpagesize=${maxPageSize}` })
  // Without a copy of anything: this is what is answered most.
  return {
    status: 200,
    headers: { 'Content-Type': contentTypes[metadata], 'OData-Version': '4.0', 'Cache-Control': 'no-cache' },
    body,
    octets,
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

function notModified(headers: Readonly<Record<string, string>>): GraphResponse {
  return { ...noContent(headers), status: 304 }
}
