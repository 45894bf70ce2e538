/** A request body against the type it should be of: checked, canonical, or refused with the member named. */

import { GraphError, invalidMember } from '../../errors.ts'
import { addressFault } from '../../model/address.ts'
import {
  type Changes,
  type EntityType,
  type EnumType,
  openMembers,
  type Property,
  propertiesOf,
  type StructuredType,
} from '../../model/edm.ts'
import { namespace } from '../../model/index.ts'
import { isKnownMember } from '../../model/not-served.ts'
import { isSameName, normalForm } from '../../model/text.ts'
import { parseDateTime } from '../../model/time.ts'
import { canonicalEnum, choicesOf } from './enum-values.ts'
import { declaredName, givenTwice, namesOfType } from './member-names.ts'
import { type Json, type JsonObject, printable } from './text.ts'

interface BodyOptions {
  /** How to treat members that the server sets: `ignore` for requests, `accept` for records that are imported. */
  readonly computed?: 'ignore' | 'accept'
  /** A member that is not of the type and is passed over. */
  readonly besides?: string
}

/**
 * Reads the members of `type` that a client sent, whose names may be in any case. Control information (`@odata.…`) is checked where it says what
 * the type is, and passed over otherwise (OData JSON 4.01, section 4.6). Throws `bodyInvalid` with `target`.
 */
export function readBody<T extends StructuredType>(type: T, body: Json, { computed = 'ignore', besides }: BodyOptions = {}): Changes<T> {
  if (!isObject(body)) throw new GraphError('bodyInvalid', { message: `The request body must be a JSON object: a ${type.name}.` })
  return readStructure(type, body, { path: '', computed, besides }) as unknown as Changes<T> // readStructure checked every member against `type`
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Within {
  /** Path of the structure: empty, or ending in a slash. */
  readonly path: string
  readonly computed: 'ignore' | 'accept'
  readonly besides?: string | undefined
}

function readStructure(type: StructuredType, value: JsonObject, { path, computed, besides }: Within): Record<string, unknown> {
  const properties = propertiesOf(type)
  const names = Object.keys(value)
  // Reuse the given object until a member is read as something else: most are not.
  let read: Record<string, unknown> | undefined
  /** Declared names that came in another spelling: at most as many as the type has, before one comes twice. */
  const respelled: string[] = []
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? ''
    if (name === besides) {
      read ??= firstOf(value, names, index)
      continue
    }
    const member = value[name] ?? null
    const declared = Object.hasOwn(properties, name) ? name : declaredName(namesOfType(type), name)
    const property = declared === undefined ? undefined : properties[declared]
    const target = `${path}${declared ?? printable(name)}`
    if (property === undefined) {
      if (isControlInformation(name)) {
        checkControlInformation(type, name, member, target)
        read ??= firstOf(value, names, index)
        continue
      }
      if (computed === 'ignore' && type.kind === 'entity' && (isKnownMember(type, name) || leadsOn(type, name)))
        throw new GraphError('notImplemented', { target, message: `This server does not support ${target}.` })
      if (!type.open || name === '__proto__') throw invalidMember(target, `${type.name} has no member of this name.`)
      const found = anything(member, target)
      if (found !== member) read ??= firstOf(value, names, index)
      if (read !== undefined) read[name] = found
      continue
    }
    const spelling = declared ?? name
    if (spelling !== name) {
      if (Object.hasOwn(value, spelling) || respelled.includes(spelling)) throw givenTwice(`${path}${name}`, spelling)
      respelled.push(spelling)
      read ??= firstOf(value, names, index)
    }
    if (property.readOnly !== true || computed === 'accept') {
      const found = readProperty(property, member, target, computed)
      if (found !== member) read ??= firstOf(value, names, index)
      if (read !== undefined) read[spelling] = found
    } else {
      read ??= firstOf(value, names, index)
    }
  }
  return read ?? (value as Record<string, unknown>) // nobody else has it
}

/** Whether it is a navigation property: what that leads to is not written inside a body. */
function leadsOn({ navigation }: EntityType, given: string): boolean {
  return Object.keys(navigation).some((name) => isSameName(name, given))
}

function firstOf(value: JsonObject, names: readonly string[], count: number): Record<string, unknown> {
  const first: Record<string, unknown> = {}
  for (const name of names.slice(0, count)) first[name] = value[name]
  return first
}

/** `@odata.type`, `name@odata.type` and the like; with or without the `odata.` that 4.01 lets go. */
function isControlInformation(name: string): boolean {
  return /^[\w.]*@(odata\.)?[a-z]\w*$/i.test(name) && !name.startsWith('__proto__')
}

