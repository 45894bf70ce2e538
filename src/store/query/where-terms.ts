/** Terms of conditions as SQL: members, where a table holds them, and functions of them. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import type { EnumType } from '../../model/edm.ts'
import { normalForm } from '../../model/text.ts'
import type { Call, Member, Term } from '../../odata/query/condition.ts'
import { digitsOf, type PartOfTime } from '../../odata/query/evaluate-terms.ts'
import type { Dialect } from '../database.ts'

/** How a table holds the items of a type: `record` is JSON text, `compared` as renderCompared makes it. */
export interface Table {
  readonly name: string
  /** The columns that are read, `id` among them. */
  readonly read: readonly string[]
  /** There may be so many items to look through that nobody should wait for it. */
  readonly isLarge: boolean
  /** Members that have a column of their own, by name. */
  readonly columns: Readonly<Record<string, Column>>
}

/**
 * `exact`: as it is. `folded`: never null. `keyed`: as `keyOf` has it. `mask`: flags as a number.
 */
export type Column = readonly [kind: 'exact' | 'folded' | 'keyed' | 'mask', column: string]

export interface SqlContext {
  readonly table: Table
  readonly dialect: Dialect
  /** The aliases of the enclosing `some` and `every`, the outermost first. */
  readonly elements: readonly Element[]
  /** The condition has to be true, and whether it is false or null is all one: an index may be asked. */
  readonly positive: boolean
}

/** An element of the table `alias`, and the array in `compared` that holds its comparable form, if that is another. */
export interface Element {
  readonly alias: string
  readonly compared: Sql
}

/** A column of the table; by its whole name, since what a `some` goes through has columns of its own. */
export function columnOf({ name }: Table, column: string): Sql {
  return raw(`${name}.${column}`)
}

/** The column of a term that is a member of the item and has one. */
export function ownColumn(term: Term, { columns }: Table): Column | undefined {
  return term.term === 'member' && term.element === undefined && term.path.length === 1 ? columns[term.path[0] ?? ''] : undefined
}

/** Something that is null where the term is. */
export function presence(term: Term, context: SqlContext): Sql {
  return term.term === 'member' && term.element === undefined && term.kind !== 'id' && ownColumn(term, context.table)?.[0] !== 'mask'
    ? context.dialect.member(columnOf(context.table, 'record'), term.path)
    : valueIn(term, context)
}

export function boundText(text: string): Sql {
  return sql`CAST(${text} AS TEXT)`
}

/** The value of a term as it is compared: a text, a number, or a truth. */
export function valueIn(term: Term, context: SqlContext, exact = false): Sql {
  switch (term.term) {
    case 'constant':
      if (term.value === null) return sql`CAST(NULL AS TEXT)`
      if (typeof term.value === 'number') return sql`CAST(${term.value} AS DOUBLE PRECISION)`
      return boundText(term.kind === 'text' && !exact ? fold(term.value) : term.value)
    case 'member':
      return memberValue(term, context, exact)
    case 'size': {
      const elements = context.dialect.elements(arrayOf(term.of, context), `e${context.elements.length}`)
      return sql`CAST((SELECT count(*) FROM ${elements}) AS DOUBLE PRECISION)`
    }
    case 'call':
      // In lower case first, it folds to the same.
      if (term.name === 'tolower' && term.arguments[0] !== undefined) return valueIn(term.arguments[0], context)
      return term.kind === 'text' ? context.dialect.cased(writtenIn(term, context), 'fold') : measured(term, context)
  }
}

/** A text as it was written, composed; anything else as it is compared. */
function writtenIn(term: Term, context: SqlContext): Sql {
  if (term.kind !== 'text' && term.kind !== 'id') return valueIn(term, context)
  switch (term.term) {
    case 'constant':
      return boundText(normalForm(String(term.value)))
    case 'member':
      return context.dialect.composed(written(term, context))
    case 'call':
      return madeText(term, context)
  }
}

function memberValue(member: Member, context: SqlContext, exact: boolean): Sql {
  const { kind } = member
  const { table } = context
  const column = ownColumn(member, table)
  if (column?.[0] === 'mask' || column?.[0] === 'folded' || (column?.[0] === 'exact' && exact)) return columnOf(table, column[1])
  const value = written(member, context)
  if (kind === 'text' || kind === 'id') return sql`COALESCE(${overlay(member, context)}, ${value})`
  if (kind === 'instant') return sql`COALESCE(replace(${overlay(member, context)}, 'Z', ''), ${comparableTime(value)})`
  if (kind === 'boolean') return sql`CAST(${value} AS BOOLEAN)`
  if (typeof kind !== 'string') return enumNumber(kind, value)
  return kind === 'number' ? sql`CAST(${value} AS DOUBLE PRECISION)` : value
}

