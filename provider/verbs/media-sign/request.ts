import type { CommonOptions, SigningOptions } from '../../session/options.js'

export interface MediaSignRequest extends CommonOptions, SigningOptions {
  /** The media. */
  path: string
}

export interface MediaSignResult {
  /** The list that is signed: `SHA256SUMS`. */
  list: string
  /**
   * One file for each key; with `whatIf` without path and size. `size` is in bytes, `keyId` as minisign
   * prints it.
   */
  signatures: { path: string; keyId: string; size: number }[]
}
