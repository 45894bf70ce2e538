/** Every operation that takes a body, and for each member that it takes what must not be in it. */

import { emailAuthenticationMethod } from '../../src/model/authentication.ts'
import { type EntityType, propertiesOf } from '../../src/model/edm.ts'
import { emailAuthenticationMethodConfiguration } from '../../src/model/policy.ts'
import { itemEmail } from '../../src/model/profile.ts'
import { ask } from './ask.ts'
import { type TestServer, token } from './server.ts'

type Members = Readonly<Record<string, unknown>>

export interface BodyOperation {
  readonly name: string
  /** As `ask` takes it. */
  readonly request: string
  readonly token: string
  readonly type: EntityType
  /** A body that is good, and changes something. */
  readonly good: Members
  /** By path, such as `inference/confidenceScore`: values that are refused. */
  readonly wrong: Readonly<Record<string, readonly unknown[]>>
  /** What is there, for a comparison. */
  readonly state: () => Promise<string>
  /** Takes back what a good body did. */
  readonly undo: () => Promise<void>
}

/** A value of every type that JSON has. */
export const everyJson = [null, true, false, 0, -1, 1.5, 1e300, '', 'text', [], [null], ['text'], {}, { a: 1 }] as const

const noText = [true, false, 0, -1, 1.5, [], ['text'], {}, { a: 1 }]
const noBoolean = [0, 1, -1, 'true', 'false', '', [], [true], {}]
const noNumber = [true, '', '0', '0.5', 'INF', '-INF', 'NaN', 'Infinity', [], [0.5], {}]
const noObject = [true, 0, 1.5, '', 'text', [], [{}]]
const noList = [true, 0, 1.5, '', 'text', {}, { 0: 'text' }]
/** Texts that no database should see. */
const noUnicode = ['\ud800', 'a\udfffb', '\udc00\ud800', 'a\u0000b', '\u0000']
const noName = [
  null,
  ...noText,
  '',
  ' ',
  '\u0000',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'unknownFutureValue',
  'x'.repeat(300),
]
const noAddress = [...noText, ...noUnicode, '', ' ', 'nowhere', 'kim@contoso', '@', 'a@b@contoso.com', `${'x'.repeat(250)}@contoso.com`]

const email = {
  address: noAddress,
  displayName: [...noText, ...noUnicode, 'x'.repeat(257)],
  allowedAudiences: [
    ...noName.slice(1),
    ...['8', ',', 'me,', ',me', 'me,,family', 'nobody', 'me,nobody', 'me,unknownFutureValue', 'me;family', 'me family', 'me|family'],
  ],
  type: [...noName, '0', ' work', 'work,main', 'home', 'Work;'],
  inference: noObject,
  'inference/confidenceScore': [...noNumber, -0.1, 1.0000001, 2, 1e300, -1e300],
  'inference/userHasVerifiedAccuracy': noBoolean,
  'inference/nope': everyJson,
  source: noObject,
  'source/type': [...noList, Array(17).fill('AAD')],
  'source/type/0': [null, ...noText, ...noUnicode],
}

const method = { emailAddress: [null, ...noAddress] }

const target = { id: 'all_users', targetType: 'group' }
const targets = (of: string) => ({
  [of]: [...noList, Array(101).fill(target)],
  [`${of}/0`]: [null, true, 0, 'text', []],
  [`${of}/0/id`]: [undefined, null, ...noText, ...noUnicode, 'x'.repeat(65)],
  [`${of}/0/targetType`]: [undefined, ...noName, 'device', 'user,group'],
  [`${of}/0/nope`]: everyJson,
})
const policy = {
  '@odata.type': [undefined, ...everyJson, '#microsoft.graph.itemEmail', '#microsoft.graph.authenticationMethodConfiguration'],
  state: [...noName.slice(1), 'default', 'enabled,disabled', 'on'],
  allowExternalIdToUseEmailOtp: [...noName.slice(1), 'on', 'enabled,disabled'],
  ...targets('includeTargets'),
  ...targets('excludeTargets'),
  'includeTargets/0/isRegistrationRequired': [null, ...noBoolean],
  'excludeTargets/0/isRegistrationRequired': everyJson,
}

/** The operations, on a server where Kim has an email and an email method, and Lee has none. */
export async function bodyOperations(server: TestServer): Promise<readonly BodyOperation[]> {
  return [...(await emailOperations(server)), ...(await methodOperations(server)), await policyOperation(server)]
}

