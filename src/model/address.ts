/** Decides which texts are email addresses, and when two addresses are the same. */

import validatorOfEmail from 'validator/lib/isEmail.js'
import { domainFault } from './domain.ts'
import { normalForm } from './text.ts'

const isEmail = validatorOfEmail.default

/** RFC 5321, section 4.5.3.1.3, less the `<>` of a path: as it is typed, and with its domain in A-labels, as most servers send it. */
const longestAddressOctets = 254
/** RFC 5321, section 4.5.3.1.1; quotation marks count. */
const longestLocalPartOctets = 64

/** Controls, characters without a form of their own, and white space but the plain one; joiners belong to some scripts. */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]|(?! )\s/u

/** Most addresses: a part of those that are judged with care below, and soon done. */
const usual = /^[a-z0-9]+(?:[._-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/i
const longestUsual = 64

/**
 * Why `text` is no address that can be stored, or undefined when its NFC is one. The library judges the form alone: it is told
 * to pass over every length (`ignore_max_length`), since it counts characters of a domain as written, where octets in A-label
 * form are what is limited. The lengths are all here: of the text before anything is worked out, then of its parts.
 */
export function addressFault(text: string): string | undefined {
  if (text.length <= longestUsual && usual.test(text)) return undefined
  if (isTooLong(text)) return tooLong
  const address = normalForm(text)
  if (isTooLong(address)) return tooLong
  if (unseen.test(address)) return 'it holds a control character or an invisible one'
  const [local = '', domain, ...more] = address.split('@')
  if (domain === undefined || more.length > 0) return 'expected one @'
  if (!domain.includes('.')) return 'expected a domain with a dot'
  if (!isEmail(withinBasicPlane(address), { allow_utf8_local_part: true, require_tld: true, ignore_max_length: true }))
    return 'expected an email address such as kim@contoso.com'
  if (Buffer.byteLength(local) > longestLocalPartOctets) return `longer than ${longestLocalPartOctets} octets before the @`
  return domainFault(domain, longestAddressOctets - Buffer.byteLength(`${local}@`))
}

const tooLong = `longer than ${longestAddressOctets} octets`

function isTooLong(text: string): boolean {
  return text.length > longestAddressOctets || Buffer.byteLength(text) > longestAddressOctets
}

/** The library's patterns end with Unicode's first plane; to RFC 6531 a letter beyond it is one like another. */
function withinBasicPlane(text: string): string {
  return text.replace(/[\u{10000}-\u{10ffff}]/gu, '\u4e00')
}

/** ASCII: most texts, and soon done. */
const plain = /^[\x20-\x7e]*$/
const plainFolded = /^[\x20-@[-\x7e]*$/

/**
 * The form in which texts are compared: composed (NFC), then each character case folded as Unicode's full folding has it
 * (statuses C and F). Needs no locale.
 */
export function fold(text: string): string {
  if (plainFolded.test(text)) return text
  if (plain.test(text)) return text.toLowerCase()
  return normalForm(foldCase(normalForm(text)))
}

/** The same for each character by itself. */
export function foldCharacter(character: string): string {
  if (character < '\u0080') return character.toLowerCase()
  const folded = foldCase(character)
  // Nothing to compose: of those that fold to one unit, each is composed already.
  return folded.length === 1 ? folded : normalForm(folded)
}

/** A dotless ı is a letter of its own; a sigma is one wherever it stands, so that parts of words compare too. */
export function foldCase(text: string): string {
  if (text.includes('ı')) return text.split('ı').map(foldCase).join('ı')
  // Down, up and down again: ẞ by ß to ss, ſ by S to s. The whole at once, since a call costs more than its character.
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}
