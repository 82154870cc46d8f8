import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ContainerImageError, canonicalBytes, option, shortDigest } from '../../../manifests/index.js'
import type { OpenImage } from '../../inside/image/open-image.js'
import { inImage, treeOf } from '../../inside/look.js'
import { fileBytes } from '../../inside/tree/file-bytes.js'
import type { MergedTree } from '../../inside/tree/merged-tree.js'
import { processUser } from '../../inside/unpack/process-user.js'
import { runtimeConfig } from '../../inside/unpack/runtime-config.js'
import { isMarkName, type Marked, markFolder, readMark } from '../../inside/unpack/unpack-mark.js'
import { type Unpacked, unpackTree } from '../../inside/unpack/unpack-tree.js'
import { replaceFile } from '../../io/files/durable.js'
import { removeEmpty, removePath } from '../../io/files/rename-and-remove.js'
import { checkSpace } from '../../io/files/space.js'
import { inWords } from '../../io/files/system-errors.js'
import type { UnpackRequest, UnpackResult } from './request.js'

/** A file of accounts that is larger than this is not one. */
const MOST_ACCOUNTS = 1024 * 1024

/** What is in a folder before an image is unpacked into it; `Marked` if a stopped run has begun to. */
type Before = 'nothing' | 'others' | Marked

/**
 * Unpacks the root file system of an image into a folder, or makes a bundle that runtimes such as crun and
 * runc can run. It continues what a stopped run of the same has left in the folder.
 * @throws FILE_EXISTS for a folder that is not empty, NO_SPACE, and what reading the image throws
 */
export async function unpack(request: UnpackRequest): Promise<UnpackResult> {
  const { folder, bundle = false, force = false, whatIf } = request
  const place = path.resolve(folder)
  checkMayGoInto(folder, await before(place), force)
  return await inImage(request, async (image, context) => {
    const marked = { image: image.root.digest, bundle }
    checkMayGoInto(folder, await before(place), force, marked)
    const tree = await treeOf(image, context)
    const planned = sizesOf(tree)
    const config = bundle ? await configOf(image, tree, context.options.signal) : undefined
    await checkSpace(place, planned.bytes)
    const made = whatIf ? undefined : await make(image, tree, place, { ...request, config, marked })
    return {
      image: image.label,
      digest: image.root.digest,
      path: folder,
      bundle,
      ...planned,
      notKept: made?.losses.list ?? [],
      ownersNotKept: made?.losses.foreignOwners ?? 0,
    }
  })
}

async function before(place: string): Promise<Before> {
  const names = await inWords(`Reading ${place}`, 'destination', () =>
    readdir(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    }),
  )
  const mark = await readMark(place)
  return mark ?? (names.every(isMarkName) ? 'nothing' : 'others')
}

/** @param marked what is to be unpacked, if that is known by now @throws FILE_EXISTS */
function checkMayGoInto(folder: string, found: Before, force: boolean, marked?: Marked): void {
  if (force || found === 'nothing') return
  const isOther = found === 'others'
  if (!isOther && (!marked || (found.image === marked.image && found.bundle === marked.bundle))) return
  const half = isOther ? '' : `${found.bundle ? 'a bundle' : 'the files'} of ${shortDigest(found.image)}`
  throw new ContainerImageError(
    'FILE_EXISTS',
    isOther ? `${folder} is not empty.` : `${folder} has a part of ${half}, which a stopped run has left.`,
    {
      side: 'destination',
      expected: 'a new folder, or an empty one',
      found: isOther ? 'files and folders' : half,
      remedy: `Name another folder, or give ${option('force')} to replace files in it.`,
    },
  )
}

function sizesOf(tree: MergedTree): { entries: number; bytes: number } {
  let entries = 0
  let bytes = 0
  for (const { size, sameAs } of tree.entries()) {
    entries++
    if (sameAs === undefined) bytes += size
  }
  return { entries, bytes }
}

async function make(
  image: OpenImage,
  tree: MergedTree,
  place: string,
  request: UnpackRequest & { config: Uint8Array | undefined; marked: Marked },
): Promise<Unpacked> {
  const { config, marked, folder, force = false, signal, onProgress } = request
  const root = config ? path.join(place, 'rootfs') : place
  return await inWords(`Unpacking into ${place}`, 'destination', async () => {
    const first = await mkdir(place, { recursive: true, mode: 0o700 })
    let found = await before(place)
    const work =
      found === 'others'
        ? undefined
        : await markFolder(place, marked, signal, async () => {
            // Another run may have ended while this one waited for it.
            found = await before(place)
            checkMayGoInto(folder, found, force, marked)
          }).catch(async (error) => {
            if (first !== undefined) await removeEmpty(place).catch(() => {})
            throw error
          })
    const goesOn = typeof found === 'object'
    try {
      await mkdir(root, { recursive: true, mode: 0o700 })
      const options = { keepsOwners: isRoot(), force: force || goesOn, goesOn, signal, onProgress }
      if (config) await replaceFile(path.join(place, 'config.json'), config)
      return await unpackTree(image, tree, root, { ...options, whenWhole: () => work?.end() })
    } catch (error) {
      // Half an image is useless; what was there before stays.
      if (found === 'nothing') await removePath(place, { recursive: true }).catch(() => {})
      throw error
    } finally {
      await work?.release()
    }
  })
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

async function configOf(image: OpenImage, tree: MergedTree, signal?: AbortSignal): Promise<Uint8Array> {
  const accounts = await textOf(image, tree, 'etc/passwd', signal)
  const groups = await textOf(image, tree, 'etc/group', signal)
  const user = processUser(image.config.config?.User ?? '', accounts, groups)
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  const rootless = isRoot() || uid === undefined || gid === undefined ? undefined : { uid, gid }
  return canonicalBytes(runtimeConfig(image.config, user, rootless))
}

async function textOf(
  image: OpenImage,
  tree: MergedTree,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  const entry = tree.follow(name)
  if (entry?.kind !== 'file' || entry.size > MOST_ACCOUNTS) return ''
  return (await buffer(fileBytes(image, tree, entry, signal))).toString('utf8')
}
