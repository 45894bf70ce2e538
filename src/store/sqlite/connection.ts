/** A connection to the embedded database, its statements prepared once; and what is particular to its SQL. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import sql, { empty, join as joined, raw, type Sql } from 'sql-template-tag'
import type { Dialect, Rows, Target, Use } from '../database.ts'
import { cellsOf } from '../packed-rows.ts'
import { addFunctions, functionOf } from './functions.ts'

export const dialect: Dialect = {
  text: 'TEXT',
  valuesTable: (columns, rows) => {
    const picked = columns.map((column, index) => sql`value ->> ${raw(String(index))} AS ${raw(column)}`)
    return sql`(SELECT ${joined(picked)} FROM json_each(${JSON.stringify(rows)}))`
  },
  member: (document, path) => sql`(${document} ->> ${raw(pathText(path))})`,
  array: (document, path) => sql`NULLIF(${document} -> ${raw(pathText(path))}, 'null')`,
  elements: (array, alias) => sql`json_each(${array}) AS ${raw(alias)}`,
  element: (alias) => sql`${raw(alias)}.value`,
  counterpart: (array, alias) => ({ document: sql`(${array} -> ${raw(alias)}.key)`, text: sql`(${array} ->> ${raw(alias)}.key)` }),
  position: (text, part) => sql`instr(${text}, ${part})`,
  stopCheck: sql`AND go_on()`,
  forShare: empty,
  composed: (text) => sql`composed(${text})`,
  cased: (text, to) => sql`${raw(functionOf(to))}(${text})`,
  indexOfFolded: (text, part) => sql`place_of(${text}, ${part})`,
  complete: (statement) => statement,
}

/** Names are those of the model, which hold neither quotes nor backslashes. */
function pathText(path: readonly string[]): string {
  return `'$${path.map((name) => `."${name}"`).join('')}'`
}

/** A statement in a form that can be posted to a thread. */
export type Statement = Pick<Sql, 'sql' | 'values'>

export class Connection {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** `stopCheck` is called for each row that a long query looks at, and may throw to stop it. */
  constructor(database: DatabaseSync, stopCheck: () => void = () => undefined) {
    this.database = database
    database.function('go_on', () => {
      stopCheck()
      return 1
    })
    addFunctions(database)
  }

  rows<R>({ sql, values }: Statement, use?: Use | undefined): readonly R[] {
    const prepared = use === undefined ? this.#prepare(sql) : this.database.prepare(sql)
    return prepared.all(...(values as SQLInputValue[])) as unknown as readonly R[] // the statement's author names the columns' types
  }

  /** Answers how many rows it changed. */
  change({ sql, values }: Statement): number {
    return Number(this.#prepare(sql).run(...(values as SQLInputValue[])).changes) // stores pass texts, numbers and nulls
  }

  /** For a statement that has no values and answers nothing. */
  run(text: string): void {
    this.#prepare(text).run()
  }

  putMany({ table, columns, key }: Target, rows: Rows): void {
    const others = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
    const statement = this.#prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
        ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.join(', ')}`,
    )
    for (const row of cellsOf(rows)) statement.run(...row)
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}
