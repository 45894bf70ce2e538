/** Every query option but $filter, and the whole query. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExpand, parseOrderby, parseQueryOptions, parseSearch, parseSelect, parseSkiptoken } from '../../src/odata/grammar/parse.ts'
import { reads, refused, refuses, render, renderSearch, renderSegment } from '../support/odata-trees.ts'

describe('$orderby', () => {
  const orderby = (text: string) =>
    parseOrderby(text)
      .map(({ expression, direction }) => `${render(expression)} ${direction}`)
      .join(';')
  reads(orderby, {
    displayName: 'displayName asc',
    'a/b DESC , c,tolower(d) asc': 'a/b desc;c asc;tolower(d) asc',
    'a+desc,%20b': 'a desc;b asc',
    'desc desc': 'desc desc',
    'a/$count': 'a/$count asc',
    '$orderby=a': 'a asc',
  })
  refuses(parseOrderby, '$orderby', {
    '': [400, 'Character 1:'],
    'a,': [400, 'Character 3:'],
    'a up': [400, 'Character 3:', 'asc'],
    'a desc b': [400, 'Character 8:'],
  })
})

describe('$select', () => {
  const select = (text: string) =>
    parseSelect(text)
      .map(({ kind, path, parameters, options }) =>
        [...path.map(renderSegment), ...(kind === 'star' ? ['*'] : [])]
          .join('/')
          .concat(
            parameters === undefined ? '' : `(${parameters.join('+')})`,
            options === undefined ? '' : `{${Object.keys(options).join()}}`,
          ),
      )
      .join(' ')
  reads(select, {
    'id,address': 'id address',
    '%20id%20,+type': 'id type',
    '*': '*',
    'a/microsoft.graph.b/c': 'a/microsoft.graph.b/c',
    'Ns.Sub.*': 'Ns.Sub/*',
    'f(a,b),g()': 'f(a+b) g()',
    '@Ns.Term#q': '@Ns.Term#q',
    "a($filter=$this eq 'x;y';TOP=1;$skip=0;count=true;$orderby=b;$search=c;select=d;@p=1),e":
      'a{filter,top,skip,count,orderby,search,select,aliases} e',
  })
  refuses(parseSelect, '$select', {
    '': [400, 'Character 1:'],
    'a,,b': [400, 'Character 3:'],
    'a/': [400, 'Character 3:'],
    '*/a': [400, 'Character 2:'],
    'a b': [400, 'Character 3:'],
    'a($top=1;top=2)': [400, 'Character 10:', 'twice'],
    'a($levels=1)': [400, 'Character 3:', '$top='],
    'a($compute=b)': [501, '$compute'],
  })
})

describe('$expand', () => {
  it('reads paths, $ref, $count, stars and nested options', () => {
    const [ref, count, star, manager] = parseExpand(
      'a/Ns.T/b/$ref($top=1),c/$count($filter=x),*($levels=max),manager($levels=2%3B$select=id;$expand=d($search=e f;$orderby=g desc))',
    )
    assert.deepEqual([ref?.path.map(renderSegment), ref?.isRef, ref?.isCount, ref?.options], [['a', 'Ns.T', 'b'], true, false, { top: 1 }])
    assert.deepEqual([count?.isRef, count?.isCount, Object.keys(count?.options ?? {})], [false, true, ['filter']])
    assert.deepEqual([star?.isStar, star?.path, star?.options], [true, [], { levels: 'max' }])
    assert.equal(manager?.options.levels, 2)
    const [inner] = manager?.options.expand ?? []
    assert.ok(inner?.options.search !== undefined)
    assert.equal(renderSearch(inner.options.search), '(e and f)')
    assert.equal(inner.options.orderby?.[0]?.direction, 'desc')
  })
  it('keeps the values of aliases by their names', () => {
    const alias = parseExpand('a(@p=$this;$filter=b eq @p)')[0]?.options.aliases?.get('p')
    assert.ok(alias !== undefined)
    assert.equal(render(alias), '$this')
  })
  refuses(parseExpand, '$expand', {
    '': [400, 'Character 1:'],
    $ref: [400, 'Character 1:'],
    'a/$ref($select=b)': [400, 'Character 8:', '$filter='],
    'a/$count($top=1)': [400, 'Character 10:'],
    '*/$count': [400, 'Character 3:', '$ref'],
    '*/a': [400, 'Character 3:'],
    'a()': [400, 'Character 3:'],
    'a($top=x)': [400, 'Character 8:', 'a whole number'],
    'a($levels=0)': [400, 'Character 11:'],
    'a($filter=b eq (;$top=1)': [400, 'Character 17:'],
    'a($search=b(c)': [400, 'Character 12:'],
    'a($top=1': [400, 'Character 9:', "')'"],
    'a/$value': [501, '$value'],
    'a($apply=b)': [501, '$apply inside $expand'],
  })
})

