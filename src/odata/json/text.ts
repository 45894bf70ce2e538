/**
 * JSON text to values, stricter than `JSON.parse`: UTF-8 only, no repeated members, bounded depth, and nothing in a
 * text that a database or a client could choke on (NUL, lone surrogates).
 */

import { GraphError } from '../../errors.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [member: string]: Json
}

const deepestNesting = 32
/** Opening brackets, colons and commas outside of texts: to make objects and lists takes about half a microsecond each. */
const mostMarks = 16_384
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Parses a request body. Throws `bodyUnreadable`; for a member at fault `target` names it. */
export function parseJson(bytes: Uint8Array): Json {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new GraphError('bodyUnreadable', { message: 'The request body is not valid UTF-8.' })
  }
  return parseJsonText(text)
}

export function parseJsonText(text: string): Json {
  const members = measure(text)
  let value: Json
  try {
    value = JSON.parse(text) as Json // JSON.parse makes nothing but JSON values
  } catch {
    throw new GraphError('bodyUnreadable')
  }
  if (members !== membersOf(value)) refuseRepetition(text)
  return value
}

const [quote, backslash, colon, comma, opensList, closesList, opensObject, closesObject] = Array.from('"\\:,[]{}', (character) =>
  character.charCodeAt(0),
)

/** How many members the text names, before any is made. Throws where it nests too deep or holds too much. Linear in its length. */
function measure(text: string): number {
  let [depth, members, marks] = [0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at) - 1
        break
      case colon:
        members++
        marks++
        break
      case comma:
        marks++
        break
      case opensObject:
      case opensList:
        marks++
        if (++depth > deepestNesting)
          throw new GraphError('bodyUnreadable', { message: `The request body nests deeper than ${deepestNesting} levels.` })
        break
      case closesObject:
      case closesList:
        depth--
        break
    }
    if (marks > mostMarks)
      throw new GraphError('bodyUnreadable', {
        message: `The request body holds too much: its opening brackets, colons and commas outside of texts may be ${mostMarks} together.`,
      })
  }
  return members
}

function membersOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) members += membersOf(item) // what an array of JSON holds
    return members
  }
  const object = value as JsonObject // what is left of the kinds of values
  for (const name in object) members += 1 + membersOf(object[name] ?? null)
  return members
}

/** Walks over text that is known to be valid JSON, and says which member it gives twice. */
function refuseRepetition(text: string): void {
  const scopes: (Set<string> | undefined)[] = []
  let nameExpected = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at)
        if (nameExpected) {
          const name = text.slice(at + 1, end - 1)
          addMember(scopes.at(-1), name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name) // a JSON string
          nameExpected = false
        }
        at = end - 1
        break
      }
      case opensObject:
      case opensList:
        scopes.push(text.charCodeAt(at) === opensObject ? new Set() : undefined)
        nameExpected = scopes.at(-1) !== undefined
        break
      case closesObject:
      case closesList:
        scopes.pop()
        nameExpected = false
        break
      case comma:
        nameExpected = scopes.at(-1) !== undefined
        break
    }
  }
}

function addMember(scope: Set<string> | undefined, name: string): void {
  if (scope?.has(name))
    throw new GraphError('bodyUnreadable', { message: 'The request body gives a member twice.', target: printable(name) })
  scope?.add(name)
}

/** The index after the closing quote of the string that begins at `start`; of the whole text where none closes it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end + 1
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === backslash) first--
  return (at - first) % 2 === 1
}

/** A client's text as it may stand in an answer: bounded, well formed, without control characters. */
export function printable(text: string): string {
  return text
    .slice(0, 128)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\ufffd')
}
