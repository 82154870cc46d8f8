import { type Receipt, show } from '../../../manifests/index.js'
import { noSuchPath } from '../../io/files/no-such-path.js'
import { logBytes, parseLog } from '../../receipts/log.js'
import type { Context } from '../../session/context.js'
import { type JudgedSigner, shownJudgement } from '../signed/judged-signers.js'
import { admitLogs, type SignedLog } from './admit-logs.js'
import { documentSigners } from './trusted-document.js'

/** A log of receipts that came from elsewhere. */
export interface TrustedLog {
  /** The file that was read. */
  path: string
  /** The oldest comes first. */
  receipts: Receipt[]
  /** Who signed it. */
  signers: JudgedSigner[]
}

/**
 * Reads logs of receipts that came back, all those of a run at once: the one way from such a file to anything that
 * relies on it. If keys are trusted, each must be signed by them.
 * @throws SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNTRUSTED, SIGNATURE_OLDER; RECEIPT_INVALID, PATH_NOT_FOUND
 */
export async function trustedLogs(context: Context, files: readonly string[]): Promise<TrustedLog[]> {
  const logs: (TrustedLog & SignedLog)[] = []
  for (const file of files) {
    const bytes = await logBytes(file)
    if (!bytes) throw noSuchPath(show(file), { side: 'source', expected: 'a file of receipts' })
    const signed = await documentSigners(context, file, bytes)
    const receipts = parseLog(bytes, file)
    logs.push({ path: file, receipts, signers: signed.signatures.map(shownJudgement), ...signed })
  }
  await admitLogs(logs, context.options)
  return logs.map(({ path, receipts, signers }) => ({ path, receipts, signers }))
}
