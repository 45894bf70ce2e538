/** Points in time as text: how they are read, and how they sort. */

const pattern = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)$/i

/** How many digits of a second's fraction are kept. */
export const fractionDigits = 7

/** An `Edm.DateTimeOffset` in UTC with at most seven fraction digits, as Graph writes it; undefined when it is none. */
export function parseDateTime(text: string): string | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, date = '', minutes, seconds = '00', fraction = '', zone = 'Z'] = match
  if (!isDay(date) || seconds > '59') return undefined
  const local = `${date}T${minutes}:${seconds}`
  const utc = /^z$/i.test(zone) ? local : inUtc(`${local}${zone}`)
  if (utc === undefined) return undefined
  const digits = fraction.slice(0, fractionDigits).replace(/0{1,7}$/, '')
  return `${utc}${digits === '' ? '' : `.${digits}`}Z`
}

/** An instant in the form of `parseDateTime`: a record holds the same text whether it was written here or read from an export. */
export function renderDateTime(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString()
  return parseDateTime(text) ?? text
}

const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether the calendar has the day: `Date` would roll 31 February over into March. */
function isDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))]
  const isLeap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (daysOfMonths[month - 1] ?? 0) + (isLeap ? 1 : 0)
}

/** To the second, without the zone; undefined where there is no such zone, or it leads out of the years that four digits write. */
function inUtc(time: string): string | undefined {
  const instant = new Date(time)
  if (Number.isNaN(instant.getTime())) return undefined
  const utc = instant.toISOString()
  return /^\d/.test(utc) ? utc.slice(0, 19) : undefined
}

/** The same instant with exactly seven fraction digits, so that text order is time order. */
export function sortableTime(dateTime: string): string {
  const [seconds = '', fraction = ''] = dateTime.slice(0, -1).split('.')
  return `${seconds}.${fraction.padEnd(fractionDigits, '0')}Z`
}
