#!/usr/bin/env node
/**
 * Where the program begins, and the only file that reads the clock, randomness and the environment: all else is
 * given them. Puts the parts together: settings → database → tokens → app → server.
 */

import { writeSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import type { Terminal } from './cli/index.ts'
import type { Clock } from './clock.ts'

// Compiled code is cached for the next start, of threads too: beside the packages, where only users can write who may write
// the program. To be said before the rest is loaded.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/selfgraph/', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)
const { createItemIds, readEnvironmentFile, runCommand } = await import('./cli/index.ts')
const { randomness } = await import('./randomness.ts')

// Collect garbage before the heap has doubled: half the memory, for a few per cent of the time. For an
// import it takes more time, and its memory is what it reads and writes.
if (process.argv[2] !== 'import') setFlagsFromString('--heap-growing-percent=25')

/** A `.env` file in the working folder gives what the environment does not. */
function environment(): Record<string, string | undefined> {
  return { ...readEnvironmentFile('.env'), ...process.env }
}

const longestWaitMilliseconds = 100
const largestBuffer = 64 * 1024
const standardOutput = 1

/** Log lines to standard output, many in one write: a write for each would cost more than a request. */
function bufferedLog(): Terminal['log'] {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const text = waiting
    waiting = ''
    if (text !== '') process.stdout.write(text)
  }
  process.on('exit', () => {
    if (waiting !== '') writeSync(standardOutput, waiting)
  })
  return {
    write: (line, urgency) => {
      waiting += line
      if (urgency === 'now' || waiting.length > largestBuffer) flush()
      else timer ??= setTimeout(flush, longestWaitMilliseconds).unref()
    },
    flush,
  }
}

const clock: Clock = {
  now: () => Date.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      signal?.addEventListener('abort', done)
    }),
}

const terminal: Terminal & { out: Terminal['out'] } = {
  // Read when a command asks for it, so that a bad file is told like any other bad setting.
  get environment() {
    return environment()
  },
  nodeVersion: process.versions.node,
  unixModes: process.platform !== 'win32',
  ...clock,
  ...randomness,
  newItemId: createItemIds({ now: () => Date.now(), fillRandomly: (octets) => octets.set(randomness.randomOctets(octets.length)) }),
  random: () => Math.random(),
  fetch,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  log: bufferedLog(),
  exit: (code) => process.exit(code),
  onStop: (stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
  },
}

// The reader of our output may close it early, as `head` does. That ends a command that prints, and no server.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code !== 'EPIPE') throw error
  terminal.out = () => process.exit(0)
})

process.exitCode = await runCommand(process.argv.slice(2), terminal)
