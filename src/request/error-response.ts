/** Errors as answers: Graph's body, and the challenge of a 401. */

import type { App } from '../app.ts'
import { type GraphError, renderError, type Workload } from '../errors.ts'
import type { GraphRequest, GraphResponse } from './message.ts'

interface Facts {
  readonly workload: Workload
  readonly requestId: string
  readonly clientRequestId: string
  readonly request: GraphRequest
}

/** The answer that tells a client what went wrong, as the workload that was asked spells it. */
export function errorResponse(app: App, error: GraphError, { workload, requestId, clientRequestId, request }: Facts): GraphResponse {
  const challenge = error.status === 401 ? { 'WWW-Authenticate': bearerChallenge(app, request, error) } : {}
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache', ...challenge, ...error.particulars.headers },
    body: renderError(error, { workload, requestId, clientRequestId, date: new Date(app.now()) }),
  }
}

/** Graph's own id, which its clients know this resource by. */
const graphClientId = '00000003-0000-0000-c000-000000000000'

function bearerChallenge({ config }: App, { origin }: GraphRequest, { kind, particulars }: GraphError): string {
  const issuer = config.trustedIssuers[0]?.split('|')[0] ?? origin
  const reason = particulars.challenge ?? (kind === 'tokenMissing' ? undefined : 'error="invalid_token"')
  return `Bearer realm="", authorization_uri="${issuer}/oauth2/authorize", client_id="${graphClientId}"${reason === undefined ? '' : `, ${reason}`}`
}
