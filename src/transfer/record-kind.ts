/** The type of a record kind, and the helpers that the kinds share. */

import type { PersonKey } from '../model/directory.ts'
import type { Entity, StructuredType } from '../model/edm.ts'
import type { Source, Transaction } from '../store/database.ts'
import { isPacked, type PackedRows } from '../store/packed-rows.ts'
import type { KnownPersons } from '../store/tables/known-persons.ts'

/** Makes what a record leaves out. */
export interface Maker {
  readonly newItemId: () => string
  readonly now: () => number
}

export type Refusal = string | undefined

export type Row = Readonly<Record<string, string | number | null>>

/** Packed where the kind allows it. */
export type Prepared<P> = readonly P[] | PackedRows

/**
 * `P`: what is kept of a record between its being checked and its being put, all of them in the order of their lines. It
 * may stand in a file meanwhile: plain values only.
 */
export interface Definition<T extends StructuredType, P = unknown> {
  readonly type: T
  /** Members that a record must have. */
  readonly required: readonly (keyof Entity<T> & string)[]
  /** Answers what is wrong with a record by itself, beyond what its type says; undefined where nothing is. */
  readonly check?: (record: Entity<T>) => string | undefined
  /** Works out of a record by itself what `put` needs. */
  readonly prepare: (record: Entity<T>) => P
  /** Puts records as if one after the other. Answers for each why it cannot be put, or undefined when it was. */
  readonly put: (transaction: Transaction, run: Prepared<P>, maker: Maker, known: KnownPersons) => Promise<readonly Refusal[]>
  /** For kinds whose records may be stored as packed rows of the table. */
  readonly packed?: {
    /** Whether what is kept of a record is its row already. */
    readonly isRow: (kept: P) => boolean
    /** How many cells of a row `put` asks for. */
    readonly heads: number
  }
  readonly table: string
  /** Columns of the table's key, the tenant first. */
  readonly key: readonly string[]
  /** Columns that `out` needs besides. */
  readonly columns: readonly string[]
  /** The members of the record of a row: an object, or its JSON text. */
  readonly out: (row: Row, source: Source) => Promise<object> | object | string
}

export type Kind = Definition<StructuredType>

export const kind = <const T extends StructuredType, P>(definition: Definition<T, P>): Kind => definition as unknown as Kind // `readRecord` reads each record by its kind's own type

/** For kinds of which there are few: makes the putting of runs from the putting of one record. */
export const oneByOne = <const T extends StructuredType>(
  definition: Omit<Definition<T>, 'prepare' | 'put'> & {
    readonly put: (transaction: Transaction, record: Entity<T>, maker: Maker) => Promise<Refusal>
  },
): Kind =>
  kind<T, Entity<T>>({
    ...definition,
    prepare: (record) => record,
    put: async (transaction, run, maker) => {
      const refusals: Refusal[] = []
      for (const record of isPacked(run) ? [] : run) refusals.push(await definition.put(transaction, record, maker))
      return refusals
    },
  })

export const id = { type: 'Edm.String', maxLength: 128 } as const
export const name = { type: 'Edm.String', maxLength: 256 } as const
/** Tenant ids are compared in lower case. */
export function tenantId(value: string | null | undefined): string {
  return (value ?? '').toLowerCase()
}

export function personOf(record: {
  readonly tenantId?: string | null | undefined
  readonly userId?: string | null | undefined
}): PersonKey {
  return { tenantId: tenantId(record.tenantId), id: record.userId ?? '' }
}

/** The JSON text of an object that holds the members of `first`, and then those of the text. */
export function withMembers(first: object, text: string): string {
  const start = JSON.stringify(first)
  return text === '{}' ? start : `${start.slice(0, -1)},${text.slice(1)}`
}

export function noTenant(key: string): string {
  return `there is no tenant ${key}: its record must come before`
}

export function noUser(person: PersonKey): string {
  return `there is no user ${person.id} in tenant ${person.tenantId}: its record must come before`
}
