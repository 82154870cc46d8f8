/** How long ago a time was, in docker's words: `3 weeks ago`. `N/A` for an invalid time. */
export function age(iso: string, now: Date): string {
  const time = Date.parse(iso)
  if (Number.isNaN(time)) return 'N/A'
  return `${duration(Math.max(0, now.getTime() - time) / 1000)} ago`
}

/** A span in seconds, rounded as docker rounds it: days up to two weeks, weeks up to two months, and so on. */
function duration(seconds: number): string {
  if (seconds < 1) return 'Less than a second'
  if (seconds < 60) return counted(seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return counted(minutes, 'minute')
  const hours = Math.round(seconds / 3600)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return counted(hours, 'hour')
  if (hours < 24 * 7 * 2) return counted(hours / 24, 'day')
  if (hours < 24 * 30 * 2) return counted(hours / 24 / 7, 'week')
  if (hours < 24 * 365 * 2) return counted(hours / 24 / 30, 'month')
  return counted(hours / 24 / 365, 'year')
}

function counted(count: number, unit: string): string {
  const whole = Math.floor(count)
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`
}

/** A span of work in seconds, for a display: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function span(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
