/** Answers without their entity tags, for tests of what else is in them: a tag is another on each server. */

import assert from 'node:assert/strict'
import type { Json } from './ask.ts'

const name = '@odata.etag'

/** A copy of JSON without `@odata.etag`, however deep. Fails where what stands there is no tag. */
export function untagged(value: Json): Json {
  if (Array.isArray(value)) return value.map(untagged)
  if (typeof value !== 'object' || value === null) return value
  if (name in value) assert.match(value[name], /^W\/"[\w-]{22}(?:\.[a-z]+)?"$/)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([member]) => member !== name)
      .map(([member, inner]) => [member, untagged(inner)]),
  )
}