describe('$search', () => {
  reads((text) => renderSearch(parseSearch(text)), {
    blue: 'blue',
    'a b OR c AND NOT d': '((a and b) or (c and (not d)))',
    'a AND (b OR "c d")': '(a and (b or "c d"))',
    '%22displayName:Jane+D%22': '"displayName:Jane D"',
    '"a\\"b\\\\"': '"a"b\\"',
    'NOT NOT': '(not NOT)',
    'AND OR': '(AND and OR)',
    'a or b': '((a and or) and b)',
    'a%3Bb%2Bc 9,81': '(a;b+c and 9,81)',
    "O'Neil": "O'Neil",
    "'\"bl'": "'\"bl'",
  })
  refuses(parseSearch, '$search', {
    '': [400, 'Character 1:', 'a word'],
    'a;b': [400, 'Character 2:'],
    '(a': [400, 'Character 3:', "')'"],
    'a)': [400, 'Character 2:'],
    '"a': [400, 'Character 3:', 'double quote'],
    '""': [400, 'Character 1:', 'not empty'],
    'a "b"c': [400, 'Character 6:'],
  })
})

describe('$skiptoken', () => {
  it('is decoded and otherwise left alone', () => assert.equal(parseSkiptoken('a%26b=%2B'), 'a&b=+'))
  refuses(parseSkiptoken, '$skiptoken', { '': [400, 'a token'], 'a&b': [400, 'Character 2:'] })
})

describe('Query options', () => {
  it('are known with and without $ and in any case, and kept as they were given', () => {
    const options = parseQueryOptions(
      "%24Top=5&skip=0&COUNT=True&$select=id&orderBy=a desc&filter=a eq @p&@p='R%26D'&format=JSON&$skiptoken=x&search=b&$expand=c",
    )
    assert.deepEqual([options.top, options.skip, options.count, options.format, options.skiptoken], [5, 0, true, 'json', 'x'])
    assert.deepEqual(
      [options.select?.length, options.orderby?.[0]?.direction, options.search?.kind, options.expand?.length],
      [1, 'desc', 'word', 1],
    )
    const alias = options.aliases?.get('p')
    assert.ok(options.filter !== undefined && alias !== undefined)
    assert.deepEqual([render(options.filter), render(alias)], ['(a eq @p)', "'R&D'"])
    assert.deepEqual(options.given.slice(0, 3), [
      ['$top', '5'],
      ['$skip', '0'],
      ['$count', 'True'],
    ])
    assert.deepEqual(
      options.given.find(([name]) => name === '@p'),
      ['@p', "'R%26D'"],
    )
  })
  it('that were not given are not there', () => {
    assert.deepEqual(parseQueryOptions(''), { custom: [], given: [] })
    assert.deepEqual(parseQueryOptions('&&'), { custom: [], given: [] })
  })
  it('that are not OData’s are kept in order, more than once too', () =>
    assert.deepEqual(parseQueryOptions('_=1&x-y=a+b%26&_=&constructor=2').custom, [
      ['_', '1'],
      ['x-y', 'a b&'],
      ['_', ''],
      ['constructor', '2'],
    ]))
  it('of JSON may name its parameters', () =>
    assert.equal(parseQueryOptions('$format=application/json;odata.metadata=none').format, 'application/json;odata.metadata=none'))

  const refusedOptions: Readonly<Record<string, readonly [number, string]>> = {
    '$top=1&TOP=1': [400, '$top'],
    '@p=1&@p=1': [400, '@p'],
    '@=1': [400, '@'],
    '$foo=1': [400, '$foo'],
    $top: [400, '$top'],
    x: [400, 'x'],
    '=x': [400, ''],
    '$top=': [400, '$top'],
    '$top=-1': [400, '$top'],
    '$top=99999999999999999999': [400, '$top'],
    '$count=1': [400, '$count'],
    '$levels=1': [400, '$levels'],
    '$format=': [400, '$format'],
    '$format=xml': [501, '$format'],
    '$apply=x': [501, '$apply'],
    'compute=x': [501, '$compute'],
    '$deltatoken=x': [501, '$deltatoken'],
    '$filter=a eq': [400, '$filter'],
    'a%FF=1': [400, 'query'],
  }
  for (const [text, [status, target]] of Object.entries(refusedOptions))
    it(`${text} is refused with ${status} at ${target}`, () => refused(() => parseQueryOptions(text), status, target))
})