function checkControlInformation(type: StructuredType, name: string, value: Json, target: string): void {
  // To pass over what a client wants bound would tell it that it was.
  const hasRelations = type.kind === 'entity' && Object.keys(type.navigation).length > 0
  if (hasRelations && /@(odata\.)?bind$/i.test(name))
    throw new GraphError('notImplemented', { target, message: 'Relations are not written by @odata.bind here: add each with POST …/$ref.' })
  if (!/^@(odata\.)?type$/i.test(name)) return
  const expected = `${namespace}.${type.name}`
  const given = typeof value === 'string' ? value.replace(/^#/, '') : undefined
  if (given === undefined || !isSameName(given, expected)) throw invalidMember(target, `Expected #${expected}.`)
}

function readProperty(property: Property, value: Json, target: string, computed: 'ignore' | 'accept'): unknown {
  if (value === null) {
    if (property.nullable === false) throw invalidMember(target, 'It must not be null.')
    // A collection is empty at least (OData JSON 4.01, section 7).
    return property.collection === true ? [] : null
  }
  if (property.collection !== true) return readSingle(property, value, target, computed)
  if (!Array.isArray(value)) throw invalidMember(target, 'Expected an array.')
  checkItems(value, property.maxItems, target)
  const { type, format, maxLength } = property
  const item: Property = {
    type,
    nullable: false,
    ...(format === undefined ? {} : { format }),
    ...(maxLength === undefined ? {} : { maxLength }),
  }
  return value.map((member: Json, index: number) => {
    if (member === null) throw invalidMember(`${target}/${index}`, 'It must not be null.')
    return complete(property.type, readSingle(item, member, `${target}/${index}`, computed), `${target}/${index}`)
  })
}

/** A member of a collection is given whole: what must not be null is there, or has a value for that case. */
function complete(type: Property['type'], value: unknown, target: string): unknown {
  if (typeof type === 'string' || type.kind === 'enum') return value
  const given = value as Readonly<Record<string, unknown>> // readSingle makes records of structured types
  const added: Record<string, boolean> = {}
  for (const [name, { nullable, fallback }] of Object.entries(type.properties)) {
    if (nullable !== false || Object.hasOwn(given, name)) continue
    if (fallback === undefined) throw invalidMember(`${target}/${name}`, 'It is required.')
    added[name] = fallback
  }
  return { ...given, ...added }
}

function readSingle(property: Property, value: Json, target: string, computed: 'ignore' | 'accept'): unknown {
  const { type } = property
  if (typeof type === 'string') return readPrimitive(property, value, target)
  if (type.kind === 'enum') return readEnum(type, value, target)
  if (!isObject(value)) throw invalidMember(target, `Expected an object: ${type.name}.`)
  return readStructure(type, value, { path: `${target}/`, computed })
}

function readPrimitive(property: Property, value: Json, target: string): unknown {
  switch (property.type) {
    case 'Edm.String':
      return readText(property, value, target)
    case 'Edm.Boolean':
      if (typeof value !== 'boolean') throw invalidMember(target, 'Expected true or false.')
      return value
    case 'Edm.DateTimeOffset': {
      const time = typeof value === 'string' ? parseDateTime(value) : undefined
      if (time === undefined) throw invalidMember(target, 'Expected a time such as 2026-01-31T12:00:00Z.')
      return time
    }
    default:
      return readNumber(property, value, target)
  }
}

function readText({ format, maxLength }: Property, value: Json, target: string): string {
  // An address has its own words for its length, which it looks at first.
  const text = checkText(value, format === 'email' ? undefined : maxLength, target)
  if (format === 'email') {
    const fault = addressFault(text)
    if (fault !== undefined) throw invalidMember(target, `This is not an email address that can be used: ${fault}.`)
    return normalForm(text)
  }
  return text
}

/** Its length comes first: nothing else looks at more than is allowed. */
function checkText(value: Json, most: number | undefined, target: string): string {
  if (typeof value !== 'string') throw invalidMember(target, 'Expected a text.')
  if (most !== undefined && value.length > most) throw invalidMember(target, `At most ${most} characters are allowed.`)
  if (!value.isWellFormed()) throw invalidMember(target, 'The text has half of a surrogate pair.')
  if (value.includes('\u0000')) throw invalidMember(target, 'The text has a NUL character.')
  return value
}

function readNumber({ type, minimum, maximum }: Property, value: Json, target: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidMember(target, 'Expected a number.')
  if (type === 'Edm.Int32' && !Number.isInteger(value)) throw invalidMember(target, 'Expected a whole number.')
  if (minimum !== undefined && value < minimum) throw invalidMember(target, `It must be at least ${minimum}.`)
  if (maximum !== undefined && value > maximum) throw invalidMember(target, `It must be at most ${maximum}.`)
  return value
}

function readEnum(type: EnumType, value: Json, target: string): string {
  const text = typeof value === 'string' ? canonicalEnum(type, value) : undefined
  if (text === undefined) throw invalidMember(target, `Expected ${type.flags ? 'one or more' : 'one'} of ${choicesOf(type).join(', ')}.`)
  return text
}

function checkItems({ length }: readonly unknown[], most: number | undefined, target: string): void {
  if (most !== undefined && length > most) throw invalidMember(target, `At most ${most} members are allowed.`)
}

/** A member of an open type: any JSON value, as long as its texts can be stored. */
function anything(value: Json, target: string): Json {
  const { maxLength, maxItems } = openMembers
  if (typeof value === 'string') return checkText(value, maxLength, target)
  if (Array.isArray(value)) {
    checkItems(value, maxItems, target)
    return value.map((member: Json, index: number) => anything(member, `${target}/${index}`))
  }
  if (!isObject(value)) return value
  const members = Object.entries(value)
  checkItems(members, maxItems, target)
  return Object.fromEntries(
    members.map(([name, member]) => [checkText(name, maxLength, target), anything(member, `${target}/${printable(name)}`)]),
  )
}
