import { ContainerImageError, type ErrorCode, hasCode } from '../../manifests/index.js'

/** One of several references that something keeps from being taken, while the others are. */
export interface FailedReference {
  /** As it was asked for: `registry.example.org/app:1.0`. */
  reference: string
  code: ErrorCode
  message: string
  /** What to do about it: one sentence. */
  remedy: string
  /** That the command line has for such an error. */
  exitCode: number
}

/** What a result tells of an error that does not stop the others. @throws the error where it stops all work */
export function failedReference(reference: string, error: unknown, signal?: AbortSignal): FailedReference {
  if (!(error instanceof ContainerImageError) || hasCode(error, 'INTERRUPTED') || signal?.aborted) throw error
  const { code, message, remedy, exitCode } = error
  return { reference, code, message, remedy, exitCode }
}
