/** `selfgraph serve`: puts the parts together and answers until it is asked to end. */

import type { App } from '../app.ts'
import { discoveredKeySource } from '../auth/key-source.ts'
import { openOwnKey, ownKeySource } from '../auth/own-key.ts'
import { createAuthenticate } from '../auth/token.ts'
import { type Config, readConfig } from '../config.ts'
import { openCertificate } from '../http/certificate.ts'
import { type Listening, listen } from '../http/server.ts'
import { type Observe, observeInto } from '../observe.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { peopleIn } from '../store/people.ts'
import { openSqlite } from '../store/sqlite.ts'
import { readyCurl } from './banner.ts'
import { seedDemo } from './demo.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const serve: Command = {
  says: 'Start the server.',
  help: `Usage: selfgraph serve

Starts the server with the settings of the environment (and of a .env file) and runs until SIGTERM or SIGINT, then
answers what was asked and ends. docs/configuration.md lists the settings.`,
  run: async (args, terminal) => {
    readArguments({ args: [...args], options: {}, strict: true })
    const config = readConfig(terminal.environment)
    const running = await start(config, terminal)
    const signal = await new Promise<string>((resolve) => terminal.onStop(resolve))
    running.observe({ kind: 'stopping', signal })
    await running.stop()
    return 0
  },
}

/** A server that runs. */
export interface Running {
  readonly app: App
  readonly urls: readonly string[]
  /** File with the development certificate; undefined where the operator brought one, or https is off. */
  readonly trustFile: string | undefined
  readonly observe: Observe
  stop(): Promise<void>
}

/** Starts everything; with `anyPort` on whatever ports are free. Throws StartError with one line where something is not as it must be. */
export async function start(config: Config, terminal: Terminal, { anyPort = false } = {}): Promise<Running> {
  const logger = terminal.logger(config.logLevel)
  const observe = observeInto(logger)
  const database = openSqlite({ folder: config.data, as: 'owner' })
  try {
    await migrate(database)
    const app = await compose(config, terminal, database, observe)
    const seeded = config.demo && (await seedDemo(app))
    const certificate =
      config.httpsPort === 0
        ? undefined
        : await openCertificate({
            folder: config.data,
            certFile: config.tlsCert,
            keyFile: config.tlsKey,
            host: config.host,
            now: terminal.now(),
          })
    const listening: Listening = await listen(app, [
      ...(certificate === undefined
        ? []
        : [{ scheme: 'https' as const, host: config.host, port: anyPort ? 0 : config.httpsPort, certificate }]),
      ...(config.httpPort === 0 ? [] : [{ scheme: 'http' as const, host: 'localhost', port: anyPort ? 0 : config.httpPort }]),
    ])
    observe({ kind: 'started', urls: listening.urls, database: database.description })
    terminal.err(
      await readyCurl({
        config,
        urls: listening.urls,
        trustFile: certificate?.trustFile,
        seeded,
        database: database.description,
        now: terminal.now(),
      }),
    )
    return {
      app,
      urls: listening.urls,
      trustFile: certificate?.trustFile,
      observe,
      stop: async () => {
        await listening.stop()
        await database.close()
        observe({ kind: 'stopped' })
        await new Promise<void>((resolve) => logger.flush(() => resolve()))
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
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
    authenticate: createAuthenticate({ sources, audiences: config.audiences, now }),
    observe,
    now,
    newId,
    newItemId,
  }
}
