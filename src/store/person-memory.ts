/**
 * What is remembered of persons between requests, where one process owns the database: a bounded amount, forgotten
 * person by person before a change is answered, so that it is never stale.
 */

import { LRUCache } from 'lru-cache'
import type { PersonKey } from '../model/directory.ts'

/**
 * What a write may change, so that whatever is remembered of it is forgotten before the write is answered. `schema`: the
 * tables. `nobody`: nothing that is known of any person.
 */
export type Touched = PersonKey | Belongings | 'everyone' | 'nobody' | 'schema'

/** What belongs to a person, and nothing about who they are or what they may do. */
export interface Belongings extends PersonKey {
  readonly belongings: true
}

export const belongingsOf = ({ tenantId, id }: PersonKey): Belongings => ({ tenantId, id, belongings: true })

interface Memory {
  readonly facts: ReadonlyMap<string, unknown>
  /** Characters that each fact takes. */
  readonly sizes: ReadonlyMap<string, number>
}

const rememberedPersons = 100_000
const rememberedCharacters = 32 * 1024 * 1024
/** What a person costs besides the texts. */
const charactersOfAPerson = 512

/** The fact that a change of belongings leaves as it was. */
export const whoTheyAre = 'person'

export class PersonMemory {
  readonly #persons: LRUCache<string, Memory> | undefined
  /** Counts the changes, so that what was read before a change is not remembered after it. */
  #changes = 0

  /** `enabled` is false where other processes write to the same database. */
  constructor({ enabled }: { readonly enabled: boolean }) {
    this.#persons = enabled
      ? new LRUCache({
          max: rememberedPersons,
          maxSize: rememberedCharacters,
          sizeCalculation: ({ sizes }) => [...sizes.values()].reduce((sum, size) => sum + size, charactersOfAPerson),
        })
      : undefined
  }

  /**
   * The fact named `name` of a person: from memory, where it is there and `fits`, or by `load`. undefined is not
   * remembered. `characters` says how much room the fact takes.
   */
  async recall<T>(
    person: PersonKey,
    name: string,
    load: () => Promise<T>,
    characters: (fact: T) => number,
    fits: (fact: T) => boolean = () => true,
  ): Promise<T> {
    if (this.#persons === undefined) return load()
    const key = `${person.tenantId}/${person.id}`
    const facts = this.#persons.get(key)?.facts
    const known = facts?.get(name) as T | undefined // a name stands for one kind of fact
    if (known !== undefined && fits(known)) return known
    const before = this.#changes
    const fact = await load()
    if (before === this.#changes && fact !== undefined) this.#remember(key, name, fact, characters(fact))
    return fact
  }

  /** Called after a change is committed and before it is answered. */
  forget(touched: Touched): void {
    if (touched === 'nobody') return
    this.#changes++
    if (typeof touched === 'string') this.#persons?.clear()
    else if ('belongings' in touched) this.#keepWhoTheyAre(`${touched.tenantId}/${touched.id}`)
    else this.#persons?.delete(`${touched.tenantId}/${touched.id}`)
  }

  #keepWhoTheyAre(key: string): void {
    const known = this.#persons?.get(key)?.facts.get(whoTheyAre)
    this.#persons?.delete(key)
    if (known !== undefined) this.#remember(key, whoTheyAre, known, charactersOfAPerson)
  }

  #remember(key: string, name: string, fact: unknown, characters: number): void {
    const before = this.#persons?.peek(key)
    const facts = new Map(before?.facts).set(name, fact)
    const sizes = new Map(before?.sizes).set(name, characters)
    this.#persons?.set(key, { facts, sizes })
  }
}
