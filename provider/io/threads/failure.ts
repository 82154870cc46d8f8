import { ContainerImageError, type ErrorCode } from '../../../manifests/index.js'
import { fromSystem } from '../files/system-errors.js'
import type { PlainFailure } from './plain-failure.js'

/** The worker's error, as it would have been thrown here. */
export function failureOf(failure: PlainFailure): unknown {
  const { message, code, errno, syscall, path, isOfMemory, facts, what, side } = failure
  if (facts) return new ContainerImageError(code as ErrorCode, message, facts)
  if (isOfMemory) return new RangeError(message)
  const error = Object.assign(new Error(message), { code, errno, syscall, path })
  return syscall === 'write'
    ? fromSystem(error, what ?? 'Writing', side ?? 'destination')
    : fromSystem(error, what ?? 'Reading', side ?? 'source')
}
