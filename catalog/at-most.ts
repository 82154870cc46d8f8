/** How many requests to registries may be under way at once. */
export const REQUESTS_AT_ONCE = 8

/**
 * Does the work for each item, at most this many at once. Failures are returned like results, in the order of
 * the items.
 */
export async function settleAtMost<T, R>(
  limit: number,
  items: T[],
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [i, item] of queue) [results[i]] = await Promise.allSettled([work(item)])
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
