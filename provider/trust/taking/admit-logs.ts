import path from 'node:path'
import type { Receipt } from '../../../manifests/index.js'
import { older } from '../signed/refusals.js'
import { highestSeen, raiseMarks, readMarks, type Seen } from '../trusted/seen-marks.js'
import { ableToSign, type Good, goodOnes } from './admission.js'
import type { DocumentSigners } from './trusted-document.js'

/** A log of receipts whose signatures were judged. */
export interface SignedLog extends DocumentSigners {
  /** The file that was read. */
  path: string
  receipts: readonly Receipt[]
}

/** The signature with the highest number that a key made for the receipts of one store. */
interface Newest extends Good {
  file: string
  store: string
}

/**
 * Checks of logs that are read together that their signers may speak for the images in them, and that the logs of no
 * store are all older than what was seen here: an older log beside a newer one of the same store does no harm.
 * @throws SIGNATURE_UNTRUSTED, SIGNATURE_OLDER
 */
export async function admitLogs(
  logs: readonly SignedLog[],
  { whatIf = false }: { whatIf?: boolean | undefined },
): Promise<void> {
  const newest = new Map<string, Newest>()
  for (const { path: file, receipts, signatures, required } of logs) {
    const good = goodOnes(signatures)
    const names = new Set(receipts.flatMap(({ images }) => images.map(({ name }) => name)))
    for (const name of names) ableToSign(name, good, required)
    const store = receipts[0]?.store
    if (store === undefined) continue
    for (const one of good) {
      const known = newest.get(`${one.key.id} ${store}`)
      if (!known || known.sequence < one.sequence)
        newest.set(`${one.key.id} ${store}`, { ...one, file, store })
    }
  }
  if (newest.size === 0) return
  const marks = await readMarks()
  const seen: Seen[] = []
  for (const { key, sequence, file, store } of newest.values()) {
    const name = markOf(store)
    const highest = highestSeen(marks, key.id, name)
    if (sequence < highest) throw older(path.basename(file), key, sequence, highest)
    seen.push({ keyId: key.id, name, sequence })
  }
  if (!whatIf) await raiseMarks(seen)
}

/** The name under which the number is kept; no image can have it. */
function markOf(store: string): string {
  return `receipts of ${store}`
}
