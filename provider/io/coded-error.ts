/** An error like the system's, with a code, that is put into words further up. */
export function codedError(code: string | undefined, message: string): Error & { code?: string } {
  return new CodedError(code, message)
}

class CodedError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message)
  }
}
