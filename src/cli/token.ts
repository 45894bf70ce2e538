/** `selfgraph token`: makes test tokens with this server's own key, good and hostile ones. */

import type { JWTPayload } from 'jose'
import { ownIssuer, signToken } from '../auth/own-key.ts'
import { type RoleName, roleTemplates } from '../auth/roles.ts'
import { type Config, readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import { knownPermissions } from '../graph/known-permissions.ts'
import { fold } from '../model/address.ts'
import type { Person } from '../model/directory.ts'
import { committed, type Database } from '../store/database.ts'
import { requireCurrent } from '../store/migrate.ts'
import { peopleIn } from '../store/tables/people.ts'
import { keyInOtherTenant } from '../store/tables/people-keys.ts'
import { openDatabase } from './open-database.ts'
import { findSigningKey } from './own-keys.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

const options = {
  user: { type: 'string' },
  scope: { type: 'string' },
  app: { type: 'string' },
  'app-id': { type: 'string' },
  'app-only': { type: 'boolean' },
  role: { type: 'string', multiple: true },
  tenant: { type: 'string' },
  mfa: { type: 'boolean' },
  'mfa-age': { type: 'string' },
  'step-up': { type: 'boolean' },
  audience: { type: 'string' },
  'expires-in': { type: 'string' },
  expired: { type: 'boolean' },
  'not-yet-valid': { type: 'boolean' },
  'wrong-audience': { type: 'boolean' },
  'wrong-issuer': { type: 'boolean' },
  'wrong-key': { type: 'boolean' },
  unsigned: { type: 'boolean' },
} as const

export const tokenCommand: Command = {
  says: 'Print a test token.',
  help: `Usage: selfgraph token --user NAME --scope "SCOPES" [OPTIONS]
       selfgraph token --app-only --scope "ROLES" --tenant ID [OPTIONS]

Prints a bearer token signed with this server's own key, and nothing else, good for an hour. A server in demo mode accepts it.

  --user NAME          principal name or id of a user that the server has
  --scope "A B"        delegated permissions; with --app-only: application permissions
  --app NAME           display name of the application (default: selfgraph token)
  --app-id ID          id of the application
  --app-only           a token of an application, without a user
  --tenant ID          tenant of the token (default: the user's)
  --role NAME|ID       administrator role in the token's wids; may be given several times
  --mfa                the sign-in satisfied MFA, just now
  --mfa-age SECONDS    the sign-in satisfied MFA that long ago
  --step-up            the client handles claims challenges (xms_cc: cp1)
  --audience AUD       aud of the token (default: the first of SELFGRAPH_AUDIENCES)
  --expires-in SECONDS lifetime (default: 3600)

Tokens that must be refused, to try one's own error paths:
  --expired  --not-yet-valid  --wrong-audience  --wrong-issuer  --wrong-key  --unsigned`,
  run: async (args, terminal) => {
    const { values } = readArguments({ args: [...args], options, strict: true, allowPositionals: false })
    terminal.out(`${await makeToken(values, terminal)}\n`)
    const unknown = unknownScopes(values.scope)
    if (unknown.length > 0)
      terminal.err(`selfgraph: no operation here asks for ${unknown.join(', ')}; docs/permissions.md lists the permissions\n`)
    return 0
  },
}

type Values = {
  [K in keyof typeof options]?: (typeof options)[K] extends { multiple: true }
    ? string[]
    : (typeof options)[K] extends { type: 'boolean' }
      ? boolean
      : string
}

const hour = 3600
/** Scopes of OpenID Connect, which clients ask for beside permissions. */
const scopesOfSignIn = ['openid', 'profile', 'email', 'offline_access']

function unknownScopes(scope = ''): readonly string[] {
  const known = knownPermissions()
  return scope.split(' ').filter((each) => each !== '' && each !== '.default' && !known.has(each) && !scopesOfSignIn.includes(each))
}

async function makeToken(values: Values, terminal: Terminal): Promise<string> {
  const config = readConfig(terminal.environment)
  const who = values['app-only'] === true ? applicationClaims(values) : await userClaims(values, config, terminal)
  const now = Math.floor(terminal.now() / 1000)
  const lifetime = values['expires-in'] === undefined ? hour : seconds('--expires-in', values['expires-in'])
  const from = values.expired === true ? now - 2 * hour : values['not-yet-valid'] === true ? now + hour : now
  const claims: JWTPayload = {
    iss: values['wrong-issuer'] === true ? 'https://issuer.invalid' : ownIssuer,
    aud: values['wrong-audience'] === true ? 'https://another.invalid' : (values.audience ?? config.audiences[0] ?? ''),
    iat: from,
    nbf: from,
    exp: from + (values.expired === true ? hour : lifetime),
    appid: values['app-id'] ?? '5e1f6a9e-0000-4000-8000-000000000001',
    app_displayname: values.app ?? 'selfgraph token',
    ver: '1.0',
    uti: Buffer.from(terminal.randomOctets(16)).toString('base64url'),
    ...who,
    ...mfaClaims(values, now),
    ...(values.role === undefined ? {} : { wids: values.role.map(roleId) }),
    ...(values['step-up'] === true ? { xms_cc: ['cp1'] } : {}),
  }
  if (values.unsigned === true) return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`
  const token = await signToken(await findSigningKey(config, terminal), claims)
  return values['wrong-key'] === true
    ? `${token.slice(0, token.lastIndexOf('.'))}.${Buffer.from(terminal.randomOctets(256)).toString('base64url')}`
    : token
}

async function userClaims({ user, scope, tenant }: Values, config: Config, terminal: Terminal): Promise<JWTPayload> {
  if (user === undefined) throw new StartError('say who signs in with --user NAME, or --app-only for an application', 'usage')
  if (scope === undefined) throw new StartError('say what the token allows with --scope "User.Read …"', 'usage')
  const database = await openDatabase(config, terminal, 'reader')
  try {
    await requireCurrent(database)
    const person = tenant === undefined ? await personAnywhere(database, user) : await peopleIn(database).find(tenant.toLowerCase(), user)
    if (person === undefined)
      throw new StartError(`there is no user ${user}${tenant === undefined ? '' : ` in tenant ${tenant}`}`, 'badData')
    return {
      tid: person.tenantId,
      oid: person.id,
      sub: person.id,
      upn: person.userPrincipalName,
      name: person.displayName ?? undefined,
      idtyp: 'user',
      scp: scope,
    }
  } finally {
    await database.close()
  }
}

function applicationClaims({ user, scope, tenant }: Values): JWTPayload {
  if (user !== undefined) throw new StartError('--user and --app-only exclude each other', 'usage')
  if (tenant === undefined) throw new StartError('say the tenant of the application with --tenant ID', 'usage')
  return { tid: tenant, idtyp: 'app', roles: (scope ?? '').split(' ').filter((role) => role !== '') }
}

function mfaClaims({ mfa, 'mfa-age': age }: Values, now: number): JWTPayload {
  if (mfa !== true && age === undefined) return { amr: ['pwd'] }
  return { amr: ['pwd', 'mfa'], auth_time: now - (age === undefined ? 0 : seconds('--mfa-age', age)) }
}

function roleId(name: string): string {
  const known = Object.keys(roleTemplates).find((role): role is RoleName => fold(role) === fold(name))
  if (known !== undefined) return roleTemplates[known]
  if (/^[0-9a-f-]{36}$/i.test(name)) return name.toLowerCase()
  throw new StartError(
    `there is no role ${JSON.stringify(name)}; there are ${Object.keys(roleTemplates).join(', ')}, or give a template id`,
    'usage',
  )
}

function seconds(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new StartError(`${option} takes a number of seconds`, 'usage')
  return Number(text)
}

async function personAnywhere(database: Database, user: string): Promise<Person | undefined> {
  const { found } = await keyInOtherTenant(committed(database), { tenantId: '', id: '' }, user)
  return found === undefined ? undefined : peopleIn(database).person(found.tenantId, found.id)
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
