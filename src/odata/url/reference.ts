/**
 * A body that refers to something by its URL: `{"@odata.id": "https://…/v1.0/users/x"}` (OData JSON 4.01, sections 4.6.9
 * and 14). Clients write the address of whichever service they know, so the host is not looked at: the key counts.
 */

import { invalidMember } from '../../errors.ts'
import { isObject } from '../json/entity-body.ts'
import { declaredName, givenTwice, knownMembers, namesFrom } from '../json/member-names.ts'
import { type Json, printable } from '../json/text.ts'

/** The target of a reference: an item of one of the service's collections. */
export interface Reference {
  /** As it is written in paths, in lower case. */
  readonly collection: string
  readonly key: string
  /** The tenant that stands in front of the collection, where one does. */
  readonly tenant?: string
  /** The type that the URL ends with, unqualified and in lower case. */
  readonly type?: string
}

const names = namesFrom(['@odata.id', '@id'])

/** Throws `bodyInvalid` where the body is no reference to an item of a collection. */
export function readReference(body: Json): Reference {
  const given = isObject(body) ? body : {}
  const { '@odata.id': long, '@id': short } = knownMembers(names, given)
  if (long !== undefined && short !== undefined) throw invalidMember('@id', 'The reference is given twice.')
  const other = Object.keys(given).find((name) => !name.startsWith('@'))
  if (other !== undefined) throw invalidMember(printable(other), 'A reference has no member but @odata.id.')
  const text = long ?? short
  if (typeof text !== 'string') throw invalidMember('@odata.id', 'The body must be a reference: {"@odata.id": "https://…"}.')
  return parseReference(text, '@odata.id')
}

/** A reference out of a body, and the member that it stands in. */
export interface Binding {
  readonly reference: Reference
  readonly target: string
}

/** The references that a body binds, by navigation property. */
export type Bindings = Readonly<Record<string, readonly Binding[]>>

/** Limit for all navigation properties together. */
const mostBindings = 20
const bindMember = /^(\w{1,64})@(?:odata\.)?bind$/i

/**
 * Takes `members@odata.bind` and the like out of a body (OData JSON 4.01, section 8.5), for these navigation properties.
 * Throws `bodyInvalid` with `target`.
 */
export function takeBindings(body: Json, navigation: readonly string[]): { readonly bindings: Bindings; readonly rest: Json } {
  if (!isObject(body) || navigation.length === 0) return { bindings: {}, rest: body }
  const declared = namesFrom(navigation)
  const bindings: Record<string, readonly Binding[]> = {}
  const rest: (readonly [string, Json])[] = []
  let left = mostBindings
  for (const [member, value] of Object.entries(body)) {
    const name = declaredName(declared, bindMember.exec(member)?.[1] ?? '')
    if (name === undefined) {
      rest.push([member, value])
      continue
    }
    if (Object.hasOwn(bindings, name)) throw givenTwice(member, `${name}@odata.bind`)
    if (!isList(value)) throw invalidMember(member, 'Expected a list of URLs.')
    left -= value.length
    if (left < 0) throw invalidMember(member, `At most ${mostBindings} references are allowed.`)
    bindings[name] = value.map((url, index) => bindingOf(url, `${member}/${index}`))
  }
  return { bindings, rest: Object.fromEntries(rest) }
}

function bindingOf(url: Json, target: string): Binding {
  if (typeof url !== 'string') throw invalidMember(target, 'Expected the URL of an item.')
  return { reference: parseReference(url, target), target }
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

const longestReference = 2048
const origin = /^https?:\/\/[^/?#]+\//i
const versions = ['v1.0', 'beta', 'v2']
const castSegment = /^(?:microsoft\.)?(?:graph|directoryservices)\.(\w+)$/i
const keyInParentheses = /^(\w+)\('([^']*(?:''[^']*)*)'\)$/

/**
 * Reads the URL of an item: absolute or relative; with a version and a tenant in front or without; the key as a segment or
 * in parentheses; with a type behind it or without. Throws `bodyInvalid` with `target`.
 */
export function parseReference(text: string, target: string): Reference {
  const wrong = () => invalidMember(target, 'Expected the URL of an item, such as https://graph.microsoft.com/v1.0/users/{id}.')
  if (text.length > longestReference) throw invalidMember(target, `At most ${longestReference} characters are allowed.`)
  if (/[?#]/.test(text)) throw wrong()
  const path = text.replace(origin, '/')
  if (/^(?:\/\/|[a-z][a-z\d+.-]{0,31}:)/i.test(path)) throw wrong()
  const segments = path.replace(/^\//, '').split('/')
  if (versions.includes(segments[0]?.toLowerCase() ?? '')) segments.shift()
  const cast = segments.length > 1 ? castSegment.exec(segments.at(-1) ?? '')?.[1] : undefined
  if (cast !== undefined) segments.pop()
  const [, collection = segments.at(-2) ?? '', quoted] = keyInParentheses.exec(decode(segments.at(-1) ?? '', target)) ?? []
  const key = quoted?.replaceAll("''", "'") ?? decode(segments.at(-1) ?? '', target)
  const before = segments.slice(0, quoted === undefined ? -2 : -1)
  const [tenant] = before
  if (before.length > 1 || tenant === '' || !/^\w+$/.test(collection) || key === '') throw wrong()
  return {
    collection: collection.toLowerCase(),
    key,
    ...(tenant === undefined ? {} : { tenant: decode(tenant, target).toLowerCase() }),
    ...(cast === undefined ? {} : { type: cast.toLowerCase() }),
  }
}

function decode(text: string, target: string): string {
  try {
    const decoded = decodeURIComponent(text)
    if (!decoded.includes('\u0000')) return decoded
  } catch {
    // falls through to the refusal below
  }
  throw invalidMember(target, 'The URL has a percent encoding that is no text.')
}
