/** PostgreSQL finds the same patterns in the same texts, whatever the collation. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { fold } from '../../src/model/address.ts'
import { matcherOf, toPostgres } from '../../src/odata/pattern.ts'
import { outOfBounds, parsed, somePattern, someText } from '../support/patterns.ts'
import { makeDatabase, startPostgres } from '../support/postgres.ts'

const undo: (() => Promise<unknown>)[] = []
let client: pg.Client

before(async () => {
  const server = await startPostgres()
  undo.unshift(() => server.stop())
  const database = await makeDatabase(server.url, `selfgraph_${randomUUID().replaceAll('-', '')}`)
  undo.unshift(() => database.drop())
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  undo.unshift(() => client.end())
  // A pattern that is slow to prepare fails.
  await client.query("SET statement_timeout = '20s'")
})
after(async () => {
  for (const step of undo) await step()
})

/** Asks about all texts with all patterns at once; `collation` is SQL. */
async function compare(patterns: readonly string[], texts: readonly string[], collation: string): Promise<number> {
  const taken = patterns.filter((pattern) => !outOfBounds(pattern)).map((pattern) => [pattern, parsed(pattern)] as const)
  const folded = texts.map(fold)
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT (text COLLATE ${collation}) ~ pattern AS found FROM unnest($1::text[]) WITH ORDINALITY AS p (pattern, m),
      unnest($2::text[]) WITH ORDINALITY AS t (text, n) ORDER BY m, n`,
    [taken.map(([, pattern]) => toPostgres(pattern)), folded],
  )
  const matchers = taken.map(([pattern, tree]) => [pattern, matcherOf(tree)] as const)
  const expected = matchers.flatMap(([pattern, matcher]) => folded.map((text) => ({ pattern, text, found: matcher(text) })))
  assert.deepEqual(
    expected.map((one, place) => ({ ...one, found: rows[place]?.found })),
    expected,
  )
  return expected.filter(({ found }) => found).length
}

const texts = [
  '',
  'a',
  'B',
  'ab',
  'a\nb',
  'i',
  'I',
  'İ',
  'ı',
  'ss',
  'ß',
  'É',
  'e',
  '中',
  'a'.repeat(300),
  '\u2028',
  '\u{1f600}',
  '-',
  ']',
  '\\',
  'ΟΔΟΣ',
  '\ud7ff\ue000',
]
const patterns = [
  ...['', '()', 'a|', '|', '(|a)b', '[]', '[]*a', '[^]', '[^][^]', '.', '^.$', '^[^a]$', '^[^b]+$', '[^\\d\\D]', '\\n', '[\\]\\\\^-]'],
  ...[
    '^(?:a?){100}$',
    'a{100}',
    '(a{10}){10}',
    'a{0}',
    '(?:ab){0,1}',
    '(?:)*',
    '(?:(?:)*){3}',
    '((a*)*)*$',
    '^(a|ab)(c|bcd)*$',
    '(?:^a)?b',
  ],
  ...[
    '^[\\uD7FF-\\uE000]{2}$',
    '^[^\\u{1F000}-\\u{10FFFF}]$',
    '\\W',
    '^\\w$',
    '^\\S+$',
    '\\s',
    'I',
    '[H-J]',
    'İ',
    '[İß]',
    '^ß$',
    'Σ',
    '***:a'.replaceAll('*', '\\*'),
  ],
]
/** Each close to a limit: what is slow to prepare, or has many states. */
const heavy = [
  '(?:\\w?){100}',
  '(?:[ab]?.?){55}',
  '(?:\\w*\\W*\\d*\\D*\\s*\\S*){15}',
  `${Array.from({ length: 100 }, (_, n) => String.fromCodePoint(0x4e00 + 3 * n)).join('')}(?:\\W?\\w?){40}`,
  '(?:^|$|a?)'.repeat(6),
  '(?:$|x*)(?:^|y*)'.repeat(6),
  'a*(^|$)'.repeat(6),
  '(.*)*'.repeat(20),
  '(?:(?:(?:a*b*)*c*)*d*)*'.repeat(8),
  '(a|b)*a(a|b){90}c',
]

describe('PostgreSQL', () => {
  // The last two compare and fold letters by rules of their own, where the server has them.
  for (const name of ['default', 'C', 'und-x-icu', 'tr-x-icu'])
    it(`finds what the embedded database finds, with the collation ${name}`, async (t) => {
      const { rowCount } = await client.query('SELECT FROM pg_collation WHERE collname = $1', [name])
      if (rowCount === 0) return t.skip(`this server has no collation ${name}`)
      assert.ok((await compare(patterns, texts, `"${name}"`)) > 100)
      await fc.assert(
        fc.asyncProperty(
          fc.array(somePattern, { minLength: 50, maxLength: 50 }),
          fc.array(someText, { minLength: 20, maxLength: 20 }),
          async (some, among) => {
            await compare(some, among, `"${name}"`)
          },
        ),
        { numRuns: 10 },
      )
    })

  it('takes every pattern that is within the limits', async () => {
    for (const pattern of heavy) {
      assert.equal(outOfBounds(pattern), false, pattern)
      await compare([pattern], ['', 'x', 'ab'.repeat(5_000), `${'a'.repeat(5_000)}c`], '"default"')
    }
  })
})
