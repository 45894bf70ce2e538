/** Terms of expressions: literals, members and functions, and what they are. */

import type { EnumType } from '../../model/edm.ts'
import { isSameName } from '../../model/text.ts'
import type { Call, Expression, Literal, Value } from '../grammar/syntax.ts'
import { isCollection } from './bind-shapes.ts'
import { longestConstant, spend } from './budget.ts'
import type { Condition, Constant, Call as FunctionCall, FunctionName, Kind, Term } from './condition.ts'
import { costAsWritten, inMemory, lengthOf } from './cost.ts'
import { fixedValue } from './evaluate.ts'
import { refusal, resolve, type Scope, unsupported } from './scope.ts'

/** A term, or undefined where the expression says yes or no by its form. */
export function bindTerm(scope: Scope, expression: Expression): Term | undefined {
  switch (expression.kind) {
    case 'literal':
      return expression.value.type === 'boolean' ? undefined : constantOf(scope, expression.value)
    case 'path': {
      const { member, counted } = resolve(scope, expression)
      if (counted !== (member.property.collection === true))
        throw refusal(scope, expression, counted ? '$count counts a collection.' : 'expected any, all or $count behind a collection.')
      if (!counted) return member.kind === 'boolean' ? undefined : member
      scope.advanced.add('$count')
      return { term: 'size', kind: 'number', of: member }
    }
    case 'call':
      return bindCall(scope, expression)
    case 'unary':
      return expression.operator === 'not' ? undefined : negated(scope, expression.operand)
    case 'binary':
      if (isArithmetic(expression.operator)) throw unsupported(scope, `the operator ${expression.operator}`)
      return undefined
    case 'case':
      throw unsupported(scope, 'case()')
    case 'object':
      throw unsupported(scope, 'JSON objects in expressions')
    case 'list':
      throw refusal(scope, expression, 'a list stands behind in only.')
    case 'alias':
    case 'lambda':
      return undefined
  }
}

function isArithmetic(operator: string): boolean {
  return ['add', 'sub', 'mul', 'div', 'divby', 'mod'].includes(operator)
}

function negated(scope: Scope, operand: Expression): Constant {
  const constant = operand.kind === 'literal' ? constantOf(scope, operand.value) : undefined
  if (constant?.kind !== 'number' || typeof constant.value !== 'number') throw unsupported(scope, 'the operator -')
  return { ...constant, value: -constant.value }
}

function constantOf(scope: Scope, value: Value): Constant {
  const constant = (kind: Kind, held: string | number | null): Constant => ({ term: 'constant', kind, value: held })
  switch (value.type) {
    case 'null':
      return constant('null', null)
    case 'string':
      return constant('text', value.value)
    case 'integer':
    case 'decimal':
    case 'double':
      return constant('number', Number(value.value))
    case 'date':
      return constant('day', value.text)
    case 'timeOfDay':
      return constant('clock', paddedFraction(value.text))
    case 'dateTimeOffset':
      return { ...constant('instant', paddedFraction(value.instant.slice(0, -1))), ...(!inUtc.test(value.text) && { elsewhere: true }) }
    case 'guid':
      // Ids are texts to Graph, whatever they look like.
      return constant('text', value.text)
    case 'enum':
    case 'boolean':
    case 'duration':
    case 'binary':
      throw unsupported(scope, `${value.type} literals here`)
  }
}

const inUtc = /(?:Z|[+-]00:00)$/i

/** With seven digits at least, as stored times have them. */
function paddedFraction(time: string): string {
  const [whole = '', fraction = ''] = time.split('.')
  return `${whole}.${fraction.padEnd(7, '0')}`
}

interface Signature {
  readonly takes: readonly Kind[]
  readonly makes: Kind
}

const takesTexts = (makes: Kind): readonly Signature[] => [{ takes: ['text', 'text'], makes }]
const ofText = (makes: Kind): readonly Signature[] => [{ takes: ['text'], makes }]
const ofInstant = (makes: Kind): readonly Signature[] => [{ takes: ['instant'], makes }]
const ofDay: readonly Signature[] = [{ takes: ['day'], makes: 'number' }, ...ofInstant('number')]
const ofClock: readonly Signature[] = [{ takes: ['clock'], makes: 'number' }, ...ofInstant('number')]

