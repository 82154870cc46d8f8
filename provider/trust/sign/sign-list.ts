import { createHash } from 'node:crypto'
import path from 'node:path'
import { SIGNATURE_ENDING } from '../../../manifests/index.js'
import { type Held, replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import { sourceDate } from '../../io/source-date.js'
import type { SecretKey } from '../minisign/secret-key.js'
import { signBytes } from '../minisign/signature.js'
import { formatComment, type SignedFacts } from '../signed/comment.js'
import { signaturesOf } from '../signed/signature-files.js'

/** What is said of a list in the trusted comment, besides its name and the time. */
export type SaidOfList = Pick<SignedFacts, 'images' | 'documents'>

/** A signature that was made. */
export interface MadeSignature {
  /** The path of its file. */
  path: string
  /** Of the key that made it, as minisign prints it. */
  keyId: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
}

/**
 * Signs a list with each key, in files beside it that `minisign -V` reads. A signature of the same key is replaced, and those
 * of others stay. The sequence number is the time, so that what is signed later is newer.
 * @throws USAGE for a SOURCE_DATE_EPOCH that is none; NO_SPACE, PERMISSION_DENIED
 */
export async function signList(
  list: string,
  bytes: Uint8Array,
  keys: readonly SecretKey[],
  said: SaidOfList,
  lock?: Held,
): Promise<MadeSignature[]> {
  const time = Math.floor(sourceDate().getTime() / 1000)
  const comment = formatComment({ ...said, time, sequence: time, file: path.basename(list) })
  const made: MadeSignature[] = []
  for (const key of keys) {
    const file = await fileOf(list, key.id)
    const signature = signBytes(key, bytes, comment)
    await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, signature, { lock }))
    made.push({ path: file, keyId: key.id, size: signature.length, sha256: sha256Of(signature) })
  }
  return made
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The first signer has the name that minisign gives; any other one has the id of the key in it. */
async function fileOf(list: string, keyId: string): Promise<string> {
  const there = await signaturesOf(list)
  const own = there.find(({ signature }) => signature?.keyId === keyId)
  if (own) return path.join(path.dirname(list), own.name)
  const first = `${list}${SIGNATURE_ENDING}`
  return there.some(({ name }) => name === path.basename(first))
    ? `${list}.${keyId}${SIGNATURE_ENDING}`
    : first
}
