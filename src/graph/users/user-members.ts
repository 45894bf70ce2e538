/** Entra's rules for the members of a user in a body, with Graph's messages. */

import { type GraphError, invalidMember } from '../../errors.ts'
import { addressFault } from '../../model/address.ts'
import { type User, user } from '../../model/directory.ts'
import { domainName } from '../../model/domain.ts'
import { type Changes, propertiesOf } from '../../model/edm.ts'
import { printable } from '../../odata/json/text.ts'
import { invalidValue, refuseEmptyTexts } from '../empty-texts.ts'

type Body = Changes<typeof user>

/** Members that a person cannot be without. */
const compulsory = ['accountEnabled', 'displayName', 'mailNickname', 'passwordProfile', 'userPrincipalName'] as const

/** Members whose own list in the directory may not be named otherwise: what an organization adds to the type. */
const extension = /^extension_[0-9a-f]{32}_\w{1,256}$/i

/** Checks what a body says; `whole` is the person as it would be. Throws `bodyInvalid` with `target`. */
export function checkMembers(body: Body, whole: Pick<Body, 'passwordPolicies' | 'userPrincipalName'>): void {
  for (const name of Object.keys(body))
    if (!Object.hasOwn(propertiesOf(user), name) && !extension.test(name))
      throw invalidMember(printable(name), 'user has no member of this name.')
  for (const name of compulsory) if (name !== 'passwordProfile' && (body[name] === null || body[name] === '')) throw missing(name)
  checkValues(body, whole)
  if (body.passwordProfile) checkPassword(body.passwordProfile.password, whole.passwordPolicies ?? '')
}

/** Checks the values of the members that a body or a record has, whichever they are. Throws `bodyInvalid` with `target`. */
export function checkValues(body: Partial<User>, { userPrincipalName }: Pick<Body, 'userPrincipalName'>): void {
  if (typeof body.userPrincipalName === 'string' && !isPrincipalName(body.userPrincipalName))
    throw invalidMember('userPrincipalName', 'Property userPrincipalName is invalid.', 'InvalidValue')
  refuseEmptyTexts(user, body, extension)
  if (typeof body.mailNickname === 'string' && !isNickname(body.mailNickname)) throw invalidValue(user, 'mailNickname')
  for (const [index, identity] of (body.identities ?? []).entries())
    if (!isIdentity(identity, userPrincipalName ?? '')) throw invalidValue(user, 'identities', `identities/${index}/issuerAssignedId`)
}

/** The members that a new person must have. Throws `bodyInvalid` with the first that is missing as target. */
export function requireMembers(body: Body): { readonly userPrincipalName: string; readonly accountEnabled: boolean } {
  for (const name of compulsory) if (body[name] === undefined || body[name] === null) throw missing(name)
  if (typeof body.passwordProfile?.password !== 'string') throw missing('passwordProfile/password')
  const { userPrincipalName, accountEnabled } = body
  if (typeof userPrincipalName !== 'string') throw missing('userPrincipalName')
  return { userPrincipalName, accountEnabled: accountEnabled === true }
}

/** `alias@domain` in the characters that Entra allows, at most 64 before the `@`; an international domain is in A-labels. */
function isPrincipalName(text: string): boolean {
  if (text.length > 256 || !/^(?!\.)[A-Za-z0-9'._!#^~-]{1,64}(?<!\.)@[A-Za-z0-9.-]+$/.test(text)) return false
  const domain = text.slice(text.indexOf('@') + 1)
  return domainName(domain) === domain.toLowerCase()
}

type Identity = NonNullable<User['identities']>[number]

/** Graph's rule for `issuerAssignedId` by the type of sign-in. The identity of a principal name has the name that the user has. */
function isIdentity({ signInType, issuerAssignedId }: Identity, principalName: string): boolean {
  const type = signInType?.toLowerCase() ?? ''
  if (type.startsWith('emailaddress')) return issuerAssignedId != null && addressFault(issuerAssignedId) === undefined
  if (type === 'username') return /^[A-Za-z0-9][\w-]*$/.test(issuerAssignedId ?? '')
  return type !== 'userprincipalname' || issuerAssignedId?.toLowerCase() === principalName.toLowerCase()
}

/** ASCII without `@ ( ) \ [ ] " ; : < > ,` and spaces; no dot at either end. */
function isNickname(text: string): boolean {
  return /^(?!\.)[\x21-\x7e]+(?<!\.)$/.test(text) && !/[@()\\[\]";:<>,]/.test(text)
}

const shortestPassword = 8
const longestPassword = 256

/** Eight characters and more, of three kinds at least unless the person's policies let it be weaker. Says nothing of the password. */
function checkPassword(password: string | null | undefined, policies: string): void {
  if (password === undefined || password === null) return
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length
  const strong = kinds >= 3 || /DisableStrongPassword/i.test(policies)
  if (password.length < shortestPassword || password.length > longestPassword || !strong)
    throw invalidMember(
      'passwordProfile/password',
      'The specified password does not comply with password complexity requirements. Please provide a different password.',
      'InvalidValue',
    )
}

function missing(name: string): GraphError {
  return invalidMember(name, `Property ${name} value is required but is empty or missing.`)
}
