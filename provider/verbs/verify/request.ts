import type { CommonOptions, SignatureOptions } from '../../session/options.js'

export interface VerifyRequest extends CommonOptions, SignatureOptions {
  /** Archives and folders; default: the store. */
  paths?: string[] | undefined
  /**
   * WIM only: files, or patterns of names, in which to look for its other parts and for what a delta lacks, besides
   * the other WIMs of the request.
   */
  ref?: string[] | undefined
  /** First repair files that have recovery files beside them; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean | undefined
}
