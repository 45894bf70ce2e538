/**
 * What an import found of persons, so that it need not ask for the same ones with every batch. It holds as long as nobody
 * else writes, which each batch looks at first; what is too much to remember is forgotten, and asked for again.
 */

import type { Mark, Transaction } from './database.ts'

/** Of some 200 octets each. */
const mostPersons = 100_000

export class KnownPersons {
  /** How many emails a person who is there holds at most. */
  readonly #emails = new Map<string, number>()
  #mark: Mark | undefined

  /** At the beginning of a transaction. */
  async begin(transaction: Transaction): Promise<void> {
    const mark = this.#mark
    // What a transaction noted that did not come to its end is not so.
    this.#mark = undefined
    if (!(await transaction.isUntouchedSince(mark))) this.#emails.clear()
  }

  /** At the end of it, before it is committed. */
  end(transaction: Transaction): void {
    this.#mark = transaction.mark()
  }

  /** How many emails the person holds at most; undefined where that is not known, nor whether there is such a person. */
  emailsOf(person: string): number | undefined {
    return this.#emails.get(person)
  }

  note(person: string, emails: number): void {
    if (this.#emails.size >= mostPersons && !this.#emails.has(person)) this.#emails.clear()
    this.#emails.set(person, emails)
  }
}
