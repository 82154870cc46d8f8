import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { hasCode, printable, SUMS_ENDING, signedFile } from '../../manifests/index.js'
import { readHead } from '../archives/members/compression.js'
import { AGE_HEAD, isAge, readHeader } from '../encryption/header.js'
import { encrypted, type Identities, readIdentities } from '../encryption/identities.js'
import { isEncryptedName, plainName } from '../encryption/names.js'
import { baseOfVolume, isVolumeName } from '../formats/volumes/volume.js'
import type { Bytes } from '../io/bytes.js'
import { closedAfter, closing } from '../io/closing/closing.js'
import { listFolder } from '../io/files/list-folder.js'
import { openToRead } from '../io/files/read-document.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { makeScratch } from '../io/files/scratch.js'
import { checkSpace } from '../io/files/space.js'
import { writeNewFile } from '../io/files/write-new-file.js'
import { telling } from '../io/telling.js'
import { type Context, inContext } from '../session/context.js'
import type { CommonOptions } from '../session/options.js'
import { candidatesIn } from '../sources/folder/candidates.js'
import { scratchOf } from './open-options.js'
import { inOtherWords } from './other-words.js'

/** A path in a request that is an encrypted file, or a folder with encrypted files. */
interface EncryptedWord {
  word: string
  /** The files to be decrypted for it: the file itself first. */
  files: string[]
  /** It is a folder: everything else in it is read as well. */
  isFolder: boolean
  /** The rest of the folder is worth a look. */
  isMixed: boolean
}

/**
 * Runs a verb with private copies in place of encrypted files: they are kept under the store while the verb
 * runs, in a separate folder, and are removed afterwards. A volume brings the others of its set with it, and
 * a folder stands for what is encrypted in it. Whatever the verb says about a copy, it says about the file.
 * @throws ENCRYPTED if no identity opens it; DECRYPTION_FAILED, IDENTITY_INVALID, NO_SPACE
 */
export async function withDecrypted<R extends CommonOptions, T>(
  request: R,
  words: readonly string[],
  run: (words: string[], request: R) => Promise<T>,
): Promise<T> {
  const { store, signal, onProgress, whatIf, identity = [] } = request
  const hasIdentity = identity.length > 0
  const among = await encryptedAmong(words, hasIdentity)
  if (!hasIdentity) await refuse(among)
  if (among.length === 0 || !hasIdentity) return await run([...words], request)
  return await inContext({ store, signal, onProgress, whatIf }, async (context) => {
    const identities = await readIdentities(identity, (message) => context.note(message))
    const scratch = await makeScratch(scratchOf(context))
    return await closing(scratch.remove, async () => {
      const told = new Map<string, string>()
      const instead = new Map<string, string[]>()
      for (const [at, one] of among.entries()) {
        const folder = path.join(scratch.path, String(at))
        await mkdir(folder, { mode: 0o700 })
        const copies = await decryptAll(context, one, folder, identities)
        for (const [copy, file] of copies) told.set(copy, file)
        told.set(folder, one.isFolder ? one.word : path.dirname(one.word))
        const first = [...copies.keys()][0] ?? folder
        instead.set(one.word, one.isFolder ? [...(one.isMixed ? [one.word] : []), folder] : [first])
      }
      return await inOtherWords(told, request, (inWords) =>
        run(
          words.flatMap((word) => instead.get(word) ?? [word]),
          inWords,
        ),
      )
    })
  })
}

/** @param anyName also files whose names do not show it; opening one of these would reveal it as well */
async function encryptedAmong(words: readonly string[], anyName: boolean): Promise<EncryptedWord[]> {
  const among: EncryptedWord[] = []
  for (const word of words) {
    const found = await encryptedAt(word, anyName)
    if (found) among.push(found)
  }
  return among
}

