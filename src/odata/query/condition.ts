/**
 * Filters, orders and searches after their names are bound to a type: types only. A condition
 * can be turned into SQL (store/query/where.ts) or tried on a record (evaluate.ts), with the same outcome.
 *
 * A condition is true, false or null, and takes an item where it is true. Comparisons are never null: null equals null,
 * and is neither greater nor less than anything; a function of null is null (OData 4.01 part 2, section 5.1.1).
 *
 * A text is what was written, composed (NFC), and its characters are Unicode's code points: that is what functions count
 * and cut. It is folded where it meets another text: in comparisons, tests and orders, and where `indexof` looks for one.
 * An id compares with a literal or an id as it is, with other texts folded.
 */

import type { EnumType, Property } from '../../model/edm.ts'

/** The kind of a term's value: `instant`, `day` and `clock` are texts that sort by time. */
export type Kind = 'text' | 'id' | 'number' | 'instant' | 'day' | 'clock' | 'boolean' | 'null' | 'structure' | EnumType

export interface Constant {
  readonly term: 'constant'
  readonly kind: Kind
  /** An enumeration's is a number. Texts are as the client wrote them. */
  readonly value: string | number | null
  /** By a function of constants; the client wrote no literal. */
  readonly isWorkedOut?: true
  /** A date and time that was written in another zone than UTC. */
  readonly elsewhere?: true
}

/** A member of the item, or of an element that a `some` or `every` goes through. */
export interface Member {
  readonly term: 'member'
  readonly kind: Kind
  /** Declared names. Empty: the element itself. */
  readonly path: readonly string[]
  /** How many `some` and `every` stand around the one whose element it is; undefined: the item. */
  readonly element: number | undefined
  readonly property: Property
}

export type FunctionName =
  | ('length' | 'indexof' | 'substring' | 'concat' | 'trim' | 'tolower' | 'toupper')
  | ('year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fractionalseconds' | 'date' | 'time')

export interface Call {
  readonly term: 'call'
  readonly name: FunctionName
  readonly kind: Kind
  readonly arguments: readonly Term[]
}

/** How many elements a collection has. */
export interface Size {
  readonly term: 'size'
  readonly kind: 'number'
  readonly of: Member
}

export type Term = Constant | Member | Call | Size

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'

export type Condition =
  | { readonly kind: 'known'; readonly value: boolean | null }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Term; readonly right: Term }
  | { readonly kind: 'absent'; readonly of: Term }
  | { readonly kind: 'among'; readonly of: Term; readonly values: readonly Constant[] }
  /** A boolean member. */
  | { readonly kind: 'truth'; readonly member: Member }
  /** Whether a condition is true, false or null: never null itself. */
  | { readonly kind: 'is'; readonly condition: Condition; readonly value: boolean | null }
  | { readonly kind: 'same'; readonly left: Condition; readonly right: Condition }
  /** All flags of `mask` are set. */
  | { readonly kind: 'has'; readonly member: Member; readonly mask: number }
  | { readonly kind: 'startswith' | 'endswith' | 'contains'; readonly text: Term; readonly part: Term }
  /** `some`: there is an element for which it is true; `every`: there is none for which it is not. */
  | { readonly kind: 'some' | 'every'; readonly of: Member; readonly condition: Condition }

/** Null comes before all else where the order is ascending, the empty text next; after all else where it descends. */
export interface SortKey {
  readonly by: Term | { readonly term: 'condition'; readonly condition: Condition }
  readonly direction: 'asc' | 'desc'
}
