/** What the two generated SDKs (v1.0 and beta) share: the credential, and the form of their errors. */

import assert from 'node:assert/strict'
import type { TokenCredential } from '@azure/identity'
import { DefaultApiError } from '@microsoft/kiota-abstractions'
import { AzureIdentityAuthenticationProvider } from '@microsoft/kiota-authentication-azure'
import type { ODataError } from '@microsoft/msgraph-sdk/models/oDataErrors/index.js'

/** Signs in with `bearer`; with `steppedUp` once the server has asked for claims. */
export function authentication(bearer: string, steppedUp = bearer): AzureIdentityAuthenticationProvider {
  const credential: TokenCredential = {
    getToken: async (_, options) => ({
      token: options?.claims === undefined ? bearer : steppedUp,
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  }
  return new AzureIdentityAuthenticationProvider(credential, ['https://graph.microsoft.com/.default'], undefined, new Set(['localhost']))
}

/** The ODataError that the request is to end in. The SDKs make it of the answer's body and throw it; it is an interface, no class. */
export async function oDataErrorOf(request: Promise<unknown>): Promise<ODataError> {
  const error = await request.then(
    () => assert.fail('this was to be refused'),
    (thrown: unknown) => thrown,
  )
  assert.ok(!(error instanceof DefaultApiError), 'the SDK found no error of its own in the answer')
  assert.ok(typeof error === 'object' && error !== null && 'errorEscaped' in error)
  return error as ODataError // the SDKs' own mark of it is the member that was just found
}

/** Status and code of the ODataError that the request is to end in. */
export async function refusalOf(
  request: Promise<unknown>,
): Promise<readonly [status: number | undefined, code: string | null | undefined]> {
  const { responseStatusCode, errorEscaped } = await oDataErrorOf(request)
  return [responseStatusCode, errorEscaped?.code]
}
