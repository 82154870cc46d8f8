import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const

/** How long stopped work may take to clean up, in milliseconds. */
const PATIENCE_MS = 1000

export interface Signals {
  signal: AbortSignal
  /** Rejects if the work has not ended a while after a signal: what it waits for may never come. */
  overdue: Promise<never>
  /** From now on SIGHUP calls this, as in long-running programs, instead of ending. */
  onHangUp(handler: () => void): void
  /**
   * From now on the work may take this many milliseconds longer: it has promised others to finish what they
   * began.
   */
  onLongEnd(milliseconds: number): void
  release(): void
}

export interface SignalOptions {
  environment: NodeJS.ProcessEnv
  onFirst(): void
  onSecond(): void
  /** Calls back when whoever started this program wants it to stop, as on a first signal. */
  onCallerEnd?(stop: () => void): void
}

/**
 * Turns the first signal into an abort, so that the work is left in a state that the next run can continue;
 * the second ends the program at once.
 */
export function abortOnSignals({ environment, onFirst, onSecond, onCallerEnd }: SignalOptions): Signals {
  const controller = new AbortController()
  let hungUp = isKeptFromHangUp(environment) ? () => {} : undefined
  let patience = PATIENCE_MS
  let late: NodeJS.Timeout | undefined
  let giveUp: (reason: unknown) => void = () => {}
  const overdue = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  // Even if nobody is waiting for it, it must not become an unhandled rejection.
  overdue.catch(() => {})
  const stop = (name: NodeJS.Signals): void => {
    // On Windows it means that the console is being closed.
    if (name === 'SIGHUP' && hungUp && process.platform !== 'win32') {
      hungUp()
      return
    }
    if (controller.signal.aborted) {
      onSecond()
      return
    }
    abort(name)
  }
  const abort = (by: string): void => {
    const reason = new ContainerImageError('INTERRUPTED', `Stopped before the end by ${by}.`)
    late = setTimeout(() => giveUp(reason), patience)
    controller.abort(reason)
    onFirst()
  }
  // Ctrl-C may come first from the console that both share.
  onCallerEnd?.(() => {
    if (!controller.signal.aborted) abort('the program that started it')
  })
  const signals = SIGNALS.filter((name) => name !== 'SIGBREAK' || process.platform === 'win32')
  for (const name of signals) process.on(name, stop)
  return {
    signal: controller.signal,
    overdue,
    onHangUp(handler) {
      hungUp = handler
    },
    onLongEnd(milliseconds) {
      patience = milliseconds + PATIENCE_MS
    },
    release() {
      clearTimeout(late)
      for (const name of signals) process.off(name, stop)
    },
  }
}

/**
 * nohup sets SIGHUP to be ignored, which Node undoes when it starts; shells tell a program what started it.
 */
function isKeptFromHangUp({ _: ranBy = '' }: NodeJS.ProcessEnv): boolean {
  return path.basename(ranBy) === 'nohup'
}
