/** @param size how many at most are in each part; rounded up */
export function inParts<T>(all: readonly T[], size: number): T[][] {
  const whole = Math.ceil(size)
  const starts = Array.from({ length: Math.ceil(all.length / whole) }, (_, at) => at * whole)
  return starts.map((from) => all.slice(from, from + whole))
}

/**
 * Parts of which each has as many as all before it together: however many there are, few parts are enough, and what is
 * done once for each part, on all that there is by then, takes time in proportion to the whole.
 * @param first how many are in the first part
 */
export function inGrowingParts<T>(all: readonly T[], first: number): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < all.length; from += parts.at(-1)?.length ?? 0)
    parts.push(all.slice(from, from + Math.max(first, from)))
  return parts
}
