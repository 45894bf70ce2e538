/**
 * Counts the cost of conditions and orders in steps, before the database is asked. Pure. A step takes about a nanosecond; the
 * figures are upper bounds, measured with the texts that are worst for each function on either engine. Lengths follow from
 * the limits of the model, so that a cost depends on the question alone, never on what is stored.
 */

import type { Property } from '../../model/edm.ts'
import { largestRecord } from '../json/stored-record.ts'
import type { Call, Condition, Constant, Member, SortKey, Term } from './condition.ts'

export interface Cost {
  /** Steps for folding constants: once a query, on the thread that answers. */
  readonly constants: number
  /** Steps for building the statement. */
  readonly statement: number
  /** For each item that is tried. */
  readonly each: number
}

/** How members are reached and read. */
export interface Rates {
  /** To find a member of an item. */
  readonly member: number
  /** To read one character of it in the form in which texts compare. */
  readonly character: number
  /** To read a constant so. */
  readonly constant: (text: string) => number
  /** No member is longer than this. */
  readonly longest: number
}

/** A database finds a member in the text of a record, and has the form in which it compares beside it. */
export const inDatabase: Rates = { member: 500, character: 1, constant: (text) => text.length, longest: Number.POSITIVE_INFINITY }

/** In memory, texts are folded with each look at them. `texts`: the items, as JSON. */
export function inMemory(texts: readonly string[]): Rates {
  return {
    member: 50,
    character: texts.every((text) => ascii.test(text)) ? 1 : stepsToFold,
    constant: stepsToFoldText,
    longest: texts.reduce((longest, text) => Math.max(longest, text.length), 0),
  }
}

export const free: Cost = { constants: 0, statement: 0, each: 0 }

function sumOf(costs: readonly Cost[]): Cost {
  return costs.reduce(plus, free)
}

export function plus(one: Cost, other: Cost): Cost {
  return { constants: one.constants + other.constants, statement: one.statement + other.statement, each: one.each + other.each }
}

function times(count: number, cost: Cost): Cost {
  return { constants: count * cost.constants, statement: count * cost.statement, each: count * cost.each }
}

/** `cost`, and as many steps more with each item. */
function andEach(cost: Cost, each: number): Cost {
  return { ...cost, each: cost.each + each }
}

/** To write one part of a statement down and prepare it. */
const stepsOfPart = 3000
/** The same for a value in a list. */
const stepsOfValue = 700
/** To compare two values, the characters of texts aside. */
const stepsToCompare = 100
/** To go on to the next element of a collection, and to begin with it. */
const stepsOfElement = 200
const stepsOfCollection = 1000
/** To fold a character that is not ASCII; of those that are, all is done in one step each. */
const stepsToFold = 160
/** To fold one where each character is folded by itself. */
const stepsToFoldAlone = 320
/** To compose a character, to copy it, or to step over it. */
const stepsToCompose = 8
/** To call a function of texts. */
const stepsOfFunction = 500
/** A character may be as many in another case. */
const mostOfOneCharacter = 3
/** Characters are compared several at a time where a text is looked for in another. */
const comparedInStep = 4
/** Numbers, times and names of enumerations. */
const longestOfOthers = 64
/** Where a type has no limit; every type of the model has. */
const usualLimits = { text: 256, elements: 250 }

const part: Cost = { constants: 0, statement: stepsOfPart, each: 1 }

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
const ascii = /^[\x00-\x7f]*$/

export function stepsToFoldText(text: string): number {
  return ascii.test(text) ? text.length : text.length * stepsToFold
}

/** How often a test has its text and its part in a statement. */
const copies = { startswith: [1, 2], endswith: [3, 3], contains: [1, 1] } as const

/** Steps for evaluating a condition. */
export function costOf(condition: Condition, rates: Rates = inDatabase): Cost {
  switch (condition.kind) {
    case 'known':
      return part
    case 'and':
    case 'or':
      return plus(part, sumOf(condition.conditions.map((one) => costOf(one, rates))))
    case 'not':
    case 'is':
      return plus(part, costOf(condition.condition, rates))
    case 'same':
      return plus(part, plus(costOf(condition.left, rates), costOf(condition.right, rates)))
    case 'compare': {
      const { left, right } = condition
      const both = plus(costOfTerm(left, rates), costOfTerm(right, rates))
      return andEach(plus(part, both), stepsToCompare + Math.min(lengthOf(left, rates), lengthOf(right, rates)))
    }
    case 'absent':
      return plus(part, costOfTerm(condition.of, rates))
    case 'among':
      return andEach(plus(plus(part, costOfTerm(condition.of, rates)), costOfValues(condition.values, rates)), stepsToCompare)
    case 'truth':
    case 'has':
      return plus(part, costOfTerm(condition.member, rates))
    case 'startswith':
    case 'endswith':
    case 'contains': {
      const { kind, text, part: piece } = condition
      const [ofText, ofPart] = copies[kind]
      const terms = plus(times(ofText, costOfTerm(text, rates)), times(ofPart, costOfTerm(piece, rates)))
      const looked = kind === 'contains' ? stepsToFind(text, piece, rates) : lengthOf(piece, rates)
      return andEach(plus(part, terms), stepsToCompare + looked)
    }
    case 'some':
    case 'every': {
      const inner = costOf(condition.condition, rates)
      const elements = elementsOf(condition.of)
      return { ...plus(part, inner), each: rates.member + stepsOfCollection + elements * (stepsOfElement + inner.each) }
    }
  }
}

