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

/** What is known of a person, by the name of the fact. */
type Memory = Readonly<Record<string, Fact>>

interface Fact {
  readonly value: unknown
  /** Characters that it takes. */
  readonly characters: number
}

const rememberedPersons = 20_000
const rememberedCharacters = 16 * 1024 * 1024
/** What a person costs besides the texts. */
const charactersOfAPerson = 512

/** The fact that a change of belongings leaves as it was. */
export const whoTheyAre = 'person'

export class PersonMemory {
  readonly #persons: LRUCache<string, Memory> | undefined
  /** Counts the changes, so that what was read before a change is not remembered after it. */
  #changes = 0
  /** Whom the last question was about: a request asks for the same person more than once. */
  #last: { readonly tenantId: string; readonly id: string; readonly key: string; memory: Memory | undefined } | undefined

  /** `enabled` is false where other processes write to the same database. */
  constructor({ enabled }: { readonly enabled: boolean }) {
    this.#persons = enabled
      ? new LRUCache({
          max: rememberedPersons,
          maxSize: rememberedCharacters,
          sizeCalculation: (memory) => Object.values(memory).reduce((sum, { characters }) => sum + characters, charactersOfAPerson),
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
    const { key, memory } = this.#lookUp(this.#persons, person)
    const known = memory?.[name]?.value as T | undefined // a name stands for one kind of fact
    if (known !== undefined && fits(known)) return known
    const before = this.#changes
    const fact = await load()
    if (before === this.#changes && fact !== undefined) this.#remember(key, name, fact, characters(fact))
    return fact
  }

  #lookUp(persons: LRUCache<string, Memory>, { tenantId, id }: PersonKey): { readonly key: string; readonly memory: Memory | undefined } {
    if (this.#last?.id === id && this.#last.tenantId === tenantId) return this.#last
    const key = `${tenantId}/${id}`
    this.#last = { tenantId, id, key, memory: persons.get(key) }
    return this.#last
  }

  /** Called after a change is committed and before it is answered. */
  forget(touched: Touched): void {
    if (touched === 'nobody') return
    this.#changes++
    this.#last = undefined
    if (typeof touched === 'string') this.#persons?.clear()
    else if ('belongings' in touched) this.#keepWhoTheyAre(`${touched.tenantId}/${touched.id}`)
    else this.#persons?.delete(`${touched.tenantId}/${touched.id}`)
  }

  #keepWhoTheyAre(key: string): void {
    const known = this.#persons?.peek(key)?.[whoTheyAre]
    if (known === undefined) this.#persons?.delete(key)
    else this.#persons?.set(key, { [whoTheyAre]: known })
  }

  #remember(key: string, name: string, value: unknown, characters: number): void {
    this.#last = undefined
    this.#persons?.set(key, { ...this.#persons.peek(key), [name]: { value, characters } })
  }
}
