import type { Receipt } from '../../../manifests/index.js'
import type { CommonOptions, SignatureOptions } from '../../session/options.js'
import type { JudgedSigner } from '../../trust/signed/judged-signers.js'

export interface ReceiptRequest extends CommonOptions, SignatureOptions {
  /** Logs of receipts; a media means all logs on it. Default: the store's own. */
  paths?: string[] | undefined
}

export interface ReceiptLog {
  /** The file that was read. */
  path: string
  /** Oldest first. */
  receipts: Receipt[]
  /** Who signed the file, with verdicts; for the store's own log, nobody. */
  signers: JudgedSigner[]
}