/** A statement has each key in what it reads, in its order, and twice in where a page begins; a condition two times each. */
const copiesOfKey = 4

export function costOfOrder(keys: readonly SortKey[], rates: Rates = inDatabase): Cost {
  return sumOf(
    keys.map(({ by }) => times(copiesOfKey, by.term === 'condition' ? times(2, costOf(by.condition, rates)) : costOfTerm(by, rates))),
  )
}

/** Steps for the value of a term in its compared form. */
export function costOfTerm(term: Term, rates: Rates): Cost {
  switch (term.term) {
    case 'constant':
      return costOfConstant(term, stepsOfPart, rates)
    case 'member':
      return andEach(part, stepsToReach(term, rates) + lengthOf(term, rates) * rates.character)
    case 'size':
      return andEach(part, rates.member + stepsOfCollection + elementsOf(term.of) * stepsOfElement)
    case 'call': {
      const terms = sumOf(term.arguments.map((argument) => costAsWritten(argument, rates)))
      return andEach(plus(part, terms), stepsOfCall(term, rates) + (term.kind === 'text' ? lengthOf(term, rates) * stepsToFold : 0))
    }
  }
}

/** Steps for a text argument: as written, in normalization form C. */
export function costAsWritten(term: Term, rates: Rates): Cost {
  if (term.kind !== 'text' && term.kind !== 'id') return costOfTerm(term, rates)
  switch (term.term) {
    case 'member':
      return andEach(part, stepsToReach(term, rates) + stepsOfFunction + lengthOf(term, rates) * stepsToCompose)
    case 'call':
      return andEach(plus(part, sumOf(term.arguments.map((argument) => costAsWritten(argument, rates)))), stepsOfCall(term, rates))
    default:
      return costOfTerm(term, rates)
  }
}

function costOfConstant({ kind, value }: Constant, statement: number, rates: Rates): Cost {
  if (kind !== 'text' || typeof value !== 'string') return { constants: 0, statement, each: 1 }
  return { constants: stepsToFoldText(value), statement, each: 1 + rates.constant(value) }
}

function costOfValues(values: readonly Constant[], rates: Rates): Cost {
  return sumOf(values.map((value) => costOfConstant(value, stepsOfValue, rates)))
}

/** Steps of a function itself, without its arguments. */
function stepsOfCall(call: Call, rates: Rates): number {
  const [first, second] = call.arguments
  const read = first === undefined ? 0 : lengthOf(first, rates)
  if (call.name === 'concat') return stepsOfFunction + lengthOf(call, rates) * stepsToCompose
  if (call.name === 'tolower' || call.name === 'toupper') return stepsOfFunction + read * (stepsToFold + stepsToCompose)
  if (call.name !== 'indexof' || first === undefined || second === undefined) return stepsOfFunction + read * stepsToCompose
  // Both are folded, character by character, so that the place can be told.
  return stepsOfFunction + (read + lengthOf(second, rates)) * stepsToFoldAlone + stepsToFind(first, second, rates)
}

/** At every place where the part may begin, all of it may have to be compared. */
function stepsToFind(text: Term, piece: Term, rates: Rates): number {
  const [whole, most] = [lengthOf(text, rates), lengthOf(piece, rates)]
  // The product is greatest for a part that is half as long as the text.
  const length = piece.term === 'constant' ? most : Math.min(most, Math.floor((whole + 1) / 2))
  return whole + most + Math.ceil((Math.max(0, whole - length + 1) * length) / comparedInStep)
}

/** How many characters the value of a term has at most. */
export function lengthOf(term: Term, rates: Rates): number {
  switch (term.term) {
    case 'constant':
      return typeof term.value === 'string' ? term.value.length : longestOfOthers
    case 'member':
      return Math.min(rates.longest, limitOf(term))
    case 'size':
      return longestOfOthers
    case 'call': {
      const [first, second] = term.arguments.map((argument) => lengthOf(argument, rates))
      if (term.name === 'concat') return (first ?? 0) + (second ?? 0)
      if (term.name === 'substring') return Math.min(first ?? 0, numberOf(term.arguments[2]))
      if (term.name === 'tolower' || term.name === 'toupper') return mostOfOneCharacter * (first ?? 0)
      return term.name === 'trim' ? (first ?? 0) : longestOfOthers
    }
  }
}

function numberOf(term: Term | undefined): number {
  return term?.term === 'constant' && typeof term.value === 'number' ? Math.max(0, term.value) : Number.POSITIVE_INFINITY
}

function limitOf({ kind, property }: Member): number {
  return kind === 'text' || kind === 'id' ? (property.maxLength ?? usualLimits.text) : longestOfOthers
}

/** An element lies open; its members are found in less text than those of the item. */
function stepsToReach({ element, path }: Member, { member }: Rates): number {
  return element === undefined ? member : Math.min(member, path.length === 0 ? 50 : 250)
}

function elementsOf({ property }: { readonly property: Property }): number {
  return property.maxItems ?? usualLimits.elements
}

const leastOfElement = 64

/** How many characters an element of a collection of texts has, where all have as many: together they fit into a record. */
export function longestElement(property: Property): number {
  const shared = Math.max(leastOfElement, Math.floor(largestRecord / elementsOf({ property })))
  return Math.min(property.maxLength ?? usualLimits.text, shared)
}
