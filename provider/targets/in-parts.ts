/** @param size how many at most are in each part; rounded up */
export function inParts<T>(all: readonly T[], size: number): T[][] {
  const whole = Math.ceil(size)
  const starts = Array.from({ length: Math.ceil(all.length / whole) }, (_, at) => at * whole)
  return starts.map((from) => all.slice(from, from + whole))
}
