/** Points in time as text: how they are read, and how they sort. */

const pattern = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)$/i

/** An `Edm.DateTimeOffset` in UTC with at most seven fraction digits, as Graph writes it; undefined when it is none. */
export function parseDateTime(text: string): string | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, date, minutes, seconds = '00', fraction = '', zone = 'Z'] = match
  const instant = new Date(`${date}T${minutes}:${seconds}${zone.toUpperCase()}`)
  // The calendar check: Date would roll 31 February over into March.
  if (Number.isNaN(instant.getTime()) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) return undefined
  const utc = instant.toISOString()
  // The zone may lead out of the years that four digits write.
  if (!/^\d/.test(utc)) return undefined
  const digits = fraction.slice(0, 7).replace(/0+$/, '')
  return `${utc.slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`
}

/** The same instant with exactly seven fraction digits, so that text order is time order. */
export function sortableTime(dateTime: string): string {
  const [seconds = '', fraction = ''] = dateTime.slice(0, -1).split('.')
  return `${seconds}.${fraction.padEnd(7, '0')}Z`
}
