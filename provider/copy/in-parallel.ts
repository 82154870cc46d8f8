/**
 * Does something for every item, at most so many at once. The first failure stops the others through their
 * signal; when all have ended it is thrown.
 */
export async function inParallel<T>(
  items: T[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const passOn = (): void => stop.abort(signal?.reason)
  if (signal?.aborted) passOn()
  signal?.addEventListener('abort', passOn, { once: true })
  const queue = items[Symbol.iterator]()
  let failure: { error: unknown } | undefined

  async function takeTurns(): Promise<void> {
    for (const item of queue) {
      if (failure) return
      try {
        await work(item, stop.signal)
      } catch (error) {
        failure ??= { error }
        stop.abort(error)
        return
      }
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.max(1, Math.min(most, items.length)) }, takeTurns))
  } finally {
    signal?.removeEventListener('abort', passOn)
  }
  if (failure) throw failure.error
}
