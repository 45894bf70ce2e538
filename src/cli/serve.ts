/** `selfgraph serve`: puts the parts together and answers until it is asked to end. */

import type { App } from '../app.ts'
import { discoveredKeySource } from '../auth/key-source.ts'
import { openOwnKey, ownKeySource } from '../auth/own-key.ts'
import { createAuthenticate } from '../auth/token.ts'
import { type Config, readConfig } from '../config.ts'
import { type Certificate, openCertificate } from '../http/certificate.ts'
import { type Listener, listen } from '../http/server.ts'
import type { Timeouts } from '../http/timeouts.ts'
import { type Observe, observeInto } from '../observe.ts'
import { Pace } from '../pace.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { gatheredIn, lookupsIn } from '../store/tables/lookups.ts'
import { peopleIn } from '../store/tables/people.ts'
import { openSecret } from '../store/tables/secrets.ts'
import { readyCurl } from './banner.ts'
import { seedDemo } from './demo.ts'
import { openDatabase } from './open-database.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const serve: Command = {
  says: 'Start the server.',
  help: `Usage: selfgraph serve [--default-demo]

Starts the server with the settings of the environment (and of a .env file) and runs until SIGTERM or SIGINT, then
answers what was asked and ends. docs/configuration.md lists the settings.

  --default-demo   as npm start does: with the demo, unless SELFGRAPH_DEMO says something or an issuer is trusted`,
  run: async (args, terminal) => {
    const { values } = readArguments({ args: [...args], options: { 'default-demo': { type: 'boolean' } }, strict: true })
    const config = configFor(terminal.environment, values['default-demo'] === true)
    // From the first moment on: who asks while it starts is heard when it has started.
    const asked = new Promise<string>((resolve) => terminal.onStop(resolve))
    const running = await start(config, terminal)
    const signal = await asked
    running.observe({ kind: 'stopping', signal })
    await running.stop()
    return 0
  },
}

/** A demo that nobody asked for by name never stands beside an issuer: what it seeds are administrators. */
function configFor(environment: Terminal['environment'], defaultDemo: boolean): Config {
  const config = readConfig(environment)
  const demo = config.demo || (defaultDemo && environment.SELFGRAPH_DEMO === undefined && config.trustedIssuers.length === 0)
  return { ...config, demo }
}

/** A server that runs. */
export interface Running {
  readonly app: App
  readonly urls: readonly string[]
  /** File with the development certificate; undefined where the operator brought one, or https is off. */
  readonly trustFile: string | undefined
  readonly observe: Observe
  /** May be called again; the answer is the same. */
  stop(): Promise<void>
}

interface StartOptions {
  /** Take whatever ports are free. */
  readonly anyPort?: boolean
  /** How long clients are waited for, where that is not as usual. */
  readonly timeouts?: Partial<Timeouts>
}

/** Starts everything. Throws StartError with one line where something is not as it must be. */
export async function start(config: Config, terminal: Terminal, { anyPort = false, timeouts }: StartOptions = {}): Promise<Running> {
  const observe = observeInto(terminal.log, config.logLevel, terminal.now)
  const database = await openDatabase(config, terminal, 'owner')
  try {
    await migrate(database)
    const app = await compose(config, terminal, database, observe)
    const seeded = config.demo && (await seedDemo(app))
    const certificate = await certificateFor(config, terminal.now())
    const listening = await listen(app, listenersOf(config, certificate, anyPort), timeouts)
    observe({ kind: 'started', urls: listening.urls, database: database.description })
    terminal.err(
      await readyCurl({
        config,
        urls: listening.urls,
        trustFile: certificate?.trustFile,
        newCertificate: certificate?.replaced === true,
        seeded,
        database: database.description,
        now: terminal.now(),
      }),
    )
    let stopped: Promise<void> | undefined
    const stop = async () => {
      await listening.stop()
      await database.close()
      observe({ kind: 'stopped' })
      terminal.log.flush()
    }
    return {
      app,
      urls: listening.urls,
      trustFile: certificate?.trustFile,
      observe,
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function certificateFor({ httpsPort, data: folder, tlsCert: certFile, tlsKey: keyFile, host }: Config, now: number) {
  return httpsPort === 0 ? undefined : openCertificate({ folder, certFile, keyFile, host, now })
}

/** Plain http stays on loopback, whatever the host. */
function listenersOf({ host, httpsPort, httpPort }: Config, certificate: Certificate | undefined, anyPort: boolean): readonly Listener[] {
  const port = (wanted: number) => (anyPort ? 0 : wanted)
  return [
    ...(certificate === undefined ? [] : [{ scheme: 'https' as const, host, port: port(httpsPort), certificate }]),
    ...(httpPort === 0 ? [] : [{ scheme: 'http' as const, host: 'localhost', port: port(httpPort) }]),
  ]
}

async function compose(config: Config, { now, newId, newItemId, fetch }: Terminal, database: Database, observe: Observe): Promise<App> {
  const sources = [
    // Test tokens are trusted in demo mode alone.
    ...(config.demo ? [ownKeySource(await openOwnKey(config.data))] : []),
    ...config.trustedIssuers.map((setting) => discoveredKeySource({ setting, now, observe, fetch })),
  ]
  return {
    config,
    database,
    directory: peopleIn(database),
    lookups: lookupsIn(database),
    gather: () => gatheredIn(database),
    pace: new Pace(),
    authenticate: createAuthenticate({ sources, audiences: config.audiences, now }),
    observe,
    now,
    newId,
    newItemId,
    tagKey: await openSecret(database, 'entity tags', newId()),
  }
}