/** Argument and result kinds of each function. Part 2, sections 5.1.1.5 to 5.1.1.8. */
// biome-ignore format: a table of facts, aligned by hand
const signatures: Readonly<Record<FunctionName, readonly Signature[]>> = {
  length: ofText('number'), indexof: takesTexts('number'), concat: takesTexts('text'),
  substring: [{ takes: ['text', 'number'], makes: 'text' }, { takes: ['text', 'number', 'number'], makes: 'text' }],
  trim: ofText('text'), tolower: ofText('text'), toupper: ofText('text'),
  year: ofDay, month: ofDay, day: ofDay, hour: ofClock, minute: ofClock, second: ofClock, fractionalseconds: ofClock,
  date: ofInstant('day'), time: ofInstant('clock'),
}

/** Where a literal in another zone would be asked for what only its own zone can say. */
const ofZone: readonly string[] = ['year', 'month', 'day', 'hour', 'minute', 'date', 'time']

/** OData has these for collections too. */
const ofCollections: readonly string[] = ['concat', 'contains', 'endswith', 'indexof', 'length', 'startswith', 'substring']

const tests = ['contains', 'startswith', 'endswith']

function bindCall(scope: Scope, call: Call): Term | undefined {
  const { name } = call
  if (tests.includes(name)) return undefined
  if (name === 'now') return { term: 'constant', kind: 'instant', value: paddedFraction(new Date(scope.now).toISOString().slice(0, -1)) }
  if (name === 'mindatetime') return { term: 'constant', kind: 'instant', value: '0001-01-01T00:00:00.0000000' }
  if (name === 'maxdatetime') return { term: 'constant', kind: 'instant', value: '9999-12-31T23:59:59.9999999' }
  if (!Object.hasOwn(signatures, name)) throw unsupported(scope, `${name}()`)
  const known = name as FunctionName // hasOwn has just said so
  const fitting = signatures[known].filter(({ takes }) => takes.length === call.arguments.length)
  const args = call.arguments.map((_, index) =>
    argument(
      scope,
      call,
      index,
      fitting.map(({ takes }) => takes[index] ?? 'null'),
    ),
  )
  if (known === 'substring') for (const index of [1, 2]) checkPlace(scope, call, index, args[index])
  if (args.some(({ kind }) => kind === 'null')) return { term: 'constant', kind: 'null', value: null }
  return workedOut(scope, call, { term: 'call', name: known, kind: fitting[0]?.makes ?? 'null', arguments: args })
}

/** A function of constants is one itself. Where it is null it is left as it is: null has no kind. */
function workedOut(scope: Scope, at: Call, call: FunctionCall): Term {
  if (!call.arguments.every(({ term }) => term === 'constant')) return call
  const length = lengthOf(call, constantsOnly)
  if (length > longestConstant)
    throw refusal(scope, at, `expected a text of at most ${longestConstant} characters to be put together, found ${length}.`)
  spend(scope, at, costAsWritten(call, constantsOnly).each)
  const value = fixedValue(call)
  return typeof value === 'string' || typeof value === 'number' ? { term: 'constant', kind: call.kind, value, isWorkedOut: true } : call
}

const constantsOnly = inMemory([])

/** Where a piece begins and how long it is: counted by the client, or by `indexof` and `length`. */
function checkPlace(scope: Scope, call: Call, index: number, place: Term | undefined): void {
  if (place === undefined || place.kind === 'null' || (place.term === 'call' && place.name !== 'fractionalseconds')) return
  if (place.term === 'constant' && place.isWorkedOut === true && Number.isInteger(place.value)) return
  if (place.term === 'member' || place.term === 'size') throw unsupported(scope, 'members that say where a piece of text begins')
  const count = place.term === 'constant' ? Number(place.value) : Number.NaN
  if (index === 1 && Number.isInteger(count) && count < 0) throw unsupported(scope, 'places that are counted from the end of a text')
  if (!Number.isInteger(count) || count < 0 || count > 100_000)
    throw refusal(scope, call.arguments[index] ?? call, 'expected a whole number from 0 to 100000.')
}

