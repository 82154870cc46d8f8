import { ContainerImageError } from '../manifests/index.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const

/**
 * Turns the first signal into an abort, so that the work can be left in a state that the next run continues;
 * the second ends the program at once.
 */
export function abortOnSignals(onFirst: () => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new ContainerImageError('INTERRUPTED', `Stopped before the end by ${name}.`))
    onFirst()
  }
  const signals = SIGNALS.filter((name) => name !== 'SIGBREAK' || process.platform === 'win32')
  for (const name of signals) process.on(name, stop)
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, stop)
    },
  }
}
