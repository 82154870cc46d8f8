import type { CommonOptions } from '../../session/options.js'

export interface VerifyRequest extends CommonOptions {
  /** Archives and folders; the store where left out. */
  paths?: string[] | undefined
  /** Repair files first that recovery files lie beside; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean | undefined
}
