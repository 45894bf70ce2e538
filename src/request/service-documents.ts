/** The documents by which machines learn what is served. They are the same for everybody, and need no token, as Graph's. */

import type { App } from '../app.ts'
import { GraphError } from '../errors.ts'
import { metadataJson, metadataXml, openApi, serviceDocument } from '../graph/describe/render-documents.ts'
import type { Version } from '../graph/operation.ts'
import { allowed, type GraphRequest, type GraphResponse, headerOf, verbOf } from './message.ts'

const path = /^\/(v1\.0|beta)(\/?|\/(?:\$|%24)metadata|\/openapi\.json)(?:\?(.*))?$/is

/** The document that the URL asks for; undefined where it asks for none; `name` is the path below the version. */
export function documentAt(url: string): { readonly version: Version; readonly name: string; readonly search: string } | undefined {
  // Most requests lead elsewhere: looked at closely is what has one of `$ % o O ?` behind the version, or nothing.
  const at = url.indexOf('/', 1)
  if (url.length > 256 || (at > 0 && at + 1 < url.length && !'$%oO?'.includes(url.charAt(at + 1)))) return undefined
  const [, version, name = '', search = ''] = path.exec(url) ?? []
  if (version === undefined) return undefined
  return { version: version.toLowerCase() === 'beta' ? 'beta' : 'v1.0', name: name.toLowerCase().replace('%24', '$'), search }
}

/** Answers with the document. Throws `methodNotAllowed`, `queryInvalid`. */
export function answerDocument(
  app: App,
  request: GraphRequest,
  { version, name, search }: NonNullable<ReturnType<typeof documentAt>>,
): GraphResponse {
  if (verbOf(request) !== 'GET') throw new GraphError('methodNotAllowed', { headers: { Allow: allowed(['GET']) } })
  const { config } = app
  if (name === '/openapi.json') {
    const issuer = config.trustedIssuers[0]?.split('|')[0]?.replace(/\/$/, '')
    return document('application/json', openApi(version, request.origin, { opened: config, ...(issuer === undefined ? {} : { issuer }) }))
  }
  if (name !== '/$metadata') return document(odataJson, serviceDocument(version, request.origin, config))
  return wantsJson(request, search)
    ? document('application/json', metadataJson(version, config))
    : document('application/xml', metadataXml(version, config))
}

const odataJson = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** `$format` before `Accept` (OData 4.01 part 1, section 8.2.1); XML where neither asks for JSON first. */
function wantsJson(request: GraphRequest, search: string): boolean {
  const format = new URLSearchParams(search).get('$format')?.toLowerCase()
  if (format !== undefined) {
    if (format === 'json' || format.startsWith('application/json')) return true
    if (format === 'xml' || format.startsWith('application/xml')) return false
    throw new GraphError('queryInvalid', { target: '$format', message: 'Expected json or xml.' })
  }
  const accept = headerOf(request, 'accept') ?? ''
  return /application\/json/i.test(accept) && !/application\/xml|\*\/\*/i.test(accept)
}

function document(contentType: string, body: string): GraphResponse {
  return { status: 200, headers: { 'Content-Type': contentType, 'OData-Version': '4.0', 'Cache-Control': 'no-cache' }, body }
}
