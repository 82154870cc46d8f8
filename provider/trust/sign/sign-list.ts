import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { isNextSignature, LIMITS, nextSignature, SIGNATURE_ENDING } from '../../../manifests/index.js'
import { closedAfter } from '../../io/closing/closing.js'
import { type Held, publishFile, replaceFile } from '../../io/files/durable.js'
import { documentThere, holdsBytes } from '../../io/files/read-document.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { inWords } from '../../io/files/system-errors.js'
import { sourceDate } from '../../io/source-date.js'
import { publicKeyOf, type SecretKey } from '../minisign/secret-key.js'
import { isSignatureOf, signBytes } from '../minisign/signature.js'
import { formatComment, type SignedFacts } from '../signed/comment.js'
import { type SignatureFile, signaturesOf } from '../signed/signature-files.js'

/** What the trusted comment says about a list, besides its name and the time. */
export type SaidOfList = Pick<SignedFacts, 'images' | 'documents'>

/** A signature that was made. */
export interface MadeSignature {
  /** The path of its file. */
  path: string
  /** The id of the key that made it, as minisign prints it. */
  keyId: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
}

/** How a list is signed. */
export interface SigningOfList {
  said: SaidOfList
  lock?: Held | undefined
}

/**
 * Signs an existing list with each key, in files beside it that `minisign -V` reads. A signature of the same key is
 * replaced in one step, and those of other keys stay. The sequence number is the time, so that what is signed later is
 * newer.
 * @throws USAGE for a SOURCE_DATE_EPOCH that is not valid; NO_SPACE, PERMISSION_DENIED
 */
export async function signList(
  list: string,
  bytes: Uint8Array,
  keys: readonly SecretKey[],
  { said, lock }: SigningOfList,
): Promise<MadeSignature[]> {
  const made: MadeSignature[] = []
  const places = new PlacesOfSignatures(list, await signaturesOf(list))
  for (const { key, signature } of signaturesBy(keys, list, bytes, said)) {
    const file = places.of(key.id)
    await put(file, signature, lock)
    await removeNext(list, key)
    made.push({ path: file, keyId: key.id, size: signature.length, sha256: sha256Of(signature) })
  }
  return made
}

/**
 * Writes a list and signs it, so that whatever is there at any moment is signed: as it was, or as it is now.
 *
 * No file system replaces two files in one step, and minisign wants the signature in a file of its own. So the new
 * signature comes first, under an additional name that our program knows (`LIST.KEY.next.minisig`) and accepts only if
 * the signature fits; then the list is replaced in one step, with which the old signature stops fitting and the new one
 * begins to; then the new one gets its usual name. Between the last two steps plain `minisign -V -m LIST` refuses the
 * list; with `-x LIST.KEY.next.minisig` it accepts it. A new list is safe without that: its signatures are there before
 * it is.
 * @param write replaces the list in one step, so that it lasts
 * @throws as `signList`, and what `write` throws
 */
export async function writeSigned(
  list: string,
  bytes: Uint8Array,
  keys: readonly SecretKey[],
  { said, lock }: SigningOfList,
  write: () => Promise<void>,
): Promise<MadeSignature[]> {
  if (keys.length === 0) {
    await write()
    return []
  }
  const before = await lstat(list).catch(() => undefined)
  if (!before) {
    const made = await signList(list, bytes, keys, { said, lock })
    await write().catch(async (error) => {
      throw await closedAfter(error, () => removeUnless(list, bytes, made))
    })
    return made
  }
  if (!(await holdsBytes(list, bytes))) {
    await settleNext(list, keys, lock)
    const signatures = signaturesBy(keys, list, bytes, said)
    try {
      for (const { key, signature } of signatures) await put(nextOf(list, key), signature, lock)
      await write()
    } catch (error) {
      const next = keys.map((key) => ({ path: nextOf(list, key) }))
      throw await closedAfter(error, () => removeUnless(list, bytes, next))
    }
  } else await write()
  return await signList(list, bytes, keys, { said, lock })
}

/**
 * What a killed run had signed without giving it its usual name.
 * @throws NO_SPACE, PERMISSION_DENIED
 */
async function settleNext(list: string, keys: readonly SecretKey[], lock: Held | undefined): Promise<void> {
  const there = await signaturesOf(list)
  const places = new PlacesOfSignatures(list, there)
  for (const key of keys) {
    const next = there.find(({ name }) => name === path.basename(nextOf(list, key)))?.signature
    if (!next) continue
    const bytes = await documentThere(list, LIMITS.receiptsBytes).catch(() => undefined)
    if (!bytes || !isSignatureOf(next, bytes, publicKeyOf(key))) continue
    const file = places.of(key.id)
    await inWords(`Writing ${file}`, 'destination', () => publishFile(nextOf(list, key), file, { lock }))
  }
}

/** If a list was not written, nothing is left of its signatures. */
async function removeUnless(
  list: string,
  bytes: Uint8Array,
  files: readonly { path: string }[],
): Promise<void> {
  if (await holdsBytes(list, bytes)) return
  for (const { path: file } of files) await removePath(file)
}

async function removeNext(list: string, key: SecretKey): Promise<void> {
  const next = nextOf(list, key)
  await inWords(`Removing ${next}`, 'destination', () => removePath(next))
}

function nextOf(list: string, { id }: SecretKey): string {
  return nextSignature(list, id)
}

async function put(file: string, bytes: Uint8Array, lock: Held | undefined): Promise<void> {
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes, { lock }))
}

function signaturesBy(
  keys: readonly SecretKey[],
  list: string,
  bytes: Uint8Array,
  said: SaidOfList,
): { key: SecretKey; signature: Buffer }[] {
  const time = Math.floor(sourceDate().getTime() / 1000)
  const comment = formatComment({ ...said, time, sequence: time, file: path.basename(list) })
  return keys.map((key) => ({ key, signature: signBytes(key, bytes, comment) }))
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The first signer's file has the name that minisign gives; that of any other one has the id of the key in it. */
class PlacesOfSignatures {
  private readonly taken: Map<string, string | undefined>

  constructor(
    private readonly list: string,
    there: readonly SignatureFile[],
  ) {
    const settled = there.filter(({ name }) => !isNextSignature(name))
    this.taken = new Map(settled.map(({ name, signature }) => [name, signature?.keyId]))
  }

  of(keyId: string): string {
    const first = `${path.basename(this.list)}${SIGNATURE_ENDING}`
    const [own] = [...this.taken].find(([, id]) => id === keyId) ?? []
    const name =
      own ?? (this.taken.has(first) ? `${path.basename(this.list)}.${keyId}${SIGNATURE_ENDING}` : first)
    this.taken.set(name, keyId)
    return path.join(path.dirname(this.list), name)
  }
}
