import type { Receipt } from '../../../manifests/index.js'
import type { CommonOptions } from '../../session/options.js'

export interface ReceiptRequest extends CommonOptions {
  /** Logs of receipts; a media means all logs on it. Default: the store's own. */
  paths?: string[] | undefined
}

export interface ReceiptLog {
  /** The file that was read. */
  path: string
  /** Oldest first. */
  receipts: Receipt[]
}
