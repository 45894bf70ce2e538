#!/usr/bin/env node
/**
 * Where the program begins, and the only file that reads the clock, randomness and the environment: all else is
 * given them. Puts the parts together: settings → database → tokens → app → server.
 */

import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import pino from 'pino'
import { v7 } from 'uuid'
import { runCommand, type Terminal } from './cli/index.ts'

/** A `.env` file in the working folder gives what the environment does not. */
function environment(): Record<string, string | undefined> {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {}
  return { ...file, ...process.env }
}

const terminal: Terminal = {
  environment: environment(),
  now: () => Date.now(),
  newId: () => randomUUID(),
  newItemId: () => v7(),
  fetch,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  logger: (level) => pino({ level }, pino.destination({ dest: 1, sync: false })),
  onStop: (stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
  },
}

process.exitCode = await runCommand(process.argv.slice(2), terminal)
