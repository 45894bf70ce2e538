/** Domain names: the one spelling in which they are compared and kept, and how long they may be. */

import { domainToASCII } from 'node:url'

/** RFC 1035, section 2.3.4; of a name as text, without the dot at its end: 255 octets on the wire are 253 characters. */
const longestLabel = 63
const longestDomain = 253

/** All that the mapping to A-labels would read otherwise than as a letter: ports, paths, escapes, blanks. */
const misread = /[^a-z0-9.\-\u{80}-\u{10ffff}]/iu

/** Most domains. */
const plain = /^[a-z0-9.-]*$/i

/**
 * The A-label form of a domain in lower case (UTS #46), whatever its spelling: in any case, in letters or in A-labels, with or
 * without the dot at its end. Undefined where the text is no domain. Says nothing of lengths but that of the text.
 */
function asciiOf(text: string): string | undefined {
  // A dot more, and the whole text as one count: the mapping is never given more than a domain could be.
  if (text.length > longestDomain + 1 || misread.test(text)) return undefined
  // The mapping leaves such names as they are, but for numbers, which are no domains to us anyway.
  const ascii = (plain.test(text) && !/xn--/i.test(text) ? text.toLowerCase() : domainToASCII(text)).replace(/\.$/, '')
  return ascii === '' ? undefined : ascii
}

/** Why a domain cannot be that of an email address, or undefined when it can. `room`: octets that the address has left for it. */
export function domainFault(text: string, room: number): string | undefined {
  const ascii = asciiOf(text)
  if (ascii === undefined) return 'its domain cannot be written in A-labels'
  if (ascii.split('.').some((label) => label.length > longestLabel))
    return `a label of its domain is longer than ${longestLabel} octets in A-label form`
  return ascii.length > room ? `its domain is longer in A-label form than the ${room} octets that are left for it` : undefined
}

/** The name by which a domain is known, in A-labels and lower case; undefined where the text names no domain with a dot. */
export function domainName(text: string): string | undefined {
  const ascii = asciiOf(text)
  return ascii !== undefined && ascii.length <= longestDomain && isHostName(ascii) ? ascii : undefined
}

/** Labels of letters, digits and inner hyphens (RFC 1123, section 2.1); the last one is no number. */
function isHostName(ascii: string): boolean {
  const labels = ascii.split('.')
  const last = labels.at(-1) ?? ''
  return labels.length > 1 && labels.every(isLabel) && (/^[a-z]{2,}$/.test(last) || /^xn--./.test(last))
}

function isLabel(text: string): boolean {
  return text.length <= longestLabel && /^[a-z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-')
}

/** The domain of a principal name or address, as domainName has it; undefined where there is none. */
export function domainOf(name: string): string | undefined {
  const at = name.lastIndexOf('@')
  return at < 0 ? undefined : domainName(name.slice(at + 1))
}
