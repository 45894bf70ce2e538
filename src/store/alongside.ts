/**
 * Rows that go with a write: other tables' rows about what an operation changes, such as an audit entry or a job, in the same
 * transaction. They are there once the change is, and never without it.
 */

import type { Sql } from 'sql-template-tag'
import type { Person, PersonKey } from '../model/directory.ts'

/** The facts of a write. */
export interface WriteFacts {
  /** Name of the operation, as OpenAPI has it: `users.profile.emails.create`. */
  readonly operation: string
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The caller's. */
  readonly tenantId: string
  /** The signed-in user; undefined for an application that acts by itself. */
  readonly actor: Pick<Person, 'id' | 'displayName' | 'userPrincipalName'> | undefined
  readonly application: { readonly id: string | null; readonly displayName: string | null }
  /** The user whom the change is about; undefined where it is not about one. */
  readonly person: PersonKey | undefined
  /** Keys of the path by their names, such as the id of an email. */
  readonly keys: Readonly<Record<string, string>>
}

/**
 * Answers with the statements to execute after the change. They are executed only where the operation changed a row, so the outcome
 * that they record is always a success; the change is undone where one of them fails.
 */
export type Appender = (facts: WriteFacts) => readonly Sql[]
