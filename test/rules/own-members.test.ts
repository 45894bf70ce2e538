/** No name is looked for with `in` that the program does not write itself: `toString` is in every object. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

type Node = Readonly<Record<string, unknown>>

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** Where `in` asks for a name that is no literal, as text. */
function namesSought(text: string): readonly string[] {
  const stripped = stripTypeScriptTypes(text)
  const found: string[] = []
  const visit = (value: unknown): void => {
    if (!isNode(value)) return
    const { type, operator, left, start, end } = value
    const isPrivate = isNode(left) && (left.type === 'Literal' || left.type === 'PrivateIdentifier')
    if (type === 'BinaryExpression' && operator === 'in' && !isPrivate) found.push(stripped.slice(Number(start), Number(end)))
    for (const member of Object.values(value)) visit(member)
  }
  visit(parse(stripped, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }))
  return found
}

describe('A name that is not written in the program', () => {
  it('is found where `in` asks for it', () => {
    assert.deepEqual(namesSought("if (name in table || 'error' in event) for (const key in object) use(key)"), ['name in table'])
  })

  it('is looked for among the own members of an object only', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    assert.ok(files.length > 100)
    const found = files.flatMap((name) => namesSought(readFileSync(join(source, name), 'utf8')).map((each) => `${name}: ${each}`))
    assert.deepEqual(found, [], 'ask Object.hasOwn')
  })
})
