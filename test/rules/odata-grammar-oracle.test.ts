/** The grammar of query options beside OASIS' own cases: what is valid is read or refused by name, what is not is refused. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { GraphError } from '../../src/errors.ts'
import * as literals from '../../src/odata/grammar/literals.ts'
import * as parse from '../../src/odata/grammar/parse.ts'
import type { Value } from '../../src/odata/grammar/syntax.ts'

const oracle = new URL('../../../shared/oracles/odata-abnf-cases.jsonl', import.meta.url)
const missing = existsSync(oracle) ? false : `OASIS' cases are not at ${oracle.pathname}`

interface Case {
  readonly name: string
  readonly rule: string
  readonly input: string
  /** Given: the input is not valid, from this character on. */
  readonly failAt?: number
}

const cases: readonly Case[] =
  missing === false
    ? readFileSync(oracle, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Case) // the oracle's form
    : []

type Kind = Value['type']

/** A literal of a URL, of one of the kinds. */
function literal(...kinds: readonly Kind[]) {
  return (text: string) => {
    const { type } = parse.parseLiteral(text).value
    if (!kinds.includes(type)) throw new GraphError('queryInvalid', { message: `It is a ${type}.` })
  }
}

/** A value as bodies have it: nothing is decoded. */
function value(read: (text: string) => unknown) {
  return (text: string) => {
    if (read(text) === undefined) throw new GraphError('queryInvalid', { message: 'It is no such value.' })
  }
}

const number = literal('integer', 'decimal', 'double')
const geo = literal()

const rules: Readonly<Record<string, (text: string) => unknown>> = {
  filter: parse.parseFilter,
  orderby: parse.parseOrderby,
  orderBy: parse.parseOrderby,
  select: parse.parseSelect,
  expand: parse.parseExpand,
  queryOptions: parse.parseQueryOptions,
  systemQueryOption: parse.parseQueryOptions,
  customQueryOption: parse.parseQueryOptions,
  compute: parse.parseQueryOptions,
  skiptoken: (text) => parse.parseSkiptoken(text.replace(/^\$skiptoken=/, '')),
  commonExpr: (text) => parse.parseCommonExpression(text),
  boolCommonExpr: (text) => parse.parseCommonExpression(text),
  firstMemberExpr: (text) => parse.parseCommonExpression(text),
  notExpr: (text) => parse.parseCommonExpression(text),
  isofExpr: (text) => parse.parseCommonExpression(text),
  anyExpr: (text) => parse.parseCommonExpression(`collection/${text}`),
  functionParameter: (text) => parse.parseCommonExpression(`function(${text})`),
  stringInUrl: (text) => parse.parseCommonExpression(`[${text}]`),
  primitiveLiteral: (text) => parse.parseLiteral(text),
  null: literal('null'),
  boolean: literal('boolean'),
  stringLiteral: literal('string'),
  date: literal('date'),
  guid: literal('guid'),
  timeOfDayLiteral: literal('timeOfDay'),
  binaryLiteral: literal('binary'),
  // Without a type in front it is a text, until it is compared with what is no text.
  durationLiteral: literal('duration', 'string'),
  enumLiteral: literal('enum', 'string'),
  doubleLiteral: number,
  sbyteLiteral: number,
  int32Literal: number,
  int64Literal: number,
  decimalValue: value(literals.readNumber),
  doubleValue: value(literals.readNumber),
  singleValue: value(literals.readNumber),
  sbyteValue: value(literals.readNumber),
  dateTimeOffsetValue: value(literals.readDateTimeOffset),
  timeOfDayValue: value(literals.readTimeOfDay),
  durationValue: value(literals.readDuration),
  enumValue: value(literals.readEnumMembers),
  geographyCollection: geo,
  geographyLineString: geo,
  geographyMultiLineString: geo,
  geographyMultiPoint: geo,
  geographyPoint: geo,
  geographyPolygon: geo,
  geometryCollection: geo,
  geometryMultiPoint: geo,
  geometryMultiPolygon: geo,
  geometryPoint: geo,
}

/** Rules of the grammar that are not about query options, or about values in bodies only. */
const elsewhere = new Set([
  ...['odataUri', 'odataRelativeUri', 'resourcePath', 'entitySetName', 'odataIdentifier', 'primitiveValue', 'context'],
  ...['header', 'request-id', 'prefer', 'preference', 'includeAnnotationsPreference'],
])

/** What is refused with 501, by its rule: a construct less is good news, and has to be taken off. */
const refused: Readonly<Record<string, number>> = {
  ...{ filter: 1, boolCommonExpr: 1, commonExpr: 2, queryOptions: 8, compute: 2, systemQueryOption: 3 },
  ...{ geographyCollection: 1, geographyLineString: 1, geographyMultiLineString: 1, geographyMultiPoint: 2, geographyPoint: 2 },
  ...{ geographyPolygon: 1, geometryCollection: 1, geometryMultiPoint: 1, geometryMultiPolygon: 1, geometryPoint: 1 },
}

function answer(rule: string, input: string): GraphError | undefined {
  try {
    rules[rule]?.(input)
    return undefined
  } catch (error) {
    if (error instanceof GraphError) return error
    throw error
  }
}

describe('The grammar of OData 4.01', { skip: missing }, () => {
  it('is asked about every rule of the oracle, or the rule is known to be about something else', () => {
    assert.ok(cases.length > 300)
    const names = new Set(cases.map(({ rule }) => rule))
    assert.deepEqual(
      [...names].filter((rule) => !(rule in rules) && !elsewhere.has(rule)),
      [],
    )
    assert.deepEqual(
      Object.keys(rules).filter((rule) => !names.has(rule)),
      [],
    )
  })

  for (const rule of Object.keys(rules))
    it(`takes what is valid under ${rule} and refuses what is not`, () => {
      const ofRule = cases.filter((one) => one.rule === rule)
      let unsupported = 0
      const wrong = ofRule.flatMap(({ name, input, failAt }) => {
        const error = answer(rule, input)
        const isNamed = error?.status === 501 && /\$|geo|format/.test(error.message)
        if (isNamed) unsupported++
        const good = failAt === undefined ? error === undefined || isNamed : error?.status === 400
        return good ? [] : [`${name}: ${input} → ${error === undefined ? 'read' : `${error.status} ${error.message}`}`]
      })
      assert.deepEqual(wrong, [], wrong.join('\n'))
      assert.equal(unsupported, refused[rule] ?? 0, `${rule}: so many cases are answered 501`)
    })
})
