/** The versions of the protocol that a request names (OData 4.01 Protocol, sections 8.1.5 and 8.2.7). Answers are in 4.0. */

import { GraphError } from '../../errors.ts'

const form = /^\d{1,3}\.\d{1,3}$/
/** Versions by whose rules a body is read. */
const ofBodies = ['4.0', '4.01']
const oldestMajor = 4

interface Versions {
  /** `OData-Version`: of the body that was sent. */
  readonly sent: string | undefined
  /** `OData-MaxVersion`: the newest that the client can read. */
  readonly newest: string | undefined
}

/** Throws `headerInvalid` where a body is of another version, or no answer is old enough. `hasBody`: a body is read. */
export function requireVersions({ sent, newest }: Versions, hasBody: boolean): void {
  if (sent === undefined && newest === undefined) return
  if (sent !== undefined && (!form.test(sent) || (hasBody && !ofBodies.includes(sent))))
    throw invalidHeader('OData-Version', `Expected ${ofBodies.join(' or ')}.`)
  if (newest !== undefined && (!form.test(newest) || Number.parseInt(newest, 10) < oldestMajor))
    throw invalidHeader('OData-MaxVersion', 'Expected 4.0 or later: answers are in OData 4.0.')
}

function invalidHeader(target: string, message: string): GraphError {
  return new GraphError('headerInvalid', { target, message })
}
