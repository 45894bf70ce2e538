/** `$skiptoken`: where the next page begins, as a text that is opaque to clients. */

import { crc32 } from 'node:zlib'
import { GraphError } from '../../errors.ts'
import type { EntityType } from '../../model/edm.ts'
import { Cursor } from '../grammar/cursor.ts'
import { mostSortKeys } from './bind.ts'
import type { LinkOptions } from './next-link.ts'

/** Sort keys of the last item of a page: texts and numbers. */
export type PagePosition = readonly (string | number)[]

/** As of a query. */
interface Ordered {
  readonly linkOptions: LinkOptions
}

/** The opaque text that stands for the last item of a page of items of `type`. */
export function renderSkiptoken(after: PagePosition, type: EntityType, { linkOptions }: Ordered): string {
  const content = JSON.stringify([type.name, orderOf(linkOptions), ...after])
  // The sum finds slips, not malice: whoever forges a token gets a page of what they may see anyway.
  return Buffer.from(crc32(content).toString(16).padStart(8, '0') + content).toString('base64url')
}

/** A token is good for the order that it was made in, however a client then spells the link. */
function orderOf(linkOptions: LinkOptions): string {
  const cursor = new Cursor(linkOptions.find(([name]) => name === '$orderby')?.[1] ?? '', '$orderby')
  return cursor.slice(0, cursor.text.length)
}

/** Throws `queryInvalid` where the text is no token of this collection in this order. */
export function parseSkiptoken(text: string, type: EntityType, query: Ordered): PagePosition {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString().slice(8))
    if (Array.isArray(parts) && parts.length <= mostSortKeys + 3) {
      const after = parts.slice(2)
      if (after.every(isKey) && renderSkiptoken(after, type, query) === text) return after
    }
  } catch {
    // falls through to the one refusal below
  }
  const message = 'This is not a token that came from an @odata.nextLink of this collection in this order.'
  throw new GraphError('queryInvalid', { target: '$skiptoken', message })
}

/** Longer than any text that is sorted by. */
const longestKey = 4096

function isKey(part: unknown): part is string | number {
  return (
    typeof part === 'number' || (typeof part === 'string' && part.length <= longestKey && !part.includes('\u0000') && part.isWellFormed())
  )
}
