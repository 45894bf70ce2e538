/** The program's commands, and how one is chosen. */

import { readFile } from 'node:fs/promises'
import { GraphError, StartError } from '../errors.ts'
import type { Command, Terminal } from './terminal.ts'

export { readEnvironmentFile } from './environment.ts'
export { createItemIds } from './item-ids.ts'
export type { Terminal } from './terminal.ts'

/** Each is loaded when it is asked for: none needs what the others do. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  token: async () => (await import('./token.ts')).tokenCommand,
  import: async () => (await import('./import.ts')).importCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  keys: async () => (await import('./keys.ts')).keysCommand,
  tenant: async () => (await import('./tenant.ts')).tenantCommand,
  jobs: async () => (await import('./jobs.ts')).jobsCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  doctor: async () => (await import('./doctor.ts')).doctor,
}

const unexpected = 70

/** Runs a command line; answers the exit code. What cannot be mended here is told in one line. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.out(await overview())
    return 0
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.out(`selfgraph ${await ownVersion()}\n`)
    return 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  try {
    if (load === undefined)
      throw new StartError(
        `there is no command ${JSON.stringify(name)}${meant(name)}; there are ${Object.keys(commands).join(', ')}`,
        'usage',
      )
    const command = await load()
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(`${command.help}\n`)
      return 0
    }
    return await command.run(rest, terminal)
  } catch (thrown) {
    // A database that fails says to clients that it does; its cause is what the person at the terminal can mend.
    const error = thrown instanceof GraphError && thrown.cause instanceof StartError ? thrown.cause : thrown
    terminal.err(`selfgraph: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof StartError) return error.exitCode
    // A defect: whoever mends it needs more than a line.
    terminal.err(`${error instanceof Error ? error.stack : ''}\n`)
    return unexpected
  }
}

/** Words that other programs have for what a command here does. */
const otherNames: Readonly<Record<string, string>> = { start: 'serve', run: 'serve', server: 'serve', restore: 'import', dump: 'export' }

function meant(name: string): string {
  return Object.hasOwn(otherNames, name) ? ` (did you mean ${otherNames[name]}?)` : ''
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string } // npm requires it
  return version
}

async function overview(): Promise<string> {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const loaded = await Promise.all(Object.entries(commands).map(async ([name, load]) => [name, await load()] as const))
  const lines = loaded.map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`)
  return `Selfgraph: a self-hosted server for people's email addresses that speaks the Microsoft Graph REST API.\n\nUsage: selfgraph COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nselfgraph COMMAND --help tells more, selfgraph --version the version. Settings come from the environment: docs/configuration.md.\n`
}
