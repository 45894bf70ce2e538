#!/usr/bin/env node
// Starts the program: the compiled one where it is there (as in a published package), else the sources as they are.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const compiled = new URL('dist/main.js', root)
const main = existsSync(compiled) ? compiled : new URL('src/main.ts', root)

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main.href)
} else {
  // A checkout brings Node 24 along among its packages.
  const own = fileURLToPath(new URL(`node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, root))
  if (!existsSync(own)) {
    console.error(`selfgraph: Node 24 or later is needed, and this is ${process.version}`)
    process.exit(69)
  }
  const child = spawn(own, ['--max-semi-space-size=16', fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The server is to stop as it likes to, and this process to wait for it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code) => process.exit(code ?? 1))
}
