/** Questions about many things that are asked one by one, and put to the database together. */

/**
 * Answers for a key what `load` finds, which is given all keys that were asked for in the same turn, each once, and answers in their
 * order. A key is asked for once, however often it is wanted. Made for a piece of work, and thrown away with it.
 */
export function batchedLookup<K, V>(
  nameOf: (key: K) => string,
  load: (keys: readonly K[]) => Promise<readonly V[]>,
): (key: K) => Promise<V> {
  const known = new Map<string, Promise<V>>()
  let asked: { readonly keys: K[]; readonly found: Promise<readonly V[]> } | undefined
  const begin = () => {
    const keys: K[] = []
    // When all that follows from what is known already has been asked.
    const found = new Promise((resolve) => setImmediate(resolve)).then(() => {
      asked = undefined
      return load(keys)
    })
    return { keys, found }
  }
  return (key) => {
    const name = nameOf(key)
    const before = known.get(name)
    if (before !== undefined) return before
    asked ??= begin()
    const place = asked.keys.push(key) - 1
    const found = asked.found.then((all) => all[place] as V) // `load` answers for each key
    known.set(name, found)
    return found
  }
}
