/** The last steps of a request: the operation is run, and what came of it becomes an answer. */

import type { App } from './app.ts'
import type { Grant } from './auth/authorize.ts'
import { type Context, type Operation, type Resource, usualPageSize, type Version } from './graph/operation.ts'
import type { GraphResponse } from './graph-request.ts'
import type { Changes, EntityType } from './model/edm.ts'
import { type Form, renderEntity, renderItem, renderPage } from './odata/json.ts'
import { canonicalPath, type Routed } from './odata/path.ts'
import { contentTypes, type Metadata, type Preferences } from './odata/preferences.ts'
import { type Query, renderSkiptoken } from './odata/query.ts'

/** How the client wants its answer. */
export interface Asked {
  readonly query: Query
  readonly preferences: Preferences
  readonly metadata: Metadata
}

/** Everything that was made of a request before it is acted upon. */
export interface Plan extends Asked {
  readonly version: Version
  readonly routed: Routed<Resource>
  readonly operation: Operation
  readonly grant: Grant
  readonly body: Changes<EntityType>
  readonly keys: Readonly<Record<string, string>>
  readonly service: string
}

/** Runs the operation and writes what came of it. */
export async function execute(
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
