/**
 * `@microsoft/msgraph-beta-sdk` by its adapter and its models. There is no `-users` package of it, so the paths are
 * written out and the requests are put together as its generated request builders would.
 */

import { HttpMethod, type Parsable, type ParsableFactory, RequestInformation } from '@microsoft/kiota-abstractions'
import { GraphBetaRequestAdapter } from '@microsoft/msgraph-beta-sdk'
import {
  createEmailAuthenticationMethodFromDiscriminatorValue,
  createItemEmailFromDiscriminatorValue,
  type EmailAuthenticationMethod,
  type ItemEmail,
  serializeEmailAuthenticationMethod,
  serializeItemEmail,
} from '@microsoft/msgraph-beta-sdk/models/index.js'
import { createODataErrorFromDiscriminatorValue } from '@microsoft/msgraph-beta-sdk/models/oDataErrors/index.js'
import { authentication } from './clients-kiota.ts'
import type { TestServer } from './server.ts'

/** What the SDK makes of an answer that is no success. */
export const errors = { XXX: createODataErrorFromDiscriminatorValue }

/** By their names in the URI template, such as `%24top`. */
type Query = Readonly<Record<`%24${string}`, string | number | boolean | string[]>>

/** Requests on paths below `/beta`, without a leading slash; a path may end in a URI template for its query. */
export function betaClient({ https }: TestServer, bearer: string) {
  const adapter = new GraphBetaRequestAdapter(authentication(bearer))
  adapter.baseUrl = `${https}/beta`
  return {
    adapter,
    get: <T extends Parsable>(path: string, factory: ParsableFactory<T>, query: Query = {}) => {
      const information = request(HttpMethod.GET, path)
      Object.assign(information.queryParameters, query)
      return adapter.send<T>(information, factory, errors)
    },
    count: (path: string) => adapter.sendPrimitive<number>(request(HttpMethod.GET, `${path}/$count`, 'text/plain;q=0.9'), 'number', errors),
    sendEmail: (method: HttpMethod, path: string, email: ItemEmail) => {
      const information = request(method, path)
      information.setContentFromParsable(adapter, 'application/json', email, serializeItemEmail)
      return adapter.send<ItemEmail>(information, createItemEmailFromDiscriminatorValue, errors)
    },
    sendMethod: (method: HttpMethod, path: string, emailMethod: EmailAuthenticationMethod) => {
      const information = request(method, path)
      information.setContentFromParsable(adapter, 'application/json', emailMethod, serializeEmailAuthenticationMethod)
      return adapter.send<EmailAuthenticationMethod>(information, createEmailAuthenticationMethodFromDiscriminatorValue, errors)
    },
    remove: (path: string) => adapter.sendNoResponseContent(request(HttpMethod.DELETE, path), errors),
  }
}

function request(method: HttpMethod, path: string, accept = 'application/json'): RequestInformation {
  const information = new RequestInformation(method, `{+baseurl}/${path}`)
  information.headers.tryAdd('Accept', accept)
  return information
}