/** The value in the record. */
function written({ path, element }: Member, { table, dialect, elements }: SqlContext): Sql {
  if (element === undefined) return dialect.member(columnOf(table, 'record'), path)
  const { alias } = elementAt(elements, element)
  return path.length === 0 ? dialect.element(alias) : dialect.member(raw(`${alias}.value`), path)
}

/** The value in `compared`: null where the record's own value compares. */
function overlay({ path, element }: Member, { table, dialect, elements }: SqlContext): Sql {
  if (element === undefined) return dialect.member(columnOf(table, 'compared'), [path.join('/')])
  const { alias, compared } = elementAt(elements, element)
  const counterpart = dialect.counterpart(compared, alias)
  return path.length === 0 ? counterpart.text : dialect.member(counterpart.document, path)
}

function elementAt(elements: readonly Element[], index: number): Element {
  const element = elements[index]
  if (element === undefined) throw new Error('a member of an element that nothing goes through')
  return element
}

/** With seven fraction digits: what has no overlay has three of them, or seven. */
function comparableTime(written: Sql): Sql {
  return sql`substr(replace(${written}, 'Z', '0000'), 1, 27)`
}

function enumNumber({ members }: EnumType, written: Sql): Sql {
  const cases = Object.entries(members).map(([name, value]) => sql`WHEN ${raw(`'${name}'`)} THEN ${raw(String(value))}`)
  return sql`CAST(CASE ${written} ${join(cases, ' ')} END AS DOUBLE PRECISION)`
}

export function arrayOf({ path, element }: Member, { dialect, table, elements }: SqlContext): Sql {
  return element === undefined
    ? dialect.array(columnOf(table, 'record'), path)
    : dialect.array(raw(`${elementAt(elements, element).alias}.value`), path)
}

/** The context inside `some` or `every`: the elements of the array. */
export function within(of: Member, context: SqlContext): SqlContext {
  const { dialect, table, elements } = context
  const around = of.element === undefined ? undefined : elementAt(elements, of.element)
  const compared =
    around === undefined
      ? dialect.array(columnOf(table, 'compared'), [of.path.join('/')])
      : dialect.array(dialect.counterpart(around.compared, around.alias).document, of.path)
  return { ...context, elements: [...elements, { alias: `e${elements.length}`, compared }], positive: false }
}

/** As JavaScript's `\s` has it, so that one text is trimmed alike everywhere. */
const whiteSpace =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'

function madeText({ name, arguments: [first, second, third] }: Call, context: SqlContext): Sql {
  const { dialect } = context
  const text = argumentIn(first, context)
  switch (name) {
    case 'substring':
      return third === undefined
        ? sql`substr(${text}, ${count(second, context)} + 1)`
        : sql`substr(${text}, ${count(second, context)} + 1, ${count(third, context)})`
    case 'concat':
      return dialect.composed(sql`(${text} || ${argumentIn(second, context)})`)
    case 'tolower':
    case 'toupper':
      return dialect.composed(dialect.cased(text, name))
    default:
      return sql`trim(${text}, ${boundText(whiteSpace)})`
  }
}

function argumentIn(term: Term | undefined, context: SqlContext): Sql {
  return term === undefined ? sql`NULL` : writtenIn(term, context)
}

function measured({ name, arguments: [first, second] }: Call, context: SqlContext): Sql {
  const text = argumentIn(first, context)
  switch (name) {
    case 'length':
      return sql`CAST(length(${text}) AS DOUBLE PRECISION)`
    case 'indexof':
      return sql`CAST(${context.dialect.indexOfFolded(text, second === undefined ? sql`NULL` : valueIn(second, context))} AS DOUBLE PRECISION)`
    case 'date':
      return sql`substr(${text}, 1, 10)`
    case 'time':
      return sql`substr(${text}, 12)`
    case 'fractionalseconds':
      return sql`CAST('0' || substr(${text}, ${raw(first?.kind === 'clock' ? '9' : '20')}) AS DOUBLE PRECISION)`
    default: {
      const [from, to] = digitsOf(name as PartOfTime, first?.kind) // the others make texts
      return sql`CAST(substr(${text}, ${raw(String(from + 1))}, ${raw(String(to - from))}) AS DOUBLE PRECISION)`
    }
  }
}

/** A whole number, or null below zero: where a place that was looked for is not there. */
function count(term: Term | undefined, context: SqlContext): Sql {
  return term === undefined ? sql`NULL` : sql`CAST(NULLIF(${valueIn(term, context)}, -1) AS INTEGER)`
}
