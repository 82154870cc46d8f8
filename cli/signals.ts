import { ContainerImageError } from '../manifests/index.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const

export interface Signals {
  signal: AbortSignal
  /** From now on SIGHUP means this, as for programs that run for long, and not the end. */
  onHangUp(handler: () => void): void
  release(): void
}

/**
 * Turns the first signal into an abort, so that the work can be left in a state that the next run continues;
 * the second ends the program at once.
 */
export function abortOnSignals(onFirst: () => void): Signals {
  const controller = new AbortController()
  let hungUp: (() => void) | undefined
  const stop = (name: NodeJS.Signals): void => {
    // On Windows it says that the console is being closed.
    if (name === 'SIGHUP' && hungUp && process.platform !== 'win32') {
      hungUp()
      return
    }
    if (controller.signal.aborted) process.exit(130)
    controller.abort(new ContainerImageError('INTERRUPTED', `Stopped before the end by ${name}.`))
    onFirst()
  }
  const signals = SIGNALS.filter((name) => name !== 'SIGBREAK' || process.platform === 'win32')
  for (const name of signals) process.on(name, stop)
  return {
    signal: controller.signal,
    onHangUp(handler) {
      hungUp = handler
    },
    release() {
      for (const name of signals) process.off(name, stop)
    },
  }
}
