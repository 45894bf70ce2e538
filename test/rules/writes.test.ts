/** Operations write by their context alone: it knows the permission and what goes with the write. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { resources } from '../../src/graph/index.ts'
import { operationName } from '../../src/graph/operation.ts'

const graph = fileURLToPath(new URL('../../src/graph/', import.meta.url))
const files = readdirSync(graph, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(graph, name), 'utf8') }))

/** What operations may know of the database: reading, and a transaction that their context gave them. */
const known = new Set(['always', 'committed', 'Readable', 'Source', 'Transaction'])

/** The names that a file imports from a path that ends so. */
function importsFrom(text: string, path: string): readonly string[] {
  const imports = [...text.matchAll(/import (?:type )?\{([^}]*)\} from '([^']*)'/g)]
  return imports
    .filter(([, , from = '']) => from.endsWith(path))
    .flatMap(([, names = '']) => names.split(',').map((name) => name.replace(/\btype\b|\bas\b.*/g, '').trim()))
    .filter((name) => name !== '')
}

describe('Operations', () => {
  for (const { name, text } of files)
    it(`reach no database that could be written to: src/graph/${name}`, () => {
      assert.deepEqual(
        importsFrom(text, '/store/database.ts').filter((imported) => !known.has(imported)),
        [],
      )
      assert.doesNotMatch(text, /\bdatabase\s*(?:\)|!)?\s*(?:\.|\[\s*['"`])\s*(?:write|change)\b/)
      assert.doesNotMatch(text, /\bas (?:unknown|any|App|Database)\b.*\bdatabase\b|\bdatabase\b.*\bas (?:unknown|any|App|Database)\b/)
      // The table of operations takes the program's record apart, without the database; nobody else sees it.
      if (name !== 'operation.ts') assert.deepEqual(importsFrom(text, '/app.ts'), [])
    })

  it('have a name each, which no other has', () => {
    const names = resources.flatMap(({ path, operations }) => Object.keys(operations).map((key) => operationName(path, key)))
    assert.equal(new Set(names).size, names.length)
    assert.ok(names.includes('users.authentication.emailMethods.create'))
  })
})
