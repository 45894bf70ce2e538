/** The program's commands, and how one is chosen. */

import { GraphError, StartError } from '../errors.ts'
import { backupCommand } from './backup.ts'
import { doctor } from './doctor.ts'
import { exportCommand } from './export.ts'
import { importCommand } from './import.ts'
import { migrateCommand } from './migrate.ts'
import { serve } from './serve.ts'
import type { Command, Terminal } from './terminal.ts'
import { tokenCommand } from './token.ts'

export { readEnvironmentFile } from './environment.ts'
export type { Terminal } from './terminal.ts'

const commands: Readonly<Record<string, Command>> = {
  serve,
  token: tokenCommand,
  import: importCommand,
  export: exportCommand,
  migrate: migrateCommand,
  backup: backupCommand,
  doctor,
}

const unexpected = 70

/** Runs a command line; answers the exit code. What cannot be mended here is told in one line. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    terminal.out(overview())
    return 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  try {
    if (command === undefined)
      throw new StartError(`there is no command ${JSON.stringify(name)}; there are ${Object.keys(commands).join(', ')}`, 'usage')
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

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`)
  return `Selfgraph: a self-hosted server for people's email addresses that speaks the Microsoft Graph REST API.\n\nUsage: selfgraph COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nselfgraph COMMAND --help tells more. Settings come from the environment: docs/configuration.md.\n`
}
