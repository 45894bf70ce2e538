/** Names of members as clients write them: matched without regard to case, as Graph does. Answers have the declared spelling. */

import { type GraphError, invalidMember } from '../../errors.ts'
import { propertiesOf, type StructuredType } from '../../model/edm.ts'
import { type Json, type JsonObject, printable } from './text.ts'

/** Names as they are declared, by their lower case. */
export interface Names {
  readonly byLowerCase: ReadonlyMap<string, string>
  /** Characters of the longest: what is longer is not folded. */
  readonly longest: number
}

export function namesFrom(declared: readonly string[]): Names {
  return {
    byLowerCase: new Map(declared.map((name) => [name.toLowerCase(), name])),
    longest: Math.max(0, ...declared.map(({ length }) => length)),
  }
}

const ascii = /^[\x21-\x7e]*$/

/** The declared spelling of a name; undefined where it is none of these. Letters beyond ASCII never match. */
export function declaredName({ byLowerCase, longest }: Names, given: string): string | undefined {
  return given.length <= longest && ascii.test(given) ? byLowerCase.get(given.toLowerCase()) : undefined
}

const namesOfTypes = new WeakMap<StructuredType, Names>()

/** The declared names of a type's properties. */
export function namesOfType(type: StructuredType): Names {
  const known = namesOfTypes.get(type)
  if (known !== undefined) return known
  const names = namesFrom(Object.keys(propertiesOf(type)))
  namesOfTypes.set(type, names)
  return names
}

/** The members that are known, by their declared names. Throws `bodyInvalid` where one comes in two spellings; `path` is empty or ends with a slash. */
export function knownMembers(names: Names, object: JsonObject, path = ''): Readonly<Record<string, Json | undefined>> {
  const found: Record<string, Json> = {}
  for (const given in object) {
    const name = declaredName(names, given)
    if (name === undefined) continue
    if (Object.hasOwn(found, name)) throw givenTwice(`${path}${printable(given)}`, name)
    found[name] = object[given] ?? null
  }
  return found
}

/** Refuses a member that stands in a body under two spellings. */
export function givenTwice(target: string, name: string): GraphError {
  return invalidMember(target, `The member ${name} is given twice, in two spellings.`)
}
