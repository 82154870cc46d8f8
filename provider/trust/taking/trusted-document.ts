import type { Context } from '../../session/context.js'
import { type RequiredSigners, requiredSigners } from '../required/required-signers.js'
import { type Judgement, judged } from '../signed/judged-signers.js'
import { notEnough, unsigned } from '../signed/refusals.js'
import { signaturesOf } from '../signed/signature-files.js'
import { countGood } from './admission.js'

/** Who signed a document that came back from elsewhere, such as a log of receipts, and who had to. */
export interface DocumentSigners {
  signatures: Judgement[]
  required: RequiredSigners
}

/**
 * Judges the signatures beside a document that is signed itself, and not by way of a list. The bytes that were read are
 * the ones that are judged.
 * @throws SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_UNTRUSTED if keys are trusted
 */
export async function documentSigners(
  context: Context,
  file: string,
  bytes: Uint8Array,
): Promise<DocumentSigners> {
  const required = await requiredSigners(context.options)
  const signatures = judged(await signaturesOf(file), bytes, required.keys)
  if (required.needed > 0 && signatures.length === 0) throw unsigned(file, required)
  if (countGood(signatures) < required.needed) throw notEnough(file, signatures, required)
  return { signatures, required }
}
