/** The direction of imports, and what only main.ts may touch. A file in no layer fails. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** Each room, and the rooms that it may take from besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'clock.ts'],
  cli: [
    'http',
    'handle.ts',
    'graph-request.ts',
    'graph',
    'app.ts',
    'pace.ts',
    'auth',
    'store',
    'odata',
    'model',
    'config.ts',
    'observe.ts',
    'private-files.ts',
    'errors.ts',
    'clock.ts',
  ],
  http: ['handle.ts', 'graph-request.ts', 'app.ts', 'private-files.ts', 'errors.ts'],
  'handle.ts': [
    'asked.ts',
    'documents.ts',
    'batch.ts',
    'execute.ts',
    'refuse.ts',
    'graph-request.ts',
    'graph',
    'app.ts',
    'auth',
    'odata',
    'model',
    'errors.ts',
  ],
  'asked.ts': ['graph-request.ts', 'graph', 'app.ts', 'odata', 'errors.ts'],
  'execute.ts': ['asked.ts', 'expand.ts', 'guarded.ts', 'graph-request.ts', 'graph', 'app.ts', 'auth', 'odata', 'model'],
  'batch-room.ts': ['graph-request.ts', 'errors.ts'],
  'batch.ts': ['batch-room.ts', 'graph-request.ts', 'app.ts', 'odata', 'model', 'errors.ts'],
  'documents.ts': ['graph-request.ts', 'graph', 'app.ts', 'errors.ts'],
  'guarded.ts': ['graph', 'app.ts', 'auth', 'store', 'model', 'errors.ts'],
  'expand.ts': ['guarded.ts', 'graph-request.ts', 'graph', 'app.ts', 'auth', 'odata', 'model', 'errors.ts'],
  'refuse.ts': ['graph-request.ts', 'app.ts', 'errors.ts'],
  'graph-request.ts': ['errors.ts'],
  graph: ['app.ts', 'auth', 'store', 'odata', 'model', 'errors.ts'],
  'app.ts': ['pace.ts', 'auth', 'store', 'model', 'config.ts', 'observe.ts'],
  'pace.ts': ['model'],
  auth: ['model', 'observe.ts', 'private-files.ts', 'errors.ts'],
  store: ['odata', 'model', 'private-files.ts', 'errors.ts'],
  odata: ['model', 'errors.ts'],
  model: [],
  'config.ts': ['errors.ts', 'observe.ts'],
  'observe.ts': [],
  'private-files.ts': [],
  'errors.ts': [],
  'clock.ts': [],
}

interface SourceFile {
  /** Relative to src/. */
  readonly name: string
  readonly text: string
}

const files: readonly SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8') }))

function roomOf(name: string): string {
  return name.split('/')[0] ?? name
}

/** The files of ours that a file imports, types included. */
function importsOf({ name, text }: SourceFile): readonly string[] {
  const found = text.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm)
  return [...found].map((match) => relative(source, resolve(join(source, dirname(name)), match[1] ?? match[2] ?? match[3] ?? '')))
}

describe('The house', () => {
  it('has every file in a room that the plan knows', () => {
    for (const { name } of files) assert.ok(roomOf(name) in mayImport, `${name} is in no layer`)
  })

  it('has imports that point one way', () => {
    const wrong = files.flatMap((file) => {
      const room = roomOf(file.name)
      return importsOf(file)
        .filter((imported) => roomOf(imported) !== room && !(mayImport[room] ?? []).includes(roomOf(imported)))
        .map((imported) => `${file.name} imports ${imported}`)
    })
    assert.deepEqual(wrong, [])
  })

  it('has no circle of imports, inside a room either', () => {
    const graph = new Map(files.map((file) => [file.name, importsOf(file)]))
    const done = new Set<string>()
    const visit = (name: string, path: readonly string[]): void => {
      assert.ok(!path.includes(name), `a circle: ${[...path, name].join(' → ')}`)
      if (done.has(name)) return
      for (const next of graph.get(name) ?? []) visit(next, [...path, name])
      done.add(name)
    }
    for (const name of graph.keys()) visit(name, [])
  })

  it('has the clock, randomness and the environment read in main.ts alone', () => {
    const outside = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\brandomUUID\(/
    const own = { 'auth/own-key.ts': 'a key is made of randomness', 'cli/token.ts': 'a forged signature is made of randomness' }
    const wrong = files.filter(
      ({ name, text }) => name !== 'main.ts' && !(name in own) && outside.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')),
    )
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    )
  })

  it('has Grants made in one place', () => {
    const makers = files.filter(({ text }) => /\bas (Person|Tenant|Group)?Grant\b/.test(text)).map(({ name }) => name)
    assert.deepEqual(makers, ['auth/authorize.ts'])
  })
})
