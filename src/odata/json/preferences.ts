/** Reads the headers that choose the form of the answer: `Accept` and `Prefer`. */

import { GraphError } from '../../errors.ts'

export type Metadata = 'none' | 'minimal' | 'full'

export interface Preferences {
  /** RFC 7240 `return`. */
  readonly return: 'representation' | 'minimal' | undefined
  /** `odata.maxpagesize`, at least 1. */
  readonly maxPageSize: number | undefined
}

const none: Preferences = { return: undefined, maxPageSize: undefined }

/** OData's format parameter out of `Accept` (OData JSON 4.01, section 3.1). Throws `notAcceptable`. */
export function readMetadata(accept: string | undefined): Metadata {
  if (accept === undefined) return 'minimal'
  const match = /;\s*(?:odata\.)?metadata\s*=\s*"?([^;,"\s]*)/i.exec(accept)
  if (match === null) return 'minimal'
  const asked = match[1]?.toLowerCase()
  if (asked !== 'none' && asked !== 'minimal' && asked !== 'full') throw new GraphError('notAcceptable', { target: 'Accept' })
  return asked
}

/** Preferences that are acted upon, the first of each; others are passed over, as RFC 7240 wants. Throws `headerInvalid`. */
export function readPreferences(prefer: string | undefined): Preferences {
  if (prefer === undefined) return none
  let preferences = none
  for (const part of prefer.split(',')) {
    const [name = '', value = ''] =
      part
        .split(';', 1)[0]
        ?.split('=')
        .map((side) => side.trim().replace(/^"|"$/g, '')) ?? []
    switch (name.toLowerCase()) {
      case 'return':
        if (value === 'minimal' || value === 'representation') preferences = { ...preferences, return: preferences.return ?? value }
        break
      case 'maxpagesize':
      case 'odata.maxpagesize':
        if (!/^[1-9]\d{0,8}$/.test(value))
          throw new GraphError('headerInvalid', { target: 'Prefer', message: 'odata.maxpagesize must be a whole number of at least 1.' })
        preferences = { ...preferences, maxPageSize: preferences.maxPageSize ?? Number(value) }
    }
  }
  return preferences
}

/** The content type of a JSON answer, as Graph writes it. */
export const contentTypes = {
  none: 'application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
  minimal: 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
  full: 'application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
} as const satisfies Record<Metadata, string>
