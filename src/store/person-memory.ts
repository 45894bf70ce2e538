/**
 * What is remembered of persons between requests, where one process owns the database: a bounded amount, forgotten
 * person by person before a change is answered, so that it is never stale.
 */

import { LRUCache } from 'lru-cache'
import type { PersonKey } from '../model/directory.ts'

/** What a write may change, so that whatever is remembered of it is forgotten before the write is answered. `schema`: the tables. */
export type Touched = PersonKey | 'everyone' | 'schema'

interface Memory {
  readonly facts: Map<string, unknown>
  characters: number
}

const rememberedPersons = 100_000
const rememberedCharacters = 64 * 1024 * 1024
/** What a person costs besides the texts. */
const charactersOfAPerson = 512

export class PersonMemory {
  readonly #persons: LRUCache<string, Memory> | undefined
  /** Counts the changes, so that what was read before a change is not remembered after it. */
  #changes = 0

  /** `enabled` is false where other processes write to the same database. */
  constructor({ enabled }: { readonly enabled: boolean }) {
    this.#persons = enabled
      ? new LRUCache({ max: rememberedPersons, maxSize: rememberedCharacters, sizeCalculation: (memory) => memory.characters })
      : undefined
  }

  /** The fact named `name` of a person: from memory, or by `load`; undefined is not remembered. `characters` says how much room the fact takes. */
  async recall<T>(person: PersonKey, name: string, load: () => Promise<T>, characters: (fact: T) => number): Promise<T> {
    if (this.#persons === undefined) return load()
    const key = `${person.tenantId}/${person.id}`
    const facts = this.#persons.get(key)?.facts
    if (facts?.has(name)) return facts.get(name) as T // a name stands for one kind of fact
    const before = this.#changes
    const fact = await load()
    if (before === this.#changes && fact !== undefined) this.#remember(key, name, fact, characters(fact))
    return fact
  }

  /** Called after a change is committed and before it is answered. */
  forget(touched: Touched): void {
    this.#changes++
    if (typeof touched === 'string') this.#persons?.clear()
    else this.#persons?.delete(`${touched.tenantId}/${touched.id}`)
  }

  #remember(key: string, name: string, fact: unknown, characters: number): void {
    const memory = this.#persons?.peek(key) ?? { facts: new Map(), characters: charactersOfAPerson }
    memory.facts.set(name, fact)
    memory.characters += characters
    this.#persons?.set(key, { ...memory })
  }
}
