/** The errors that an operation can answer, derived from its row. Errors without a line here are possible for all operations. */

import { codeOf, type ErrorName, errors, type Workload } from '../../errors.ts'
import type { DescribedError } from '../../odata/service/service-description.ts'
import { isConditional, type Operation, type Resource } from '../operation.ts'

/** An operation where a path leads to it. */
export interface OperationAtPath {
  readonly resource: Resource
  readonly operation: Operation
  /** The path as documented, `/me` or `/users/{user}`. */
  readonly path: string
}

const onMe = ({ path }: OperationAtPath) => /^\/me(\/|$)/.test(path)
const takes = ({ operation }: OperationAtPath) => 'takes' in operation
const changes = ({ operation }: OperationAtPath) => operation.verb !== 'GET'
const creates =
  (workload: Workload) =>
  ({ operation, resource }: OperationAtPath) =>
    operation.answers === 'created' && resource.workload === workload
const never = () => false

const only: Readonly<Partial<Record<ErrorName, (placed: OperationAtPath) => boolean>>> = {
  mfaChallenge: ({ operation: { needs } }) => needs.on === 'person' && needs.mfa !== 'notAsked',
  mfaMissing: ({ operation: { needs } }) => needs.on === 'person' && needs.mfa !== 'notAsked',
  selfServiceRefused: ({ operation: { needs } }) => needs.on === 'person' && needs.mfa === 'change',
  roleMissing: ({ operation: { needs } }) => needs.roles !== 'none',
  notOwner: (placed) => placed.operation.needs.on === 'person' && placed.operation.needs.others.permissions.length === 0 && !onMe(placed),
  applicationOnMe: onMe,
  countNeedsConsistency: ({ operation }) => operation.consistency !== undefined,
  bodyUnreadable: takes,
  bodyInvalid: takes,
  bodyTooLarge: takes,
  mediaTypeUnsupported: takes,
  referenceRefused: ({ operation }) => operation.on === 'ref' && 'takes' in operation && operation.takes === 'body',
  notAcceptable: ({ operation }) => operation.answers !== 'count',
  // The tenant's own collections are there, whoever asks.
  notFound: (placed) => onMe(placed) || placed.path.includes('{') || placed.operation.on.startsWith('item') || takes(placed),
  methodExists: creates('authentication'),
  quotaReached: creates('profile'),
  preconditionFailed: ({ operation }) => isConditional(operation),
  storageFull: changes,
  // Errors of requests that lead to no operation.
  versionUnknown: never,
  segmentUnknown: never,
  versionLacksResource: never,
  methodNotAllowed: never,
}

/** The failures of one operation, in the order of errors.ts. */
export function failuresOf(placed: OperationAtPath): readonly DescribedError[] {
  return namesOfErrors.filter((name) => only[name]?.(placed) ?? true).map((name) => describeError(name, placed.resource.workload))
}

const namesOfErrors = Object.keys(errors) as readonly ErrorName[] // the keys of a literal

function describeError(name: ErrorName, workload: Workload): DescribedError {
  const { status, when } = errors[name]
  return { status, code: codeOf(name, workload), when }
}
