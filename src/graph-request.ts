/** A request to Graph and its answer as plain records: what stands between the host and everything else. */

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
  /** Length of the body in UTF-8, where it is known already. */
  readonly octets?: number
}

/** A header's value; several of one name joined as RFC 9110 allows. */
export function headerOf({ headers }: GraphRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(',')
}
