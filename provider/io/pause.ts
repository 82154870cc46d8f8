import { interrupted } from '../../manifests/index.js'

/** Waits, unless the signal says to stop. @throws INTERRUPTED */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(interrupted(signal.reason))
      return
    }
    const timer = setTimeout(done, milliseconds)
    const stop = (): void => {
      clearTimeout(timer)
      reject(interrupted(signal?.reason))
    }
    function done(): void {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
