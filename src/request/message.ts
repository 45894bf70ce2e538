/** A request to Graph and its answer as plain records: what stands between the host and everything else. */

import { GraphError } from '../errors.ts'
import type { Version } from '../graph/operation.ts'

/** Octets of a body, as sent and as inflated. */
export const largestBody = 1024 * 1024
/** Room for a token of 100 kB, so that it is refused as a token. */
export const largestHeaders = 160 * 1024

/** The links that all parts of a batch may expand together: an item followed by one name counts as one. */
export const mostLinksOfABatch = 5_000

/** The number that is left. */
export interface Allowance {
  links: number
}

/** Octets of a body that is read without giving way to others. */
export const smallBody = 4 * 1024
/** Asked before a body of more octets is inflated or handed on: settles when as many may be made values of. */
export type GiveWay = (octets: number) => Promise<void>

export interface GraphRequest {
  readonly method: string
  /** Path and query as received, undecoded. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Origin that links in the answer begin with, such as `https://localhost:8443`. */
  readonly origin: string
  /** Reads the body, once, after everything before it has passed. */
  readonly body: (giveWay: GiveWay) => Promise<Uint8Array>
  /** Makes a signal that is aborted when the client goes before its answer; the same one each time. Absent: it stays. */
  readonly gone?: (() => AbortSignal) | undefined
  /** There for a part of a batch; `fault` is what it is refused for as such, once its token was looked at. */
  readonly part?: { readonly fault?: GraphError | undefined; readonly allowance: Allowance }
}

export interface GraphResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Absent with 204. */
  readonly body?: string
  /** Length of the body in UTF-8, where it is known already. */
  readonly octets?: number
}

/** The headers that are read, each with its name in a refusal and the most characters that are looked at. */
// biome-ignore format: a table of facts, aligned by hand
const readHeaders = {
  accept:              { target: 'Accept',            most: 4 * 1024 },
  authorization:       { target: 'Authorization',     most: Number.POSITIVE_INFINITY }, // auth/token.ts bounds the token, and refuses it as one
  'client-request-id': { target: 'client-request-id', most: Number.POSITIVE_INFINITY }, // handle.ts passes over what is too long
  consistencylevel:    { target: 'ConsistencyLevel',  most: 64 },
  'if-match':          { target: 'If-Match',          most: 16 * 1024 },
  'if-none-match':     { target: 'If-None-Match',     most: 16 * 1024 },
  'odata-maxversion':  { target: 'OData-MaxVersion',  most: 64 },
  'odata-version':     { target: 'OData-Version',     most: 64 },
  prefer:              { target: 'Prefer',            most: 4 * 1024 },
} as const satisfies Record<string, { readonly target: string; readonly most: number }>

/** A header's value; several of one name joined as RFC 9110 allows. Throws `headerInvalid` where it is too long to be read. */
export function headerOf({ headers }: Pick<GraphRequest, 'headers'>, name: keyof typeof readHeaders): string | undefined {
  const value = headers[name]
  const text = typeof value === 'string' || value === undefined ? value : value.join(',')
  const { target, most } = readHeaders[name]
  if (text !== undefined && text.length > most)
    throw new GraphError('headerInvalid', { target, message: `${target} must have at most ${most} characters.` })
  return text
}

/** For a request that says nothing of its client. */
export const neverGone = (): AbortSignal => new AbortController().signal

/** The verb whose operation answers: HEAD is GET without the body, which the host leaves out (RFC 9110, section 9.3.2). */
export function verbOf({ method }: Pick<GraphRequest, 'method'>): string {
  return method === 'HEAD' ? 'GET' : method
}

/** The value of `Allow` where these verbs are served. */
export function allowed(verbs: readonly string[]): string {
  return verbs.flatMap((verb) => (verb === 'GET' ? ['GET', 'HEAD'] : [verb])).join(', ')
}

/** The versions of OData that a request names. */
export function versionsOf(request: Pick<GraphRequest, 'headers'>): {
  readonly sent: string | undefined
  readonly newest: string | undefined
} {
  return { sent: headerOf(request, 'odata-version'), newest: headerOf(request, 'odata-maxversion') }
}

/** Characters of path and query. */
export const longestUrl = 16 * 1024

/** A URL taken apart: the path begins with `/`, undecoded; the query comes without its `?`. */
export interface Where {
  readonly version: Version
  readonly path: string
  readonly search: string
}

/** Throws `urlTooLong`, `versionUnknown`. */
export function splitUrl(url: string): Where {
  if (url.length > longestUrl) throw new GraphError('urlTooLong')
  const mark = url.indexOf('?')
  const whole = mark < 0 ? url : url.slice(0, mark)
  const end = whole.indexOf('/', 1)
  const version = whole.slice(1, end < 0 ? undefined : end).toLowerCase()
  if (version !== 'v1.0' && version !== 'beta') throw new GraphError('versionUnknown')
  return { version, path: end < 0 ? '/' : whole.slice(end), search: mark < 0 ? '' : url.slice(mark + 1) }
}

const longestContentType = 256

/** Whether a Content-Type stands for JSON in UTF-8. */
export function isJson(contentType: string): boolean {
  if (contentType.length > longestContentType) return false
  const [media = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  return media === 'application/json' && (charset === undefined || charset === 'utf-8' || charset === 'utf8')
}
