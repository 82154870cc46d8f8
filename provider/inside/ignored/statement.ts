import type { SoftwarePackage } from '../packages/software-package.js'

/** A statement that a vulnerability does no harm, or is to be left out. */
export interface Statement {
  /** Its names, any of which is enough. */
  ids: string[]
  /** The packages to which it applies; default: all. */
  packages?: ((one: SoftwarePackage) => boolean)[]
  /** The image that it is for, by a digest; default: any. */
  digest?: string
  /** In the words of the document: `not_affected: vulnerable_code_not_present`, a comment. */
  reason: string
  /** The last day on which it counts, as `2026-12-31`. */
  until?: string
}
