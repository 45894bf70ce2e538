/** A connection to the embedded database, its statements prepared once; and what is particular to its SQL. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import sql, { join as joined, raw, type Sql } from 'sql-template-tag'
import type { Cells, Dialect, Target, Transaction } from './database.ts'

export const dialect: Dialect = {
  text: 'TEXT',
  given: (columns, rows) => {
    const picked = columns.map((column, index) => sql`value ->> ${raw(String(index))} AS ${raw(column)}`)
    return sql`(SELECT ${joined(picked)} FROM json_each(${JSON.stringify(rows)}))`
  },
}

export class Connection {
  readonly database: DatabaseSync
  readonly transaction: Transaction
  /** How many rows it was told to change, whether it could or not. Goes up only. */
  changes = 0
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.database = database
    this.transaction = {
      dialect,
      rows: async (statement) => this.rows(statement),
      change: async (statement) => {
        this.changes++
        return Number(this.#prepare(statement.sql).run(...(statement.values as SQLInputValue[])).changes) // stores pass texts, numbers and nulls
      },
      putMany: async (target, rows) => this.#putMany(target, rows),
    }
  }

  rows<R>(statement: Sql): readonly R[] {
    return this.#prepare(statement.sql).all(...(statement.values as SQLInputValue[])) as unknown as readonly R[] // the statement's author names the columns' types
  }

  /** For a statement that has no values and answers nothing. */
  run(text: string): void {
    this.#prepare(text).run()
  }

  #putMany({ table, columns, key }: Target, rows: readonly Cells[]): void {
    const others = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
    const statement = this.#prepare(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
        ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${others.join(', ')}`,
    )
    this.changes += rows.length
    for (const row of rows) statement.run(...row)
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known !== undefined) return known
    const statement = this.database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}
