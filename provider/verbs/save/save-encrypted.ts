import { createHash } from 'node:crypto'
import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { encryptedName, plainName } from '../../encryption/names.js'
import { type Recipients, readRecipients } from '../../encryption/recipients.js'
import { notAFile } from '../../formats/in-place/file-exists.js'
import { savedFormat } from '../../formats/open/saved-formats.js'
import { closing } from '../../io/closing/closing.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { readRange } from '../../io/files/read-range.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { makeScratch } from '../../io/files/scratch.js'
import { checkSpace } from '../../io/files/space.js'
import { telling } from '../../io/telling.js'
import { type Context, inContext } from '../../session/context.js'
import { scratchOf } from '../../targets/open-options.js'
import { inOtherWords } from '../../targets/other-words.js'
import { EncryptedBefore } from './encrypted-before.js'
import type { SaveRequest, SaveResult } from './request.js'
import { savedForm, severalOnMedia } from './save-form.js'
import { addRecovery, checkRecovery } from './save-recovery.js'
import { saveToStdout } from './save-to-stdout.js'
import { filesToSave, isFolderTarget } from './saved-files.js'

type Save = (request: SaveRequest) => Promise<SaveResult>

/**
 * Saves into a private folder under the store, and from there encrypts each file to its place, as `NAME.age`:
 * nothing unencrypted is ever in that place. Recovery files are made for the encrypted files.
 * @throws RECIPIENT_INVALID, FILE_EXISTS; USAGE for anything but single files, and for files that would be
 * beside them unencrypted
 */
export async function saveEncrypted(given: SaveRequest, saveAt: Save): Promise<SaveResult> {
  const { encryptTo = [], recipients: files = [], recovery, ...request } = given
  const recipients = await readRecipients(encryptTo, files)
  const encryptedTo = recipients.names
  if (given.path === '-') {
    const { stdout } = request
    const sealed = stdout && ((bytes: AsyncIterable<Uint8Array>) => stdout(recipients.encrypted(bytes)))
    return { ...(await saveToStdout({ ...given, stdout: sealed }, saveAt)), encryptedTo }
  }
  const wanted = { ...request, path: plainName(given.path) }
  await checkForm({ ...wanted, recovery })
  const { store, signal, onProgress, whatIf } = request
  return await inContext({ store, signal, onProgress, whatIf }, async (context) => {
    const folder = await makeScratch(scratchOf(context))
    return await closing(folder.remove, async () => {
      const { folder: destination, place } = placeOf(wanted, folder.path)
      const result = await inOtherWords(new Map([[folder.path, destination]]), wanted, (inWords) =>
        saveAt({ ...inWords, path: place, force: true }),
      )
      if (whatIf) return { ...result, files: planned(result.files), encryptedTo }
      if (given.force) await makeFolder(destination)
      const before = new EncryptedBefore(recipients.names)
      const work: FileToEncrypt[] = []
      for (const { path: file, sha256 } of result.files) {
        const name = path.basename(file)
        const to = path.join(destination, encryptedName(name))
        const there = await before.there(context, to, sha256, request)
        if (!there) await checkFree(to, given)
        work.push({ from: path.join(folder.path, name), to, plain: sha256, there })
      }
      result.files = []
      for (const { from, to, plain, there } of work) {
        const made = there ?? (await encrypt(context, from, to, recipients))
        if (!there) await before.note(made, plain)
        result.files.push(made)
        await removePath(from)
      }
      if (recovery !== undefined) await addRecovery(context, { ...wanted, recovery }, result)
      return { ...result, encryptedTo }
    })
  })
}

/** A file in the private folder, and its place on the stick. */
interface FileToEncrypt {
  from: string
  to: string
  /** SHA-256 of the unencrypted file, in hex. */
  plain: string
  /** What an earlier run made from it. */
  there: SaveResult['files'][number] | undefined
}

/**
 * A folder, or a file in one: the path under which it is made in the private folder.
 * @throws PATH_NOT_FOUND, USAGE
 */
function placeOf(request: SaveRequest, scratch: string): { folder: string; place: string } {
  const { path: target, force = false, format } = request
  const resolved = path.resolve(target)
  const [ending] = savedFormat(format ?? 'oci-archive').endings ?? []
  if (isFolderTarget(target)) {
    filesToSave(target, [], force, ending)
    return { folder: resolved, place: scratch }
  }
  if (!force) filesToSave(path.dirname(resolved), [], force)
  return { folder: path.dirname(resolved), place: path.join(scratch, path.basename(resolved)) }
}

/** @throws USAGE for a folder, and for files beside a save that anybody could read */
async function checkForm(request: SaveRequest): Promise<void> {
  const { format } = await savedForm(request)
  checkRecovery(request, format)
  if (format.saved.isFolder || severalOnMedia(request))
    throw new ContainerImageError('USAGE', 'A media is a folder of many files, which are not encrypted.', {
      side: 'destination',
      expected: 'one archive, or volumes',
      found: 'a media',
      remedy: `Give the path of a file such as usb/images.tar, or add ${option('volumeSize')}.`,
    })
  const { sbom, withTool, withNode = [], withDatabase, splitSize } = request
  const beside = [
    sbom ? option('sbom') : [],
    withTool ? option('withTool') : [],
    withNode.length > 0 ? option('withNode') : [],
    withDatabase ? option('withDatabase') : [],
    splitSize === undefined ? [] : option('splitSize'),
  ].flat()
  if (beside.length === 0) return
  throw new ContainerImageError(
    'USAGE',
    `${option('encryptTo')} and ${beside.join(', ')} do not go together.`,
    {
      expected: 'an archive or volumes alone',
      found: beside.join(', '),
      remedy: 'Save the files beside it in a separate run.',
    },
  )
}

function planned(files: SaveResult['files']): SaveResult['files'] {
  return files.map((file) => ({ ...file, path: encryptedName(file.path) }))
}

/**
 * Nobody can see what an encrypted file holds: an unknown one is never taken for the one being made.
 * @throws FILE_EXISTS
 */
async function checkFree(file: string, { force = false }: SaveRequest): Promise<void> {
  const there = await lstat(file).catch(() => undefined)
  if (!there) return
  if (!there.isFile()) throw notAFile(file)
  if (force) return
  throw new ContainerImageError('FILE_EXISTS', `${printable(file)} already exists.`, {
    side: 'destination',
    expected: 'no file of this name',
    found: 'a file',
  })
}

/** The encrypted file is as durable as any other, and gets its name once it is complete. */
async function encrypt(
  context: Context,
  from: string,
  to: string,
  recipients: Recipients,
): Promise<SaveResult['files'][number]> {
  const { signal, onProgress } = context.options
  const { size } = await stat(from)
  await checkSpace(to, size)
  const told = { task: `Encrypting ${to}`, id: to, label: 'file', size, kind: 'copied' as const }
  const hash = createHash('sha256')
  let count = 0
  await telling(onProgress, told, async (onBytes) => {
    await replaceFile(
      to,
      hashed(recipients.encrypted(readRange({ path: from, offset: 0, size }, { signal }))),
    )

    async function* hashed(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      for await (const chunk of bytes) {
        hash.update(chunk)
        count += chunk.length
        onBytes(chunk.length)
        yield chunk
      }
    }
  })
  return { path: to, size: count, sha256: hash.digest('hex') }
}