const read = (server: TestServer, bearer: string, url: string) => async () => (await ask(server, `GET ${url}`, { token: bearer })).text

async function emailOperations(server: TestServer): Promise<readonly BodyOperation[]> {
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
  const emails = '/beta/me/profile/emails'
  const given = await ask(server, `POST ${emails}`, { token: kim, body: { address: 'kim@contoso.com' } })
  const item = `${emails}/${given.json.id}`
  const dropOthers = async () => {
    const { json } = await ask(server, `GET ${emails}`, { token: kim })
    for (const { id } of json.value) if (id !== given.json.id) await ask(server, `DELETE ${emails}/${id}`, { token: kim })
  }
  const usual = { token: kim, type: itemEmail, wrong: email, state: read(server, kim, emails) }
  const good = { address: 'new@contoso.com', displayName: 'New' }
  return [
    { ...usual, name: 'Adding an email', request: `POST ${emails}`, good, undo: dropOthers },
    { ...usual, name: 'Adding an email by $ref', request: `POST ${emails}/$ref`, good, undo: dropOthers },
    {
      ...usual,
      name: 'Changing an email',
      request: `PATCH ${item}`,
      good: { displayName: 'Changed' },
      wrong: { ...email, address: [null, ...email.address] },
      undo: async () => void (await ask(server, `PATCH ${item}`, { token: kim, body: { displayName: null } })),
    },
  ]
}

async function methodOperations(server: TestServer): Promise<readonly BodyOperation[]> {
  const scope = 'UserAuthenticationMethod.ReadWrite'
  const [kim, lee] = [await token(server, 'kim', { scope, mfa: true }), await token(server, 'lee', { scope, mfa: true })]
  const methods = '/v1.0/me/authentication/emailMethods'
  const item = `${methods}/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`
  await ask(server, `POST ${methods}`, { token: kim, body: { emailAddress: 'kim@fabrikam.com' } })
  const usual = { type: emailAuthenticationMethod, wrong: method }
  const change = (verb: 'PATCH' | 'PUT'): BodyOperation => ({
    ...usual,
    name: `Changing an email method by ${verb}`,
    request: `${verb} ${item}`,
    token: kim,
    good: { emailAddress: `${verb.toLowerCase()}@fabrikam.com` },
    state: read(server, kim, methods),
    undo: async () => {},
  })
  const create: BodyOperation = {
    ...usual,
    name: 'Setting an email method',
    request: `POST ${methods}`,
    token: lee,
    good: { emailAddress: 'lee@fabrikam.com' },
    state: read(server, lee, methods),
    undo: async () => void (await ask(server, `DELETE ${item}`, { token: lee })),
  }
  return [create, change('PATCH'), change('PUT')]
}

async function policyOperation(server: TestServer): Promise<BodyOperation> {
  const wids = ['Authentication Policy Administrator'] as const
  const admin = await token(server, 'globaladmin', { scope: 'Policy.ReadWrite.AuthenticationMethod', wids })
  const url = '/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email'
  return {
    name: 'Changing the policy of the email method',
    request: `PATCH ${url}`,
    token: admin,
    type: emailAuthenticationMethodConfiguration,
    good: { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration', state: 'disabled' },
    wrong: policy,
    state: read(server, admin, url),
    undo: async () => void (await ask(server, `DELETE ${url}`, { token: admin })),
  }
}

/** The good body with `value` at `path`, in a member of a list beside `rest`; undefined takes the member away. */
export function bodyWith(good: Members, path: string, value: unknown, rest: Members = target): Members {
  const [first = '', ...further] = path.split('/')
  if (further.length === 0) return { ...good, [first]: value }
  const [index = '', ...inside] = further
  if (!/^\d+$/.test(index)) return { ...good, [first]: bodyWith({}, further.join('/'), value, rest) }
  return { ...good, [first]: [inside.length === 0 ? value : bodyWith(rest, inside.join('/'), value, rest)] }
}

/** Names of the members that a client sets, and of those that the server sets. */
export function membersOf(type: EntityType): { readonly settable: readonly string[]; readonly readOnly: readonly string[] } {
  const all = Object.entries(propertiesOf(type))
  return {
    settable: all.filter(([, { readOnly }]) => readOnly !== true).map(([name]) => name),
    readOnly: all.filter(([, { readOnly }]) => readOnly === true).map(([name]) => name),
  }
}
