/**
 * Entity tags, and what a request asks of them (RFC 9110, sections 8.8.3 and 13; OData 4.01 Protocol, sections 8.2.4 and
 * 8.2.5). What a tag follows from is the resource's to say.
 */

import { hash } from 'node:crypto'
import { GraphError } from '../../errors.ts'
import type { Metadata } from './preferences.ts'

/** The visible state of an entity as text: the text changes whenever the state does. */
export interface Tagged {
  /** undefined: the entity has no tag. */
  readonly state?: string | undefined
}

/** The opaque parts of the tags; `*` matches any. */
type Tags = '*' | readonly string[]

/** The preconditions of a request. */
export interface Preconditions {
  readonly ifMatch: Tags | undefined
  readonly ifNoneMatch: Tags | undefined
}

export const noPreconditions: Preconditions = { ifMatch: undefined, ifNoneMatch: undefined }

/** Reads the two headers. Throws `headerInvalid` with the header as target. */
export function readPreconditions(ifMatch: string | undefined, ifNoneMatch: string | undefined): Preconditions {
  if (ifMatch === undefined && ifNoneMatch === undefined) return noPreconditions
  return { ifMatch: readTags('If-Match', ifMatch), ifNoneMatch: readTags('If-None-Match', ifNoneMatch) }
}

const oneTag = /(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y

/** Each step reads on from where the last one ended, so that the time is linear in the length. */
function readTags(target: string, text: string | undefined): Tags | undefined {
  if (text === undefined) return undefined
  if (text.trim() === '*') return '*'
  const tags: string[] = []
  for (let at = 0; at < text.length; at++) {
    at = afterBlanks(text, at)
    oneTag.lastIndex = at
    const match = oneTag.exec(text)
    if (match !== null) {
      tags.push(match[1] ?? '')
      at = afterBlanks(text, oneTag.lastIndex)
    }
    if (at < text.length && text[at] !== ',') throw malformed(target)
  }
  if (tags.length === 0) throw malformed(target)
  return tags
}

/** The index of the first character from `at` on that is neither a space nor a tab. */
function afterBlanks(text: string, at: number): number {
  let end = at
  while (text[end] === ' ' || text[end] === '\t') end++
  return end
}

function malformed(target: string): GraphError {
  return new GraphError('headerInvalid', {
    target,
    message: `${target} must be * or entity tags in double quotes, as @odata.etag has them.`,
  })
}

/** Characters of base64url: 132 bits, which no two states share, and too few to go on hashing from. */
const tagLength = 22

/**
 * The tag of an entity, as it stands in `ETag` and `@odata.etag`; undefined where it has none. With `key`, which no client
 * knows, so that nobody can try which values lead to a tag. Answers that differ in how they show the same state have tags
 * that differ behind the dot, so that no cache takes one for the other.
 */
export function renderTag(key: string, { state }: Tagged, metadata: Metadata): string | undefined {
  if (state === undefined) return undefined
  const form = metadata === 'minimal' ? '' : metadata.charAt(0)
  return `W/"${tagOf(key, state)}${form === '' ? '' : `.${form}`}"`
}

function tagOf(key: string, state: string): string {
  return hash('sha256', key + state, 'base64url').slice(0, tagLength)
}

/** Whether a client that has one of these already need not be sent the entity again. */
export function isNotModified({ ifNoneMatch }: Preconditions, tag: string | undefined): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch === '*') return ifNoneMatch !== undefined
  return tag !== undefined && ifNoneMatch.includes(tag.slice('W/"'.length, -1))
}

/**
 * Holds what the client asks for before it changes an entity against the state that `current` finds, which is read only
 * where something is asked. undefined: there is none, which is the operation's to answer (RFC 9110, section 13.2.1); null:
 * it is there and has no tag. Throws `preconditionFailed`.
 */
export type CheckPreconditions = (current: () => string | null | undefined | Promise<string | null | undefined>) => Promise<void>

/** The preconditions of a request without any. */
const expectNothing: CheckPreconditions = async () => undefined

export function preconditionCheckOf({ ifMatch, ifNoneMatch }: Preconditions, key: string): CheckPreconditions {
  if (ifMatch === undefined && ifNoneMatch === undefined) return expectNothing
  return async (current) => {
    const state = await current()
    if (state === undefined) return
    const tag = state === null ? undefined : tagOf(key, state)
    if (ifMatch !== undefined && !isAmong(ifMatch, tag)) throw new GraphError('preconditionFailed', { target: 'If-Match' })
    if (ifNoneMatch !== undefined && isAmong(ifNoneMatch, tag)) throw new GraphError('preconditionFailed', { target: 'If-None-Match' })
  }
}

/** Compared weakly, and without what stands behind the dot, which is about the form of an answer. */
function isAmong(tags: Tags, tag: string | undefined): boolean {
  return tags === '*' || (tag !== undefined && tags.some((given) => given.split('.', 1)[0] === tag))
}
