/** What is installed to run the program: number and size of the production dependencies. */

import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './child.ts'

export interface Packages {
  readonly direct: number
  readonly all: number
  readonly bytes: number
}

export function countPackages(): Packages {
  const list = (depth: string) => pathsOf(['ls', '--omit=dev', depth, '--parseable'])
  const all = list('--all')
  return { direct: list('--depth=0').length, all: all.length, bytes: all.reduce((sum, path) => sum + sizeOf(path), 0) }
}

/** Folders of the packages, the project itself left out. */
function pathsOf(args: readonly string[]): readonly string[] {
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
  const paths = new Set(stdout.trim().split('\n').slice(1))
  if (paths.size === 0) throw new Error('npm ls lists no packages')
  return [...paths]
}

/** Octets of a package's files, without the packages inside it: they are in the list themselves. */
function sizeOf(folder: string): number {
  let bytes = 0
  for (const { name } of readdirSync(folder, { withFileTypes: true })) {
    if (name === 'node_modules') continue
    const path = join(folder, name)
    const facts = lstatSync(path)
    bytes += facts.isDirectory() ? sizeOf(path) : facts.size
  }
  return bytes
}
