/** Functions that the embedded database is given: what its SQL cannot do with texts in all of Unicode. */

import type { DatabaseSync } from 'node:sqlite'
import { fold } from '../../model/address.ts'
import { normalForm } from '../../model/text.ts'
import { indexOfFolded } from '../../odata/query/evaluate-terms.ts'
import type { Case } from '../database.ts'

/** Each is null where an argument is. */
export function addFunctions(database: DatabaseSync): void {
  const add = (name: string, work: (text: string) => string) =>
    database.function(name, { deterministic: true }, (text) => (text === null ? null : work(String(text))))
  add('composed', normalForm)
  add(functionOf('fold'), fold)
  add(functionOf('tolower'), (text) => text.toLowerCase())
  add(functionOf('toupper'), (text) => text.toUpperCase())
  database.function('place_of', { deterministic: true }, (text, part) =>
    text === null || part === null ? null : indexOfFolded(String(text), String(part)),
  )
}

export function functionOf(to: Case): string {
  return `cased_${to}`
}
