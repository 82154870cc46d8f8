import { ContainerImageError, type Descriptor } from '../../../manifests/index.js'
import type { VerifyProblem } from './verify-result.js'

/** An error as one line of a report. */
export function problemOf(error: unknown, place: { path?: string; descriptor?: Descriptor }): VerifyProblem {
  const known = error instanceof ContainerImageError ? error : undefined
  const digest = place.descriptor?.digest
  return {
    code: known?.code ?? 'UNEXPECTED',
    path: place.path,
    digest,
    ...(known?.expected === undefined ? {} : { expected: String(known.expected) }),
    ...(known?.found === undefined ? {} : { found: String(known.found) }),
    message: error instanceof Error ? error.message : String(error),
  }
}
