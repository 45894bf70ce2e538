/** Microsoft's examples: which of them are of what is served here, and how they are sent to a test server. */

import { readFileSync } from 'node:fs'
import { type Answer, ask, type Json } from './ask.ts'
import { putRecords } from './records.ts'
import { type TestServer, token } from './server.ts'
import { personId, tenants } from './tenants.ts'

interface Line {
  readonly page: string
  readonly version: string
  /** null where only an answer is recorded. */
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body: Json
  } | null
  /** null where only a request is recorded. */
  readonly response: { readonly status: number; readonly body: Json } | null
}

export interface Example {
  /** Line in the file, page and version. */
  readonly name: string
  readonly version: string
  readonly method: string
  /** Without origin and version, for the demo tenant; `{id}` stands for the email that is arranged. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
  readonly expected: { readonly status: number; readonly body: Json }
}

/** Paths of what is served, the old spelling `/user/…` of some pages included. */
const served = [
  /^\/me$/,
  /^\/users\/?$/,
  /^\/users\/\$count$/,
  /^\/users\/[^/$]+$/,
  /^\/(me|users?(\/[^/]+)?)\/profile(\/emails(\/[^/]+)?)?$/,
  /^\/(me|users\/[^/]+)\/authentication\/(emailMethods|methods)(\/[^/]+)?$/i,
  /^\/policies\/authenticationMethodsPolicy\/authenticationMethodConfigurations\/email$/i,
]

const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

/** The examples in the file whose URL is of something that is served. */
export function readExamples(file: URL): readonly Example[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const { page, version, request, response } = JSON.parse(line) as Line // the file's own form
    if (request === null || request.url === undefined || response === null) return []
    const { method, headers = {}, body } = request
    const path = pathOf(request.url, response.status)
    if (!served.some((pattern) => pattern.test(path.split('?')[0] ?? ''))) return []
    return [{ name: `${index + 1} ${page.split('/').at(-1)} ${version}`, version, method, path, headers, body, expected: response }]
  })
}

function pathOf(url: string, status: number): string {
  return url
    .replace(/^https:\/\/graph\.microsoft\.com/, '')
    .replace(/^\/(v1\.0|beta)(?=\/)/, '')
    .replace(/^(\/users?\/)(?!\$count|profile)[^/?]+/, status === 404 ? '$1nobody@contoso.com' : '$1kim@contoso.com')
    .replace(/(\/methods\/)\{[^/?]+\}/i, `$1${methodId}`)
    .replace(/(\/emails\/)\{[^/?]+\}/, '$1{id}')
}

/** Kim with all the members that the examples' users have. */
export const exampleUser = {
  kind: 'user',
  tenantId: tenants.contoso,
  id: personId('kim'),
  userPrincipalName: 'kim@contoso.com',
  displayName: 'Kim Akers',
  givenName: 'Kim',
  surname: 'Akers',
  jobTitle: 'Product Manager',
  mail: 'kim@contoso.com',
  mobilePhone: '+1 425 555 0109',
  officeLocation: '18/2111',
  preferredLanguage: 'en-US',
  businessPhones: ['+1 425 555 0109'],
  postalCode: '98052',
}

/** As in the examples, the token names no application. */
const nameless = { appid: undefined, app_displayname: undefined }

/** Arranges what the example takes for granted, and sends its request. */
export async function replay(server: TestServer, example: Example): Promise<Answer> {
  const id = await arrange(server, example)
  const { version, method, path, headers, body } = example
  const sent = Object.entries(headers).filter(([name]) => !/^content-/i.test(name))
  const bearer = await tokenFor(server, example)
  return ask(server, `${method} /${version}${path.replace('{id}', id)}`, {
    ...(bearer === undefined ? {} : { token: bearer }),
    ...(body === null ? {} : { body: withRealValues(body) }),
    headers: Object.fromEntries(sent),
  })
}

/** Kim has what the example shows, and nothing else. Answers the id of the email. */
async function arrange(server: TestServer, { path, method, body: asked, expected: { status, body } }: Example): Promise<string> {
  await putRecords(server, [exampleUser])
  if (method === 'POST' && path === '/users') {
    const [, domain] = String(asked.userPrincipalName).split('@')
    const contoso = { kind: 'tenant', id: tenants.contoso, displayName: 'Contoso', federatedWith: [tenants.fabrikam] }
    if (domain !== undefined) await putRecords(server, [{ ...contoso, verifiedDomains: [{ name: domain }] }])
    const admin = await token(server, 'globaladmin', { scope: 'User.ReadWrite.All' })
    await ask(server, `DELETE /v1.0/users/${asked.userPrincipalName}`, { token: admin })
  }
  const scope = 'User.ReadWrite UserAuthenticationMethod.ReadWrite'
  const own = await token(server, 'kim', { scope, mfa: true, claims: nameless })
  await ask(server, 'DELETE /beta/me/profile', { token: own })
  await ask(server, `DELETE /v1.0/me/authentication/emailMethods/${methodId}`, { token: own })
  if (status >= 400 || method === 'POST') return 'none'
  if (/\/authentication\//i.test(path))
    await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: own, body: { emailAddress: 'kim@contoso.com' } })
  if (!path.includes('/profile')) return 'none'
  const { address = 'kim@contoso.com', displayName = null, type = 'work' } = (Array.isArray(body?.value) ? body.value[0] : body) ?? {}
  const { json } = await ask(server, 'POST /beta/me/profile/emails', { token: own, body: withRealValues({ address, displayName, type }) })
  return json.id
}

/** Old pages have `address-value` and the like where a value should be. */
function withRealValues(body: Json): Json {
  const real: Readonly<Record<string, string>> = { 'address-value': 'kim@contoso.com', 'type-value': 'work' }
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, real[String(value)] ?? value]))
}

/** Who asks: somebody who may, unless the example shows a refusal. */
async function tokenFor(server: TestServer, { name, path, headers }: Example): Promise<string | undefined> {
  if (headers.Authorization !== undefined || name.includes('token empty')) return undefined
  if (name.includes('token validation')) return token(server, 'kim', { scope: 'User.Read', claims: { exp: 1 } })
  if (/app token|app-only token/.test(name)) return token(server, 'kim', { roles: [] })
  if (name.includes('permission missing')) return token(server, 'kim', { scope: 'Mail.Read' })
  if (name.includes('403 authentication methods')) return token(server, 'lee', { scope: 'UserAuthenticationMethod.Read.All' })
  if (name.includes('personal account')) return token(server, 'sam', { scope: 'User.ReadWrite' })
  if (name.includes('directory write denied')) return token(server, 'lee', { scope: 'User.ReadWrite.All' })
  if (/user-(delete|post-users|update)\.md/.test(name))
    return token(server, 'kim', { scope: 'User.ReadWrite.All User-PasswordProfile.ReadWrite.All', wids: ['Global Administrator'] })
  if (path.startsWith('/policies'))
    return token(server, 'kim', { scope: 'Policy.ReadWrite.AuthenticationMethod', wids: ['Authentication Policy Administrator'] })
  const scope = 'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite.All'
  return token(server, 'kim', { scope, mfa: true, claims: nameless })
}
