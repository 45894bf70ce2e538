/** Maps failures of PostgreSQL and of the connection to the program's errors. */

import pg from 'pg'
import { GraphError } from '../../errors.ts'

const retryAfterSeconds = 2

/** Errors that came from the database or the way to it: those alone say something about it. */
const driverErrors = new WeakSet<object>()

/** Marks what goes wrong in `asked` as the database's failure. */
export async function ofDriver<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Error) driverErrors.add(error)
    throw error
  }
}

/** SQLSTATE, the class and code of PostgreSQL's errors (its manual, appendix A). */
function sqlState(error: unknown): string | undefined {
  // Errors of the network have codes too, and EPIPE looks like a state.
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/**
 * serialization_failure, deadlock_detected, unique_violation, and duplicate_table, duplicate_column and duplicate_object (the
 * type of a table's rows): whoever writes a unique value, or makes a table or a column, looks for it first, so that it came
 * meanwhile, and the same again finds it. Where every transaction is serializable, one that waited for another at a row still
 * sees what was before; but of tables, what is.
 */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01', '23505', '42P07', '42701', '42710'].includes(sqlState(error) ?? '')
}

/** Maps a failing database to the error that a client gets; faults of a statement, and our own, pass through. */
export function asGraphError(error: unknown): unknown {
  if (!(error instanceof Error) || !driverErrors.has(error)) return error
  const state = sqlState(error)
  if (state === '53100') return new GraphError('storageFull', { cause: error })
  if (state === undefined || unavailableStates.test(state))
    return new GraphError('unavailable', { cause: error, headers: { 'Retry-After': String(retryAfterSeconds) } })
  return error
}

/** Connection, resources, operator's intervention, conflicts that did not end, read-only server, log-in. */
const unavailableStates = /^(08|53|57|58|40|28|25006|55P03|3D000)/
