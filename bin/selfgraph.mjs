#!/usr/bin/env node
// Starts the program: the compiled one where it is there (as in a published package), else the sources as they are.
// Plain JavaScript that any Node understands, so that one that is too old says so instead of a stack trace.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const compiled = new URL('dist/main.js', root)
const main = existsSync(compiled) ? compiled : new URL('src/main.ts', root)
const packages = createRequire(import.meta.url)
const betweenLooksMilliseconds = 250

if (find('fastify') === undefined) fail('nothing is installed yet: run npm start, or npm ci for the commands alone')
else if (Number(process.versions.node.split('.')[0]) >= 24) {
  onParentGone(() => process.kill(process.pid, 'SIGTERM'))
  await import(main.href)
} else runOn(ownNode())

/** The Node of the package `node`, which a checkout brings along; undefined where it is not installed. */
function ownNode() {
  const found = find('node/package.json')
  const file = found?.replace(/package\.json$/, `bin/node${process.platform === 'win32' ? '.exe' : ''}`)
  return file !== undefined && existsSync(file) ? file : undefined
}

function find(name) {
  try {
    return packages.resolve(name)
  } catch {
    return undefined
  }
}

function runOn(node) {
  if (node === undefined)
    return fail(
      `Node 24 or later is needed, and this is ${process.version}: install it from https://nodejs.org, or add the package node@24`,
    )
  const child = spawn(node, ['--max-semi-space-size=16', fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The server is to stop as it likes to, and this process to wait for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  onParentGone(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}

/**
 * npx dies of a signal and passes none on: a server that it started then has another parent, and would go on unseen. One that
 * npm did not start may outlive its shell, as with nohup.
 */
function onParentGone(stop) {
  if (process.argv[2] !== 'serve' || process.env.npm_execpath === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, betweenLooksMilliseconds).unref()
}

function fail(why) {
  console.error(`selfgraph: ${why}`)
  process.exit(69)
}
