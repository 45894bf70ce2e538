/** The context that an operation runs in, and the URLs of its answer: the same for a request and for what is expanded in it. */

import type { App } from '../app.ts'
import type { Grant } from '../auth/grant.ts'
import type { Context, Resource, Writes } from '../graph/operation.ts'
import type { Asker } from '../model/asker.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import { noPreconditions, type Preconditions, preconditionCheckOf } from '../odata/json/etags.ts'
import { type Query, renderNextLink } from '../odata/query/query.ts'
import type { PagePosition } from '../odata/query/skiptoken.ts'
import { canonicalPath } from '../odata/url/path.ts'
import type { Bindings, Reference } from '../odata/url/reference.ts'

/** Where the answer of an operation belongs. */
export interface Location {
  /** Absolute, such as `https://localhost:8443/beta`. */
  readonly service: string
  readonly resource: Resource
  readonly keys: Readonly<Record<string, string>>
}

/** The content of a request's body. */
export interface Content {
  readonly body: Changes<EntityType>
  readonly reference: Reference | undefined
  readonly bindings: Bindings
}

export const noContent: Content = { body: {}, reference: undefined, bindings: {} }

interface Given extends Location {
  readonly grant: Grant
  readonly asker: Asker
  readonly query: Query
  readonly pageSize: number
  readonly writes: Writes
  /** Absent: the operation takes no body. */
  readonly content?: Content
  readonly preconditions?: Preconditions
}

export function contextFor(app: App, given: Given): Context<Grant, EntityType> {
  const { keys, grant, asker, query, pageSize, writes, content = noContent, preconditions = noPreconditions } = given
  return {
    ...writes,
    ...content,
    app,
    grant,
    asker,
    query,
    keys,
    pageSize,
    checkPreconditions: preconditionCheckOf(preconditions, app.tagKey),
  }
}

/** The context URL of a collection or a single thing; an item's has `/$entity` behind it. */
export function contextUrl({ service, resource, keys }: Location, { select }: Query): string {
  const selected = select === undefined ? '' : `(${select.join(',')})`
  return metadataUrl(service, `${resource.contextPath ?? canonicalPath(resource.path, keys)}${selected}`)
}

/** The context URL of a reference. */
export function referenceContextUrl({ service }: Location): string {
  return metadataUrl(service, '$ref')
}

function metadataUrl(service: string, fragment: string): string {
  return `${service}/$metadata#${fragment}`
}

/** The link to the page that begins behind `after`; undefined where there is none. */
export function nextLink({ service, resource, keys }: Location, query: Query, after: PagePosition | undefined): string | undefined {
  return after === undefined ? undefined : renderNextLink(`${service}/${canonicalPath(resource.path, keys)}`, resource.type, query, after)
}