/** The argument as a term of one of the kinds. A member that is an id is a text like others here. */
export function argument(scope: Scope, call: Call, index: number, kinds: readonly Kind[]): Term {
  const expression = call.arguments[index] ?? call
  const given = followAlias(scope, expression)
  if (ofCollections.includes(call.name) && isCollection(scope, given)) throw unsupported(scope, `${call.name} of a collection`)
  const term = bindTerm(scope, given)
  const kind = term?.kind === 'id' ? 'text' : (term?.kind ?? 'boolean')
  if (term === undefined || (kind !== 'null' && !kinds.includes(kind)))
    throw refusal(scope, expression, `${call.name} expects ${kinds.map(wordFor).join(' or ')}, found ${wordFor(kind)}.`)
  if (term.term === 'constant' && term.elsewhere && ofZone.includes(call.name))
    throw refusal(scope, expression, `${call.name} expects a date and time in UTC, as times are kept; end it with Z.`)
  return term
}

/** The expression behind an alias; a missing alias is null (part 2, section 5.3). */
export function followAlias(scope: Scope, expression: Expression): Expression {
  if (expression.kind !== 'alias') return expression
  const held = scope.aliases.get(expression.name)
  if (held === undefined) return { kind: 'literal', value: { type: 'null' }, at: expression.at, end: expression.end }
  if (held.kind !== 'literal') throw unsupported(scope, 'aliases of anything but literals')
  return { ...held, at: expression.at, end: expression.end }
}

export function wordFor(kind: Kind): string {
  if (typeof kind !== 'string') return `a value of ${kind.name}`
  return {
    text: 'a text',
    id: 'a text',
    number: 'a number',
    instant: 'a date and time',
    day: 'a date',
    clock: 'a time of day',
    boolean: 'a condition',
    null: 'null',
    structure: 'a structure',
  }[kind]
}

/** As in a body. */
const longestEnumText = 256

/** The number that names or a literal of an enumeration stand for. Throws where one is unknown. */
function enumValue(scope: Scope, type: EnumType, at: { readonly at: number }, text: string): number {
  let value = 0
  if (text.length > longestEnumText) throw refusal(scope, at, `at most ${longestEnumText} characters name a value of ${type.name}.`)
  const all = Object.values(type.members).reduce((mask, member) => mask | member, 0)
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  if (names.length > 1 && !type.flags) throw refusal(scope, at, `${type.name} has one value at a time.`)
  for (const name of names) {
    const known = Object.entries(type.members).find(([member, number]) => member.toLowerCase() === name || String(number) === name)?.[1]
    // A number that several flags make together.
    const mask = type.flags && /^\d{1,9}$/.test(name) && (Number(name) & ~all) === 0 ? Number(name) : undefined
    if (known === undefined && mask === undefined) throw refusal(scope, at, `expected one of ${Object.keys(type.members).join(', ')}.`)
    value |= known ?? mask ?? 0
  }
  return value
}

/** Whether a literal may name members of an enumeration. */
export function isEnumLike(expression: Expression): expression is Literal {
  return expression.kind === 'literal' && (expression.value.type === 'string' || expression.value.type === 'enum')
}

/** undefined where `beside` is of no enumeration and the literal of none either. */
export function asEnum(scope: Scope, beside: Condition | Term, literal: Literal): Constant | undefined {
  const { value } = literal
  const type = 'term' in beside && typeof beside.kind !== 'string' ? beside.kind : undefined
  if (value.type === 'enum') {
    if (type === undefined || !isSameName(value.typeName.split('.').at(-1) ?? '', type.name))
      throw refusal(scope, literal, `expected ${'term' in beside ? wordFor(beside.kind) : 'a condition'} to compare with.`)
    return { term: 'constant', kind: type, value: enumValue(scope, type, literal, value.members.join(',')) }
  }
  if (type === undefined || value.type !== 'string') return undefined
  return { term: 'constant', kind: type, value: enumValue(scope, type, literal, value.value) }
}
