/**
 * A Graph request, from a plain record to a plain record: authenticates, performs, tells the log. The one place where errors are
 * caught.
 */

import type { App } from '../app.ts'
import { askerOf, type Caller } from '../auth/caller.ts'
import { codeOf, GraphError } from '../errors.ts'
import { requireVersions } from '../odata/json/versions.ts'
import { answerBatch, isBatch } from './batch.ts'
import { errorResponse } from './error-response.ts'
import { type GraphRequest, type GraphResponse, headerOf, neverGone, splitUrl, versionsOf } from './message.ts'
import { perform, type Reached } from './perform.ts'
import { answerDocument, documentAt } from './service-documents.ts'

/** Facts of a request that are known so far, for the answer and the log when a step fails. */
interface Progress {
  reached: Reached
  caller?: Caller
}

const longestClientRequestId = 128

/** Answers a request; never throws. */
export async function handle(app: App, request: GraphRequest): Promise<GraphResponse> {
  const startedAt = app.now()
  const requestId = app.newId()
  const clientRequestId = clientRequestIdOf(request) ?? requestId
  const progress: Progress = { reached: { workload: 'gateway', route: '-' } }
  let response: GraphResponse
  let error: GraphError | undefined
  try {
    response = await answer(app, request, requestId, progress)
  } catch (thrown) {
    error = asGraphError(app, thrown, requestId)
    response = errorResponse(app, error, { workload: progress.reached.workload, requestId, clientRequestId, request })
  }
  const { caller, reached } = progress
  app.observe({
    kind: 'answered',
    method: request.method,
    route: reached.route,
    status: response.status,
    code: error === undefined ? undefined : codeOf(error.kind, reached.workload),
    reason: error?.particulars.refused,
    milliseconds: app.now() - startedAt,
    requestId,
    tenant: caller?.tenantId,
    application: caller?.application.id ?? undefined,
  })
  return { ...response, headers: { ...response.headers, 'request-id': requestId, 'client-request-id': clientRequestId } }
}

async function answer(app: App, request: GraphRequest, requestId: string, progress: Progress): Promise<GraphResponse> {
  const fault = request.part?.fault
  const document = fault === undefined ? documentAt(request.url) : undefined
  if (document !== undefined) {
    progress.reached = { workload: 'gateway', route: document.name }
    requireVersions(versionsOf(request), false)
    return answerDocument(app, request, document)
  }
  const known = app.authenticate(headerOf(request, 'authorization'))
  const caller = known instanceof Promise ? await known : known // `await` on a plain value would cost a microtask
  progress.caller = caller
  if (fault !== undefined) throw fault
  const onRoute = (reached: Reached) => {
    progress.reached = reached
  }
  if (!isBatch(request.url)) return perform(app, caller, { request, requestId, onRoute })
  const where = splitUrl(request.url)
  onRoute({ workload: 'gateway', route: '/$batch' })
  return answerBatch(app, request, { ...where, asker: askerOf(caller, request.gone ?? neverGone) }, handle)
}

function clientRequestIdOf(request: GraphRequest): string | undefined {
  const given = headerOf(request, 'client-request-id')
  return given !== undefined && given.length <= longestClientRequestId && /^[\x21-\x7e]+$/.test(given) ? given : undefined
}

function asGraphError(app: App, thrown: unknown, requestId: string): GraphError {
  if (!(thrown instanceof GraphError)) {
    app.observe({ kind: 'failed', requestId, error: thrown })
    return new GraphError('internal', { cause: thrown })
  }
  if (thrown.status >= 500 && thrown.status !== 501 && thrown.cause !== undefined) app.observe({ kind: 'failed', requestId, error: thrown })
  return thrown
}
