/**
 * Who may do what: what each operation asks of its caller, written by hand from what Microsoft Graph documents and from
 * what this product decides where the two differ. Not derived from the tables in src/graph: it is what those are held against.
 */

type Names = readonly string[]

/** A kind of caller: always with one of these, with a setting and one of these, or never. */
type Admitted = { readonly always: Names } | { readonly withSetting: Names } | 'never'

export interface Asks {
  readonly workload: 'directory' | 'profile' | 'authentication'
  /** Status of success under /v1.0 (profile: /beta), and under /beta where that is another. */
  readonly ok: number
  readonly okInBeta?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** What must be there for it to succeed. */
  readonly finds?: 'email' | 'method' | 'noMethod'
  /** Delegated, work or school, on oneself. Absent: the operation is about the tenant, and `others` is for the tenant. */
  readonly self?: Names
  readonly others: Names | 'ownerOnly'
  readonly personal: Admitted
  readonly application: Admitted
  /** Besides `others`. */
  readonly roles?: Names
  /** On oneself: MFA, and for `set` the setting for self-service as well. */
  readonly mfa?: 'set' | 'takeAway'
}

const methodReaders = ['Global Reader', 'Authentication Administrator', 'Privileged Authentication Administrator']
const methodAdministrators = ['Authentication Administrator', 'Privileged Authentication Administrator']

const emailReadAll = [
  'UserAuthMethod-Email.Read.All',
  'UserAuthMethod-Email.ReadWrite.All',
  'UserAuthenticationMethod.Read.All',
  'UserAuthenticationMethod.ReadWrite.All',
]
const emailReadOwn = [
  'UserAuthMethod-Email.Read',
  'UserAuthMethod-Email.ReadWrite',
  'UserAuthenticationMethod.Read',
  'UserAuthenticationMethod.ReadWrite',
  ...emailReadAll,
]
const emailWriteAll = ['UserAuthMethod-Email.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All']
const emailWriteOwn = ['UserAuthMethod-Email.ReadWrite', 'UserAuthenticationMethod.ReadWrite', ...emailWriteAll]
const anyReadAll = ['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All']
const anyReadOwn = ['UserAuthenticationMethod.Read', 'UserAuthenticationMethod.ReadWrite', ...anyReadAll]

const readEmailMethod: Asks = {
  workload: 'authentication',
  ok: 200,
  finds: 'method',
  self: emailReadOwn,
  others: emailReadAll,
  personal: 'never',
  application: { always: emailReadAll },
  roles: methodReaders,
}

const writeEmailMethod: Asks = {
  workload: 'authentication',
  ok: 200,
  finds: 'method',
  body: { emailAddress: 'way.back@example.org' },
  self: emailWriteOwn,
  others: emailWriteAll,
  personal: 'never',
  application: { always: emailWriteAll },
  roles: methodAdministrators,
  mfa: 'set',
}

const readAnyMethod: Asks = {
  ...readEmailMethod,
  self: anyReadOwn,
  others: anyReadAll,
  application: { always: anyReadAll },
}

const profileRead = ['User.Read', 'User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite', 'User.ReadWrite.All']

const readProfile: Asks = {
  workload: 'profile',
  ok: 200,
  finds: 'email',
  self: profileRead,
  others: profileRead,
  personal: { withSetting: ['User.Read', 'User.ReadWrite'] },
  application: { withSetting: ['User.Read.All', 'User.ReadWrite.All'] },
}

const writeProfile: Asks = {
  workload: 'profile',
  ok: 200,
  finds: 'email',
  self: ['User.ReadWrite', 'User.ReadWrite.All'],
  others: 'ownerOnly',
  personal: { withSetting: ['User.ReadWrite'] },
  application: 'never',
}

const newEmail = { address: 'shown@example.org' }

const readPeople = [
  'User.ReadBasic.All',
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'DeviceManagementApps.Read.All',
  'DeviceManagementApps.ReadWrite.All',
  'DeviceManagementConfiguration.Read.All',
  'DeviceManagementConfiguration.ReadWrite.All',
  'DeviceManagementManagedDevices.Read.All',
  'DeviceManagementManagedDevices.ReadWrite.All',
  'DeviceManagementServiceConfig.Read.All',
  'DeviceManagementServiceConfig.ReadWrite.All',
]

const readUsers: Asks = {
  workload: 'directory',
  ok: 200,
  others: readPeople,
  personal: 'never',
  application: { always: [...readPeople, 'User.ReadWrite.CrossCloud'] },
}

