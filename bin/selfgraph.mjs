#!/usr/bin/env node
// Starts the program: the compiled one where it is there (as in a published package), else the sources as they are.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const compiled = fileURLToPath(new URL('dist/main.js', root))
const main = existsSync(compiled) ? compiled : fileURLToPath(new URL('src/main.ts', root))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main)
} else {
  // A checkout brings Node 24 along among its packages.
  const own = fileURLToPath(new URL('node_modules/node/bin/node', root))
  if (!existsSync(own)) {
    console.error(`selfgraph: Node 24 or later is needed, and this is ${process.version}`)
    process.exit(69)
  }
  const { status, error } = spawnSync(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}
