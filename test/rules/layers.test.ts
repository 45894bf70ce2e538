/** The direction of imports, and what only main.ts may touch. A file in no layer fails. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** Files at the root that any room may take from. */
const ground = ['errors.ts', 'observe.ts', 'config.ts', 'clock.ts', 'private-files.ts', 'randomness.ts', 'secret.ts']
const odata = ['odata/url', 'odata/grammar', 'odata/query', 'odata/json', 'odata/service']
const store = ['store', 'store/tables', 'store/query', 'store/sqlite', 'store/postgres']
/** The rooms below the operations: what work of any kind stands on. */
const below = ['jobs', 'audit', 'mail', 'auth', ...store, ...odata, 'model', 'app.ts', 'pace.ts', ...ground]
const graph = ['graph', 'graph/users', 'graph/groups', 'graph/describe']

/** Each room, and the rooms that it may take from besides itself. Rooms without files are those that come next. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', ...ground],
  testing: ['cli', 'http', 'request', 'transfer', ...graph, ...below],
  cli: ['http', 'request', 'transfer', 'issuer', 'reset', 'account', 'console', ...graph, ...below],
  http: ['request', 'issuer', 'reset', 'account', 'console', 'pages', 'app.ts', 'pace.ts', ...ground],
  request: [...graph, ...below],
  issuer: ['pages', ...graph, ...below],
  reset: ['pages', ...graph, ...below],
  account: ['request', 'pages', ...graph, ...below],
  console: ['request', 'pages', ...graph, ...below],
  pages: [...below],
  transfer: [...graph, ...below],
  graph: ['graph/users', 'graph/groups', ...below],
  'graph/users': ['graph', ...below],
  'graph/groups': ['graph', 'graph/users', ...below],
  'graph/describe': ['graph', ...below],
  'app.ts': ['jobs', 'audit', 'mail', 'auth', ...store, 'model', 'pace.ts', ...ground],
  'pace.ts': ['model', ...ground],
  jobs: [...store, 'model', ...ground],
  audit: [...store, 'model', ...ground],
  mail: ['jobs', ...store, 'model', ...ground],
  auth: ['model', ...ground],
  store: ['store/tables', ...odata, 'model', ...ground],
  'store/tables': ['store', 'store/query', ...odata, 'model', ...ground],
  'store/query': ['store', ...odata, 'model', ...ground],
  'store/sqlite': ['store', ...odata, 'model', ...ground],
  'store/postgres': ['store', ...odata, 'model', ...ground],
  'odata/service': ['odata/url', 'model', ...ground],
  'odata/query': ['odata/grammar', 'odata/json', 'model', ...ground],
  'odata/grammar': ['odata/json', 'model', ...ground],
  'odata/url': ['odata/json', 'model', ...ground],
  'odata/json': ['model', ...ground],
  model: [],
  'config.ts': ['errors.ts', 'nearest-name.ts', 'observe.ts', 'secret.ts'],
  'nearest-name.ts': [],
  'secret.ts': ['errors.ts'],
  'randomness.ts': [],
  'observe.ts': [],
  'clock.ts': [],
  'private-files.ts': [],
  'errors.ts': [],
}

interface SourceFile {
  /** Relative to src/. */
  readonly name: string
  readonly text: string
}

const files: readonly SourceFile[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8') }))

/** The folder of a file; a file at the root is a room of its own. */
function roomOf(name: string): string {
  return name.includes('/') ? dirname(name) : name
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

  const using = (pattern: RegExp) =>
    files
      .filter(({ text }) => pattern.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
      .map(({ name }) => name)
      .sort()

  it('has the clock, randomness and the environment read in main.ts alone', () => {
    assert.deepEqual(using(/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\./), ['main.ts'])
  })

  it('has random octets, ids and keys made in randomness.ts alone, which main.ts alone hands in', () => {
    const makers = /\brandom(?:Bytes|Fill|FillSync|Int|UUID|UUIDv7)\b|\bgetRandomValues\b|\bgenerate(?:Key|KeyPair|Prime|Secret)(?:Sync)?\b/
    assert.deepEqual(using(makers), ['randomness.ts'])
    assert.deepEqual(using(/\bcrypto\.(?:subtle|random)|\bglobalThis\.crypto\b/), [])
    // The library for certificates signs with it.
    assert.deepEqual(using(/\bwebcrypto\b/), ['http/certificate.ts', 'randomness.ts'])
    assert.deepEqual(using(/^(?:import|export) (?!type )[^\n]*randomness\.ts'|import\('[^'\n]*randomness\.ts'\)/m), ['main.ts'])
  })

  it('has Grants made in one place', () => {
    const makers = files.filter(({ text }) => /\bas (Person|Tenant|Group)?Grant\b/.test(text)).map(({ name }) => name)
    assert.deepEqual(makers, ['auth/authorize.ts'])
  })
})
