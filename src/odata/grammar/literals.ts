/**
 * The spellings of OData's primitive values: text to Value. Pure; each pattern takes a bounded or linear time.
 * OData 4.01, ABNF section 7; section 5.1.1.14.1 of part 2.
 */

import { isLeapSecond, isRealDay, readInstant, trimFraction } from './instants.ts'
import type { Value } from './syntax.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const integer = /^[+-]?\d+$/
const decimal = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i
const date = /^(\d{4})-(\d\d)-(\d\d)$/
const timeOfDay = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,12}))?)?$/
const dateTimeOffset =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d|60)(?:\.(\d{1,12}))?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i
const duration = /^(-)?P(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,12}))?S)?)?$/i
const enumMember = /^(?:[+-]?\d{1,20}|[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]{0,127})$/u
const base64url = /^(?:[\w-]{4})*(?:[\w-]{3}=?|[\w-]{2}(?:==)?)?$/

/** Longer runs of digits are no number that anybody stores, and would be work to convert. */
const mostDigits = 400

/** Reads an unquoted literal: a number, date, time or GUID; undefined where the text is none. */
export function readBareLiteral(text: string): Value | undefined {
  return readGuid(text) ?? readDate(text) ?? readTimeOfDay(text) ?? readDateTimeOffset(text) ?? readNumber(text)
}

/** A number, or `INF`, `-INF`, `NaN`. */
export function readNumber(text: string): Value | undefined {
  if (text === 'INF' || text === '-INF') return { type: 'double', value: text === 'INF' ? Infinity : -Infinity }
  if (text === 'NaN') return { type: 'double', value: Number.NaN }
  if (text.length > mostDigits) return undefined
  if (integer.test(text)) {
    const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
    return { type: 'integer', text: value.toString(), value }
  }
  const value = decimal.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? { type: 'decimal', text: text.startsWith('+') ? text.slice(1) : text, value } : undefined
}

export function readGuid(text: string): Value | undefined {
  return guid.test(text) ? { type: 'guid', text: text.toLowerCase() } : undefined
}

export function readDate(text: string): Value | undefined {
  return date.test(text) && isRealDay(text) ? { type: 'date', text } : undefined
}

export function readTimeOfDay(text: string): Value | undefined {
  const match = timeOfDay.exec(text)
  if (match === null) return undefined
  const [, hours, minutes, seconds = '00', fraction = ''] = match
  return { type: 'timeOfDay', text: `${hours}:${minutes}:${seconds}${trimFraction(fraction)}` }
}

/** The year is of four digits, before and after its time is brought to UTC. */
export function readDateTimeOffset(text: string): Value | undefined {
  const match = dateTimeOffset.exec(text)
  if (match === null) return undefined
  const [, day = '', time = '', seconds = '00', fraction = '', zone = ''] = match
  if (!isRealDay(day)) return undefined
  const instant = readInstant(day, `${time}:${isLeapSecond(seconds) ? '59' : seconds}`, zone.toUpperCase(), isLeapSecond(seconds))
  return instant === undefined ? undefined : { type: 'dateTimeOffset', text, instant: `${instant}${trimFraction(fraction)}Z` }
}

/** Without the word `duration` and its quotes. */
export function readDuration(text: string): Value | undefined {
  const match = duration.exec(text)
  const last = text.at(-1)?.toUpperCase()
  if (match === null || last === 'P' || last === 'T') return undefined
  const [, sign = '', days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  const amount = `${whole}${trimFraction(fraction)}`
  return { type: 'duration', text, seconds: amount === '0' ? amount : sign + amount }
}

/** base64url, padded or not; without the word `binary` and its quotes. */
export function readBinary(text: string): Value | undefined {
  if (!base64url.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // Bits beyond the last octet have to be zero, so that a value has one spelling.
  return bytes.toString('base64url') === text.replaceAll('=', '') ? { type: 'binary', bytes: new Uint8Array(bytes) } : undefined
}

/** The members inside the quotes of an enumeration literal: `Solid,Yellow,+42`. */
export function readEnumMembers(text: string): readonly string[] | undefined {
  const members = text.split(',').map((member) => member.trim())
  return members.every((member) => enumMember.test(member)) ? members.map((member) => member.replace(/^\+/, '')) : undefined
}
