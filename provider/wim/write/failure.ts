import { ContainerImageError, type ErrorCode, type ErrorFacts } from '../../../manifests/index.js'
import { fromSystem } from '../../files/system-errors.js'

/** An error in the form in which it passes from one thread to another: classes do not. */
export interface PlainFailure {
  message: string
  code?: string
  facts?: ErrorFacts
}

export function plainFailure(error: unknown): PlainFailure {
  if (error instanceof ContainerImageError) {
    const { message, code, side, expected, found, remedy } = error
    const facts = Object.entries({ side, expected, found, remedy }).filter(([, one]) => one !== undefined)
    return { message, code, facts: Object.fromEntries(facts) }
  }
  const { message, code } = error as NodeJS.ErrnoException
  return { message: String(message), ...(code === undefined ? {} : { code }) }
}

/** The error that the worker met, as it would have been thrown here. */
export function failureOf(plain: PlainFailure): unknown {
  if (plain.facts) return new ContainerImageError(plain.code as ErrorCode, plain.message, plain.facts)
  return fromSystem(Object.assign(new Error(plain.message), { code: plain.code }), 'Reading', 'source')
}
