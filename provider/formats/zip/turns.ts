import { interrupted } from '../../../manifests/index.js'

/** Things that are begun side by side and have to be ended one after the other. */
export class Turns<T> {
  private readonly ended = new Set<T>()
  private readonly waiting = new Map<T, () => void>()

  constructor(private readonly order: readonly T[]) {}

  /** Whose turn it is. */
  get current(): T | undefined {
    return this.order[this.ended.size]
  }

  /** Resolves when all before it have ended. @throws INTERRUPTED */
  async of(one: T, signal?: AbortSignal): Promise<void> {
    if (this.current === one) return
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.waiting.delete(one)
        reject(interrupted(signal?.reason))
      }
      if (signal?.aborted) return stop()
      signal?.addEventListener('abort', stop, { once: true })
      this.waiting.set(one, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
    })
  }

  end(one: T): void {
    this.ended.add(one)
    const { current } = this
    if (current === undefined) return
    const go = this.waiting.get(current)
    this.waiting.delete(current)
    go?.()
  }
}
