/** A request to Graph and its answer as plain records: what stands between the host and everything else. */

import type { GraphError } from './errors.ts'

/** Octets of a body, as sent and as inflated. */
export const largestBody = 1024 * 1024
/** Room for a token of 100 kB, so that it is refused as a token. */
export const largestHeaders = 160 * 1024

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
  /** There for a part of a batch; `fault` is what it is refused for as such, once its token was looked at. */
  readonly part?: { readonly fault?: GraphError | undefined }
}

export interface GraphResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Absent with 204. */
  readonly body?: string
  /** Length of the body in UTF-8, where it is known already. */
  readonly octets?: number
}

/** A header's value; several of one name joined as RFC 9110 allows. */
export function headerOf({ headers }: Pick<GraphRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(',')
}

/** Whether a Content-Type stands for JSON in UTF-8. */
export function isJson(contentType: string): boolean {
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
