/** No text makes the parsers slow, deep, or fail in a way of their own. Work is counted in steps, not timed. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { GraphError } from '../../src/errors.ts'
import { Cursor, deepestNesting, longestText, mostNodes } from '../../src/odata/grammar/cursor.ts'
import {
  parseExpand,
  parseFilter,
  parseLiteral,
  parseOrderby,
  parseQueryOptions,
  parseSearch,
  parseSelect,
} from '../../src/odata/grammar/parse.ts'
import { refused } from '../support/odata-trees.ts'

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseFilter,
  parseOrderby,
  parseSelect,
  parseExpand,
  parseSearch,
  parseLiteral,
  parseQueryOptions,
  'parseQueryOptions, $filter': (text) => parseQueryOptions(`$filter=${text}`),
  'parseQueryOptions, $expand': (text) => parseQueryOptions(`$expand=a($filter=${text};$search=${text})`),
}

/** Each to be repeated up to the longest text. */
const hostile: readonly string[] = [
  ...[
    '(',
    '((a',
    '[',
    '{"a":',
    '[[1],',
    'not ',
    'not(',
    '-',
    '- ',
    'a or ',
    'a eq 1 and ',
    'a add ',
    'a in (',
    "'a',",
    "a in ('a','b') or ",
  ],
  ...[
    "''",
    "'",
    '"',
    '\\',
    '"\\',
    '%27',
    '%2B',
    '+',
    ' ',
    'a ',
    ',',
    ';',
    ')',
    '/',
    'a/',
    'a.',
    '.',
    '@',
    '@a/',
    '$',
    '$it/',
    '$count/',
    '=',
  ],
  ...[
    'a/any(a:',
    'a/all(a:a or ',
    'a(',
    'a(a=',
    'a($expand=',
    'a($select=',
    '$filter(',
    'a/$filter(',
    'contains(',
    'tolower(',
    'case(a:',
    'cast(',
  ],
  ...[
    'NOT ',
    'OR ',
    'AND OR ',
    '(NOT ',
    '"a" ',
    'a',
    'ä',
    '😀',
    '1',
    '1.',
    '1e',
    '1-',
    '12:',
    '2026-',
    'abcdef01-',
    '*,',
    '*/',
    'T',
    '%',
    '%F0',
    'x=1&',
    '&',
  ],
  ...['2026-01-01T', "duration'", "Ns.T'", "binary'A", '\u0000', '\ud800', '\t', '\n'],
]

let steps = 0
const methods = ['look', 'slice', 'isSpace', 'skipSpace', 'node', 'nested'] as const
const originals = new Map<string, PropertyDescriptor>()

