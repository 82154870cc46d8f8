import type { ContainerImageError, ErrorFacts, Side } from '../../../manifests/index.js'

/** What was being done when the system refused something, and to which side: for the message. */
export interface Doing {
  what?: string
  side?: Side
}

/**
 * An error in the form in which it passes from one thread to another: classes and codes do not survive that
 * by themselves.
 */
export interface PlainFailure extends Doing {
  message: string
  code?: string
  /** The system's own number for it: libuv has no name for some errors. */
  errno?: number
  /** What the system was asked for. */
  syscall?: string
  path?: string
  /** A RangeError: there is not enough memory. */
  isOfMemory?: true
  facts?: ErrorFacts
}

/** Runs a step of a task; where the system refuses it, the error says what was being done. */
export function doing<T>(what: string, side: Side, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw inDoing(error, what, side)
  }
}

/** The step closest to the error knows best: what it said about the error stays. */
export function inDoing(error: unknown, what: string, side: Side): unknown {
  const known = error as Error & Doing
  return Object.assign(known, { what: known.what ?? what, side: known.side ?? side })
}

/** Recognises our errors by name: the class would load the texts for every code into each thread. */
export function plainFailure(error: unknown): PlainFailure {
  if (isOurs(error)) {
    const { message, code, side, expected, found, remedy, details } = error
    const facts = Object.entries({ side, expected, found, remedy, details })
    return { message, code, facts: Object.fromEntries(facts.filter(([, one]) => one !== undefined)) }
  }
  const { message, code, errno, syscall, path, what, side } = error as NodeJS.ErrnoException & Doing
  const isOfMemory = error instanceof RangeError || undefined
  return { message: String(message), code, errno, syscall, path, what, side, isOfMemory }
}

function isOurs(error: unknown): error is ContainerImageError {
  return error instanceof Error && error.name === 'ContainerImageError'
}
