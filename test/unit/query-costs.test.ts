/** What questions cost is counted before anything is asked. Every bound at its limit, and one past it. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GraphError } from '../../src/errors.ts'
import { queryInMemory } from '../../src/graph/in-memory.ts'
import { emailAuthenticationMethod } from '../../src/model/authentication.ts'
import { user } from '../../src/model/directory.ts'
import { entityType } from '../../src/model/edm.ts'
import { itemEmail } from '../../src/model/profile.ts'
import { longestText, mostNodes } from '../../src/odata/grammar/cursor.ts'
import { affordable, affordableOrder, isShort, longestConstant, mostStepsEach, mostStepsHere, spend } from '../../src/odata/query/budget.ts'
import type { Condition, Constant, Term } from '../../src/odata/query/condition.ts'
import { costOf, costOfOrder, inMemory, stepsToFoldText } from '../../src/odata/query/cost.ts'
import { parseQuery, type Query, type QuerySchema } from '../../src/odata/query/query.ts'
import type { Scope } from '../../src/odata/query/scope.ts'
import { refused } from '../support/odata-trees.ts'
import { concats, someTree } from '../support/trees.ts'

const options = ['filter', 'orderby', 'search', 'expand', 'top', 'skip', 'count'] as const
const ofEmails: QuerySchema = { type: itemEmail, options, searched: ['address', 'displayName'], expandable: new Map() }
const ofMethods: QuerySchema = { type: emailAuthenticationMethod, options, searched: [], expandable: new Map() }
const ofUsers: QuerySchema = {
  type: user,
  options,
  searched: ['displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'],
  expandable: new Map([['authentication', () => ofEmails]]),
}
const thing: QuerySchema = {
  type: entityType('thing', { short: { type: 'Edm.String', maxLength: 10 }, long: { type: 'Edm.String', maxLength: 1000 } }),
  options,
  searched: ['short'],
  expandable: new Map(),
}

function asked(text: string, of: QuerySchema = thing): Query {
  return parseQuery(text.replaceAll(' ', '+'), of, 0)
}

function filterOf(text: string, of: QuerySchema = thing): Condition {
  const { filter } = asked(`$filter=${text}`, of)
  assert.ok(filter !== undefined)
  return filter
}

const constant = (value: string): Constant => ({ term: 'constant', kind: 'text', value })
const { short, long } = thing.type.properties
assert.ok(short !== undefined && long !== undefined)
const ofShort: Term = { term: 'member', kind: 'text', path: ['short'], element: undefined, property: short }

describe('The cost of a question for one item', () => {
  const member = (length: number) => 1 + 500 + length
  const literal = (length: number) => 1 + length
  /** As a function is given it. */
  const written = (length: number) => 1 + 500 + 500 + 8 * length
  for (const [filter, steps] of Object.entries({
    // The condition, both sides, the comparison and as much as can be alike.
    "short eq 'abc'": 1 + member(10) + literal(3) + 100 + 3,
    "short eq 'abc' or short eq 'abc'": 1 + 2 * (1 + member(10) + literal(3) + 100 + 3),
    "not (short eq 'abc')": 1 + 1 + member(10) + literal(3) + 100 + 3,
    // At 8 places three characters are compared, four in a step.
    "contains(short,'abc')": 1 + member(10) + literal(3) + 100 + 10 + 3 + (8 * 3) / 4,
    "contains(long,'abc')": 1 + member(1000) + literal(3) + 100 + 1000 + 3 + Math.ceil((998 * 3) / 4),
    // A part whose length is not known is the worst at half of the text.
    'contains(long,long)': 1 + 2 * member(1000) + 100 + 2000 + (501 * 500) / 4,
    'contains(short,long)': 1 + member(10) + member(1000) + 100 + 1010 + Math.ceil((6 * 5) / 4),
    "startswith(short,'abc')": 1 + member(10) + 2 * literal(3) + 100 + 3,
    "endswith(short,'abc')": 1 + 3 * member(10) + 3 * literal(3) + 100 + 3,
    // What is put together is composed, and folded to be compared.
    "concat(short,long) eq 'a'": 1 + (1 + written(10) + written(1000) + 500 + 8 * 1010 + 160 * 1010) + literal(1) + 100 + 1,
    'length(long) eq 5': 1 + (1 + written(1000) + 500 + 8 * 1000) + 1 + 100 + 64,
    "indexof(long,'abc') eq 5": 1 + (1 + written(1000) + literal(3) + 500 + 320 * 1003 + 1003 + Math.ceil((998 * 3) / 4)) + 1 + 100 + 64,
    "short in ('a','bc')": 1 + member(10) + literal(1) + literal(2) + 100,
    'short eq null': 1 + member(10),
  }))
    it(`is counted: ${filter}`, () => {
      assert.equal(costOf(filterOf(filter)).each, steps)
    })

  it('grows with the square of a text that is looked for in itself, and in proportion to one that is compared', () => {
    const each = (text: string) => costOf(filterOf(text)).each
    const tree = (leaves: number) => concats('short', leaves)
    const [two, four] = [2, 4].map((leaves) => each(`contains(${tree(16 * leaves)},${tree(8 * leaves)})`))
    const [twice, fourTimes] = [2, 4].map((leaves) => each(`${tree(leaves)} eq short`))
    assert.ok(two !== undefined && four !== undefined && twice !== undefined && fourTimes !== undefined)
    assert.ok(four > 2 * two, `${two}, ${four}`)
    assert.ok(fourTimes < 2.5 * twice, `${twice}, ${fourTimes}`)
  })

  it('has elements of a collection tried as often as there may be', () => {
    const inner = costOf(filterOf("businessPhones/any(p:p eq 'a')", ofUsers)).each
    const nested = costOf(filterOf("businessPhones/any(p:businessPhones/any(q:q eq 'a'))", ofUsers)).each
    assert.equal(nested, 500 + 1000 + 16 * (200 + inner))
  })

  it('has a key to sort by four times, and a condition among the keys eight times', () => {
    const { order } = asked("$orderby=short,contains(short,'abc')")
    const condition = costOf(filterOf("contains(short,'abc')"))
    assert.equal(costOfOrder(order).each, 4 * member(10) + 8 * condition.each)
  })

  it('is far below the limit for what people ask', () => {
    const ors = (count: number, part: string) => Array.from({ length: count }, () => part).join(' or ')
    for (const filter of [
      ors(20, "contains(displayName,'a text of 20 letters')"),
      ors(20, "startswith(displayName,'anna') or endswith(mail,'@contoso.com')"),
      `id in (${Array.from({ length: 300 }, () => "'00000000-0000-4000-8000-000000000001'").join(',')})`,
      ors(5, "otherMails/any(m:endswith(m,'@contoso.com'))"),
      ors(5, "identities/any(i:i/issuer eq 'contoso.com' and i/issuerAssignedId eq 'kim')"),
    ])
      assert.ok(
        costOf(filterOf(filter, ofUsers)).each < mostStepsEach / 2,
        `${costOf(filterOf(filter, ofUsers)).each}: ${filter.slice(0, 80)}`,
      )
  })
})

