/** The directory's rule that an empty text is no value: a member is set, or it is null. */

import { type GraphError, invalidMember } from '../errors.ts'
import { propertiesOf, type StructuredType } from '../model/edm.ts'

/**
 * Refuses an empty text in any member that is declared, or whose name `further` takes: by itself, in a list, or in the structures
 * of a list. Throws `bodyInvalid` with `target`.
 */
export function refuseEmptyTexts(type: StructuredType, body: object, further?: RegExp): void {
  const properties = propertiesOf(type)
  for (const [name, value] of Object.entries(body))
    if (Object.hasOwn(properties, name) || further?.test(name) === true) {
      const target = emptyText(value, name)
      if (target !== undefined) throw invalidValue(type, name, target)
    }
}

/** Where a value has an empty text. */
function emptyText(value: unknown, path: string): string | undefined {
  if (value === '') return path
  if (typeof value !== 'object' || value === null) return undefined
  for (const [part, each] of Object.entries(value)) {
    const found = emptyText(each, `${path}/${part}`)
    if (found !== undefined) return found
  }
  return undefined
}

/** In Graph's words: the member, and the type with a capital. `target`: where it is not the whole member. */
export function invalidValue({ name: type }: StructuredType, member: string, target = member): GraphError {
  const resource = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`
  const message = `Invalid value specified for property '${member}' of resource '${resource}'.`
  return invalidMember(target, message, 'InvalidValue')
}
