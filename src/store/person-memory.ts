/**
 * Cache of persons between requests, where one process owns the database: bounded in size, invalidated
 * person by person before a change is answered, so that it is never stale.
 */

import { LRUCache } from 'lru-cache'
import type { PersonKey } from '../model/directory.ts'

/**
 * The scope of a write, so that the cache for it is invalidated before the write is answered. `schema`: the
 * tables. `nobody`: nothing that is known of any person.
 */
export type Touched = PersonKey | Belongings | 'everyone' | 'nobody' | 'schema'

/** Scope: the belongings of a person, without the account and its roles. */
export interface Belongings extends PersonKey {
  readonly belongings: true
}

export const belongingsOf = ({ tenantId, id }: PersonKey): Belongings => ({ tenantId, id, belongings: true })

/** Cached facts of a person, by name. */
type Memory = Readonly<Record<string, Fact>>

interface Fact {
  readonly value: unknown
  /** Characters that it takes. */
  readonly characters: number
}

const rememberedPersons = 20_000
const rememberedCharacters = 16 * 1024 * 1024
/** Octets that an entry takes besides its texts. */
const charactersOfAPerson = 512

/** No person's key, which has a slash. */
const everyone = 'everyone'

function keyOf(touched: Touched): string | undefined {
  if (touched === 'nobody') return undefined
  return typeof touched === 'string' ? everyone : `${touched.tenantId}/${touched.id}`
}

/** The fact that a change of belongings leaves as it was. */
export const whoTheyAre = 'person'

export class PersonMemory {
  readonly #persons: LRUCache<string, Memory> | undefined
  /** Counts the changes, so that what was read before a change is not remembered after it. */
  #changes = 0
  /** Persons with writes in progress, by key, and the number of those writes. */
  readonly #held = new Map<string, number>()
  /** The entry that was used last: a request asks for the same person more than once. */
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
    if (this.#held.size > 0 && (this.#held.has(key) || this.#held.has(everyone))) return load()
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

  /**
   * Called before a change is committed: until it is released nothing of what it touches is remembered, or taken from
   * memory. Else one who asks the database might see the change, and the next one, who is answered from memory, not.
   */
  hold(touched: Touched): void {
    const key = keyOf(touched)
    if (key !== undefined && this.#persons !== undefined) this.#held.set(key, (this.#held.get(key) ?? 0) + 1)
  }

  /** Called after a change is committed, or came to nothing, and before that is answered. */
  release(touched: Touched): void {
    const key = keyOf(touched)
    if (key === undefined || this.#persons === undefined) return
    const others = (this.#held.get(key) ?? 1) - 1
    if (others === 0) this.#held.delete(key)
    else this.#held.set(key, others)
    this.#changes++
    this.#last = undefined
    if (key === everyone) this.#persons.clear()
    else if (typeof touched === 'object' && 'belongings' in touched) this.#keepWhoTheyAre(key)
    else this.#persons.delete(key)
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