describe('A question', () => {
  const find = (length: number): Condition => {
    const found: Condition = { kind: 'contains', text: ofShort, part: constant('a'.repeat(length)) }
    return { kind: 'not', condition: found }
  }

  it(`may cost ${mostStepsEach} steps for an item, and not one more`, () => {
    const within = (mostStepsEach - (1 + 511 + 1 + 100 + 10 + 1)) / 2
    assert.equal(costOf(find(within)).each, mostStepsEach)
    assert.ok(affordable('$filter', find(within)))
    refused(() => affordable('$filter', find(within + 1)), 400, '$filter', `${mostStepsEach + 2} steps for each item`)
    const order = (length: number) => [{ by: { term: 'condition', condition: find(length) }, direction: 'asc' }] as const
    const inOrder = Math.floor((mostStepsEach / 8 - (1 + 511 + 1 + 100 + 10 + 1)) / 2)
    assert.ok(affordableOrder('$orderby', order(inOrder)))
    refused(() => affordableOrder('$orderby', order(inOrder + 1)), 400, '$orderby', 'This is too expensive')
  })

  it(`may have constants that take ${mostStepsHere} steps to fold, and not one more`, () => {
    const absent = (text: string): Condition => ({ kind: 'absent', of: constant(text) })
    assert.ok(affordable('$search', absent('a'.repeat(mostStepsHere))))
    refused(() => affordable('$search', absent('a'.repeat(mostStepsHere + 1))), 400, '$search', `${mostStepsHere + 1} steps to read`)
    assert.equal(stepsToFoldText('a'.repeat(160)), stepsToFoldText('ä'))
    assert.ok(affordable('$filter', absent('ä'.repeat(mostStepsHere / 160))))
    refused(() => affordable('$filter', absent('ä'.repeat(mostStepsHere / 160 + 1))), 400, '$filter', 'too expensive')
  })

  it(`is short with ${mostStepsHere} steps for the statement, the items and their octets together, and not with one more`, () => {
    const cost = { constants: 0, statement: 100_000, each: 8000 }
    // Each octet takes 3 steps to read, and a step again for each 4,000 that an item takes.
    assert.ok(isShort(cost, { count: 100, octets: 20_000 }))
    assert.ok(!isShort({ ...cost, statement: 100_001 }, { count: 100, octets: 20_000 }))
    assert.ok(!isShort(cost, { count: 101, octets: 20_000 }))
    assert.ok(!isShort(cost, { count: 100, octets: 20_001 }))
    assert.ok(!isShort({ constants: 0, statement: mostStepsHere + 1, each: 1 }, { count: 0, octets: 0 }))
  })

  it('counts an alias as often as it is used', () => {
    const uses = (count: number) => `$filter=${Array.from({ length: count }, () => 'short eq @p').join(' or ')}&@p='${'ä'.repeat(50)}'`
    const most = mostStepsHere / (50 * 160)
    assert.ok(asked(uses(most)))
    refused(() => asked(uses(most + 1)), 400, '$filter', 'too expensive')
  })
})

