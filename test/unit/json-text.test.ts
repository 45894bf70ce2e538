/** JSON text to values: what is JSON comes out as JSON.parse has it, and what a database or a client could choke on does not. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GraphError } from '../../src/errors.ts'
import { parseJson, parseJsonText, printable } from '../../src/odata/json/text.ts'

const octets = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

/** The GraphError that `parse` throws. */
function refusal(parse: () => unknown): GraphError {
  try {
    parse()
  } catch (error) {
    assert.ok(error instanceof GraphError, String(error))
    assert.equal(error.kind, 'bodyUnreadable')
    return error
  }
  throw new Error('it was parsed')
}

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`

describe('JSON text', () => {
  it('is parsed as JSON.parse does, whatever it says', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary' }), fc.nat(3), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent)
        assert.deepEqual(parseJsonText(spaced), JSON.parse(spaced))
      }),
    )
  })

  it('is parsed from octets as from text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const text = JSON.stringify(value)
        assert.deepEqual(parseJson(Buffer.from(text)), JSON.parse(text))
      }),
    )
  })

  it('never throws anything but a GraphError, whatever the octets', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          try {
            parseJson(bytes)
          } catch (error) {
            assert.ok(error instanceof GraphError)
          }
        },
      ),
    )
  })

  it('may begin with one byte order mark', () => {
    assert.deepEqual(parseJson(octets([0xef, 0xbb, 0xbf], '{"a":1}')), { a: 1 })
    refusal(() => parseJson(octets([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], '{"a":1}')))
    refusal(() => parseJson(octets('{"a"', [0xef, 0xbb, 0xbf], ':1}')))
  })

  for (const [what, bytes] of Object.entries({
    'a lone octet': octets('"', [0x80], '"'),
    'an octet that UTF-8 has not': octets('"', [0xff], '"'),
    'an overlong form': octets('"', [0xc0, 0x80], '"'),
    'half a surrogate pair': octets('"', [0xed, 0xa0, 0x80], '"'),
    'a character beyond Unicode': octets('"', [0xf4, 0x90, 0x80, 0x80], '"'),
    'a character that is cut off': octets('"', [0xe2, 0x82]),
    'UTF-16 with its mark': Buffer.from('\ufeff{}', 'utf16le'),
  })) {
    it(`is no JSON with ${what}`, () => assert.match(refusal(() => parseJson(bytes)).message, /UTF-8/))
  }

  for (const text of [
    '',
    ' ',
    '{',
    '{"a":1',
    '{"a" 1}',
    '[1,]',
    "{'a':1}",
    '{a:1}',
    'NaN',
    '-Infinity',
    '01',
    '+1',
    '.5',
    '1.',
    '"\n"',
    '"\\x41"',
    '"\\u12"',
    '1 2',
    '/**/1',
    '\u00a01',
    '\0',
  ])
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(refusal(() => parseJsonText(text)).particulars.target, undefined))
})

describe('A member of an object', () => {
  for (const [text, target] of [
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"b":{},"a":1}', 'a'],
    ['{"a":{"b":1,"c":[{"d":1},{"d":1,"d":2}]}}', 'd'],
    ['{"address":1,"a\\u0064dress":2}', 'address'],
    ['{"\\u0061":1,"\\u0061":2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"constructor":1,"constructor":2}', 'constructor'],
    ['{"a\\u0000":1,"a\\u0000":2}', 'a\ufffd'],
    ['{"\\ud800":1,"\\ud800":2}', '\ufffd'],
    ['{"a\\"b":1,"a\\"b":2}', 'a"b'],
    ['{ "a" : [ 1 , "x,\\"{" ] , "a" : 2 }', 'a'],
    [`{"${'x'.repeat(1000)}":1,"${'x'.repeat(1000)}":2}`, 'x'.repeat(128)],
  ] as const) {
    it(`may not come twice: ${text.slice(0, 60)}`, () => assert.equal(refusal(() => parseJsonText(text)).particulars.target, target))
  }

  it('may come again in another object, or as a value', () => {
    for (const text of [
      '[{"a":1},{"a":1}]',
      '{"a":{"a":{"a":1}}}',
      '{"a":"a","b":"a"}',
      '{"a":["a","a","b"],"b":1}',
      '{"a":1,"A":2}',
      '{"a":1,"a ":2}',
      '{"a":"\\",\\"a\\":1"}',
    ])
      assert.deepEqual(parseJsonText(text), JSON.parse(text), text)
  })

  it('is of its object alone, though it is called __proto__', () => {
    const parsed = parseJsonText('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')
    assert.ok(Object.hasOwn(parsed as object, '__proto__')) // an object, as written
    assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined) // the type only names what must not be there
  })

  it('is found among thousands', () => {
    const members = Array.from({ length: 8_000 }, (_, n) => `"m${n}":${n}`)
    assert.equal(Object.keys(parseJsonText(`{${members.join()}}`) as object).length, 8_000) // an object, as written
    assert.equal(refusal(() => parseJsonText(`{${members.join()},"m0":1}`)).particulars.target, 'm0')
  })
})

describe('Opening brackets, colons and commas', () => {
  const most = 16_384
  for (const [what, open, item, close] of [
    ['a list', '[', '1', ']'],
    ['a list of lists', '[', '[]', ']'],
    ['a list of objects', '[', '{"a":1}', ']'],
    ['an object', '{', '"m":1', '}'],
  ] as const) {
    it(`of ${what} are at most ${most} together`, () => {
      // Each item has its own marks, and a comma but for the last; the bracket around them makes up for that.
      const each = item.replaceAll(/[^[{:]/g, '').length + 1
      const items = (count: number) => Array.from({ length: count }, (_, n) => item.replace('m', `m${n}`)).join()
      assert.ok(parseJsonText(`${open}${items(Math.floor(most / each))}${close}`))
      assert.match(refusal(() => parseJsonText(`${open}${items(Math.floor(most / each) + 1)}${close}`)).message, /holds too much/)
    })
  }

  it('are not counted in texts', () => {
    const marks = JSON.stringify('[{:,"\\'.repeat(20_000))
    assert.ok(parseJsonText(`{"a":${marks},${marks}:[]}`))
  })

  it('are counted before anything else is looked at', () => {
    assert.match(refusal(() => parseJsonText(`${'{"a":1,"a":1},'.repeat(most)}"`)).message, /holds too much/)
    assert.doesNotMatch(refusal(() => parseJsonText(`"${'[,'.repeat(most)}`)).message, /holds too much/)
  })
})

