export interface TrustAddRequest {
  /** The path of a public key's file, or the line in it. */
  key: string
  /** What messages call it; default: its id. */
  name?: string | undefined
  /** Patterns of the image names that it may sign, as `debian*`; default: all. */
  patterns?: string[] | undefined
  /** Say what would happen, but change nothing. */
  whatIf?: boolean | undefined
}

/** A key whose signatures count. */
export interface TrustedSigner {
  /** What messages call it. */
  name: string
  /** As minisign prints it: 16 hex digits. */
  id: string
  /** The public key in one line. */
  key: string
  /** Patterns of the image names that it may sign; empty if it may sign all. */
  patterns: string[]
}
