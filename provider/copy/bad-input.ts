import { ContainerImageError, ERROR_CODES } from '../../manifests/index.js'

/**
 * Whether an error says that bytes from outside are not what they should be: then nothing of the run is kept,
 * while a run that was stopped or lost its connection leaves what the next one can continue from.
 */
export function isBadInput(error: unknown): boolean {
  // A URL that is not allowed says nothing about the bytes that came so far.
  if (!(error instanceof ContainerImageError) || error.code === 'FOREIGN_URL_REFUSED') return false
  return error.exitCode === ERROR_CODES.DIGEST_MISMATCH.exit
}
