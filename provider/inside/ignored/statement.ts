import type { SoftwarePackage } from '../packages/software-package.js'

/** That a vulnerability does no harm, or is to be left out, as somebody says. */
export interface Statement {
  /** Its names, any of which is enough. */
  ids: string[]
  /** To which packages it applies; to all where this is left out. */
  packages?: ((one: SoftwarePackage) => boolean)[]
  /** The image that it is for, by a digest; any where this is left out. */
  digest?: string
  /** In the words of the document: `not_affected: vulnerable_code_not_present`, a comment. */
  reason: string
  /** The last day on which it counts, as `2026-12-31`. */
  until?: string
}
