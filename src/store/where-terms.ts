/** Terms of conditions as SQL: members, where a table holds them, and functions of them. */

import sql, { join, raw, type Sql } from 'sql-template-tag'
import { fold } from '../model/address.ts'
import type { EnumType } from '../model/edm.ts'
import type { Call, Member, Term } from '../odata/condition.ts'
import { digitsOf } from '../odata/evaluate.ts'
import type { Dialect } from './database.ts'

/** How a table holds the items of a type: `record` is JSON text, `compared` as renderCompared makes it. */
export interface Table {
  readonly name: string
  /** What of a row is read, `id` among it. */
  readonly read: readonly string[]
  /** There may be so many items to look through that nobody should wait for it. */
  readonly isLarge: boolean
  /** Members that have a column of their own, by name. */
  readonly columns: Readonly<Record<string, Column>>
}

/**
 * `exact`: as it is. `folded`: never null. `foldedOrEmpty`: '' where there is none, so that it serves where an empty
 * text and none make no difference. `mask`: flags as a number.
 */
export type Column = readonly [kind: 'exact' | 'folded' | 'foldedOrEmpty' | 'mask', column: string]

export interface Place {
  readonly table: Table
  readonly dialect: Dialect
  /** How many `some` and `every` are around. */
  readonly depth: number
  /** The condition has to be true, and whether it is false or null is all one: an index may be asked. */
  readonly positive: boolean
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
export function presence(term: Term, place: Place): Sql {
  return term.term === 'member' && term.element === undefined && term.kind !== 'id' && ownColumn(term, place.table)?.[0] !== 'mask'
    ? place.dialect.member(columnOf(place.table, 'record'), term.path)
    : valueIn(term, place)
}

export function given(text: string): Sql {
  return sql`CAST(${text} AS TEXT)`
}

/** The value of a term as it is compared: a text, a number, or a truth. */
export function valueIn(term: Term, place: Place, exact = false): Sql {
  switch (term.term) {
    case 'constant':
      if (term.value === null) return sql`CAST(NULL AS TEXT)`
      if (typeof term.value === 'number') return sql`CAST(${term.value} AS DOUBLE PRECISION)`
      return given(term.kind === 'text' && !exact ? fold(term.value) : term.value)
    case 'member':
      return memberValue(term, place, exact)
    case 'size':
      return sql`CAST((SELECT count(*) FROM ${place.dialect.elements(arrayOf(term.of, place), `e${place.depth}`)}) AS DOUBLE PRECISION)`
    case 'call':
      return callValue(term, place)
  }
}

function memberValue(member: Member, place: Place, exact: boolean): Sql {
  const { kind, path, element } = member
  const { table, dialect } = place
  const column = ownColumn(member, table)
  if (column?.[0] === 'mask' || column?.[0] === 'folded' || (column?.[0] === 'exact' && exact)) return columnOf(table, column[1])
  const written = (): Sql =>
    element === undefined
      ? dialect.member(columnOf(table, 'record'), path)
      : path.length === 0
        ? dialect.element(`e${element}`)
        : dialect.member(raw(`e${element}.value`), path)
  // An array's elements are comparable already: where they were not, `compared` has them all.
  const overlay = element === undefined ? dialect.member(columnOf(table, 'compared'), [path.join('/')]) : undefined
  if (kind === 'text' || kind === 'id') return overlay === undefined ? written() : sql`COALESCE(${overlay}, ${written()})`
  if (kind === 'instant')
    return overlay === undefined ? comparableTime(written()) : sql`COALESCE(replace(${overlay}, 'Z', ''), ${comparableTime(written())})`
  if (kind === 'boolean') return sql`CAST(${written()} AS BOOLEAN)`
  if (typeof kind !== 'string') return enumNumber(kind, written())
  return kind === 'number' ? sql`CAST(${written()} AS DOUBLE PRECISION)` : written()
}

/** With seven fraction digits: what has no overlay has three of them, or seven. */
function comparableTime(written: Sql): Sql {
  return sql`substr(replace(${written}, 'Z', '0000'), 1, 27)`
}

function enumNumber({ members }: EnumType, written: Sql): Sql {
  const cases = Object.entries(members).map(([name, value]) => sql`WHEN ${raw(`'${name}'`)} THEN ${raw(String(value))}`)
  return sql`CAST(CASE ${written} ${join(cases, ' ')} END AS DOUBLE PRECISION)`
}

export function arrayOf({ path, element }: Member, { dialect, table }: Place): Sql {
  if (element !== undefined) return dialect.array(raw(`e${element}.value`), path)
  return sql`COALESCE(${dialect.array(columnOf(table, 'compared'), [path.join('/')])}, ${dialect.array(columnOf(table, 'record'), path)})`
}

/** As JavaScript's `\s` has it, so that one text is trimmed alike everywhere. */
const whiteSpace =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'

function callValue({ name, arguments: args }: Call, place: Place): Sql {
  const [first, second, third] = args
  const value = (term: Term | undefined) => (term === undefined ? sql`NULL` : valueIn(term, place))
  const text = value(first)
  switch (name) {
    case 'length':
      return sql`CAST(length(${text}) AS DOUBLE PRECISION)`
    case 'indexof':
      return sql`CAST(${place.dialect.position(text, value(second))} - 1 AS DOUBLE PRECISION)`
    case 'substring':
      return third === undefined
        ? sql`substr(${text}, ${count(second, place)} + 1)`
        : sql`substr(${text}, ${count(second, place)} + 1, ${count(third, place)})`
    case 'concat':
      return sql`(${text} || ${value(second)})`
    case 'trim':
      return sql`trim(${text}, ${given(whiteSpace)})`
    case 'date':
      return sql`substr(${text}, 1, 10)`
    case 'time':
      return sql`substr(${text}, 12)`
    case 'fractionalseconds':
      return sql`CAST('0' || substr(${text}, 20) AS DOUBLE PRECISION)`
    default: {
      const [from, to] = digitsOf[name]
      return sql`CAST(substr(${text}, ${raw(String(from + 1))}, ${raw(String(to - from))}) AS DOUBLE PRECISION)`
    }
  }
}

/**
 * A whole number of -1 or more, as zero where it is below. The term stands there once: it may have one like it inside,
 * and that another.
 */
function count(term: Term | undefined, place: Place): Sql {
  if (term === undefined) return sql`NULL`
  return sql`CAST(abs(${valueIn(term, place)} + 0.5) - 0.5 AS INTEGER)`
}
