import { setMaxListeners } from 'node:events'
import { ContainerImageError } from '../../manifests/index.js'

/** A deadline for any number of tasks; to be closed when they are done. */
export interface Deadline {
  /** Aborted at the deadline, or when the caller's own signal is. */
  signal: AbortSignal
  /** The result of the work, or NETWORK_TIMEOUT at the deadline, even if the work ignores the signal. */
  within<T>(work: Promise<T>): Promise<T>
  close(): void
}

export function deadline(milliseconds: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController()
  // Every running request listens to it; Node takes more than ten listeners for a leak and warns on stderr.
  setMaxListeners(0, controller.signal)
  const timeout = new ContainerImageError(
    'NETWORK_TIMEOUT',
    `There was no answer within ${milliseconds / 1000} seconds.`,
  )
  const timer = setTimeout(() => controller.abort(timeout), milliseconds)
  const onOuter = () => controller.abort(outer?.reason)
  if (outer?.aborted) onOuter()
  outer?.addEventListener('abort', onOuter, { once: true })
  return {
    signal: controller.signal,
    within: (work) => firstOf(work, controller.signal),
    close() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', onOuter)
    },
  }
}

function firstOf<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