describe('Constants', () => {
  it(`are put together up to ${longestConstant} characters, and not one more`, () => {
    const both = (length: number) => `concat('${'a'.repeat(length - 1)}','b') eq short`
    const { left } = filterOf(both(longestConstant)) as Condition & { readonly kind: 'compare' } // as written
    assert.ok(left.term === 'constant' && String(left.value).length === longestConstant)
    refused(
      () => filterOf(`true or ${both(longestConstant + 1)}`),
      400,
      '$filter',
      `Character 9: expected a text of at most ${longestConstant} characters`,
    )
  })

  it('are worked out where they are bound, null excepted, so that no item pays for them', () => {
    assert.deepEqual(costOf(filterOf("short eq concat('a','b')")), costOf(filterOf("short eq 'ab'")))
    assert.deepEqual(filterOf("contains('abc',concat('b','c'))"), { kind: 'known', value: true })
    assert.deepEqual(filterOf("contains('abc',null)"), { kind: 'known', value: null })
    assert.deepEqual(filterOf("substring('abc',indexof('abc','b')) eq 'bc'"), { kind: 'known', value: true })
  })

  it(`take ${mostStepsHere} steps to work out in all options of a request together, and not one more`, () => {
    const scope = { target: '$filter', raw: 'a', spent: { steps: 0 } } as unknown as Scope // what a refusal looks at
    spend(scope, { at: 0 }, mostStepsHere - 1)
    spend(scope, { at: 0 }, 1)
    refused(() => spend(scope, { at: 0 }, 1), 400, '$filter', 'Character 1: to work out the constants takes more than')
    const looks = (count: number) => Array.from({ length: count }, () => 'contains(@p,@q)').join(' or ')
    const aliases = `@p='${'a'.repeat(2000)}'&@q='${'a'.repeat(99)}b'`
    // Of each: both texts are folded and looked at, and at 1901 places 100 characters are compared.
    const each = 1 + 2 * (1 + 0) + 2100 + 100 + 2100 + (1901 * 100) / 4
    const most = Math.floor(mostStepsHere / each)
    assert.ok(asked(`$filter=${looks(most)}&${aliases}`))
    refused(() => asked(`$filter=${looks(most + 1)}&${aliases}`), 400, '$filter', 'takes more than')
    refused(() => asked(`$filter=${looks(most)}&$orderby=contains(@p,@q)&${aliases}`), 400, '$orderby', 'takes more than')
  })
})

