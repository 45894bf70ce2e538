/**
 * Cache of the persons and tenants that an import found, so that it does not ask for them with every batch. It holds as long as nobody
 * else writes, which each batch looks at first; what is too much to remember is forgotten, and asked for again.
 */

import type { Mark, Transaction } from '../database.ts'

/** Entries; each takes some 200 octets. */
const mostPersons = 100_000
const mostTenants = 10_000

export class KnownPersons {
  /** How many emails a person who is there holds at most. */
  readonly #emails = new Map<string, number>()
  readonly #tenants = new Set<string>()
  #mark: Mark | undefined

  /** At the beginning of a transaction. */
  async begin(transaction: Transaction): Promise<void> {
    const mark = this.#mark
    // Drop the notes of a transaction that did not commit.
    this.#mark = undefined
    if (await transaction.isUntouchedSince(mark)) return
    this.#emails.clear()
    this.#tenants.clear()
  }

  /** At the end of it, before it is committed. */
  end(transaction: Transaction): void {
    this.#mark = transaction.mark()
  }

  /** How many emails the person holds at most; undefined where that is not known, nor whether there is such a person. */
  emailsOf(person: string): number | undefined {
    return this.#emails.get(person)
  }

  /** Whether it is known that there is such a tenant. */
  hasTenant(tenant: string): boolean {
    return this.#tenants.has(tenant)
  }

  noteTenant(tenant: string): void {
    if (this.#tenants.size >= mostTenants) this.#tenants.clear()
    this.#tenants.add(tenant)
  }

  note(person: string, emails: number): void {
    if (this.#emails.size >= mostPersons && !this.#emails.has(person)) this.#emails.clear()
    this.#emails.set(person, emails)
  }
}
