import type { ErrorCode } from '../../../../manifests/index.js'

/** Why one signature does not count; if no other signature of the image counts, it is the reason for a refusal. */
export class SignatureFault extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}