describe('The parsers', () => {
  before(() => {
    for (const name of methods) {
      const descriptor = Object.getOwnPropertyDescriptor(Cursor.prototype, name)
      assert.ok(descriptor !== undefined)
      originals.set(name, descriptor)
      const original: (...args: unknown[]) => unknown = descriptor.value
      const counting = function (this: Cursor, ...args: unknown[]): unknown {
        const result = original.apply(this, args)
        // A look costs what it sees.
        steps += 1 + (typeof result === 'string' ? result.length : 0)
        return result
      }
      Object.defineProperty(Cursor.prototype, name, { ...descriptor, value: counting })
    }
  })
  after(() => {
    for (const [name, descriptor] of originals) Object.defineProperty(Cursor.prototype, name, descriptor)
  })
  beforeEach(() => {
    steps = 0
  })

  /** Runs and counts; anything but a GraphError is a failure. */
  function attempt(parser: string, text: string): void {
    steps = 0
    try {
      parsers[parser]?.(text)
    } catch (error) {
      assert.ok(error instanceof GraphError, `${parser} of ${JSON.stringify(text.slice(0, 60))}: ${String(error)}`)
      assert.ok(error.status === 400 || error.status === 501)
      assert.ok(error.message.length < 400)
    }
    assert.ok(
      steps <= 16 * (text.length + 10),
      `${parser} of ${JSON.stringify(text.slice(0, 60))}: ${steps} steps for ${text.length} characters`,
    )
  }

  for (const parser of Object.keys(parsers))
    it(`${parser} takes steps in proportion to the text, whatever is repeated`, () => {
      for (const piece of hostile)
        for (const length of [50, 1000, longestText - 200]) {
          const text = piece.repeat(Math.ceil(length / piece.length))
          for (const whole of [text, `a ${text}`, `a eq ${text}`, `${'not '.repeat(20)}a${text}`]) attempt(parser, whole.slice(0, length))
        }
    })

  it('take steps at all, which are counted', () => {
    attempt('parseFilter', 'a eq 1')
    assert.ok(steps > 5)
  })

  it('answer any text with a tree or a refusal', () => {
    const words = fc.array(fc.constantFrom(...hostile, ...['eq', 'in', 'null', "'x'", '5', 'asc', '$top=1', '@p', 'any(', ')']), {
      maxLength: 60,
    })
    const texts = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      words.map((all) => all.join('')),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom(...Object.keys(parsers)), (text, parser) => attempt(parser, text)),
      { numRuns: 5000 },
    )
  })

  it('read any text in quotes as what it says', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 100 }).filter((text) => !text.includes('\u0000') && text.isWellFormed())
    fc.assert(
      fc.property(texts, (text) => {
        const { value } = parseLiteral(encodeURIComponent(`'${text.replaceAll("'", "''")}'`))
        assert.deepEqual(value, { type: 'string', value: text })
      }),
    )
  })

  it('take the longest text and no longer one', () => {
    const inQuotes = (length: number) => `'${'x'.repeat(length - 2)}'`
    assert.ok(parseFilter(inQuotes(longestText)))
    refused(() => parseFilter(inQuotes(longestText + 1)), 400, '$filter', `${longestText} characters`)
    refused(() => parseQueryOptions(`a=${'x'.repeat(longestText)}`), 400, 'query', `${longestText} characters`)
  })

  it('go as deep as the limit and no deeper', () => {
    const deep = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`
    assert.ok(parseFilter(deep(deepestNesting - 1)))
    refused(() => parseFilter(deep(deepestNesting)), 400, '$filter', `${deepestNesting} deep`)
    refused(() => parseFilter(`${'not '.repeat(deepestNesting)}a`), 400, '$filter', `${deepestNesting} deep`)
    refused(() => parseSearch(deep(deepestNesting)), 400, '$search', `${deepestNesting} deep`)
    refused(() => parseSearch(`${'NOT '.repeat(deepestNesting)}a`), 400, '$search', `${deepestNesting} deep`)
    const expand = (depth: number) => `${'a($expand='.repeat(depth - 1)}a${')'.repeat(depth - 1)}`
    assert.ok(parseExpand(expand(deepestNesting)))
    refused(() => parseExpand(expand(deepestNesting + 1)), 400, '$expand', `${deepestNesting} deep`)
  })

  it('count the parts of a tree: two for a name alone, and one for each operator', () => {
    const chain = (names: number) => Array.from({ length: names }, () => 'a').join(' or ')
    const most = Math.floor((mostNodes + 1) / 3)
    assert.ok(parseFilter(chain(most)))
    refused(() => parseFilter(chain(most + 1)), 400, '$filter', `${mostNodes} parts`)
    refused(() => parseSelect(Array.from({ length: mostNodes }, () => 'a').join()), 400, '$select', `${mostNodes} parts`)
    refused(() => parseSearch(Array.from({ length: mostNodes }, () => 'a').join(' ')), 400, '$search', `${mostNodes} parts`)
  })

  it('take names of 128 characters and no longer ones', () => {
    assert.ok(parseFilter('a'.repeat(128)))
    refused(() => parseFilter('a'.repeat(129)), 400, '$filter', '128 characters')
  })
})