describe('Depth', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":', '}]'],
  ] as const) {
    const levels = open.length > 5 ? 2 : 1
    it(`of ${open} may be 32 and no more`, () => {
      assert.ok(parseJsonText(nested(open, close, 32 / levels)))
      assert.match(refusal(() => parseJsonText(nested(open, close, 32 / levels + 1))).message, /deeper than 32/)
      refusal(() => parseJsonText(nested(open, close, 10_000)))
      refusal(() => parseJsonText(nested(open, close, 100_000)))
      refusal(() => parseJsonText(open.repeat(100_000)))
    })
  }

  it('is not counted in texts, nor beside each other', () => {
    const brackets = JSON.stringify('[{'.repeat(1_000))
    assert.ok(parseJsonText(`{"a":${brackets},${brackets}:[]}`))
    assert.ok(parseJsonText(`[${'[],{},'.repeat(1_000)}[]]`))
  })
})

describe('What a client wrote, in an answer', () => {
  it('is cut, whole characters, without controls', () => {
    assert.equal(printable('address'), 'address')
    assert.equal(printable('a\u0000\n\r\u001b[31m\u0085b'), 'a\ufffd\ufffd\ufffd\ufffd[31m\ufffdb')
    assert.equal(printable('\ud800'), '\ufffd')
    assert.equal(printable('x'.repeat(1_000)).length, 128)
    assert.ok(printable(`${'x'.repeat(127)}\u{1f600}`).isWellFormed())
  })
})
