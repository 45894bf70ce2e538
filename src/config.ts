/**
 * Every setting, once: its name in the environment, type, default and one sentence. docs/configuration.md is
 * printed from this table. Reading is pure: the environment comes in as an argument.
 */

import { StartError } from './errors.ts'
import { logLevels } from './observe.ts'

interface Setting<T> {
  readonly name: string
  readonly fallback: T
  readonly says: string
  readonly form: string
  /** Throws a plain Error that says what was expected. */
  readonly parse: (text: string) => T
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
  databaseUrl:           optional('SELFGRAPH_DATABASE_URL', 'postgres://…', 'PostgreSQL (14 or later) to keep everything in, `?sslmode=verify-full` for TLS; unset: SQLite in the data folder.', postgresUrl),
  databaseConnections:   whole('SELFGRAPH_DATABASE_CONNECTIONS', 20, 2, 1000, 'Connections to PostgreSQL that one server process opens at most.'),
  databaseTimeout:       whole('SELFGRAPH_DATABASE_TIMEOUT', 5, 1, 300, 'Seconds that PostgreSQL may take for a connection or a statement before the request is answered with 503.'),
  queryTimeout:          whole('SELFGRAPH_QUERY_TIMEOUT', 10, 1, 300, 'Seconds that a query may take which has to look at everybody, such as a filter without an index; then it is answered with 503.'),
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

/** Reads the settings. Throws StartError with one line on an unknown `SELFGRAPH_*` name or a bad value. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const known = new Map<string, string>(Object.entries(settings).map(([key, setting]) => [setting.name, key]))
  const config: Record<string, unknown> = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.fallback]))
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('SELFGRAPH_') || value === undefined) continue
    const key = known.get(name)
    if (key === undefined) throw new StartError(`${name} is not a setting${nearest(name, [...known.keys()])}`, 'badConfig')
    if (value === '') continue
    config[key] = parse(settings[key as keyof typeof settings], value) // `known` holds keys of `settings` only
  }
  const complete = config as unknown as Config // every key was given its fallback or its parsed value above
  if ((complete.tlsCert === undefined) !== (complete.tlsKey === undefined))
    throw new StartError('SELFGRAPH_TLS_CERT and SELFGRAPH_TLS_KEY go together: one of them is not set', 'badConfig')
  if (complete.httpsPort === 0 && complete.httpPort === 0)
    throw new StartError('SELFGRAPH_HTTPS_PORT and SELFGRAPH_HTTP_PORT are both 0: there is nothing to listen on', 'badConfig')
  return complete
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

const nearEnough = 3

/** ` (did you mean X?)`: the name that differs in a few letters, else one that shares a word; or where they are listed. */
function nearest(name: string, names: readonly string[]): string {
  const [close] = names.map((known) => ({ known, far: editDistance(name, known) })).sort((a, b) => a.far - b.far)
  const words = new Set(name.split('_').slice(1))
  const [akin] = names
    .map((known) => ({ known, shared: known.split('_').filter((word) => words.has(word)).length }))
    .sort((a, b) => b.shared - a.shared)
  if (close !== undefined && close.far <= nearEnough) return ` (did you mean ${close.known}?)`
  return akin !== undefined && akin.shared > 0 ? ` (did you mean ${akin.known}?)` : '; docs/configuration.md lists them'
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const above = row
    row = [line]
    for (let column = 1; column <= to.length; column++) {
      const [left = 0, up = 0, corner = 0] = [row[column - 1], above[column], above[column - 1]]
      row.push(Math.min(left + 1, up + 1, corner + (from[line - 1] === to[column - 1] ? 0 : 1)))
    }
  }
  return row.at(-1) ?? 0
}
