/**
 * Every setting, once: its name in the environment, type, default and one sentence. docs/configuration.md is
 * printed from this table. The environment comes in as an argument; but for the files of secrets, reading it is pure.
 */

import { StartError } from './errors.ts'
import { nearest } from './nearest-name.ts'
import { logLevels } from './observe.ts'
import { readSecretFile, Secret } from './secret.ts'

interface Setting<T> {
  readonly name: string
  readonly fallback: T
  readonly says: string
  readonly form: string
  /** Throws a plain Error that says what was expected. */
  readonly parse: (text: string) => T
  /** It is never shown, and may be given as a file by the name with `_FILE`. */
  readonly isSecret?: boolean
}

const text = (name: string, fallback: string, says: string): Setting<string> => ({
  name,
  fallback,
  says,
  form: 'text',
  parse: (value) => value,
})

const optional = (
  name: string,
  form: string,
  says: string,
  check: (value: string) => void = () => undefined,
): Setting<string | undefined> => ({
  name,
  fallback: undefined,
  says,
  form,
  parse: (value) => {
    check(value)
    return value
  },
})

const secret = (name: string, form: string, says: string, check: (value: string) => void): Setting<Secret | undefined> => ({
  name,
  fallback: undefined,
  says,
  form: `secret: ${form}`,
  isSecret: true,
  parse: (value) => {
    check(value)
    return new Secret(value)
  },
})

const flag = (name: string, fallback: boolean, says: string): Setting<boolean> => ({
  name,
  fallback,
  says,
  form: '0 or 1',
  parse: (value) => {
    if (value === '0' || value === 'false') return false
    if (value === '1' || value === 'true') return true
    throw new Error('expected 0 or 1')
  },
})

const whole = <T extends number | undefined>(
  name: string,
  fallback: T,
  lowest: number,
  highest: number,
  says: string,
): Setting<number | T> => ({
  name,
  fallback,
  says,
  form: `whole number, ${lowest} to ${highest}`,
  parse: (value) => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= lowest && number <= highest)) throw new Error(`expected a whole number from ${lowest} to ${highest}`)
    return number
  },
})

const list = (
  name: string,
  fallback: readonly string[],
  says: string,
  check: (value: string) => void = () => undefined,
): Setting<readonly string[]> => ({
  name,
  fallback,
  says,
  form: 'list, comma-separated',
  parse: (value) => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
    if (items.length === 0) throw new Error('expected at least one entry')
    for (const item of items) check(item)
    return items
  },
})

const choice = <const C extends readonly string[]>(name: string, fallback: C[number], choices: C, says: string): Setting<C[number]> => ({
  name,
  fallback,
  says,
  form: choices.join(', '),
  parse: (value) => {
    if (!choices.includes(value)) throw new Error(`expected one of ${choices.join(', ')}`)
    return value
  },
})

function webOrigin(value: string): void {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Error('expected a URL such as https://graph.example.org')
}

function postgresUrl(value: string): void {
  const url = URL.parse(value)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2)
    throw new Error('expected a URL such as postgres://user:password@host:5432/database')
}

/** Characters. */
const shortestSecret = 32

/** Secrets from outside, the current one first. */
export function splitSecrets(value: string): readonly string[] {
  const secrets = value
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
  if (secrets.length === 0 || secrets.some(({ length }) => length < shortestSecret))
    throw new Error(`expected secrets of at least ${shortestSecret} characters each, separated by commas`)
  return secrets
}

/** An issuer's URL, optionally `|` and the one tenant it may speak for. */
function trustedIssuer(value: string): void {
  const [url = '', tenant, ...more] = value.split('|')
  const parsed = URL.parse(url)
  if (parsed === null || more.length > 0 || (tenant !== undefined && !/^[0-9a-f-]{36}$/i.test(tenant)))
    throw new Error('expected URLs such as https://login.example.org or https://login.example.org|<tenant id>')
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname)
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && loopback))
    throw new Error('expected https URLs (http on a loopback address only)')
}

