/** A body that refers to something by its URL: `{"@odata.id": "https://…/v1.0/users/x"}` (OData JSON 4.01, section 14). */

import { GraphError } from '../errors.ts'
import { isObject } from './body.ts'
import type { Json } from './json-text.ts'

/** What is referred to: an item of one of the service's collections. */
export interface Reference {
  /** As it is written in paths, in lower case. */
  readonly collection: string
  readonly key: string
}

/** Graph itself: clients write its address whichever server they speak to. */
const graph = 'https://graph.microsoft.com'
const longestReference = 2048
const url = /^(https?:\/\/[^/?#]+)\/(?:v1\.0|beta)\/(\w+)(?:\/([^/?#]+)|\('([^/?#]+)'\))$/i

/** Throws `bodyInvalid` where the body is no reference to an item of this server, which is reached at `origin`. */
export function readReference(body: Json, origin: string): Reference {
  const { '@odata.id': long, '@id': short, ...others } = isObject(body) ? body : {}
  const text = long ?? short
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@'))
  if (other !== undefined) throw refuse(other, 'A reference has no member but @odata.id.')
  if (typeof text !== 'string') throw refuse('@odata.id', 'The body must be a reference: {"@odata.id": "https://…"}.')
  if (text.length > longestReference) throw refuse('@odata.id', `At most ${longestReference} characters are allowed.`)
  const [, host = '', collection = '', segment, quoted] = url.exec(text) ?? []
  if (![origin, graph].includes(host.toLowerCase()))
    throw refuse('@odata.id', 'Expected the URL of an item of this server, such as https://graph.microsoft.com/v1.0/users/{id}.')
  return { collection: collection.toLowerCase(), key: decode(segment ?? quoted?.replaceAll("''", "'") ?? '') }
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text)
    if (!decoded.includes('\u0000')) return decoded
  } catch {
    // falls through to the refusal below
  }
  throw refuse('@odata.id', 'The URL has a percent encoding that is no text.')
}

function refuse(target: string, message: string): GraphError {
  return new GraphError('bodyInvalid', { target, message })
}
