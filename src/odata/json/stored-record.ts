/** How large a record may be that is stored. What is in it was checked by its type. */

import { GraphError } from '../../errors.ts'

declare const measured: unique symbol

/** JSON text of a record that was measured. What puts records into tables takes no other. */
export type StoredRecord = string & { readonly [measured]: true }

/** Octets of its JSON text in UTF-8. */
export const largestRecord = 16 * 1024
/** Octets of UTF-8 for one UTF-16 code unit, at most. */
const mostOctets = 3

/** Octets for a changed truth, time or author. */
const leeway = 64

/**
 * The text of a record that can be stored. Where `before`, whose place it takes, was too large already, from a time without
 * a limit, it may be as large as that: it has to be possible to disable its user. Throws `bodyInvalid`, with the largest
 * member as target.
 */
export function storedRecord(text: string, before = ''): StoredRecord {
  if (text.length * mostOctets > largestRecord) {
    const held = Buffer.byteLength(before)
    if (Buffer.byteLength(text) > (held > largestRecord ? held + leeway : largestRecord))
      throw new GraphError('bodyInvalid', {
        target: largestMember(text),
        message: `The whole would be larger than a record can be: at most ${largestRecord} octets of JSON are stored.`,
      })
  }
  return text as StoredRecord // measured above
}

function largestMember(text: string): string {
  const members = Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>) // an object of ours
  const sizes = members.map(([name, value]) => [name, Buffer.byteLength(JSON.stringify(value))] as const)
  return sizes.reduce((largest, member) => (member[1] > largest[1] ? member : largest), ['', 0] as const)[0]
}