// biome-ignore format: a table of facts, aligned by hand
export const settings = {
  data:                  text('SELFGRAPH_DATA', 'data', 'Folder of the embedded database, the signing key and the development certificate.'),
  databaseUrl:           secret('SELFGRAPH_DATABASE_URL', 'postgres://…', 'PostgreSQL (14 or later) to keep everything in, `?sslmode=verify-full` for TLS; unset: SQLite in the data folder.', postgresUrl),
  databaseConnections:   whole('SELFGRAPH_DATABASE_CONNECTIONS', 20, 2, 1000, 'Connections to PostgreSQL that one server process opens at most.'),
  databaseTimeout:       whole('SELFGRAPH_DATABASE_TIMEOUT', 5, 1, 300, 'Seconds that PostgreSQL may take for a connection or a statement before the request is answered with 503.'),
  queryTimeout:          whole('SELFGRAPH_QUERY_TIMEOUT', 10, 1, 300, 'Seconds that a query may take which has to look at everybody, such as a filter without an index; then it is answered with 503.'),
  secrets:               secret('SELFGRAPH_SECRETS', 'list, comma-separated', 'What seals signing keys in the database: the current secret, then previous ones, at least 32 characters each, the same for all servers; unset: made once in the data folder. With PostgreSQL it must be set, but in demo mode.', splitSecrets),
  host:                  text('SELFGRAPH_HOST', 'localhost', 'Address that the https listener binds to; plain http stays on loopback.'),
  httpsPort:             whole('SELFGRAPH_HTTPS_PORT', 8443, 0, 65535, 'Port of the https listener; 0 switches it off.'),
  httpPort:              whole('SELFGRAPH_HTTP_PORT', 8080, 0, 65535, 'Port of the loopback http listener; 0 switches it off.'),
  mostConnections:       whole('SELFGRAPH_MAX_CONNECTIONS', 4000, 1, 1_000_000, 'Connections open at once on each address that is listened at; further ones are closed without an answer.'),
  publicUrl:             optional('SELFGRAPH_PUBLIC_URL', 'URL', 'Origin that links in answers begin with, such as https://graph.example.org; unset: the listener that was called.', webOrigin),
  tlsCert:               optional('SELFGRAPH_TLS_CERT', 'path', 'PEM file with the certificate chain for https; unset: a development certificate is made in the data folder.'),
  tlsKey:                optional('SELFGRAPH_TLS_KEY', 'path', 'PEM file with the private key that belongs to `SELFGRAPH_TLS_CERT`.'),
  demo:                  flag('SELFGRAPH_DEMO', false, "Seed the demo tenants and trust test tokens signed with this server's own key. Under `npm start` it is 1 where it is not set and no issuer is trusted."),
  trustedIssuers:        list('SELFGRAPH_TRUSTED_ISSUERS', [], 'OpenID issuers whose access tokens are accepted, as URLs; `URL|tenant id` lets an issuer speak for one tenant only.', trustedIssuer),
  audiences:             list('SELFGRAPH_AUDIENCES', ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'], 'What a token may carry as `aud`.'),
  allowApplications:     flag('SELFGRAPH_ALLOW_APPLICATIONS', false, 'Let applications without a user read profile emails, as Graph does.'),
  allowPersonalAccounts: flag('SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS', false, 'Let personal accounts use profile emails, as Graph does.'),
  selfServiceMethods:    flag('SELFGRAPH_SELF_SERVICE_METHODS', true, 'Let people set their own email method after MFA; Graph refuses since 2023.'),
  mfaMaxAge:             whole('SELFGRAPH_MFA_MAX_AGE', undefined, 1, 86400, 'Seconds that an MFA stays good for changes to one\'s own methods (Graph: 600); unset: as long as the token.'),
  profileInV1:           flag('SELFGRAPH_PROFILE_IN_V1', false, 'Serve `profile` under /v1.0 as well as under /beta.'),
  logLevel:              choice('SELFGRAPH_LOG_LEVEL', 'info', logLevels, 'Least weight of what is logged.'),
} as const satisfies Record<string, Setting<unknown>>

export type Config = { readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never }

/** The names that a setting may be given by. */
export function namesOf({ name, isSecret }: Pick<Setting<unknown>, 'name' | 'isSecret'>): readonly string[] {
  return isSecret === true ? [name, `${name}_FILE`] : [name]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the settings. Throws StartError with one line on an unknown `SELFGRAPH_*` name or a bad value. */
export function readConfig(environment: Environment): Config {
  const names = Object.values<Setting<unknown>>(settings).flatMap(namesOf)
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith('SELFGRAPH_') && value !== undefined && !names.includes(name))
      throw new StartError(`${name} is not a setting${nearest(name, names)}`, 'badConfig')
  const entries = Object.entries<Setting<unknown>>(settings).map(([key, setting]) => [key, readSetting(setting, environment)])
  const complete = Object.fromEntries(entries) as Config // every key was given its fallback or its parsed value above
  if ((complete.tlsCert === undefined) !== (complete.tlsKey === undefined))
    throw new StartError('SELFGRAPH_TLS_CERT and SELFGRAPH_TLS_KEY go together: one of them is not set', 'badConfig')
  if (complete.httpsPort === 0 && complete.httpPort === 0)
    throw new StartError('SELFGRAPH_HTTPS_PORT and SELFGRAPH_HTTP_PORT are both 0: there is nothing to listen on', 'badConfig')
  return complete
}

function readSetting(setting: Setting<unknown>, environment: Environment): unknown {
  const [name = '', fileName = ''] = namesOf(setting)
  const [value = '', file = ''] = [environment[name], environment[fileName]]
  if (value !== '' && file !== '') throw new StartError(`${name} and ${fileName} are both set: give one of them`, 'badConfig')
  if (file !== '') return parse(setting, readSecretFile(fileName, file))
  return value === '' ? setting.fallback : parse(setting, value)
}

function parse(setting: Setting<unknown>, value: string): unknown {
  try {
    return setting.parse(value)
  } catch (error) {
    throw new StartError(
      `${setting.name} has a value that cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      'badConfig',
    )
  }
}
