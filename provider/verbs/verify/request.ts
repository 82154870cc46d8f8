import type { CommonOptions } from '../../session/options.js'

export interface VerifyRequest extends CommonOptions {
  /** Archives and folders; default: the store. */
  paths?: string[] | undefined
  /** First repair files that have recovery files beside them; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean | undefined
}
