import path from 'node:path'
import { hasCode, LIMITS, type ListedFile, parseSums } from '../../../manifests/index.js'
import type { VolumeSet } from '../../formats/volumes/volume-set.js'
import { documentThere } from '../../io/files/read-document.js'
import type { TrustedKey } from '../trusted/trusted-keys.js'
import { type Judgement, judged } from './judged-signers.js'
import { type ListPlace, listPlace } from './list-place.js'
import { signaturesOf } from './signature-files.js'

/** The list of what is carried, with its signatures judged. The bytes that were judged are the ones that count. */
export interface JudgedList extends Pick<ListPlace, 'kind'> {
  /** Its path. */
  path: string
  /** Undefined if it is not a list of sums. */
  files: ListedFile[] | undefined
  signatures: Judgement[]
}

/** Something that is not a file, or is larger than any list, does not count as one. */
async function listThere(file: string): Promise<Buffer | undefined> {
  return await documentThere(file, LIMITS.indexBytes).catch((error) => {
    if (hasCode(error, 'NOT_A_FILE', 'DOCUMENT_TOO_LARGE')) return undefined
    throw error
  })
}

/** @returns undefined if there is no list, or nobody has signed it */
export async function judgedList(
  place: string,
  set: VolumeSet | undefined,
  keys: readonly TrustedKey[],
  beside?: readonly string[],
): Promise<JudgedList | undefined> {
  const { kind, candidates } = await listPlace(place, set, beside)
  for (const file of candidates) {
    const bytes = await listThere(file)
    if (!bytes) continue
    const signatures = judged(await signaturesOf(file), bytes, keys)
    if (signatures.length > 0) return { kind, path: path.resolve(file), files: parseSums(bytes), signatures }
  }
  return undefined
}
