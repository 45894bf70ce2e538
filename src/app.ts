/** The parts of the running program: a record without behaviour, assembled by the command that starts it. */

import type { Authenticate } from './auth/token.ts'
import type { Config } from './config.ts'
import type { Directory } from './model/directory.ts'
import type { Observe } from './observe.ts'
import type { Pace } from './pace.ts'
import type { Appender } from './store/alongside.ts'
import type { Database } from './store/database.ts'
import type { BatchedLookups, Lookups } from './store/tables/lookups.ts'

export interface App {
  readonly config: Config
  readonly database: Database
  /** Each operation that changes data has these append their rows, in the same transaction. */
  readonly alongside: readonly Appender[]
  readonly directory: Directory
  readonly lookups: Lookups
  /** Directory and lookups for a piece of work on many persons: what it asks in one turn is read together. */
  readonly batchLookups: () => BatchedLookups
  readonly pace: Pace
  readonly authenticate: Authenticate
  readonly observe: Observe
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A random UUID, for what needs a name for a moment. */
  readonly newId: () => string
  /** A UUID that sorts by time (RFC 9562, version 7), for what is stored. */
  readonly newItemId: () => string
  /** The key that entity tags are made with: the same for all servers on one database, and secret. */
  readonly tagKey: string
}
