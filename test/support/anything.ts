/** Random requests, near what is served and far from it, for tests that say what holds for any of them. */

import fc from 'fast-check'
import { personId } from './tenants.ts'

export interface AnyRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | Uint8Array
}

const oneOf = (words: string) => fc.constantFrom(...words.trim().split(/\s+/))
const visible = fc.stringMatching(/^[\x21-\x7e]{0,20}$/)
const encoded = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => encodeURIComponent(text.toWellFormed()))
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

const served = oneOf(`
  /me /users /users/$count /users/${personId('lee')} /users/lee@contoso.com /users('reader@contoso.com') /me/profile
  /me/profile/emails /me/profile/emails /me/profile/emails/$count /me/profile/emails/$ref /me/profile/emails/x
  /me/authentication /me/authentication/methods /me/authentication/emailMethods /me/authentication/emailMethods/${methodId}
  /users/lee@contoso.com/authentication/emailMethods /users/${personId('lee')}/authentication/emailMethods/${methodId}
  /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email /users /groups /groups/$count /groups/x
  /groups/x/members /groups/x/members/$ref /groups/x/owners/y/$ref /roleManagement/directory/roleAssignments
  /roleManagement/directory/roleAssignments/x`)
const segment = fc.oneof(
  {
    weight: 8,
    arbitrary: oneOf(`
      me users profile emails authentication emailMethods methods $count $ref $value $metadata $batch policies ME Emails
      authenticationMethodsPolicy authenticationMethodConfigurations email groups members owners roleAssignments me-token-to-replace lee@contoso.com ${methodId}
      ${personId('lee')} ${personId('jo')} users('reader@contoso.com') users() emails('x') users('''') users('a users(id=1)
      .. . %2e%2e %2f %00 % %zz %ff %F0%9F%98%80 ; *`),
  },
  { weight: 1, arbitrary: encoded },
  { weight: 1, arbitrary: visible.map((text) => text.replace(/[?#]/g, '_')) },
)
const path = fc.oneof(
  { weight: 3, arbitrary: served },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join('/')}`) },
)

const option = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: oneOf('$select $top $skip $count $skiptoken $expand select $TOP') },
      { weight: 1, arbitrary: oneOf('$filter $orderby $search $ =') },
      { weight: 1, arbitrary: visible.map(encodeURIComponent) },
    ),
    fc.oneof(oneOf('id * id,address emails emails($select=id) 0 1 999 1000 -1 true NaN % %ff W10 WyJhIiwiYiJd'), encoded),
  )
  .map(([name, value]) => `${name}=${value}`)
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.array(option, { maxLength: 3 }).map((options) => `?${options.join('&')}`) },
)

const headerText = fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,40}$/)
const header = fc.oneof(
  fc.tuple(
    oneOf(`
      Accept Prefer ConsistencyLevel client-request-id If-Match Range Origin Expect X-HTTP-Method-Override Content-Type
      Content-Encoding Accept-Encoding OData-Version OData-MaxVersion Cookie Upgrade Forwarded`),
    fc.oneof(
      headerText,
      oneOf(`
        application/json;odata.metadata=full application/json;odata.metadata= text/plain return=minimal eventual gzip br *
        odata.maxpagesize=0 odata.maxpagesize=1 100-continue return=representation,,;=`),
    ),
  ),
  fc.tuple(fc.stringMatching(/^X-[A-Za-z]{1,15}$/), headerText),
)

const member = oneOf('displayName allowedAudiences type inference source id @odata.type state includeTargets __proto__ constructor')
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  oneOf(`a@b.cc work me,family enabled #microsoft.graph.itemEmail #microsoft.graph.emailAuthenticationMethodConfiguration`),
)
const address = fc.oneof(fc.emailAddress(), oneOf('a@b.cc nowhere @ a@b@c.dd'))
const members = fc.dictionary(member, value, { maxKeys: 3 })
const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), oneOf('pat kim'))
/** Of the directory: a user, a group, a role assignment, a reference. */
const entry = fc.oneof(
  name.map((text) => ({
    ...{ accountEnabled: true, displayName: text, mailNickname: text, userPrincipalName: `${text}@contoso.com` },
    passwordProfile: { password: 'Correct.Horse.7', forceChangePasswordNextSignIn: false },
  })),
  name.map((text) => ({ displayName: text, mailNickname: text, mailEnabled: false, securityEnabled: true, groupTypes: [] })),
  fc.record({
    principalId: oneOf(`${personId('lee')} ${personId('jo')} x`),
    roleDefinitionId: oneOf('f2ef992c-3afb-46b9-b7cf-a126ee74c451 x'),
    directoryScopeId: oneOf('/ /administrativeUnits/x x'),
  }),
  oneOf(`https://graph.microsoft.com/v1.0/directoryObjects/${personId('lee')} x http://`).map((id) => ({ '@odata.id': id })),
)
const body = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('address', 'emailAddress'), address).map(([name, text]) => JSON.stringify({ [name]: text })),
  fc.tuple(address, members).map(([text, more]) => JSON.stringify({ ...more, address: text })),
  members.map((more) => JSON.stringify({ ...more, '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration' })),
  fc.tuple(entry, fc.oneof(fc.constant({}), members)).map(([whole, more]) => JSON.stringify({ ...whole, ...more })),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
)

export const anyRequest: fc.Arbitrary<AnyRequest> = fc.record({
  method: oneOf('GET GET GET POST POST POST PATCH PATCH PUT DELETE HEAD OPTIONS TRACE QUERY get'),
  url: fc.tuple(oneOf('/v1.0 /beta /beta /BETA /beta /v2'), path, query).map((parts) => parts.join('')),
  headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 3 })),
  body,
})
