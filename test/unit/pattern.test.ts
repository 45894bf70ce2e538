/** The patterns of matchesPattern: what is found, what is refused and where, and that no text makes one slow. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fold } from '../../src/model/address.ts'
import { matcherOf, toPostgres } from '../../src/odata/pattern.ts'
import { lastCodePoint, steady } from '../../src/odata/pattern-set.ts'
import { outOfBounds, parsed, refused, somePattern, someText } from '../support/patterns.ts'

const finds = (pattern: string, text: string) => matcherOf(parsed(pattern))(fold(text))

/** Pattern, a text in which it is found, and one in which it is not. */
const found: readonly (readonly [pattern: string, yes: string, no: string])[] = [
  ['b', 'abc', 'acd'],
  ['ABC', 'xabcx', 'ab'],
  ['^a', 'ab', 'ba'],
  ['a$', 'ba', 'a\n'],
  ['^$', '', '\n'],
  ['a.c', 'a\u{1f600}c', 'a\nc'],
  ['^.$', '\u{1f600}', '\u2028'],
  ['^(?:ab|cd)+$', 'abcdab', 'abc'],
  ['^(ab|)c$', 'c', 'ac'],
  ['^a{2}$', 'aa', 'aaa'],
  ['^a{2,}?$', 'aaa', 'a'],
  ['^a{0,2}$', '', 'aaa'],
  ['^a{0}$', '', 'a'],
  ['^(?:^a)?b', 'ab', 'cb'],
  ['[A-C]', 'xb', 'xd'],
  ['[^a]', 'b', 'aA'],
  ['[^A-Z]', '1', 'qQ'],
  ['^[\\w.-]+@contoso\\.com$', 'Kim.Lee@Contoso.com', 'kim lee@contoso.com'],
  ['\\d\\D\\s\\S\\w\\W', '1a\u00a0b_-', '1a b__'],
  ['^[^\\D]$', '7', 'x'],
  ['^\\x41\\u0042\\u{43}\\uD83D\\uDE00$', 'abc\u{1f600}', 'abc'],
  ['\\t|\\v|\\f|\\r|\\n', 'a\vb', 'ab'],
  ['[\\b]', 'a\bb', 'ab'],
  ['\\@\\-\\.', '@-.', '@-x'],
  ['[\\]a-]', '-', 'b'],
  ['[^]', '\n', ''],
  ['a|[]', 'a', 'b'],
  ['É', 'caf\u0065\u0301', 'cafe'],
  ['e\u0301+$', '\u00e9\u00c9', 'e'],
  ['stra\u00dfe', 'STRASSE', 'strase'],
  ['^[\u00df]$', 'ss', 's'],
  ['^[À-ÿ]{2}$', 'ÉÀ', 'EA'],
  ['^[^À-ÿ]$', 's', 'É'],
  ['^[一-龥]+$', '中文', 'あ'],
  ['^ΟΔΟΣ$', 'οδος', 'οδο'],
  ['ΟΣ', 'ΟΣΑ', 'ΟΑ'],
  ['[Σ]', 'ΟΔΟΣ', 'ΟΔΟ'],
  ['^\u0130$', 'i\u0307', 'i'],
]

/** Malformed, with the place. */
const malformed: readonly (readonly [pattern: string, at: number, words: RegExp])[] = [
  ['ab(c', 2, /closes this group/],
  ['ab)c', 2, /no parenthesis is open/],
  ['a|*', 2, /nothing to repeat/],
  ['a**', 2, /nothing to repeat/],
  ['a???', 3, /nothing to repeat/],
  ['^+', 1, /nothing to repeat/],
  ['a$?', 2, /nothing to repeat/],
  ['{2}', 0, /nothing to repeat/],
  ['a{2}{3}', 4, /nothing to repeat/],
  ['a{', 1, /expected a count/],
  ['a{,5}', 1, /expected a count/],
  ['a{5,2}', 1, /reversed/],
  ['a{101}', 1, /at most 100/],
  ['a{2,101}', 1, /at most 100/],
  ['a]', 1, /backslash/],
  ['a}', 1, /backslash/],
  ['x[abc', 1, /closes this class/],
  ['x[b-a]', 4, /reversed/],
  ['[\\d-z]', 1, /between two characters/],
  ['[a-\\w]', 3, /between two characters/],
  ['a\\', 1, /nothing follows/],
  ['a\\y', 1, /no such escape/],
  ['\\u12', 0, /no such escape/],
  ['\\u{}', 0, /no such escape/],
  ['[\\1]', 1, /no such escape/],
  ['\\u{110000}', 0, /10FFFF/],
  ['a\\uD83D', 1, /half of a surrogate pair/],
  ['a\\u{D83D}\\uDE00', 1, /half of a surrogate pair/],
  ['a\\0', 1, /no such escape/],
  ['a\\x00', 1, /NUL/],
  ['ab\0', 2, /NUL/],
  ['\ud800', 0, /well-formed/],
  ['(?P<a>b)', 1, /no group begins/],
  ['\u0065\u0301\u0065\u0301*+', 5, /nothing to repeat/],
  ['a'.repeat(257), 256, /at most 256/],
  ['(?:a{50}){50}', 13, /too large/],
  [`${'(?:'.repeat(20)}a${'){100}'.repeat(20)}`, 73, /too large/],
  ['(?:'.repeat(20) + '){100}'.repeat(20), 72, /too large/],
  ['^'.repeat(13), 12, /at most 12/],
]

