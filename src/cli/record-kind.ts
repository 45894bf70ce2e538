/** What a kind of record is, and what the kinds share. */

import type { PersonKey } from '../model/directory.ts'
import type { Entity, StructuredType } from '../model/edm.ts'
import type { Source, Transaction } from '../store/database.ts'

/** Makes what a record leaves out. */
export interface Maker {
  readonly newItemId: () => string
  readonly now: () => number
}

export type Refusal = string | undefined

export type Row = Readonly<Record<string, string | number | null>>

export interface Definition<T extends StructuredType> {
  readonly type: T
  /** Members that a record must have. */
  readonly required: readonly (keyof Entity<T> & string)[]
  /** Answers what is wrong with a record by itself, beyond what its type says; undefined where nothing is. */
  readonly check?: (record: Entity<T>) => string | undefined
  /** Puts records as if one after the other. Answers for each why it cannot be put, or undefined when it was. */
  readonly put: (transaction: Transaction, run: readonly Entity<T>[], maker: Maker) => Promise<readonly Refusal[]>
  readonly table: string
  /** Columns of the table's key, the tenant first. */
  readonly key: readonly string[]
  readonly out: (row: Row, source: Source) => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>
}

export type Kind = Definition<StructuredType>

export const kind = <const T extends StructuredType>(definition: Definition<T>): Kind => definition as unknown as Kind // `readRecord` reads each record by its kind's own type

/** Makes the putting of runs from the putting of one record, for kinds of which there are few. */
export function oneByOne<R>(put: (transaction: Transaction, record: R, maker: Maker) => Promise<Refusal>) {
  return async (transaction: Transaction, run: readonly R[], maker: Maker): Promise<readonly Refusal[]> => {
    const refusals: Refusal[] = []
    for (const record of run) refusals.push(await put(transaction, record, maker))
    return refusals
  }
}

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

export function noTenant(key: string): string {
  return `there is no tenant ${key}: its record must come before`
}

export function noUser(person: PersonKey): string {
  return `there is no user ${person.id} in tenant ${person.tenantId}: its record must come before`
}