const policyRead = ['Policy.Read.AuthenticationMethod', 'Policy.Read.All', 'Policy.ReadWrite.AuthenticationMethod']
const policyWrite = ['Policy.ReadWrite.AuthenticationMethod']

const readPolicy: Asks = {
  workload: 'authentication',
  ok: 200,
  others: policyRead,
  personal: 'never',
  application: { always: policyRead },
  roles: ['Global Reader', 'Authentication Policy Administrator'],
}

const writePolicy: Asks = {
  ...readPolicy,
  ok: 204,
  others: policyWrite,
  application: { always: policyWrite },
  roles: ['Authentication Policy Administrator'],
}

const policyChange = { '@odata.type': '#microsoft.graph.emailAuthenticationMethodConfiguration', state: 'enabled' }
const policyPath = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{configuration}'

// biome-ignore format: a table of facts, aligned by hand
export const table: Readonly<Record<string, Asks>> = {
  'GET /users':                                          readUsers,
  'GET /users/$count':                                   { ...readUsers, headers: { ConsistencyLevel: 'eventual' } },
  'GET /users/{user}':                                   { ...readUsers, self: ['User.Read', 'User.ReadWrite', ...readPeople], personal: { always: ['User.Read', 'User.ReadWrite'] } },

  'GET /users/{user}/profile':                           readProfile,
  'DELETE /users/{user}/profile':                        { ...writeProfile, ok: 204 },
  'GET /users/{user}/profile/emails':                    readProfile,
  'GET /users/{user}/profile/emails/$count':             readProfile,
  'POST /users/{user}/profile/emails':                   { ...writeProfile, ok: 201, body: newEmail },
  'POST /users/{user}/profile/emails/$ref':              { ...writeProfile, ok: 201, body: newEmail },
  'GET /users/{user}/profile/emails/{id}':               readProfile,
  'PATCH /users/{user}/profile/emails/{id}':             { ...writeProfile, body: { displayName: 'Shown' } },
  'DELETE /users/{user}/profile/emails/{id}':            { ...writeProfile, ok: 204 },

  'GET /users/{user}/authentication':                    readAnyMethod,
  'GET /users/{user}/authentication/methods':            readAnyMethod,
  'GET /users/{user}/authentication/methods/{id}':       readAnyMethod,
  'GET /users/{user}/authentication/emailMethods':       readEmailMethod,
  'GET /users/{user}/authentication/emailMethods/$count': readEmailMethod,
  'POST /users/{user}/authentication/emailMethods':      { ...writeEmailMethod, ok: 201, finds: 'noMethod' },
  'GET /users/{user}/authentication/emailMethods/{id}':  readEmailMethod,
  'PATCH /users/{user}/authentication/emailMethods/{id}': { ...writeEmailMethod, ok: 204, okInBeta: 200 },
  'PUT /users/{user}/authentication/emailMethods/{id}':  writeEmailMethod,
  'DELETE /users/{user}/authentication/emailMethods/{id}': { ...writeEmailMethod, body: undefined, ok: 204, mfa: 'takeAway' },

  [`GET ${policyPath}`]:                                 readPolicy,
  [`PATCH ${policyPath}`]:                               { ...writePolicy, body: policyChange },
  [`DELETE ${policyPath}`]:                              writePolicy,
}

/** Each permission that stands somewhere in the table, and others that must open nothing. */
export const permissions: Names = [
  ...new Set([...emailReadOwn, ...anyReadOwn, ...profileRead, ...readPeople, ...policyRead, 'User.ReadWrite.CrossCloud']),
  'User.Read.Everything',
  'user.readwrite',
  'AgentIdUser.ReadWrite.All',
  'UserAuthMethod-Password.Read.All',
  'UserAuthMethod-Password.ReadWrite.All',
  'RoleManagement.ReadWrite.Directory',
  'openid',
]

/** How each part of Graph spells a refusal. */
export const codes = {
  directory: {
    permission: 'Authorization_RequestDenied',
    role: undefined,
    account: 'Authorization_RequestDenied',
    mfa: undefined,
    notFound: 'Request_ResourceNotFound',
  },
  profile: {
    permission: 'ErrorInsufficientPermissionsInAccessToken',
    role: undefined,
    account: 'ErrorAccessDeniedForRole',
    mfa: undefined,
    notFound: 'ErrorItemNotFound',
  },
  authentication: {
    permission: 'accessDenied',
    role: 'accessDenied',
    account: 'accessDenied',
    mfa: 'accessDenied',
    notFound: 'resourceNotFound',
  },
} as const