describe('A list in memory', () => {
  const item = (id: number) => ({
    type: emailAuthenticationMethod,
    value: { id: String(id), emailAddress: 'kim@contoso.com' },
    path: () => '',
  })
  const items = (count: number) => Array.from({ length: count }, (_, id) => item(id % 10))

  it(`is tried in ${mostStepsHere} steps, and not in more`, () => {
    const query = asked(`$filter=${Array.from({ length: 50 }, () => "contains(emailAddress,'kim')").join(' or ')}`, ofMethods)
    assert.ok(query.filter !== undefined)
    const rates = inMemory([JSON.stringify(item(0).value)])
    const most = Math.floor(mostStepsHere / costOf(query.filter, rates).each)
    assert.equal(queryInMemory(items(most), query, 999).items.length, Math.min(most, 999))
    refused(() => queryInMemory(items(most + 1), query, 999), 400, '$filter', 'This is too expensive')
  })

  it('costs more where its texts are not ASCII', () => {
    assert.equal(inMemory(['{"a":"b"}']).character, 1)
    assert.equal(inMemory(['{"a":"b"}', '{"a":"ä"}']).character, 160)
    assert.equal(inMemory(['12', '12345']).longest, 5)
  })
})

describe('Whatever grows faster than its text', () => {
  const aliases = [1, 64, 1000, 4000].map((length) => `@p='${'a'.repeat(length)}'`)

  function attempt(text: string, of: QuerySchema): void {
    if (text.length > longestText) return
    try {
      const query = asked(text, of)
      for (const { filter, order } of [query, ...query.expand.map((expansion) => expansion.query)]) {
        const costs = [...(filter === undefined ? [] : [costOf(filter)]), costOfOrder(order)]
        for (const { constants, statement, each } of costs) {
          assert.ok(each <= mostStepsEach && constants <= mostStepsHere, text.slice(0, 200))
          // A part of the expression is written down a few times at most.
          assert.ok(statement <= 24 * mostNodes * 3000, text.slice(0, 200))
        }
      }
    } catch (error) {
      assert.ok(error instanceof GraphError && (error.status === 400 || error.status === 501), String(error))
    }
  }

  const ofEmail = someTree(['displayName', 'address', 'createdBy/user/displayName', 'id'])
  const ofUser = someTree(['aboutMe', 'displayName', 'userPrincipalName'])
  for (const [name, of, texts] of [
    ['$filter', ofEmails, ofEmail.map((text) => `$filter=${text}`)],
    ['$orderby', ofEmails, ofEmail.map((text) => `$orderby=${text}`)],
    ['$filter of people', ofUsers, ofUser.map((text) => `$filter=${text}`)],
    ['any', ofUsers, someTree(['m', 'displayName']).map((text) => `$filter=otherMails/any(m:${text})`)],
    ['all in any', ofUsers, someTree(['m', 'n']).map((text) => `$filter=businessPhones/any(m:businessPhones/all(n:${text}))`)],
    ['$expand', ofUsers, ofEmail.map((text) => `$expand=authentication($filter=${text};$orderby=${text})`)],
  ] as const)
    it(`is refused, or costs no more than it may: ${name}`, () => {
      const property = fc.property(texts, fc.constantFrom(...aliases), (text, alias) => attempt(`${text}&${alias}`, of))
      fc.assert(property, { numRuns: 400 })
    })

  it('is refused at once where its constants alone are too much', () => {
    const p = `@p='${'a'.repeat(4000)}'`
    for (const filter of [
      `indexof(${concats('@p', 64)},concat(${concats('@p', 16)},concat('b',${concats('@p', 16)}))) eq 0`,
      `contains(${concats('@p', 256)},concat(${concats('@p', 128)},'b'))`,
      `displayName eq ${concats('@p', 256)}`,
    ])
      refused(() => asked(`$filter=${filter}&${p}`, ofEmails), 400, '$filter', `at most ${longestConstant} characters`)
  })
})
