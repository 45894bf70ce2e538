/** Trees of query options as short text, and tables of tests about them. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { GraphError } from '../../src/errors.ts'
import type { Expression, PathSegment, SearchExpression, Value } from '../../src/odata/grammar/syntax.ts'

/** The tree with every bracket, so that a test shows who binds whom. */
export function render(tree: Expression): string {
  switch (tree.kind) {
    case 'literal':
      return renderValue(tree.value)
    case 'alias':
      return `@${tree.name}`
    case 'path': {
      const root = typeof tree.root === 'object' ? render(tree.root) : tree.root === undefined ? undefined : `$${tree.root}`
      return [...(root === undefined ? [] : [root]), ...tree.segments.map(renderSegment)].join('/')
    }
    case 'lambda':
      return `${render(tree.source)}/${tree.operator}(${tree.variable === undefined || tree.condition === undefined ? '' : `${tree.variable.name}:${render(tree.condition)}`})`
    case 'call':
      return `${tree.name}(${tree.arguments.map(render).join(',')})`
    case 'case':
      return `case(${tree.branches.map(({ condition, value }) => `${render(condition)}:${render(value)}`).join(',')})`
    case 'unary':
      return `(${tree.operator} ${render(tree.operand)})`
    case 'binary':
      return `(${render(tree.left)} ${tree.operator} ${render(tree.right)})`
    case 'list':
      return tree.form === 'array' ? `[${tree.items.map(render).join(',')}]` : `(${tree.items.map(render).join(',')})`
    case 'object':
      return `{${tree.members.map(({ name, value }) => `"${name}":${render(value)}`).join(',')}}`
  }
}

export function renderSegment(segment: PathSegment): string {
  switch (segment.kind) {
    case 'name':
      return segment.name
    case 'annotation':
      return `@${segment.term}${segment.qualifier === undefined ? '' : `#${segment.qualifier}`}`
    case 'operation':
      return `${segment.name}(${segment.arguments.map(({ name, value }) => `${name}=${render(value)}`).join(',')})`
    case 'key':
      return `key(${render(segment.value)})`
    case 'count':
      return '$count'
    case 'filter':
      return `$filter(${render(segment.condition)})`
  }
}

export function renderValue(value: Value): string {
  switch (value.type) {
    case 'null':
      return 'null'
    case 'boolean':
    case 'double':
      return String(value.value)
    case 'string':
      return `'${value.value}'`
    case 'binary':
      return `binary'${Buffer.from(value.bytes).toString('hex')}'`
    case 'enum':
      return `${value.typeName}'${value.members.join('|')}'`
    case 'dateTimeOffset':
      return value.instant
    case 'duration':
      return `${value.seconds}s`
    default:
      return value.text
  }
}

export function renderSearch(tree: SearchExpression): string {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return `(${renderSearch(tree.left)} ${tree.kind} ${renderSearch(tree.right)})`
    case 'not':
      return `(not ${renderSearch(tree.operand)})`
    case 'word':
      return tree.text
    case 'phrase':
      return `"${tree.text}"`
    case 'incomplete':
      return `'${tree.text}'`
  }
}

/** Expects a refusal of this status whose message has all these words. */
export function refused(read: () => unknown, status: number, target: string, ...words: readonly string[]): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof GraphError, String(error))
    assert.deepEqual([error.status, error.particulars.target], [status, target], error.message)
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} lacks ${word}`)
    return true
  })
}

/** A table of tests: input, and what it is read as. */
export function reads(read: (text: string) => string, table: Readonly<Record<string, string>>): void {
  for (const [text, expected] of Object.entries(table)) it(`${text} is read as ${expected}`, () => assert.equal(read(text), expected))
}

export function refuses(
  read: (text: string) => unknown,
  target: string,
  table: Readonly<Record<string, readonly [number, ...string[]]>>,
): void {
  for (const [text, [status, ...words]] of Object.entries(table))
    it(`${JSON.stringify(text)} is refused with ${status}: ${words.join(' … ')}`, () => refused(() => read(text), status, target, ...words))
}
