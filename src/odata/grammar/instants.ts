/** The few sums about days and instants that literals need. Texts in, texts out; years are of four digits. */

/** Whether `YYYY-MM-DD` is in the calendar. The year 0000 is. */
export function isRealDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

/** The 60th second, which some days have. */
export function isLeapSecond(seconds: string): boolean {
  return seconds === '60'
}

/** `YYYY-MM-DDTHH:MM:SS` in UTC, or undefined outside the years 0000 to 9999. A leap second is the second that follows. */
export function readInstant(day: string, time: string, zone: string, leap: boolean): string | undefined {
  const text = new Date(Date.parse(`${day}T${time}${zone}`) + (leap ? 1000 : 0)).toISOString()
  return text.length === 24 ? text.slice(0, 19) : undefined
}

/** `500` → `.5`, `000` → nothing. */
export function trimFraction(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return end === 0 ? '' : `.${digits.slice(0, end)}`
}
