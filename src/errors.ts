/**
 * Every error that the server answers with, once. A row is a kind of failure: its status, the code that each of
 * Graph's workloads gives it, and the sentence. What happened in particular (`target`, `details`) comes with the
 * GraphError; which workload was asked is known when the answer is written.
 */

/** The parts of Graph that spell their codes each in a way of its own. */
export type Workload = 'gateway' | 'authentication' | 'profile' | 'directory'

interface ErrorRow {
  readonly status: number
  /** When the error occurs, for the reader of docs/errors.md. */
  readonly when: string
  /** One code for all workloads, or one each; the gateway's stands in where a workload has none. */
  readonly code: string | ({ readonly gateway: string } & Partial<Record<Workload, string>>)
  readonly message: string
}

const badRequest = { gateway: 'BadRequest', authentication: 'badRequest', profile: 'badRequest', directory: 'Request_BadRequest' }
const notFound = { gateway: 'Request_ResourceNotFound', authentication: 'resourceNotFound', profile: 'ErrorItemNotFound' }
const denied = { gateway: 'Authorization_RequestDenied', authentication: 'accessDenied', profile: 'ErrorAccessDenied' }

// biome-ignore format: a table of facts, aligned by hand
export const errors = {
  tokenMissing: { status: 401, code: 'InvalidAuthenticationToken', message: 'Access token is empty.', when: 'No bearer token came with the request.' },
  tokenInvalid: { status: 401, code: 'InvalidAuthenticationToken', message: 'Access token validation failure.', when: 'The token is malformed, badly signed, expired, not for this server, or speaks of nobody here.' },
  mfaChallenge: { status: 401, code: 'InvalidAuthenticationToken', message: 'Continuous access evaluation resulted in challenge: multi-factor authentication is required.', when: 'The operation asks for MFA and the client said (`xms_cc` with `cp1`) that it can step up.' },

  permissionMissing: { status: 403, code: { ...denied, profile: 'ErrorInsufficientPermissionsInAccessToken' }, message: 'Insufficient privileges to complete the operation.', when: 'The token holds none of the permissions that suffice; `details` names them.' },
  roleMissing: { status: 403, code: denied, message: 'Request Authorization failed', when: 'The caller holds no administrator role that may do this to this user; `details` names those that may.' },
  mfaMissing: { status: 403, code: { ...denied, authentication: 'accessDenied' }, message: 'Multi-factor authentication is required to manage your own authentication methods.', when: 'The sign-in did not satisfy MFA, or not recently enough.' },
  accountKindRefused: { status: 403, code: { ...denied, profile: 'ErrorAccessDeniedForRole' }, message: 'This operation is not supported for this kind of account or token.', when: 'A personal account, or an application without a user, asks for something that only work or school accounts may do.' },
  selfServiceRefused: { status: 403, code: denied, message: 'Self-service operations are not supported.', when: '`SELFGRAPH_SELF_SERVICE_METHODS=0` and a user sets an email method of their own.' },
  notOwner: { status: 403, code: { ...denied, profile: 'ErrorAccessDeniedForRole' }, message: 'Only the owner of a profile can change it.', when: "Somebody writes another person's profile." },

  applicationOnMe: { status: 400, code: 'BadRequest', message: '/me request is only valid with delegated authentication flow.', when: 'A token without a user asks for `/me`.' },
  versionUnknown: { status: 400, code: 'BadRequest', message: 'Invalid version. Use /v1.0 or /beta.', when: 'The path does not begin with `/v1.0` or `/beta`.' },
  pathInvalid: { status: 400, code: 'BadRequest', message: 'The path is not well formed.', when: 'The path cannot be decoded, a key is not closed, or a part of a batch has a URL that is not relative or leads to a batch.' },
  segmentUnknown: { status: 400, code: 'BadRequest', message: 'Resource not found for the segment.', when: 'A part of the path names nothing that this server, OData or Graph knows.' },
  queryInvalid: { status: 400, code: badRequest, message: 'A query option is not valid.', when: 'A query option is unknown, given twice, misplaced or has a bad value.' },
  countNeedsConsistency: { status: 400, code: 'Request_BadRequest', message: '$count is not currently supported.', when: 'Users are counted without the header `ConsistencyLevel: eventual`.' },
  queryNeedsConsistency: { status: 400, code: { gateway: 'BadRequest', directory: 'Request_UnsupportedQuery' }, message: 'Unsupported Query.', when: 'Something is asked of users that Graph answers only under the header `ConsistencyLevel: eventual`: `$search`, `ne`, `not`, `endswith`, `$filter` together with `$orderby`, and more.' },
  bodyUnreadable: { status: 400, code: 'BadRequest', message: 'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.', when: 'The body is absent, is not JSON in UTF-8, repeats a member, or nests too deeply.' },
  bodyInvalid: { status: 400, code: badRequest, message: 'The request body is not valid.', when: 'A member is unknown, has the wrong type, or breaks a rule; `target` names it.' },
  referenceRefused: { status: 400, code: badRequest, message: 'The collection contains its items; there is nothing to refer to. Send the itemEmail itself.', when: 'A body of `@odata.id` alone is sent to `/emails/$ref`.' },
  headerInvalid: { status: 400, code: 'BadRequest', message: 'A request header is not valid.', when: 'A header that is acted upon has a bad value; `target` names it.' },

  notFound: { status: 404, code: notFound, message: 'The item does not exist or one of its queried reference-property objects are not present.', when: 'No such user, item or method, or none that the caller may see.' },
  versionLacksResource: { status: 404, code: 'Request_ResourceNotFound', message: 'The resource does not exist in this version of the API.', when: '`profile` is asked for under `/v1.0` without `SELFGRAPH_PROFILE_IN_V1=1`.' },
  methodNotAllowed: { status: 405, code: 'Request_BadRequest', message: 'Specified HTTP method is not allowed for the request target.', when: 'The resource exists and has no such operation; `Allow` lists what it has.' },
  notAcceptable: { status: 406, code: 'NotAcceptable', message: 'The requested odata.metadata is not one of none, minimal, full.', when: '`Accept` asks for a representation that does not exist.' },
  timeout: { status: 408, code: 'RequestTimeout', message: 'The request did not arrive in time.', when: 'Headers or body came too slowly.' },
  methodExists: { status: 409, code: { gateway: 'Conflict', authentication: 'conflict' }, message: 'An email authentication method already exists for this user. A user may only have one.', when: 'A second email method is created.' },
  preconditionFailed: { status: 412, code: { gateway: 'PreconditionFailed', authentication: 'preconditionFailed', profile: 'ErrorIrresolvableConflict' }, message: 'The entity is not as the request expects it to be: it was changed since it was read. Read it again.', when: '`If-Match` names no tag that the entity has now, or `If-None-Match` one that it has; `target` says which. Nothing was changed.' },
  bodyTooLarge: { status: 413, code: 'RequestEntityTooLarge', message: 'The request body is too large.', when: 'The body, or what it inflates to, is over the limit.' },
  urlTooLong: { status: 414, code: 'UriTooLong', message: 'The request URL is too long.', when: 'Path and query are over the limit.' },
  mediaTypeUnsupported: { status: 415, code: 'UnsupportedMediaType', message: 'The content type or content encoding is not supported. Use application/json in UTF-8, plain or gzip.', when: 'The body is of another type, charset or encoding.' },
  failedDependency: { status: 424, code: 'FailedDependency', message: 'The request was not run: one that it depends on failed.', when: 'A part of a batch names in `dependsOn` a part whose status is 400 or more.' },
  tooManyRequests: { status: 429, code: 'TooManyRequests', message: 'Too many requests. Try again after the time in Retry-After.', when: 'One caller has asked as many long questions as may wait at once, or the requests of a batch expand more, or answer with more, than one batch may. `Retry-After` says when to try again.' },
  headersTooLarge: { status: 431, code: 'RequestHeaderFieldsTooLarge', message: 'The request headers are too large.', when: 'The headers are over the limit.' },

  internal: { status: 500, code: 'generalException', message: 'An unexpected error occurred. Give the request-id to the operator of this server.', when: 'A defect of this server. The log has it under the request-id.' },
  notImplemented: { status: 501, code: 'NotImplemented', message: 'This is part of OData or Graph and not supported by this server.', when: 'A construct of OData, or a name of Graph, that this server knows and does not serve; `target` names it.' },
  unavailable: { status: 503, code: 'serviceNotAvailable', message: 'The service is temporarily unavailable. Try again after the time in Retry-After.', when: 'The database or the keys of a trusted issuer cannot be reached just now.' },
  queryTooLong: { status: 503, code: 'serviceNotAvailable', message: 'The query took too long. Narrow it.', when: 'A query that has to look at everybody took longer than `SELFGRAPH_QUERY_TIMEOUT`. It was stopped.' },
  quotaReached: { status: 507, code: 'quotaLimitReached', message: 'The limit of the collection has been reached.', when: 'A profile holds as many emails as it may.' },
  storageFull: { status: 507, code: 'insufficientStorage', message: 'There is no room left to store this.', when: 'The disk of the server is full. Nothing was written.' },
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof errors

export interface ErrorDetail {
  readonly code: string
  readonly message: string
  readonly target?: string
}

/** Why a token is refused. The log tells it in a word, which says nothing of what the token holds. */
export type TokenFault =
  | 'malformed'
  | 'header'
  | 'issuer'
  | 'signature'
  | 'claims'
  | 'audience'
  | 'notYetValid'
  | 'expired'
  | 'tenant'
  | 'account'

export interface ErrorParticulars {
  /** Replaces the row's sentence where a better one can be said. For the client to read: no secrets, nobody else's data. */
  readonly message?: string
  /** The member, query option or header that is at fault. */
  readonly target?: string
  readonly details?: readonly ErrorDetail[]
  readonly headers?: Readonly<Record<string, string>>
  /** For a 401: the text of the bearer challenge in place of `error="invalid_token"`. */
  readonly challenge?: string
  /** For a refused token: the reason, for the operator's log only; never sent. */
  readonly refused?: TokenFault
  /** For the operator's log only; never sent. */
  readonly cause?: unknown
}

/** A failure that the client is told of. Thrown anywhere, answered in one place. */
export class GraphError extends Error {
  readonly kind: ErrorName
  readonly particulars: ErrorParticulars

  constructor(kind: ErrorName, particulars: ErrorParticulars = {}) {
    super(particulars.message ?? errors[kind].message, { cause: particulars.cause })
    this.name = 'GraphError'
    this.kind = kind
    this.particulars = particulars
  }

  get status(): number {
    return errors[this.kind].status
  }
}

/** A member of a body that breaks a rule. `code`: Graph's name of the rule, which some clients look for in `details`. */
export function invalidMember(target: string, message: string, code?: string): GraphError {
  return new GraphError('bodyInvalid', { target, message, ...(code === undefined ? {} : { details: [{ code, message, target }] }) })
}

/** The code of a failure as the given workload spells it. */
export function codeOf(kind: ErrorName, workload: Workload): string {
  const code: ErrorRow['code'] = errors[kind].code
  return typeof code === 'string' ? code : (code[workload] ?? code.gateway)
}

interface ErrorContext {
  readonly workload: Workload
  readonly requestId: string
  readonly clientRequestId: string
  readonly date: Date
}

/** Graph's error body, as JSON text: `{"error":{code, message, target?, details?, innerError}}`. */
export function renderError(error: GraphError, { workload, requestId, clientRequestId, date }: ErrorContext): string {
  const { target, details } = error.particulars
  return JSON.stringify({
    error: {
      code: codeOf(error.kind, workload),
      message: error.message,
      ...(target === undefined ? {} : { target }),
      ...(details === undefined ? {} : { details }),
      innerError: {
        date: date.toISOString().slice(0, 19),
        'request-id': requestId,
        'client-request-id': clientRequestId,
      },
    },
  })
}

/** Why the program cannot start or go on: one line for the person at the terminal, and the exit code (sysexits.h). */
export class StartError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: keyof typeof exitCodes, cause?: unknown) {
    super(message, { cause })
    this.name = 'StartError'
    this.exitCode = exitCodes[exitCode]
  }
}

/** Exit codes of sysexits.h. */
export const exitCodes = { usage: 64, badData: 65, unavailable: 69, cannotCreate: 73, badConfig: 78 } as const
