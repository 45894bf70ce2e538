/** Values of enumerations: taken in any case, kept in the declared spelling. */

import type { EnumType } from '../../model/edm.ts'
import { declaredName, type Names, namesFrom } from './member-names.ts'

const longestValue = 256

/** Declared spelling; of flags without doubles, in order, joined by `,`. undefined where it is no value of the type. */
export function canonicalEnum(type: EnumType, value: string): string | undefined {
  if (value.length > longestValue) return undefined
  const names = namesOf(type)
  if (names.byLowerCase.get(value.toLowerCase()) === value) return value
  const given = type.flags ? value.split(',').map((name) => name.trim()) : [value]
  const chosen = given.map((name) => declaredName(names, name))
  if (!chosen.every((name) => name !== undefined)) return undefined
  return type.flags ? renderFlags(type, flagsValue(type, chosen)) : chosen[0]
}

/** The values that a client may send. */
export function choicesOf(type: EnumType): readonly string[] {
  return [...namesOf(type).byLowerCase.values()]
}

const knownNames = new WeakMap<EnumType, Names>()

function namesOf(type: EnumType): Names {
  const known = knownNames.get(type)
  if (known !== undefined) return known
  const names = namesFrom(Object.keys(type.members).filter((name) => name !== 'unknownFutureValue'))
  knownNames.set(type, names)
  return names
}

/** The number that a canonical flags text stands for. */
export function flagsValue(type: EnumType, names: readonly string[]): number {
  return names.reduce((bits, name) => bits | (type.members[name] ?? 0), 0)
}

function renderFlags(type: EnumType, bits: number): string {
  const names = Object.entries(type.members)
    .filter(([, bit]) => (bits === 0 ? bit === 0 : (bits & bit) !== 0))
    .map(([name]) => name)
  return names.join(',')
}
