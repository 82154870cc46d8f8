import type { VerifyResult } from '../../copy/check/verify-result.js'
import type { CommonOptions, SignatureOptions } from '../../session/options.js'
import type { JudgedSigner } from '../../trust/signed/judged-signers.js'

/** What was found, with the signatures of what was named. */
export interface VerifyReport extends VerifyResult {
  /** For each path that has signatures: who signed it, with verdicts. */
  signers?: { path: string; signers: JudgedSigner[] }[]
}

export interface VerifyRequest extends CommonOptions, SignatureOptions {
  /** Archives and folders; default: the store. */
  paths?: string[] | undefined
  /**
   * WIM only: files, or patterns of names, in which to look for its other parts and for what a delta lacks,
   * in addition to the other WIMs of the request.
   */
  ref?: string[] | undefined
  /** First repair files that have recovery files beside them; a damaged file is kept as `NAME.damaged`. */
  repair?: boolean | undefined
}
