/** Between 1601, where FILETIME begins, and 1970; in units of 100 ns. */
const EPOCH = 116444736000000000n
const SECOND = 10_000_000n

let lastTime = -1n
let lastText = ''

/** A FILETIME as pax writes times: seconds since 1970, with as many decimals as are needed. */
export function paxTime(filetime: bigint): string {
  // The times of one entry, and of neighbours, are often the same.
  if (filetime !== lastTime) {
    lastTime = filetime
    lastText = format(filetime - EPOCH)
  }
  return lastText
}

function format(ticks: bigint): string {
  const positive = ticks < 0n ? -ticks : ticks
  const sign = ticks < 0n ? '-' : ''
  const seconds = positive / SECOND
  const rest = Number(positive - seconds * SECOND)
  return rest === 0 ? `${sign}${seconds}` : `${sign}${seconds}.${decimals(rest)}`
}

function decimals(ticks: number): string {
  return String(ticks).padStart(7, '0').replace(/0+$/, '')
}

/** A FILETIME in whole seconds since 1970, rounded down. */
export function wholeSeconds(filetime: bigint): number {
  const ticks = filetime - EPOCH
  const seconds = ticks / SECOND
  return Number(ticks < 0n && seconds * SECOND !== ticks ? seconds - 1n : seconds)
}

/** A FILETIME as ISO 8601 in whole seconds, within the years that it can write. */
export function isoTime(filetime: bigint): string {
  const seconds = Math.min(Math.max(wholeSeconds(filetime), 0), 253402300799)
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** An RFC 3339 time as FILETIME, to 100 ns; undefined where it is none. */
export function filetimeOf(text: string | undefined): bigint | undefined {
  const milliseconds = Date.parse(text ?? '')
  if (Number.isNaN(milliseconds)) return undefined
  const decimals = /\.(\d+)/.exec(text ?? '')?.[1] ?? ''
  const ticks = BigInt(decimals.slice(0, 7).padEnd(7, '0'))
  const time = BigInt(Math.floor(milliseconds / 1000)) * SECOND + ticks + EPOCH
  return time < 0n ? undefined : time
}
