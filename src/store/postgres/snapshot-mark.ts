/**
 * Whether others wrote meanwhile, by PostgreSQL's own numbering: whoever changes anything, in any database of the server,
 * takes a number, and numbers follow each other without a gap (its manual, section 9.27.9). Let a transaction see all that
 * have numbers below N and none of the others, and take k numbers for itself; and let a later one see all below N + k and
 * none of the others. Then the numbers between were those of the first alone, and nobody else has changed what is seen.
 */

import sql from 'sql-template-tag'
import type { Mark, Transaction } from '../database.ts'

/** Witness of one transaction. */
export class SnapshotMark {
  /** Transactions with lower numbers are visible, and no others. Undefined where there is no such number, or nobody asked. */
  #next: bigint | undefined
  #savepoints = 0
  readonly #isPostgres: boolean

  /** `isPostgres`: whether it is PostgreSQL itself, and not another that speaks its protocol. */
  constructor({ isPostgres }: { readonly isPostgres: boolean }) {
    this.#isPostgres = isPostgres
  }

  /** To be told of each savepoint in which something is changed: it takes a number of its own. */
  noteSavepoint(): void {
    this.#savepoints++
  }

  /** As Transaction has it. The transaction must keep the view of its first statement. */
  async isUntouchedSince(rows: Transaction['rows'], mark: Mark | undefined): Promise<boolean> {
    if (!this.#isPostgres) return false
    // For tables that are spread over machines (Citus), the numbers of one machine mean nothing. Where every transaction is serializable,
    // what was not read in this one is not guarded against those beside it.
    const [row] = await rows<{ seen: string | null }>(sql`
      SELECT CASE WHEN current_setting('default_transaction_isolation') <> 'serializable'
          AND NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')
        THEN CAST(pg_current_snapshot() AS text) END AS seen`)
    // The lowest of those under way, the first beyond all that came to their end, and those between that did not.
    const [lowest = '', next = '', unseen = ''] = row?.seen?.split(':') ?? []
    if (next === '' || next !== lowest || unseen !== '') return false
    this.#next = BigInt(next)
    return mark === next
  }

  mark(): Mark | undefined {
    return this.#next === undefined ? undefined : String(this.#next + 1n + BigInt(this.#savepoints))
  }
}
