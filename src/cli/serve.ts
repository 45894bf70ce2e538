/** `selfgraph serve`: puts the parts together and answers until it is asked to end. */

import type { App } from '../app.ts'
import { discoveredKeySource } from '../auth/key-source.ts'
import type { SigningKeys } from '../auth/signing-keys.ts'
import { createAuthenticate } from '../auth/token.ts'
import { type Config, readConfig } from '../config.ts'
import { type Certificate, openCertificate } from '../http/certificate.ts'
import { type Listener, listen } from '../http/server.ts'
import type { Timeouts } from '../http/timeouts.ts'
import { jobKinds } from '../jobs/kinds.ts'
import { Jobs } from '../jobs/runner.ts'
import { type Observe, observeInto } from '../observe.ts'
import { Pace } from '../pace.ts'
import { committed, type Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { batchedLookupsIn, lookupsIn } from '../store/tables/lookups.ts'
import { peopleIn } from '../store/tables/people.ts'
import { openSecret } from '../store/tables/secrets.ts'
import { findSigningKeys } from '../store/tables/signing-keys.ts'
import { readyCurl } from './banner.ts'
import { seedDemo } from './demo.ts'
import { Lifetimes } from './lifetimes.ts'
import { openDatabase } from './open-database.ts'
import { openRing, sealsFor } from './own-keys.ts'
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
    const leftBehind = await running.stop()
    // A part that did not stop would keep the process from ending.
    if (leftBehind.length > 0) terminal.exit(0)
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
  /** Answers the names of the parts that did not stop in time. May be called again; the answer is the same. */
  stop(): Promise<readonly string[]>
}

interface StartOptions {
  /** Take whatever ports are free. */
  readonly anyPort?: boolean
  /** How long clients are waited for, where that is not as usual. */
  readonly timeouts?: Partial<Timeouts>
}

/** How long the parts may take to stop: together less than the ten seconds that a server is often given. Requests get the most. */
const stopMilliseconds = { listeners: 7_500, jobs: 500, keys: 250, database: 1_250 } as const

/** Starts everything. Throws StartError with one line where something is not as it must be. */
export async function start(config: Config, terminal: Terminal, options: StartOptions = {}): Promise<Running> {
  const observe = observeInto(terminal.log, config.logLevel, terminal.now)
  const lifetimes = new Lifetimes(terminal, observe)
  return lifetimes.guard(async () => {
    const { app, keys, seeded, certificate, listening } = await startParts(config, terminal, observe, lifetimes, options)
    const { urls } = listening
    const { description } = app.database
    observe({ kind: 'started', urls, database: description })
    const { trustFile, replaced = false } = certificate ?? {}
    terminal.err(
      await readyCurl({
        config,
        sign: keys === undefined ? undefined : (claims) => keys.sign(claims),
        urls,
        trustFile,
        newCertificate: replaced,
        seeded,
        database: description,
        now: terminal.now(),
      }),
    )
    let stopped: Promise<readonly string[]> | undefined
    const stop = async () => {
      const leftBehind = await lifetimes.stop()
      observe({ kind: 'stopped' })
      terminal.log.flush()
      return leftBehind
    }
    return { app, urls, trustFile, observe, stop: () => (stopped ??= stop()) }
  })
}

/** In this order; they stop in the reverse one. */
async function startParts(
  config: Config,
  terminal: Terminal,
  observe: Observe,
  lifetimes: Lifetimes,
  { anyPort = false, timeouts }: StartOptions,
) {
  const database = await lifetimes.start({
    name: 'database',
    start: () => openDatabase(config, terminal, 'owner'),
    stop: (opened) => opened.close(),
    stopMilliseconds: stopMilliseconds.database,
  })
  await migrate(database)
  const { app, keys } = await lifetimes.start({
    name: 'keys',
    start: () => compose(config, terminal, database, observe),
    stop: async (composed) => composed.keys?.settled(),
    stopMilliseconds: stopMilliseconds.keys,
  })
  const seeded = config.demo && (await seedDemo(app))
  const certificate = await certificateFor(config, terminal)
  const { random, newId } = terminal
  await lifetimes.start({
    name: 'jobs',
    start: async () => {
      const jobs = new Jobs({ database, kinds: jobKinds, clock: terminal, random, newId, observe })
      await jobs.start()
      return jobs
    },
    stop: (jobs) => jobs.stop(),
    stopMilliseconds: stopMilliseconds.jobs,
  })
  const listening = await lifetimes.start({
    name: 'listeners',
    start: () => listen(app, listenersOf(config, certificate, anyPort), timeouts),
    stop: (opened) => opened.stop(),
    stopMilliseconds: stopMilliseconds.listeners,
  })
  return { app, keys, seeded, certificate, listening }
}

async function certificateFor({ httpsPort, data: folder, tlsCert: certFile, tlsKey: keyFile, host }: Config, terminal: Terminal) {
  const { now, randomOctets, newKeys } = terminal
  return httpsPort === 0 ? undefined : openCertificate({ folder, certFile, keyFile, host, now: now(), randomOctets, newKeys })
}

/** Plain http stays on loopback, whatever the host. */
function listenersOf({ host, httpsPort, httpPort }: Config, certificate: Certificate | undefined, anyPort: boolean): readonly Listener[] {
  const port = (wanted: number) => (anyPort ? 0 : wanted)
  return [
    ...(certificate === undefined ? [] : [{ scheme: 'https' as const, host, port: port(httpsPort), certificate }]),
    ...(httpPort === 0 ? [] : [{ scheme: 'http' as const, host: 'localhost', port: port(httpPort) }]),
  ]
}

interface Composed {
  readonly app: App
  /** Runs where the server signs, or its database has keys: the ring is kept in order until the server signs again. */
  readonly keys: SigningKeys | undefined
}

async function compose(config: Config, terminal: Terminal, database: Database, observe: Observe): Promise<Composed> {
  const { now, newId, newItemId, fetch } = terminal
  const seals = await sealsFor(database, config, terminal)
  const signs = config.demo || (await findSigningKeys(committed(database))).length > 0
  const keys = signs ? await openRing(config, terminal, { database, seals, observe }) : undefined
  const sources = [
    // Test tokens are trusted in demo mode alone.
    ...(config.demo && keys !== undefined ? [keys.source] : []),
    ...config.trustedIssuers.map((setting) => discoveredKeySource({ setting, now, observe, fetch })),
  ]
  const app: App = {
    config,
    database,
    alongside: [],
    directory: peopleIn(database),
    lookups: lookupsIn(database),
    batchLookups: () => batchedLookupsIn(database),
    pace: new Pace(),
    authenticate: createAuthenticate({ sources, audiences: config.audiences, now }),
    observe,
    now,
    newId,
    newItemId,
    tagKey: await openSecret(database, 'entity tags', newId(), seals),
  }
  return { app, keys }
}
