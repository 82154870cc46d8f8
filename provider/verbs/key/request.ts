export interface KeyGenerateRequest {
  /** Where the secret key goes; the public one is beside it, and ends in `.pub`. */
  path: string
  /** Called once for the passphrase that will protect the secret key; undefined if nobody can give one. */
  passphrase?: ((file: string) => Promise<string | undefined>) | undefined
  /** Make a key that anybody who has its file can use; default: it needs a passphrase. */
  noPassphrase?: boolean | undefined
  /** Overwrite files. */
  force?: boolean | undefined
  /** Say what would happen, but change nothing. */
  whatIf?: boolean | undefined
}

export interface KeyGenerateResult {
  /** The file of the secret key. */
  path: string
  /** The file of the public key. */
  publicPath: string
  /** As minisign prints it: 16 hex digits; empty with `whatIf`. */
  id: string
  /** The public key in one line, as `minisign -P` takes it; empty with `whatIf`. */
  publicKey: string
  /** The secret key was there already, without its public one, as a stopped run leaves it: only that one was made. */
  wasThere: boolean
}
