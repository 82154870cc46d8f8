import path from 'node:path'
import {
  LIMITS,
  MEDIA_FILE,
  type MediaList,
  parseMediaList,
  parseSums,
  SUMS_FILE,
} from '../../../manifests/index.js'
import { MEDIA_LOCK } from '../../formats/media/lock.js'
import type { Held } from '../../io/files/durable.js'
import { readDocument } from '../../io/files/read-document.js'
import { removeReplacements } from '../../io/files/replacement-name.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import type { SecretKey } from '../minisign/secret-key.js'
import { checkSignedMedia } from '../signed/bound-media.js'
import { type MadeSignature, type SaidOfList, signList, writeSigned } from './sign-list.js'

/**
 * Signs the list of the sums of a media, after everything on it was compared with that list: nobody should sign
 * something that they did not intend to.
 * @throws FILE_CHANGED, FILE_EXTRA, FILE_MISSING, INVALID_DOCUMENT
 */
export async function signMedia(
  root: string,
  keys: readonly SecretKey[],
  { hasher, lock, signal }: { hasher: Hasher; lock: Held; signal?: AbortSignal | undefined },
): Promise<MadeSignature[]> {
  // A run that was stopped may have left a draft of a signature, which would not be in the list.
  await inWords(`Clearing ${root}`, 'destination', () => removeReplacements(path.join(root, SUMS_FILE)))
  const bytes = await readDocument(path.join(root, SUMS_FILE), LIMITS.indexBytes)
  await checkSignedMedia(root, parseSums(bytes) ?? [], { hasher, signal, lock: MEDIA_LOCK })
  const list = parseMediaList(await readDocument(path.join(root, MEDIA_FILE), LIMITS.indexBytes))
  return await signList(path.join(root, SUMS_FILE), bytes, keys, { said: saidOf(list), lock })
}

/**
 * Writes the list of the sums of a media, and signs it.
 * @param write replaces it in one step
 */
export async function writeSignedSums(
  root: string,
  { bytes, list, write }: { bytes: Uint8Array; list: MediaList; write: () => Promise<void> },
  keys: readonly SecretKey[],
  lock: Held,
): Promise<MadeSignature[]> {
  return await writeSigned(path.join(root, SUMS_FILE), bytes, keys, { said: saidOf(list), lock }, write)
}

function saidOf({ images }: MediaList): SaidOfList {
  return { images: images.map(({ tag }) => tag) }
}
