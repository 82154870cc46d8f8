import type { ErrorCode } from '../../../../manifests/index.js'

/** Why one signature does not count; of an image it is the reason for a refusal where no other signature counts. */
export class SignatureFault extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}
