import type { ContainerImageError, ErrorFacts } from '../../../manifests/index.js'

/** An error in the form in which it passes from one thread to another: neither classes nor codes do by themselves. */
export interface PlainFailure {
  message: string
  code?: string
  /** What the system was asked for. */
  syscall?: string
  /** A RangeError: there is not enough memory. */
  isOfMemory?: true
  facts?: ErrorFacts
}

/** Knows an error of ours by its name: the class would bring the words for every code into each thread. */
export function plainFailure(error: unknown): PlainFailure {
  if (isOurs(error)) {
    const { message, code, side, expected, found, remedy } = error
    const facts = Object.entries({ side, expected, found, remedy }).filter(([, one]) => one !== undefined)
    return { message, code, facts: Object.fromEntries(facts) }
  }
  const { message, code, syscall } = error as NodeJS.ErrnoException
  return {
    message: String(message),
    code,
    syscall,
    ...(error instanceof RangeError ? { isOfMemory: true } : {}),
  }
}

function isOurs(error: unknown): error is ContainerImageError {
  return error instanceof Error && error.name === 'ContainerImageError'
}
