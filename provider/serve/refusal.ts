/**
 * The codes of the distribution-spec ("Error Codes") that reading can lead to, and docker's own for an
 * internal error.
 */
export type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNKNOWN'
  | 'UNSUPPORTED'

/** A request that is answered with an error, as clients understand it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message)
    this.name = 'Refusal'
  }

  /** distribution-spec, "Error Codes": the body of an error. */
  body(): string {
    return `${JSON.stringify({ errors: [{ code: this.code, message: this.message }] })}\n`
  }
}

/** Whether an error says that something is not there, and not that it is damaged. */
export function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'BLOB_MISSING' || code === 'NOT_FOUND' || code === 'ENOENT'
}
