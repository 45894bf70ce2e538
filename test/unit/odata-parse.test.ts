/** $filter and its literals: trees, positions, precedence, refusals. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommonExpression, parseFilter, parseLiteral } from '../../src/odata/grammar/parse.ts'
import { reads, refused, refuses, render, renderValue } from '../support/odata-trees.ts'

describe('$filter', () => {
  const filter = (text: string) => render(parseFilter(text))

  describe('binds operators by their rank', () => {
    reads(filter, {
      'a or b and c': '(a or (b and c))',
      'a and b or c': '((a and b) or c)',
      '(a or b) and c': '((a or b) and c)',
      'a or b or c': '((a or b) or c)',
      'a eq 1 and b ne 2': '((a eq 1) and (b ne 2))',
      'a eq b gt c': '(a eq (b gt c))',
      'a add b mul c eq d': '((a add (b mul c)) eq d)',
      'a sub b sub c': '((a sub b) sub c)',
      'not a and b': '((not a) and b)',
      'not a eq b': '((not a) eq b)',
      'not(a eq b)': '(not (a eq b))',
      'not not a': '(not (not a))',
      "not a in ('x')": "(not (a in ('x')))",
      "not style has Ns.Pattern'Yellow'": "(not (style has Ns.Pattern'Yellow'))",
      '-a mul b': '((negate a) mul b)',
      '- 5 lt -5': '((negate 5) lt -5)',
      'a eq 1 or b in (1,2) and c': '((a eq 1) or ((b in (1,2)) and c))',
    })
  })

  describe('takes words in any case and spaces where Graph takes them', () => {
    reads(filter, {
      'a EQ Null AND NOT (b Or TRUE)': '((a eq null) and (not (b or true)))',
      "STARTSWITH(displayName,'J') and startsWith( b , 'K' )": "(startswith(displayName,'J') and startswith(b,'K'))",
      "x in('a' , 'b')": "(x in ('a','b'))",
      "a eq 'x'and(b eq 2)": "((a eq 'x') and (b eq 2))",
      'a\teq  1 ': '(a eq 1)',
      not: 'not',
    })
  })

  describe('reads the URL’s encoding', () => {
    reads(filter, {
      'type%20eq%20%27work%27': "(type eq 'work')",
      "type+eq+'a+b'": "(type eq 'a b')",
      "type eq 'a%2Bb'": "(type eq 'a+b')",
      "a eq 'R%26D' or a eq 'R&D'": "((a eq 'R&D') or (a eq 'R&D'))",
      "%C3%A4 eq 'O''Neil %E2%82%AC'": "(ä eq 'O'Neil €')",
      'x+ge+2026-01-01T17:00:00+01:00+and+y+lt+1e+5': '((x ge 2026-01-01T16:00:00Z) and (y lt 1e+5))',
      'x ge 2026-01-01T17:00:00%2B01:00': '(x ge 2026-01-01T16:00:00Z)',
      '$filter=a eq 1': '(a eq 1)',
      'filter=a': 'a',
    })
  })

  describe('reads paths, lambdas, functions and lists', () => {
    reads(filter, {
      "emails/any(e:e/address eq 'x' and e/type ne $it/type)": "emails/any(e:((e/address eq 'x') and (e/type ne $it/type)))",
      'a/ALL( x : x gt 1 )': 'a/all(x:(x gt 1))',
      'a/any()': 'a/any()',
      'any eq all': '(any eq all)',
      'a/microsoft.graph.user/b/$count gt 0': '(a/microsoft.graph.user/b/$count gt 0)',
      "$root/users('x')/name eq @p": "($root/users/key('x')/name eq @p)",
      '@p/name eq @Ns.Term#q': '(@p/name eq @Ns.Term#q)',
      "Ns.Best(color='red',size=@s)/$filter(a gt 1)/$count": "Ns.Best(color='red',size=@s)/$filter((a gt 1))/$count",
      'a in []': '(a in [])',
      'a in () or a in b': '((a in ()) or (a in b))',
      '[a,"b"] in [["c","d\\u0041"]]': "([a,'b'] in [['c','dA']])",
      '{"n":[1,{}],"m":a/b}': '{"n":[1,{}],"m":a/b}',
      'case(a gt 0:1,true:0) eq 1': '(case((a gt 0):1,true:0) eq 1)',
      'cast(a,Edm.String) eq now()': '(cast(a,Edm.String) eq now())',
      'date eq date(x)': '(date eq date(x))',
      'constructor eq __proto__': '(constructor eq __proto__)',
    })
  })

  it('knows where each part of the tree stands', () => {
    const tree = parseFilter("a/b eq 'x'%20and not c")
    assert.ok(tree.kind === 'binary' && tree.left.kind === 'binary')
    assert.deepEqual([tree.at, tree.end, tree.operatorSpan], [0, 20, { at: 11, end: 14 }])
    assert.deepEqual([tree.left.left.at, tree.left.left.end, tree.left.right.at, tree.left.right.end], [0, 3, 7, 10])
    assert.deepEqual([tree.right.at, tree.right.end], [15, 20])
  })

  describe('is refused with the character at fault and what was expected there', () => {
    refuses(parseFilter, '$filter', {
      '': [400, 'Character 1:', 'an expression', 'the end'],
      ' a': [400, 'Character 1:', 'an expression'],
      'a eq': [400, 'Character 5:', 'an expression'],
      'a b': [400, 'Character 3:', 'an operator or the end', "'b'"],
      'ä%20b': [400, 'Character 3:'],
      "'😀' b": [400, 'Character 5:'],
      '(a': [400, 'Character 3:', "')'"],
      'a)': [400, 'Character 2:'],
      "a eq 'x": [400, 'Character 8:', 'quote', 'character 6'],
      'a eq "x"': [400, 'Character 6:'],
      'a eq 5x': [400, 'Character 7:'],
      'a eq 42.': [400, 'Character 8:'],
      'a eq 2026-02-30': [400, 'Character 6:', 'date'],
      'a eq 1e999': [400, 'Character 6:'],
      'a eq (1,2)': [400, 'Character 8:', "'in'"],
      'a in (1,)': [400, 'Character 9:'],
      "contains(a,'x','y')": [400, 'Character 1:', 'contains takes 2 arguments, not 3'],
      "startWith(a,'x')": [400, 'Character 10:', 'startWith is no function'],
      'any(x:true)': [400, 'Character 1:', 'any(…)'],
      'a/all()': [400, 'Character 7:', 'variable'],
      'a//b': [400, 'Character 3:', 'a name'],
      "guid'x'": [400, 'Character 1:'],
      "Ns.T'a b'": [400, 'Character 1:', 'enumeration'],
      '{"a":1,"a":2}': [400, 'Character 8:', 'twice'],
      '["\\u0000"]': [400, 'Character 2:'],
      'a%FFb': [400, 'Character 2:', 'UTF-8'],
      'a%2': [400, 'Character 2:'],
      'a%00': [400, 'Character 2:', 'NUL'],
      'a eq \ud800': [400, 'Unicode'],
      "geo.distance(a,geography'SRID=0;Point(1 2)')": [501, 'geo.distance'],
      "a eq geography'SRID=0;Point(1 2)'": [501, 'geography'],
      'a/$count($filter=b)': [501, '$count'],
    })
  })

  it('echoes what was found in a form that is safe to print, and not at length', () => {
    refused(() => parseFilter(`a \u0007${'x'.repeat(9000)}`), 400, '$filter', '\ufffdxxx')
    assert.throws(
      () => parseFilter(`a ${'x'.repeat(9000)}`),
      (error: Error) => error.message.length < 120,
    )
  })
})

describe('A literal', () => {
  reads((text) => `${parseLiteral(text).value.type} ${renderValue(parseLiteral(text).value)}`, {
    null: 'null null',
    False: 'boolean false',
    "'it''s'": "string 'it's'",
    "''": "string ''",
    '007': 'integer 7',
    '-9223372036854775808': 'integer -9223372036854775808',
    '%2B5': 'integer 5',
    '3.140': 'decimal 3.140',
    '-1.5E-3': 'decimal -1.5E-3',
    INF: 'double Infinity',
    '-INF': 'double -Infinity',
    NaN: 'double NaN',
    '0000-02-29': 'date 0000-02-29',
    '23:59': 'timeOfDay 23:59:00',
    '01:02:03.4500': 'timeOfDay 01:02:03.45',
    '2026-03-01T00:30:00.123456789012+01:00': 'dateTimeOffset 2026-02-28T23:30:00.123456789012Z',
    '2016-12-31t23:59:60.5z': 'dateTimeOffset 2017-01-01T00:00:00.5Z',
    "duration'-P1DT2H3M4.50S'": 'duration -93784.5s',
    "DURATION'-PT0S'": 'duration 0s',
    'ABCDEF01-89ab-cdef-0123-456789abcdef': 'guid abcdef01-89ab-cdef-0123-456789abcdef',
    "binary'-_8='": "binary binary'fbff'",
    "microsoft.graph.emailType'work,%2B4'": "enum microsoft.graph.emailType'work|4'",
  })

  refuses(parseLiteral, '$filter', {
    name: [400, 'a literal'],
    '5 5': [400, 'Character 3:', 'the end'],
    nan: [400],
    '24:00': [400],
    '2026-13-01': [400],
    '2026-01-01T00:00:00': [400],
    '0000-01-01T00:00:00%2B01:00': [400],
    '9999-12-31T23:59:59-01:00': [400],
    "duration'P'": [400],
    "duration'P1DT'": [400],
    "duration'P1Y'": [400],
    "binary'Zh'": [400],
    "Ns.T''": [400],
    ['9'.repeat(401)]: [400],
  })
})

describe('An expression by itself', () => {
  it('is read, and refused in the name of the option that it belongs to', () => {
    assert.equal(render(parseCommonExpression('a add 1', '@p')), '(a add 1)')
    refused(() => parseCommonExpression('a add', '@p'), 400, '@p', 'Character 6:')
  })
})
