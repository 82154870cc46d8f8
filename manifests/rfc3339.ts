/**
 * Whether a text is a time as RFC 3339 section 5.6 writes it, of a day that exists. Leap seconds do not count:
 * neither Go nor Date can read them.
 */
export function isTime(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/i.exec(text)
  if (!match) return false
  const [year = 0, month = 0, day = 0, ...clock] = match.slice(1).map((digits) => Number(digits ?? 0))
  const [hour = 0, minute = 0, second = 0, hoursAway = 0, minutesAway = 0] = clock
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    [hour, hoursAway].every((hours) => hours <= 23) &&
    [minute, second, minutesAway].every((sixtieths) => sixtieths <= 59)
  )
}

/** The calendar repeats every 400 years; Date.UTC would take the years below 100 for those of 1900. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}
