import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { itemEmail, profile } from '../../src/model/profile.ts'
import { noQuery, parseQuery, type Query, type QueryOption, type QuerySchema } from '../../src/odata/query/query.ts'
import { renderSkiptoken } from '../../src/odata/query/skiptoken.ts'

const all: readonly QueryOption[] = ['select', 'top', 'skip', 'count', 'skiptoken', 'expand', 'filter', 'orderby', 'search', 'format']
const now = Date.UTC(2026, 2, 1, 12)
const leaf: QuerySchema = {
  type: itemEmail,
  options: ['select', 'top', 'skip', 'count', 'filter', 'orderby', 'search'],
  known: [],
  searched: ['address', 'displayName'],
  expandable: new Map(),
}
const between: QuerySchema = {
  type: profile,
  options: ['select', 'expand'],
  known: [],
  searched: [],
  expandable: new Map([['emails', () => leaf]]),
}
/** What is no mistake where it is not served. */
const ofCollections: readonly QueryOption[] = ['filter', 'orderby', 'search', 'expand']
/** Emails that lead to profiles, which lead to emails. */
const queried = (options: readonly QueryOption[]): QuerySchema => ({
  type: itemEmail,
  options,
  known: options.length === 0 ? [] : ofCollections,
  searched: ['address', 'displayName'],
  expandable: new Map([
    ['profile', () => between],
    ['emails', () => leaf],
  ]),
})
const parse = (search: string, allowed = all) => parseQuery(search, queried(allowed), now)
const refusal =
  (target: string, kind = 'queryInvalid') =>
  (error: { kind?: string; particulars?: { target?: string } }) => {
    assert.deepEqual([error.kind, error.particulars?.target], [kind, target])
    return true
  }

