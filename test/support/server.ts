/** A whole server in one call: its own folder, its own ports, its own clock, gone when the test file ends. */

import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { JWK, JWTPayload } from 'jose'
import { ownIssuer, signToken } from '../../src/auth/own-key.ts'
import { type RoleName, roleTemplates } from '../../src/auth/roles.ts'
import { findSigningKey } from '../../src/cli/own-keys.ts'
import { type Running, start } from '../../src/cli/serve.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { readConfig } from '../../src/config.ts'
import type { Timeouts } from '../../src/http/timeouts.ts'
import { movableClock } from './clock.ts'
import { makeDatabase, type TestDatabase } from './postgres.ts'
import { testRun } from './run.ts'
import { withSecrets } from './secrets.ts'
import { copyTemplate, isAsTheTemplate } from './template.ts'
import { personId, tenants, type UserName, users } from './tenants.ts'
import { quietTerminal } from './terminal.ts'

export interface TestServer extends Running {
  readonly https: string
  readonly http: string
  readonly folder: string
  readonly key: JWK
  /** What the server logged, a line each. */
  readonly log: readonly string[]
  /** Moves the server's clock; real time goes on from there. Alone ends its waits: nothing happens behind a test's back. */
  advance(milliseconds: number): void
  now(): number
}

export interface ServerOptions {
  /** Settings besides the folder; the demo is on unless it says otherwise. */
  readonly settings?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** The time from which `advance` goes on; the machine's own unless given. */
  readonly time?: () => number
  /** How long clients are waited for; by default a stop is in a hurry. */
  readonly timeouts?: Partial<Timeouts>
  /** A folder to go on with; it is then left in place. */
  readonly folder?: string
}

/** Clients of a test have what they asked for when the server stops: to wait for their idle connections would only take time. */
const hurry: Partial<Timeouts> = { accept: 10, idle: 0 }

/** Starts a server that ends with the test file, on the database of the run. The demo's data comes from the run's template. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'selfgraph-')))
  const seeded = options.folder === undefined && isAsTheTemplate(options.settings ?? {})
  if (seeded) await copyTemplate(folder, { embedded: testRun.engine === 'embedded' })
  const postgres = options.folder === undefined && testRun.engine !== 'embedded' ? await databaseOfRun(seeded) : undefined
  const clock = movableClock(options.time ?? (() => Date.now()))
  const { now } = clock
  const log: string[] = []
  const environment = {
    SELFGRAPH_DATA: folder,
    SELFGRAPH_DEMO: '1',
    ...withSecrets({ ...(postgres === undefined ? {} : { SELFGRAPH_DATABASE_URL: postgres.url }), ...options.settings }),
  }
  const terminal: Terminal = {
    ...quietTerminal(environment),
    now,
    wait: clock.wait,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    log: { write: (line) => void log.push(line), flush: () => undefined },
  }
  const running = await start(readConfig(terminal.environment), terminal, { anyPort: true, timeouts: { ...hurry, ...options.timeouts } })
  let stopped: ReturnType<Running['stop']> | undefined
  const stop = () => (stopped ??= running.stop())
  after(async () => {
    await stop()
    await postgres?.drop()
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  })
  return {
    ...running,
    stop,
    https: running.urls.find((url) => url.startsWith('https:')) ?? '',
    http: running.urls.find((url) => url.startsWith('http:')) ?? '',
    folder,
    key: await findSigningKey(running.app.config, terminal),
    log,
    advance: clock.advance,
    now,
  }
}

/** A new database on the PostgreSQL of the run: with the demo's data, or empty. */
function databaseOfRun(seeded: boolean): Promise<TestDatabase> {
  if (testRun.postgres === undefined) throw new Error(`a run on ${testRun.engine} needs a PostgreSQL`)
  return makeDatabase(testRun.postgres, `selfgraph_${randomUUID().replaceAll('-', '')}`, seeded ? testRun.templateDatabase : undefined)
}

export interface TokenOptions {
  /** Space-separated scopes of a user's token. */
  readonly scope?: string
  /** App roles: makes an application's token, without a user. */
  readonly roles?: readonly string[]
  /** Administrator roles in the token. */
  readonly wids?: readonly RoleName[]
  readonly mfa?: boolean
  /** Anything else, or anything other; undefined takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** A token that the server accepts: of a demo user, or of an application in the user's tenant. */
export function token(
  server: Pick<TestServer, 'key' | 'now'>,
  user: UserName,
  { scope, roles, wids, mfa = false, claims = {} }: TokenOptions,
): Promise<string> {
  const at = Math.floor(server.now() / 1000)
  const { tenant, principalName } = users[user]
  const who = roles === undefined ? { oid: personId(user), upn: principalName, scp: scope ?? '', idtyp: 'user' } : { roles, idtyp: 'app' }
  const all: JWTPayload = {
    iss: ownIssuer,
    aud: 'https://graph.microsoft.com',
    iat: at,
    nbf: at,
    exp: at + 3600,
    tid: tenants[tenant],
    appid: '11111111-2222-4333-8444-555555555555',
    app_displayname: 'Test client',
    ...who,
    amr: mfa ? ['pwd', 'mfa'] : ['pwd'],
    ...(mfa ? { auth_time: at } : {}),
    ...(wids === undefined ? {} : { wids: wids.map((role) => roleTemplates[role]) }),
    ...claims,
  }
  return signToken(server.key, JSON.parse(JSON.stringify(all)) as JWTPayload) // drops claims that were taken away
}
