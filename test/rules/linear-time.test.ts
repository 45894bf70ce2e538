/** No regular expression of the program takes longer than linear time, whatever text a client lets it read. */

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { check } from 'recheck'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** In this process: neither a program of its own nor a thread. */
process.env.RECHECK_BACKEND = 'pure'
/** The time is for one expression; most take some milliseconds. Where it searches, it searches alike each time. */
const judging = { timeout: 120_000, randomSeed: 1 }

/** Expressions that take longer than linear time, as `file /expression/`, each with the bound of what it reads. */
const exceptions: Readonly<Record<string, string>> = {}

interface Expression {
  readonly file: string
  readonly pattern: string
  readonly flags: string
}

interface Found {
  readonly expressions: Expression[]
  /** Where an expression is made of a text, which this test could not read. */
  readonly made: string[]
}

/** Methods of texts that make an expression of what they are given. */
const makers = ['match', 'matchAll', 'search']

type Node = Readonly<Record<string, unknown>>

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

function expressionsOf(text: string, file: string): Found {
  const found: Found = { expressions: [], made: [] }
  const visit = (value: unknown): void => {
    if (!isNode(value)) return
    const { type, name, regex, callee } = value
    if (type === 'Literal' && isNode(regex)) found.expressions.push({ file, pattern: String(regex.pattern), flags: String(regex.flags) })
    if (type === 'Identifier' && name === 'RegExp') found.made.push(`${file}: RegExp`)
    if (type === 'CallExpression' && isNode(callee) && isNode(callee.property) && makers.includes(String(callee.property.name))) {
      const [first] = Array.isArray(value.arguments) ? value.arguments : []
      if (isNode(first) && (first.type === 'TemplateLiteral' || (first.type === 'Literal' && first.regex === undefined)))
        found.made.push(`${file}: ${callee.property.name} of a text`)
    }
    for (const member of Object.values(value)) visit(member)
  }
  visit(parse(stripTypeScriptTypes(text), { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true }))
  return found
}

const all: readonly Found[] = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
  .map((name) => expressionsOf(readFileSync(join(source, name), 'utf8'), name))

const verdictsFile = fileURLToPath(new URL('../../node_modules/.cache/selfgraph-tests/linear-time.json', import.meta.url))
/** Verdicts hold for this version of the check and these settings alone. */
const checkedBy = JSON.stringify([createRequire(import.meta.url)('recheck/package.json').version, judging])

const keyOf = ({ pattern, flags }: Omit<Expression, 'file'>) => `/${pattern}/${flags}`

/** Those that take linear time. Each is judged once, and again only when the check itself is another. */
async function safeOf(expressions: readonly Expression[]): Promise<ReadonlySet<string>> {
  const safe = knownSafe()
  const found = new Map(expressions.map((expression) => [keyOf(expression), expression]))
  for (const [key, { pattern, flags }] of found)
    if (!safe.has(key) && (await check(pattern, flags, judging)).status === 'safe') safe.add(key)
  mkdirSync(dirname(verdictsFile), { recursive: true })
  writeFileSync(verdictsFile, JSON.stringify({ checkedBy, safe: [...found.keys()].filter((key) => safe.has(key)) }))
  return safe
}

function knownSafe(): Set<string> {
  try {
    const known = JSON.parse(readFileSync(verdictsFile, 'utf8')) as { readonly checkedBy: string; readonly safe: readonly string[] } // as written above
    return new Set(known.checkedBy === checkedBy ? known.safe : [])
  } catch {
    return new Set() // there is none yet, or it was cut off
  }
}

describe('The program', () => {
  it('has regular expressions that take linear time, but for those that the table excuses', async () => {
    const expressions = all.flatMap((found) => found.expressions)
    assert.ok(expressions.length > 100, 'the expressions were not found')
    const safe = await safeOf(expressions)
    const slow = expressions.filter((expression) => !safe.has(keyOf(expression)))
    assert.deepEqual(
      slow.map(({ file, pattern, flags }) => `${file} /${pattern}/${flags}`),
      Object.keys(exceptions),
    )
  })

  it('makes no regular expression of a text', () => {
    assert.deepEqual(
      all.flatMap(({ made }) => made),
      [],
    )
  })

  it('is judged by a check that knows a slow expression', async () => {
    for (const [pattern, flags] of [
      ['^\\s+|\\s+$', 'g'],
      ['[ \\t]*x?[ \\t]*(?:,|$)', 'y'],
      ['^(?:a|aa)+$', ''],
      ['(?:ab)*(?:ab)*$', ''],
    ] as const)
      assert.equal((await check(pattern, flags, judging)).status, 'vulnerable', pattern)
    assert.deepEqual(expressionsOf("const made = new RegExp('a') && text.match(`b`) && /c/.test(text)", 'x.ts'), {
      expressions: [{ file: 'x.ts', pattern: 'c', flags: '' }],
      made: ['x.ts: RegExp', 'x.ts: match of a text'],
    })
  })
})
