/**
 * The database as the rest of the program sees it: reads of committed data, writes that are on disk before
 * they are answered, and a memory of persons where one process owns the data. Which engine it is, is known to the
 * file that opens it alone.
 */

import sql, { type Sql } from 'sql-template-tag'
import type { Asker } from '../model/asker.ts'
import type { PersonKey } from '../model/directory.ts'
import type { Cells, PackedRows } from './packed-rows.ts'
import type { PersonMemory, Touched } from './person-memory.ts'

export type { Cells } from './packed-rows.ts'

export interface Transaction {
  readonly dialect: Dialect
  /** Rows that a statement finds, this transaction's own changes included. */
  rows<R>(statement: Sql): Promise<readonly R[]>
  /** Executes a statement; answers how many rows it changed. */
  change(statement: Sql): Promise<number>
  /** Adds rows, or replaces those that have their key, as if one after the other; in as few turns as the engine can. */
  putMany(target: Target, rows: Rows): Promise<void>
  /**
   * Adds rows where nothing hinders any of them: neither a row with its key nor another that must not be there twice. Else adds
   * none and answers false. Absent where the engine gains nothing by trying.
   */
  addMany?(target: Target, rows: Rows): Promise<boolean>
  /**
   * Whether nobody else changed anything between the transaction that left `mark` and this one, so that what was found
   * then still holds. To be asked before anything is changed. Answers false where the engine cannot tell.
   */
  isUntouchedSince(mark: Mark | undefined): Promise<boolean>
  /** To be asked when all is changed, and something was; good once it is committed. Undefined where the engine cannot tell. */
  mark(): Mark | undefined
}

/** The data as a transaction leaves them, by a name that does not come back. */
export type Mark = string

/** Where many rows go. */
export interface Target {
  readonly table: string
  readonly columns: readonly string[]
  /** Some of the columns. */
  readonly key: readonly string[]
  /** A further column, 0 in a new row: a row that is replaced keeps it. */
  readonly keeps?: string
}

/** Rows as values, or as packed-rows.ts has them. */
export type Rows = readonly Cells[] | PackedRows

/** The parts of SQL that differ between the engines. */
export interface Dialect {
  /** The type of texts that compare octet by octet. */
  readonly text: string
  /** A table of given texts, to ask for many keys in one statement. Stands on the left of a join. */
  valuesTable(columns: readonly string[], rows: readonly (readonly string[])[]): Sql
  /** The member of a JSON document that a path of names leads to: its text; null where there is none. */
  member(document: Sql, path: readonly string[]): Sql
  /** The array that a path leads to, as a document; null where there is none. */
  array(document: Sql, path: readonly string[]): Sql
  /** A table `alias` of an array's elements, each a document, in a column of its own name `value`. */
  elements(array: Sql, alias: string): Sql
  /** An element that is no object, as text. */
  element(alias: string): Sql
  /** At the end of a SELECT in a transaction: nobody else changes the rows before it ends. */
  readonly forShare: Sql
  /** The element of another array at the index of an element of `alias`: as a document, and as text. */
  counterpart(array: Sql, alias: string): { readonly document: Sql; readonly text: Sql }
  /** Where a text first has a part, from 1; 0 where it has none. */
  position(text: Sql, part: Sql): Sql
  /** A condition that a `long` statement includes, so that it can be stopped between two rows. */
  readonly stopCheck: Sql
  /** A text in its composed form (NFC). */
  composed(text: Sql): Sql
  /** A composed text with each character in another case. */
  cased(text: Sql, to: Case): Sql
  /** Where a composed text first has a folded part, as `placeOf` counts. */
  indexOfFolded(text: Sql, part: Sql): Sql
  /** A statement that `cased` and `place` are used in, with what they need. */
  complete(statement: Sql): Sql
}

export type Case = 'fold' | 'tolower' | 'toupper'

/** How a copy of a database is made. */
export interface Copying {
  /** Part of the name that the copy has until it is complete; one that no other process thinks of. */
  readonly draftName: string
  /** A file that is there may be replaced. */
  readonly replace: boolean
  /** Told the share that is done; ends the copying by throwing. */
  readonly show: (share: number) => void
}

/**
 * The kind of a statement whose text depends on a client and is not prepared for reuse: `once` reads little, `long`
 * may read a whole table, while others are not to wait for it.
 */
export type Use = 'once' | 'long'

/** A statement, or a function that makes it at the moment when it is executed; what that throws is thrown, and nothing done. */
export type Statement = Sql | (() => Sql)

export function statementOf(statement: Statement): Sql {
  return typeof statement === 'function' ? statement() : statement
}

export interface Database {
  /** For the operator: which engine, and where. */
  readonly description: string
  readonly dialect: Dialect
  readonly memory: PersonMemory
  /**
   * Rows of committed data. Throws GraphError `unavailable` where the database does not answer. A `long` statement is asked for
   * `asker`, and ends with what QuerySlots.run throws.
   */
  read<R>(statement: Sql, use?: Use | undefined, asker?: Asker | undefined): Promise<readonly R[]>
  /** Gives `work` a view of the data as it is committed now, whatever is written meanwhile. */
  snapshot<T>(work: (source: Source) => Promise<T>): Promise<T>
  /**
   * Runs `work` in a transaction; answers when its changes are on disk. What `work` throws undoes its changes and
   * is thrown again. `work` may await the transaction's own methods only, and may be run again from its beginning.
   * Throws GraphError `storageFull` or `unavailable` where the database cannot keep it.
   */
  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>
  /**
   * Executes a statement that changes rows, in a transaction of its own; returns how many, when that is on disk. Costs less
   * than `write` with the same in it. `alongside`: further statements of the same transaction, such as jobs to append. They are
   * executed only if the first statement changed at least one row; if one of them fails, the change is undone and the error thrown.
   */
  change(touched: Touched, statement: Statement, alongside?: readonly Sql[], options?: Pick<WriteOptions, 'relyingOn'>): Promise<number>
  /** Whether the database answers. */
  isReady(): Promise<boolean>
  /** The damages found, a line each; none where the database is whole. Reads all of it. Absent where the engine looks after that itself. */
  faults?(): Promise<readonly string[]>
  /**
   * Makes a copy of the data as it is committed now, whatever is written meanwhile, in a new file; on disk and found
   * whole before it answers. Absent where the engine brings its own tools.
   * Throws StartError.
   */
  copyTo?(file: string, copying: Copying): Promise<void>
  close(): Promise<void>
}

export interface WriteOptions {
  /** The changes may be on disk a moment later, but not after those of any transaction that is committed next. */
  readonly onDisk?: 'soon'
  /** A person who is not changed, and whom nobody else changes until the transaction ends: what `work` reads of them holds as long. */
  readonly relyingOn?: PersonKey | undefined
}

/** The reading half of a database. */
export type Readable = Omit<Database, 'write' | 'change'>

/** Something to read rows from: a transaction, or what is committed. */
export type Source = Pick<Transaction, 'rows'>

/** The condition that is always true. */
export const always = sql`1 = 1`

/** The committed data as a Source. */
export function committed(database: Readable): Source {
  return { rows: (statement) => database.read(statement) }
}