async function encryptedAt(word: string, anyName: boolean): Promise<EncryptedWord | undefined> {
  const found = await stat(word).catch(() => undefined)
  if (found?.isFile() && (anyName || isEncryptedName(path.basename(word))) && (await isEncrypted(word)))
    return {
      word,
      files: [word, ...(await otherVolumes(word)), ...(await listOf(word))],
      isFolder: false,
      isMixed: false,
    }
  if (!found?.isDirectory()) return undefined
  const files = await encryptedIn(word)
  if (files.length === 0) return undefined
  return { word, files, isFolder: true, isMixed: (await candidatesIn(path.resolve(word))).length > 0 }
}

async function isEncrypted(file: string): Promise<boolean> {
  return isAge(await readHead(file, AGE_HEAD).catch(() => new Uint8Array(0)))
}

async function encryptedIn(folder: string): Promise<string[]> {
  const names = (await listFolder(folder).catch(() => []))
    .filter((entry) => entry.isFile() && isEncryptedName(entry.name))
    .map(({ name }) => path.join(folder, name))
  const files: string[] = []
  for (const file of names) if (await isEncrypted(file)) files.push(file)
  return files
}

/** The volumes of the same set beside one. */
async function otherVolumes(file: string): Promise<string[]> {
  const name = plainName(path.basename(file))
  if (!isVolumeName(name)) return []
  return (await encryptedIn(path.dirname(file))).filter((other) => {
    const plain = plainName(path.basename(other))
    return isVolumeName(plain) && plain !== name && baseOfVolume(plain) === baseOfVolume(name)
  })
}

/** The list of its sums beside an archive or a volume, and the signatures of the list. */
async function listOf(file: string): Promise<string[]> {
  const list = `${baseOfVolume(plainName(path.basename(file)))}${SUMS_ENDING}`
  return (await encryptedIn(path.dirname(file))).filter((other) => {
    const plain = plainName(path.basename(other))
    return plain === list || signedFile(plain) === list
  })
}

/**
 * A folder that also has other archives may be read without an identity.
 * @throws ENCRYPTED for the first path that may not
 */
async function refuse(among: EncryptedWord[]): Promise<void> {
  const file = among.find(({ isMixed }) => !isMixed)?.files[0]
  if (file === undefined) return
  const handle = await openToRead(file)
  return await closing(handle, async () => {
    const { kinds } = await readHeader(handle, file)
    throw encrypted(file, kinds, 'no identity')
  })
}

/**
 * The copies of all files, by their paths. One that is damaged among several is left out with a note, so that a set of
 * volumes says which it lacks.
 */
async function decryptAll(
  context: Context,
  { files }: EncryptedWord,
  folder: string,
  identities: Identities,
): Promise<Map<string, string>> {
  const copies = new Map<string, string>()
  let damage: unknown
  for (const file of files)
    try {
      const copy = path.join(folder, plainName(path.basename(file)))
      await decrypt(context, file, copy, identities)
      copies.set(copy, file)
    } catch (error) {
      if (!hasCode(error, 'DECRYPTION_FAILED')) throw error
      damage ??= error
      if (files.length > 1) context.note(`${printable(path.basename(file))} is left out: ${error.message}`)
    }
  if (copies.size === 0) throw damage
  return copies
}

async function decrypt(context: Context, file: string, copy: string, identities: Identities): Promise<void> {
  const { signal, onProgress } = context.options
  const { size } = await stat(file)
  await checkSpace(copy, size)
  const told = { task: `Decrypting ${file}`, id: file, label: 'file', size, kind: 'copied' as const }
  await telling(onProgress, told, async (onBytes) => {
    await writeNewFile(copy, counted(identities.decrypted(file, file, signal), onBytes)).catch(
      async (error) => {
        throw await closedAfter(error, () => removePath(copy))
      },
    )
  })
}

async function* counted(bytes: Bytes, onBytes: (count: number) => void): Bytes {
  for await (const chunk of bytes) {
    onBytes(chunk.length)
    yield chunk
  }
}