const unsupported: readonly (readonly [pattern: string, construct: RegExp])[] = [
  ['(a)\\1', /back references/],
  ['a(?=b)', /look-around/],
  ['a(?!b)', /look-around/],
  ['(?<=a)b', /look-around/],
  ['(?<!a)b', /look-around/],
  ['(?<name>a)', /named groups/],
  ['\\k<name>', /named groups/],
  ['\\bword', /word boundaries/],
  ['\\B', /word boundaries/],
  ['\\p{L}', /Unicode properties/],
  ['[\\P{L}]', /Unicode properties/],
  ['\\cJ', /control letters/],
  ['[\\cJ]', /control letters/],
  ['(?i:a)', /flags/],
  ['(?-i:a)', /flags/],
  ['(?:^|,)*', /repeated/],
  ['(a|b$){2}', /repeated/],
  ['[\\u0080-\\uffff]', /so many letters/],
]

describe('A pattern', () => {
  for (const [pattern, yes, no] of found)
    it(`${JSON.stringify(pattern)} is found in ${JSON.stringify(yes)} and not in ${JSON.stringify(no)}`, () => {
      assert.equal(finds(pattern, yes), true)
      assert.equal(finds(pattern, no), false)
    })

  for (const [pattern, at, words] of malformed)
    it(`${JSON.stringify(pattern.slice(0, 40))} is refused at ${at}`, () => {
      const refusal = refused(pattern)
      assert.match(refusal?.message ?? 'taken', words)
      assert.equal(refusal?.at, at)
    })

  for (const [pattern, construct] of unsupported)
    it(`${JSON.stringify(pattern)} holds what is not supported`, () => {
      const refusal = refused(pattern)
      assert.match(refusal?.message ?? 'taken', construct)
      assert.equal(refusal?.at, undefined)
    })

  it('may be as long and as large as the limits say', () => {
    for (const pattern of ['a'.repeat(256), 'a{100}'.repeat(3), '^'.repeat(12), `${'('.repeat(127)}${')'.repeat(127)}`])
      assert.equal(refused(pattern), undefined, pattern)
  })

  it('means what ECMAScript means by it, without regard to case', () => {
    let compared = 0
    fc.assert(
      fc.property(somePattern, fc.array(someText, { minLength: 5, maxLength: 5 }), (pattern, texts) => {
        const expected = new RegExp(pattern, 'iu')
        if (outOfBounds(pattern)) return
        const matcher = matcherOf(parsed(pattern))
        for (const text of texts) assert.equal(matcher(fold(text)), expected.test(text), JSON.stringify(text))
        compared++
      }),
      { numRuns: 2000 },
    )
    assert.ok(compared > 1000, `${compared} were compared`)
  })

  it('is parsed or refused, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'aZé9()[]{}|*+?^$.\\,-:=!<>dDwWsSbukxpP01\0', '\u{1f600}', '\ud800'), maxLength: 40 }),
        (pattern) => {
          if (refused(pattern) === undefined) assert.equal(typeof toPostgres(parsed(pattern)), 'string')
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('is not taken where ECMAScript refuses it, but for escaped punctuation', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab()[]{}|*+?^$.,-12d'), maxLength: 12 }), (pattern) => {
        if (refused(pattern) === undefined) assert.doesNotThrow(() => new RegExp(pattern, 'u'))
      }),
      { numRuns: 5000 },
    )
  })

  it('answers again and again without a memory of the texts before', () => {
    const matcher = matcherOf(parsed('^a+b$'))
    for (const [text, expected] of [
      ['aab', true],
      ['aa', false],
      ['b', false],
      ['ab', true],
      ['', false],
    ] as const)
      assert.equal(matcher(text), expected, text)
  })
})

describe('Folding within patterns', () => {
  it('leaves out no character that changes', () => {
    for (const [first, last] of steady)
      for (let point = first; point <= Math.min(last, lastCodePoint); point++) {
        const character = String.fromCodePoint(point)
        if (fold(character) !== character) assert.fail(`${point.toString(16)} is folded`)
      }
  })
})

describe('A long text', () => {
  // Backtracking would take longer than the universe has lasted; a test that does not end has failed.
  for (const [pattern, text, expected] of [
    ['(a+)+$', `${'a'.repeat(10_000)}!`, false],
    ['^(a|a)*$', `${'a'.repeat(10_000)}!`, false],
    ['(a|aa)+$', `${'a'.repeat(10_000)}!`, false],
    ['^(.*a){20}$', `${'a'.repeat(10_000)}!`, false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(10_000), true],
    ['(x+x+)+y', 'x'.repeat(10_000), false],
    ['((a*)*)*b', 'a'.repeat(10_000), false],
    ['(a?){60}a{60}$', `${'a'.repeat(10_000)}!`, false],
    ['(a|b)*a(a|b){90}c', 'ab'.repeat(5_000), false],
    ['^(\\w+\\s?)*$', `${'word '.repeat(2_000)}!`, false],
  ] as const)
    it(`is searched for ${pattern} character by character`, () => assert.equal(matcherOf(parsed(pattern))(text), expected))

  it('may be a million characters', () => {
    assert.equal(matcherOf(parsed('(a*)*b'))('a'.repeat(1_000_000)), false)
    assert.equal(matcherOf(parsed('(a*)*b$'))(`${'a'.repeat(1_000_000)}b`), true)
  })
})
