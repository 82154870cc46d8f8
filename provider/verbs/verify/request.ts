import type { CommonOptions } from '../../session/options.js'

export interface VerifyRequest extends CommonOptions {
  /** Archives and folders; default: the store. */
  paths?: string[] | undefined
  /**
   * Of a WIM: files, or patterns of names, in which its other parts and what a delta lacks are looked for, beside the
   * other WIMs of the request.
   */
  ref?: string[] | undefined
  /** First repair files that have recovery files beside them; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean | undefined
}