describe('A query', () => {
  it('of nothing asks for nothing', () => {
    assert.deepEqual(parse(''), noQuery)
    assert.deepEqual(parse('&&'), noQuery)
  })

  const read: Readonly<Record<string, object>> = {
    '$select=address': { select: ['address'] },
    '$select=ADDRESS,Id': { select: ['address', 'id'] },
    '$select=%20id%20,+type': { select: ['id', 'type'] },
    '$select=id,id': { select: ['id'] },
    '$top=5': { top: 5 },
    '$top=0': { top: 0 },
    'top=007': { top: 7 },
    '$top=999': { top: 999 },
    '$skip=3': { skip: 3 },
    '$count=true': { count: true },
    '$count=FALSE': { count: false },
    '$format=JSON': { format: 'json' },
    '%24top=5': { top: 5 },
  }
  for (const [search, expected] of Object.entries(read))
    it(`${search} asks for ${JSON.stringify(expected)}`, () => {
      const { linkOptions: _, ...query } = parse(search)
      const { linkOptions: __, ...nothing } = noQuery
      assert.deepEqual(query, { ...nothing, ...expected })
    })

  const namesOf = ({ expand }: Query): readonly unknown[] => expand.map(({ name, query }) => [name, ...namesOf(query)])
  for (const [search, expected] of Object.entries({
    '$expand=emails': [['emails']],
    'EXPAND=Emails': [['emails']],
    '$expand=profile($expand=emails),emails': [['profile', ['emails']], ['emails']],
    '$expand=*': [['profile'], ['emails']],
  }))
    it(`${search} leads to ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(namesOf(parse(search)), expected)
    })

  it('gathers the members that its conditions and orders look at, each once', () => {
    const search =
      "$filter=startswith(Address,'x') and createdBy/user/id eq null and source/type/any(t:t eq address)&$orderby=inference/confidenceScore"
    assert.deepEqual([...parse(search).members].sort(), ['address', 'createdBy', 'inference', 'source'])
    assert.deepEqual([...parse('$search=x').members].sort(), ['address', 'displayName'])
    assert.deepEqual([...parse('$select=type&$count=true').members], [])
  })

  it('gathers what Graph’s directory answers under ConsistencyLevel: eventual only', () => {
    const advanced = (search: string) => [...parse(search).advanced]
    assert.deepEqual(advanced("$filter=address eq 'x' and startswith(address,'y')"), [])
    assert.deepEqual(advanced('$orderby=address'), [])
    assert.deepEqual(advanced("$filter=address ne 'x'"), ['ne'])
    assert.deepEqual(advanced('$filter=true&$orderby=id'), ['$orderby together with $filter'])
    assert.deepEqual(advanced('$search=x'), ['$search'])
  })

  it('has the time that it was asked at for now()', () => {
    const { filter } = parse('$filter=createdDateTime lt now()')
    assert.deepEqual(filter?.kind === 'compare' && filter.right, {
      term: 'constant',
      kind: 'instant',
      value: '2026-03-01T12:00:00.0000000',
    })
  })

  it('joins $filter and $search', () => {
    const { filter } = parse('$filter=true&$search=x')
    assert.deepEqual([filter?.kind, filter?.kind === 'and' && filter.conditions.length], ['and', 2])
  })

  it('of * asks for every member, and for none twice', () => {
    const names = parse('$select=*').select ?? []
    assert.equal(names.length, 11)
    assert.deepEqual(parse('$select=type,*').select, ['type', ...names.filter((name) => name !== 'type')])
  })

  it('keeps what a next link repeats, spelled canonically: all but $skip and $skiptoken', () => {
    const skiptoken = renderSkiptoken(['2026', 'x'], itemEmail, noQuery)
    assert.deepEqual(parse(`TOP=5&skip=3&Select=ID&$skiptoken=${skiptoken}`).linkOptions, [
      ['$top', '5'],
      ['$select', 'ID'],
    ])
  })

  it('keeps of what is inside $expand what a link of its own repeats, with aliases and parentheses', () => {
    const [expansion] = parse(
      "@a=1&$expand=emails(@b='x';$filter=(address+eq+@b) or false;$orderby=id+desc;$skip=1;$top=2;$count=true)",
    ).expand
    assert.deepEqual(expansion?.query.linkOptions, [
      ['@a', '1'],
      ['@b', "'x'"],
      ['$filter', '(address+eq+%40b)%20or%20false'],
      ['$orderby', 'id+desc'],
      ['$top', '2'],
      ['$count', 'true'],
    ])
  })

  const refused: Readonly<Record<string, string>> = {
    '$top=-1': '$top',
    '$top=1000': '$top',
    '$top=': '$top',
    $top: '$top',
    'top=x': '$top',
    '$top=1.0': '$top',
    '$top=٣': '$top',
    '$skip=99999999999999999': '$skip',
    '$count=1': '$count',
    '$select=': '$select',
    '$select=nothing': '$select',
    '$select=toString': '$select',
    '$expand=skills': '$expand',
    '$expand=': '$expand',
    '$expand=emails,emails': '$expand',
    '$expand=emails($top=1000)': '$expand',
    '$expand=emails($filter=nothing eq 1)': '$expand',
    '$expand=profile($top=1)': '$expand',
    '$filter=address': '$filter',
    '$filter=address eq 1': '$filter',
    [`$orderby=${Array.from({ length: 17 }, () => 'id').join(',')}`]: '$orderby',
    '$search=': '$search',
    '$format=': '$format',
    '$top=1&TOP=1': '$top',
    '$nothing=1': '$nothing',
    nothing: 'nothing',
    '=1': '',
    '$=1': '$',
    '$$top=1': '$$top',
  }
  for (const [search, target] of Object.entries(refused))
    it(`${search} is refused, and ${JSON.stringify(target)} named`, () => {
      assert.throws(() => parse(search), refusal(target))
    })

  for (const [search, target] of Object.entries({
    '$filter=cast(address,Edm.String) eq null': '$filter',
    '$orderby=1': '$orderby',
    '$format=xml': '$format',
    '$apply=x': '$apply',
    '$compute=1 as x': '$compute',
    '$deltatoken=x': '$deltatoken',
    '$expand=emails/$ref': '$expand',
    '$expand=emails($levels=2)': '$expand',
    '$expand=*($levels=2)': '$expand',
    '$select=source($top=1)': '$select',
  }))
    it(`${search} is OData that is not served, and ${target} named`, () => {
      assert.throws(() => parse(search), refusal(target, 'notImplemented'))
    })

  const values: Readonly<Partial<Record<QueryOption, string>>> = {
    select: 'id',
    count: 'true',
    expand: 'emails',
    filter: 'true',
    orderby: 'id',
    format: 'json',
    skiptoken: renderSkiptoken(['x'], itemEmail, noQuery),
  }
  for (const option of all)
    it(`may hold $${option} only where the operation takes it`, () => {
      const search = `$${option}=${values[option] ?? '1'}`
      assert.doesNotThrow(() => parse(search))
      assert.throws(() => parse(search, []), refusal(`$${option}`))
      const others = all.filter((other) => other !== option)
      assert.throws(() => parse(search, others), refusal(`$${option}`, ofCollections.includes(option) ? 'notImplemented' : 'queryInvalid'))
    })

  it('that is not percent-encoded UTF-8 is refused', () => {
    for (const search of ['%ff=1', '$select=%ff', '%zz', '$select=%']) assert.throws(() => parse(search), { kind: 'queryInvalid' })
  })
})
